"""The inbox: one unread line a group, counted; read when opened."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from core.models import Notification
from core.notices import notify, unread_of
from tests.factories import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client):
    person = a_user("Ana")
    client.force_login(person)
    return person


def tell(*people, text="A run ended.", group="runs", url="/help/"):
    notify(people, kind="run", group=group, text=text, url=url)


def test_repeated_events_count_up_one_line_and_the_newest_text_wins(ana):
    for number in (1, 2, 3):
        tell(ana, text=f"Run {number} ended.")
    (notice,) = unread_of(ana)
    assert (notice.count, notice.text) == (3, "Run 3 ended.")


def test_event_after_reading_is_a_new_line(ana):
    tell(ana)
    Notification.objects.get().delete()
    tell(ana)
    assert unread_of(ana).get().count == 1


def test_groups_and_people_have_lines_of_their_own(ana):
    kim = a_user("Kim")
    tell(ana, kim)
    tell(ana, group="other")
    assert unread_of(ana).count() == 2
    assert unread_of(kim).count() == 1


def test_events_at_the_same_moment_lose_none(transactional_db):
    ana = a_user("Ana")
    start = threading.Barrier(4)

    def run():
        start.wait()
        tell(ana)
        connection.close()

    threads = [threading.Thread(target=run) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unread_of(ana).get().count == 4


def test_opening_a_notice_reads_it_and_leads_where_it_points(client, ana):
    tell(ana, url="/help/")
    notice = Notification.objects.get()
    answer = client.post(reverse("core:notice_open", args=[notice.pk]))
    assert answer.url == "/help/"
    assert not unread_of(ana).exists()


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_notice_never_leads_out_of_the_portal(client, ana, url):
    tell(ana, url=url)
    notice = Notification.objects.get()
    answer = client.post(reverse("core:notice_open", args=[notice.pk]))
    assert answer.url == reverse("inbox")


def test_looking_reads_nothing(client, ana):
    tell(ana)
    assert "A run ended." in client.get(reverse("inbox")).content.decode()
    assert unread_of(ana).exists()


def test_notices_of_somebody_else_are_not_there(client, ana):
    kim = a_user("Kim")
    tell(kim, text="Secret of Kim")
    notice = Notification.objects.get()
    assert "Secret of Kim" not in client.get(reverse("inbox")).content.decode()
    answer = client.post(reverse("core:notice_open", args=[notice.pk]))
    assert answer.status_code == 404
    client.post(reverse("core:inbox_read"))
    assert unread_of(kim).exists()


def test_text_of_a_notice_is_text(client, ana):
    tell(ana, text="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(reverse("inbox")).content.decode()
