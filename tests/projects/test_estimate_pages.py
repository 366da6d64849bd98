"""The estimate of somebody with an account."""

import pytest
from django.urls import reverse

from projects.models import Estimate, Stakeholder
from tests import factories
from tests.factories import typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(project):
    return reverse("projects:estimate", args=[project.slug])


@pytest.fixture
def seat(project, cast):
    return factories.a_stakeholder(project, "Contributor Person", user=cast.contributor)


def test_a_contributor_sends_their_own_numbers(page, project, seat, browser_of):
    answer = browser_of("contributor").post(page, typed(project))
    assert answer.url == reverse("projects:value", args=[project.slug])
    assert Estimate.objects.filter(stakeholder=seat, submitted_at=None).count() == 0
    assert Estimate.objects.filter(stakeholder=seat).count() == 6


def test_a_viewer_may_not_answer(page, project, browser_of):
    assert browser_of("viewer").get(page).status_code == 404
    assert browser_of("viewer").post(page, typed(project)).status_code == 404


def test_an_outsider_finds_no_such_form(page, browser_of):
    assert browser_of("outsider").get(page).status_code == 404
    assert browser_of("nobody").get(page).status_code == 302


def test_an_editor_answers_for_nobody_else(page, project, seat, browser_of):
    browser_of("editor").post(page, typed(project))
    assert not Estimate.objects.exists()


def test_a_member_without_a_say_is_offered_one(page, project, cast, browser_of):
    browser = browser_of("contributor")
    assert b"As whom do you answer?" in browser.get(page).content
    joined = browser.post(
        reverse("projects:estimate_join", args=[project.slug]),
        {"name": "Cora", "title": "sales", "group": "business"},
    )
    assert joined.url == page
    assert Stakeholder.objects.get(project=project).user == cast.contributor
    assert browser.get(page).status_code == 200


def test_a_name_that_is_taken_is_said_beside_the_field(page, project, ruth, browser_of):
    answer = browser_of("contributor").post(
        reverse("projects:estimate_join", args=[project.slug]),
        {"name": "Ruth Adler", "title": "", "group": "business"},
    )
    assert answer.status_code == 422
    assert b"Somebody of this name is listed already." in answer.content


def test_a_wrong_number_is_said_beside_its_box_and_nothing_is_sent(
    page, project, seat, browser_of
):
    answer = browser_of("contributor").post(page, typed(project, margin_low="x"))
    assert answer.status_code == 422
    assert b"&#x27;x&#x27; is not a number" in answer.content
    assert not Estimate.objects.exists()


def test_the_preview_belongs_to_who_may_answer(project, seat, browser_of):
    preview = reverse("projects:estimate_preview", args=[project.slug])
    assert browser_of("contributor").post(preview, typed(project)).status_code == 200
    assert browser_of("viewer").post(preview, typed(project)).status_code == 404
    assert browser_of("outsider").post(preview, typed(project)).status_code == 404


def test_drafts_are_kept(project, seat, browser_of):
    keep = reverse("projects:estimate_keep", args=[project.slug])
    assert browser_of("contributor").post(keep, typed(project)).status_code == 204
    assert Estimate.objects.filter(stakeholder=seat, submitted_at=None).count() == 6
