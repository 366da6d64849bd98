"""Home, overview, search and activity: what waits, where things stand."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core.access import Actor
from dataquality.models import DataSet
from mlops_portal.selectors.home import home, waiting_for
from mlops_portal.selectors.next_step import next_step
from projects import services
from projects.models import Decision, Requirement
from tests.factories import (
    a_member,
    a_project,
    a_stakeholder,
    a_user,
    an_answer,
    an_invitation,
)


@pytest.fixture
def project(db):
    return a_project()


@pytest.fixture
def owner(client, project):
    client.force_login(project.created_by)
    return client


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_first_visit_shows_where_to_begin(client, db):
    client.force_login(a_user())
    assert "What is your model worth" in text_of(client, reverse("home"))


def test_nothing_waits_for_somebody_who_was_asked_nothing(owner):
    assert "Nothing waits for you." in text_of(owner, reverse("home"))


def test_an_asked_member_finds_the_estimate_waiting(client, project):
    person = a_member(project, "contributor")
    an_invitation(a_stakeholder(project, "Mei Tanaka", user=person))
    (waiting,) = waiting_for(Actor(user=person))
    assert waiting.what == "Estimate 6 numbers"
    client.force_login(person)
    assert "One thing waits for you." in text_of(client, reverse("home"))


def test_an_answered_estimate_waits_no_more(project):
    person = a_member(project, "contributor")
    stakeholder = a_stakeholder(project, user=person)
    an_invitation(stakeholder)
    an_answer(stakeholder)
    assert list(waiting_for(Actor(user=person))) == []


def test_a_proposal_waits_for_those_who_sign(project):
    person = a_member(project, "contributor")
    a_stakeholder(project, user=person, capacity="sponsor")
    row = Decision(
        project=project, gate="design", question="Go?", verdict="go", rationale="pays"
    )
    services.propose_decision(row, actor=Actor(user=project.created_by))
    assert [each.verb for each in waiting_for(Actor(user=person))] == ["Sign"]
    services.sign_decision(
        row, actor=Actor(user=person), capacity="sponsor", word="approve", comment=""
    )
    assert list(waiting_for(Actor(user=person))) == []


def test_home_lists_no_project_of_others(project):
    assert home(Actor(user=a_user()), now=timezone.now()).rows == ()


def test_the_next_step_follows_the_loop(project):
    assert next_step(project).verb == "Add people"
    ruth = a_stakeholder(project)
    assert next_step(project).verb == "Ask people"
    an_invitation(ruth)
    assert "Ruth Adler" in next_step(project).what
    an_answer(ruth)
    ruth.invitations.all().delete()
    assert next_step(project).verb == "Derive a requirement"
    services.save_requirement(
        Requirement(project=project, kind="compliance"),
        actor=Actor(user=project.created_by),
        said={"title": "no age is used", "test": "attested"},
    )
    assert next_step(project).verb == "Upload data"


def test_the_overview_says_what_it_is_worth_in_one_sentence(owner, project):
    an_answer(a_stakeholder(project))
    page = text_of(owner, project.get_absolute_url())
    assert "Keep leaving customers</bdi> is worth about" in page
    for station in ("Value", "Requirements", "Metrics", "Data", "Experiments"):
        assert station in page


def test_a_stranger_to_the_project_finds_no_overview(client, project):
    client.force_login(a_user())
    assert client.get(project.get_absolute_url()).status_code == 404


def test_search_finds_what_the_reader_may_see_and_nothing_else(client, owner, project):
    a_stakeholder(project, "Ruth Adler")
    page = text_of(owner, reverse("search") + "?q=leaving")
    assert project.get_absolute_url() in page
    assert "Ruth Adler" in text_of(owner, reverse("search") + "?q=ruth")
    client.force_login(a_user())
    assert project.name not in text_of(client, reverse("search") + "?q=leaving")


def test_search_answers_htmx_with_the_results_alone(owner):
    answer = owner.get(reverse("search") + "?q=leaving", headers={"HX-Request": "true"})
    assert b"<html" not in answer.content


def test_activity_tells_what_happened_and_restores_from_the_trash(owner, project):
    requirement = Requirement(project=project, kind="compliance")
    services.save_requirement(
        requirement,
        actor=Actor(user=project.created_by),
        said={"title": "no age is used", "test": "attested"},
    )
    owner.post(
        reverse("projects:requirement_delete", args=[project.slug, requirement.pk])
    )
    address = reverse("project_activity", args=[project.slug])
    page = text_of(owner, address)
    assert "began the project" in page
    key = f"projects.requirement:{requirement.pk}"
    assert key in page
    owner.post(reverse("trash_restore", args=[project.slug]), {"key": key})
    assert key not in text_of(owner, address)


def test_what_has_lost_its_name_stays_in_the_trash(owner, project):
    old = DataSet.objects.create(
        project=project, name="customers", slug="customers", deleted_at=timezone.now()
    )
    DataSet.objects.create(project=project, name="customers", slug="customers-2")
    answer = owner.post(
        reverse("trash_restore", args=[project.slug]),
        {"key": f"dataquality.dataset:{old.pk}"},
        follow=True,
    )
    assert "A data set of this name exists already." in answer.content.decode()
    old.refresh_from_db()
    assert old.is_deleted


def test_a_viewer_restores_nothing(client, project):
    client.force_login(a_member(project, "viewer"))
    address = reverse("trash_restore", args=[project.slug])
    assert client.post(address, {"key": "projects.requirement:1"}).status_code == 404


def test_health_needs_no_sign_in(client, db):
    assert client.get("/healthz").content == b"ok"
