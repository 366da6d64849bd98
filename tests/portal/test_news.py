"""What happened since somebody was last here, and when that was."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core import audit
from core.access import Actor
from core.models import ApiToken, User
from core.services import note_seen
from experiments.models import Run
from mlops_portal.selectors.news import news
from tests.experiments.factories import a_protocol, a_run, a_version, an_experiment
from tests.factories import a_member, a_project, a_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def project():
    return a_project(a_user("Ana Ferreira"))


@pytest.fixture
def mei(project):
    return a_member(project, "editor", name="Mei Lin")


@pytest.fixture
def ana(project):
    """The owner, who was here yesterday and comes back now."""
    ana = project.created_by
    ana.seen_at = NOW - timedelta(days=1)
    ana.save()
    return ana


def told(person, *projects):
    found = news(Actor(user=person), [each.pk for each in projects], now=timezone.now())
    return [(line.who, line.words) for line in found.lines]


def test_a_visit_ends_after_half_an_hour_without_a_page():
    person = a_user()
    seen = [0, 3, 20, 45, 76, 80]  # minutes; the gap of 31 begins a second visit
    for minute in seen:
        person.refresh_from_db()
        note_seen(person, now=NOW + minute * MINUTE)
    person.refresh_from_db()
    assert person.last_visit_at == NOW + 45 * MINUTE
    assert person.seen_at == NOW + 80 * MINUTE
    assert person.away_since(NOW + 100 * MINUTE) == NOW + 45 * MINUTE
    assert person.away_since(NOW + 111 * MINUTE) == NOW + 80 * MINUTE


def test_of_two_pages_at_once_the_slower_changes_nothing():
    first = a_user()
    second = User.objects.get(pk=first.pk)
    note_seen(first, now=NOW)
    note_seen(second, now=NOW + 90 * MINUTE)
    first.refresh_from_db()
    assert (first.seen_at, first.last_visit_at) == (NOW, None)


def test_a_page_asks_to_be_noted_once_in_five_minutes(client, project):
    person = project.created_by
    client.force_login(person)
    asks = f'hx-post="{reverse("core:seen")}"'
    assert asks in client.get(reverse("home")).content.decode()
    assert client.post(reverse("core:seen")).status_code == 204
    assert asks not in client.get(reverse("home")).content.decode()
    person.refresh_from_db()
    noted = person.seen_at
    client.post(reverse("core:seen"))
    person.refresh_from_db()
    assert person.seen_at == noted


def test_acts_of_one_kind_are_one_line_for_each_person_and_project(project, ana, mei):
    other = a_project(mei, name="Another", slug="another")
    for subject in ("one", "two", "two", "three"):
        audit.record(Actor(user=mei), "attest", project_id=project.pk, subject=subject)
    for _again in range(2):
        audit.record(Actor(user=mei), "attest", project_id=other.pk, subject="one")
    assert told(ana, project, other) == [
        ("Mei Lin", "attested: one (2 times)"),
        ("Mei Lin", "attested: three and 2 more"),
        ("Mei Lin", "began the project"),
    ]


def test_what_was_seen_and_what_one_did_oneself_is_no_news(project, ana, mei):
    token, _key = ApiToken.issue(ana, name="nightly", scope="write")
    audit.record(Actor(user=ana), "attest", project_id=project.pk, subject="by hand")
    audit.record(
        Actor(user=ana, token=token), "upload data", project_id=project.pk, subject="x"
    )
    assert told(ana, project) == [("Ana Ferreira", "uploaded x")]
    mei.seen_at = timezone.now()
    mei.save()
    later = timezone.now() + timedelta(hours=1)
    assert news(Actor(user=mei), [project.pk], now=later).lines == ()


def test_nothing_is_shown_when_nothing_happened_and_ten_lines_at_most(
    client, project, ana, mei
):
    client.force_login(ana)
    assert "Since your last visit" not in client.get(reverse("home")).content.decode()
    for number in range(12):
        audit.record(
            Actor(user=mei), f"act {number}", project_id=project.pk, subject="x"
        )
    page = client.get(reverse("home"))
    assert "Since your last visit" in page.content.decode()
    assert len(page.context["home"].news.lines) == 10


def test_who_was_never_here_is_told_what_happened_lately(client, project):
    client.force_login(project.created_by)
    page = client.get(reverse("home")).content.decode()
    assert "Lately" in page
    assert "began the project" in page


def test_runs_are_counted_and_the_best_is_told(project, ana, mei, tmp_path):
    experiment = an_experiment(project)
    protocol = a_protocol(experiment, a_version(project, tmp_path))
    for number in range(3):
        run = a_run(experiment, start_time=int(timezone.now().timestamp() * 1000))
        run.created_by, run.status = mei, Run.Status.FINISHED
        run.protocol, run.money_group, run.money_mean = protocol, number, 1000 * number
        run.save()
    assert told(ana, project) == [
        ("Mei Lin", "logged 3 runs; the best is worth €2k a year")
    ]
    Run.objects.update(money_group=1)
    assert told(ana, project) == [("Mei Lin", "logged 3 runs; the best is a tie")]
    a_run(experiment, start_time=2**62)  # a script may write any time
    assert told(mei, project)[0] == ("Mei Lin", "logged 3 runs; the best is a tie")


def test_home_tells_no_outsider(client, project, mei):
    audit.record(Actor(user=mei), "attest", project_id=project.pk, subject="a secret")
    client.force_login(a_user())
    assert "a secret" not in client.get(reverse("home")).content.decode()
