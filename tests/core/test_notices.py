"""How people are told: as they chose, by mail after commit, once, again on failure."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core import notices, outgoing
from core.models import Job, NoticeChoice, Notification
from core.notices import mails
from core.notices.telling import next_digest, notify
from projects.models import Membership
from tests.factories import a_project, a_user

ROOT = Path(__file__).resolve().parents[2]
Way = NoticeChoice.Way


@pytest.fixture
def ana(db):
    return a_user("Ana Ferreira", email="ana@example.org")


def tell(*people, kind="sweep", text="All runs are over.", group="g", **more):
    notify(people, kind=kind, group=group, text=text, url="/inbox/", **more)


def choose(person, way, kind="sweep"):
    notices.choose(person, kind, way)


def send(jobs_inline):
    outgoing.send_due()
    return jobs_inline()


# Choosing


def test_what_is_off_is_not_told_at_all(ana):
    choose(ana, Way.OFF)
    tell(ana)
    assert not Notification.objects.exists()


def test_one_kind_off_leaves_the_others(ana):
    choose(ana, Way.OFF)
    tell(ana, kind="must")
    assert notices.unread_of(ana).count() == 1


@pytest.mark.parametrize(
    ("way", "mailed"), [(Way.PORTAL, 0), (Way.MAIL, 1), (Way.DIGEST, 0)]
)
def test_only_mail_at_once_goes_out_at_once(ana, jobs_inline, way, mailed):
    choose(ana, way)
    tell(ana)
    send(jobs_inline)
    assert len(mail.outbox) == mailed
    assert notices.unread_of(ana).count() == 1


def test_default_of_a_mention_is_mail_and_of_a_sweep_the_portal(ana):
    ways = notices.choices_of(ana)
    assert (ways["mention"], ways["sweep"]) == (Way.MAIL, Way.PORTAL)


@pytest.mark.parametrize(
    ("zone", "now", "then"),
    [
        # 06:30 in Lisbon (UTC+1 in summer): the same day at seven
        ("Europe/Lisbon", "2026-07-01T05:30Z", "2026-07-01T06:00Z"),
        ("Europe/Lisbon", "2026-07-01T06:00Z", "2026-07-02T06:00Z"),
        ("Asia/Kolkata", "2026-07-01T12:00Z", "2026-07-02T01:30Z"),
        # The night the clocks go back in Berlin: 07:00 is UTC+1 by then
        ("Europe/Berlin", "2026-10-24T20:00Z", "2026-10-25T06:00Z"),
    ],
)
def test_daily_mail_comes_at_seven_of_the_readers_morning(zone, now, then):
    due = next_digest(datetime.fromisoformat(now), zone)
    assert due.astimezone(UTC) == datetime.fromisoformat(then)


def test_daily_mail_holds_what_was_not_read_by_then(ana, jobs_inline):
    choose(ana, Way.DIGEST)
    for number in range(3):
        tell(ana, text=f"Sweep {number} is over.", group=f"sweep:{number}")
    notices.mark_read(Notification.objects.filter(group="sweep:1"))
    Notification.objects.update(mail_due_at=timezone.now())
    send(jobs_inline)
    (sent,) = mail.outbox
    assert "Sweep 0 is over." in sent.body
    assert "Sweep 2 is over." in sent.body
    assert "Sweep 1" not in sent.body
    assert sent.subject == "2 things on the MLOps Portal"


# Mails


def test_mail_says_it_in_text_and_html_with_links_from_outside(
    ana, jobs_inline, settings
):
    settings.PUBLIC_URL = "https://portal.example.org"
    choose(ana, Way.MAIL)
    tell(ana, text="<b>Mei</b> & co\nare done.")
    send(jobs_inline)
    (sent,) = mail.outbox
    assert sent.to == ["ana@example.org"]
    assert sent.subject == "<b>Mei</b> & co are done."
    assert "https://portal.example.org/inbox/" in sent.body
    assert "https://portal.example.org/me/#notices" in sent.body
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "&lt;b&gt;Mei&lt;/b&gt; &amp; co" in html
    assert sent.extra_headers["List-Unsubscribe"] == (
        "<https://portal.example.org/me/#notices>"
    )


def test_repeated_events_are_one_line_of_one_mail(ana, jobs_inline):
    choose(ana, Way.MAIL)
    for number in range(3):
        tell(ana, text=f"Run {number} is over.")
    send(jobs_inline)
    send(jobs_inline)
    (sent,) = mail.outbox
    assert "Run 2 is over. (3 times)" in sent.body


def test_event_after_the_mail_is_mailed_too(ana, jobs_inline):
    choose(ana, Way.MAIL)
    tell(ana, text="First.")
    send(jobs_inline)
    tell(ana, text="Second.")
    send(jobs_inline)
    assert [each.subject for each in mail.outbox] == ["First.", "Second."]


def test_event_while_the_mail_goes_out_is_not_lost(ana):
    choose(ana, Way.MAIL)
    tell(ana, text="First.")
    now = timezone.now()
    rows = mails.take_due(ana, now)
    tell(ana, text="Second.")
    mails.note_mailed(rows, now=now)
    (row,) = mails.take_due(ana, timezone.now())
    assert row.text == "Second."


def test_two_workers_at_once_mail_it_once(ana):
    choose(ana, Way.MAIL)
    tell(ana)
    now = timezone.now()
    assert len(mails.take_due(ana, now)) == 1
    assert mails.take_due(ana, now) == []


def test_mail_whose_worker_died_is_taken_again(ana):
    choose(ana, Way.MAIL)
    tell(ana)
    now = timezone.now()
    mails.take_due(ana, now)
    assert len(mails.take_due(ana, now + timedelta(minutes=11))) == 1


class Broken(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected


def test_mail_that_fails_is_lost_nowhere_and_tried_again(ana, jobs_inline, settings):
    settings.EMAIL_BACKEND = "tests.core.test_notices.Broken"
    choose(ana, Way.MAIL)
    tell(ana)
    (job,) = send(jobs_inline)
    assert job.state == Job.State.FAILED
    assert "tried again later" in job.error
    assert send(jobs_inline) == []  # not before its time
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = Notification.objects.get()
    assert row.mail_tries == 1
    Notification.objects.update(mail_due_at=timezone.now())
    send(jobs_inline)
    assert len(mail.outbox) == 1
    assert notices.unread_of(ana).count() == 1


def test_mail_that_always_fails_stays_in_the_portal(ana):
    choose(ana, Way.MAIL)
    tell(ana)
    for _try in range(8):
        Notification.objects.update(mail_due_at=timezone.now())
        mails.put_off(mails.take_due(ana, timezone.now()), now=timezone.now())
    assert Notification.objects.get().mail_due_at is None
    assert notices.unread_of(ana).count() == 1


def test_without_a_mail_server_nothing_waits_to_be_mailed(ana, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    choose(ana, Way.MAIL)
    tell(ana)
    assert Notification.objects.get().mail_due_at is None


def test_owner_without_an_address_is_not_mailed(db, jobs_inline):
    owner = a_user("Owner", email="owner@portal.localhost")
    choose(owner, Way.MAIL)
    tell(owner)
    assert send(jobs_inline) == []


def test_what_is_rolled_back_is_not_mailed(ana, transactional_db):
    choose(ana, Way.MAIL)
    with transaction.atomic():
        tell(ana)
        transaction.set_rollback(True)
    assert outgoing.send_due() == 0


def test_who_has_left_the_project_is_not_mailed_of_it(ana, jobs_inline):
    project = a_project()
    held = Membership.objects.create(project=project, user=ana, role="viewer")
    choose(ana, Way.MAIL)
    tell(ana, project_id=project.pk)
    held.delete()
    send(jobs_inline)
    assert mail.outbox == []


# Pages


def test_choices_are_kept_and_unknown_ones_refused(client, ana):
    client.force_login(ana)
    there = reverse("core:notice_choices")
    client.post(there, {"mention": "digest", "sweep": "off"})
    ways = notices.choices_of(ana)
    assert (ways["mention"], ways["sweep"]) == (Way.DIGEST, Way.OFF)
    client.post(there, {"mention": "pigeon"})
    assert notices.choices_of(ana)["mention"] == Way.DIGEST


def test_mute_is_one_click_and_silences_the_kind(client, ana):
    client.force_login(ana)
    tell(ana)
    row = Notification.objects.get()
    client.post(reverse("core:notice_mute", args=[row.pk]))
    tell(ana, group="other")
    assert not notices.unread_of(ana).exists()
    page = client.get(reverse("core:me")).content.decode()
    assert '<option value="off" selected>' in page


def test_nobody_mutes_for_somebody_else(client, ana):
    tell(ana)
    client.force_login(a_user("Kim"))
    row = Notification.objects.get()
    assert client.post(reverse("core:notice_mute", args=[row.pk])).status_code == 404


def test_page_says_so_while_mail_is_not_set_up(client, ana, settings):
    settings.MAIL_CONFIGURED = False
    client.force_login(ana)
    page = client.get(reverse("core:me")).content.decode()
    assert "no mail server yet" in page


def told_kinds():
    """Return the kinds that the code tells people of, as far as it is plain text."""
    for path in ROOT.glob("*/**/*.py"):
        if path.relative_to(ROOT).parts[0] in {"tests", ".venv", "benchmarks", "var"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "notify":
                yield from (
                    key.value.value
                    for key in node.keywords
                    if key.arg == "kind" and isinstance(key.value, ast.Constant)
                )


def test_every_kind_that_is_told_can_be_chosen():
    known = {each.key for each in notices.kinds()}
    assert {each for each in told_kinds() if each not in known} == set()
