"""Comments, realised values and webhooks through the REST API, by every role."""

from datetime import UTC, datetime

import pytest

from core import outgoing
from core.models import Webhook
from projects.models import Comment, RealisedValue
from tests import factories
from tests.core.test_api_design import Caller
from tests.projects.test_calibration import answer, come_true

pytestmark = pytest.mark.django_db


@pytest.fixture
def callers(project, cast):
    return {
        name: Caller(getattr(cast, name))
        for name in ("owner", "editor", "contributor", "viewer", "outsider")
    }


def about(project, **more):
    return {
        "project": project.slug,
        "subject_kind": "value",
        "subject_id": str(project.pk),
        "text": "Is 12 % not last year’s?",
        **more,
    }


# Comments


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 201), ("contributor", 201), ("viewer", 400), ("outsider", 400)],
)
def test_contributors_comment(project, callers, who, status):
    made = callers[who].post("comments/", about(project))
    assert made.status_code == status
    assert Comment.objects.exists() == (status == 201)


def test_members_read_and_outsiders_do_not(project, callers):
    pk = callers["contributor"].post("comments/", about(project)).json()["id"]
    assert callers["viewer"].get(f"comments/{pk}/").json()["author"]
    assert callers["outsider"].get(f"comments/{pk}/").status_code == 404
    assert callers["outsider"].get("comments/").json()["count"] == 0


def test_only_ones_own_is_changed_and_deleted(project, callers):
    pk = callers["contributor"].post("comments/", about(project)).json()["id"]
    there = f"comments/{pk}/"
    assert callers["owner"].patch(there, {"text": "No"}).status_code == 404
    assert callers["owner"].delete(there).status_code == 404
    mine = callers["contributor"]
    assert mine.patch(there, {"text": "Better"}).json()["text"] == "Better"
    assert mine.delete(there).status_code == 204
    assert mine.get(there).status_code == 404
    assert callers["owner"].post(f"{there}restore/").status_code == 404
    assert mine.post(f"{there}restore/").json()["text"] == "Better"


def test_thread_is_resolved_and_taken_up_again(project, callers):
    first = callers["contributor"].post("comments/", about(project)).json()["id"]
    reply = callers["owner"].post("comments/", about(project, answers=first)).json()
    assert reply["answers"] == first
    callers["owner"].post(f"comments/{reply['id']}/resolve/")
    done = callers["viewer"].get("comments/", resolved="true").json()
    assert [each["id"] for each in done["results"]] == [first]
    assert callers["viewer"].post(f"comments/{first}/reopen/").status_code == 404
    assert (
        callers["editor"].post(f"comments/{first}/reopen/").json()["resolved_at"]
        is None
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"subject_kind": "moon"}, "subject_id"),
        ({"subject_id": "9" * 64}, "subject_id"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "@Otto Outside?"}, "text"),
        ({"answers": 999}, "answers"),
    ],
)
def test_what_is_no_comment_is_refused_with_the_field(project, callers, changes, name):
    answered = callers["owner"].post("comments/", about(project, **changes))
    assert answered.status_code == 400
    assert name in answered.json()["errors"]


def test_mentions_are_told_by_name(project, callers):
    made = callers["editor"].post("comments/", about(project, text="@Ana Ferreira?"))
    assert made.json()["mentions"] == ["Ana Ferreira"]


# Realised values


def entered(project, **more):
    return {
        "project": project.slug,
        "starts_on": "2026-01-01",
        "ends_on": "2026-03-31",
        "value": 41_000,
        "method": "books",
        **more,
    }


@pytest.mark.parametrize(
    ("who", "status"),
    [("editor", 201), ("contributor", 201), ("viewer", 400), ("outsider", 400)],
)
def test_contributors_enter_what_came_true(project, callers, who, status):
    made = callers[who].post("realised-values/", entered(project))
    assert made.status_code == status
    assert RealisedValue.objects.exists() == (status == 201)


def test_correction_supersedes_by_the_api_too(project, callers):
    pk = callers["contributor"].post("realised-values/", entered(project)).json()["id"]
    there = f"realised-values/{pk}/correct/"
    said = {"value": 12.5, "method": "experiment", "note": "recount"}
    assert callers["viewer"].post(there, said).status_code == 404
    new = callers["editor"].post(there, said).json()
    assert new["value"] == 12.5
    assert callers["editor"].post(there, said).status_code == 409
    old = callers["viewer"].get(f"realised-values/{pk}/").json()
    assert old["superseded_by"] == new["id"]
    current = callers["viewer"].get("realised-values/", current="true").json()
    assert [each["id"] for each in current["results"]] == [new["id"]]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"value": "NaN"}, "value"),
        ({"value": 1, "low": 2, "high": 3}, "value"),
        ({"low": 1}, "low"),
        ({"ends_on": "2025-01-01"}, "ends_on"),
        ({"method": "dream"}, "method"),
        ({"quantity": 999_999}, "quantity"),
    ],
)
def test_what_is_no_realised_value_is_refused(project, callers, changes, name):
    answered = callers["owner"].post("realised-values/", entered(project, **changes))
    assert answered.status_code == 400
    assert name in answered.json()["errors"]


def test_last_quarter_a_calendar_knows_is_one(project, callers):
    asked = entered(project, starts_on="9999-10-01", ends_on="9999-12-31")
    assert callers["owner"].post("realised-values/", asked).status_code == 201
    assert RealisedValue.objects.get().years == 0.25


def test_quantity_of_another_project_is_refused(project, callers, cast):
    other = factories.a_project(cast.owner, slug="other")
    asked = entered(project, quantity=other.quantities.earliest("pk").pk)
    answered = callers["owner"].post("realised-values/", asked)
    assert "quantity" in answered.json()["errors"]


def test_calibration_tells_each_their_own_inputs_and_the_team_without(
    project, callers, cast
):
    answer(project, cast.contributor)
    project.estimates_revealed_at = datetime(2026, 1, 1, tzinfo=UTC)
    project.save()
    come_true(project, [1.3] * 6)
    there = "realised-values/calibration/"
    mine = callers["contributor"].get(there, project=project.slug).json()
    assert mine["own"]["held"] == "0 of 6 times the truth was inside"
    assert len(mine["own"]["inputs"]) == 6
    assert mine["own"]["result"]["digest"]
    seen = callers["viewer"].get(there, project=project.slug).json()
    assert seen["own"] is None
    assert seen["team"]["inputs"] == []
    assert callers["outsider"].get(there, project=project.slug).status_code == 404


# Webhooks


def told(project, **more):
    url = "https://hooks.example.org/x"
    return {"project": project.slug, "url": url, **more}


def test_owner_adds_an_address_and_sees_its_secret_once(project, callers):
    made = callers["owner"].post(
        "webhooks/", told(project, kinds=["decisions"]), **{"Idempotency-Key": "k"}
    )
    assert made.json()["secret"].startswith("whsec_")
    again = callers["owner"].post(
        "webhooks/", told(project, kinds=["decisions"]), **{"Idempotency-Key": "k"}
    )
    assert again.json()["id"] == made.json()["id"]
    assert "secret" not in again.json()
    assert (
        callers["owner"].get(f"webhooks/{made.json()['id']}/").json()["secret"] is None
    )


@pytest.mark.parametrize("who", ["editor", "viewer", "outsider"])
def test_others_neither_add_nor_see_addresses(project, callers, who):
    pk = callers["owner"].post("webhooks/", told(project)).json()["id"]
    assert callers[who].post("webhooks/", told(project)).status_code == 400
    assert callers[who].get("webhooks/").json()["count"] == 0
    assert callers[who].delete(f"webhooks/{pk}/").status_code == 404
    assert callers[who].get(f"webhooks/{pk}/deliveries/").status_code == 404


def test_address_is_tried_and_its_deliveries_are_read(
    project, callers, monkeypatch, jobs_inline
):
    pk = callers["owner"].post("webhooks/", told(project)).json()["id"]
    monkeypatch.setattr(outgoing.fetch, "post", lambda *args: 200)
    assert callers["owner"].post(f"webhooks/{pk}/ping/").status_code == 202
    jobs_inline()
    sent = callers["owner"].get(f"webhooks/{pk}/deliveries/").json()["results"]
    assert [(each["kind"], each["status"]) for each in sent] == [
        ("ping", 200),
        ("add webhook", 200),
    ]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "ssh://example.org/"}, "url"),
        ({"kinds": ["moon"]}, "kinds"),
    ],
)
def test_address_that_cannot_be_told_is_refused(project, callers, changes, name):
    answered = callers["owner"].post("webhooks/", told(project, **changes))
    assert answered.status_code == 400
    assert name in answered.json()["errors"]
    assert not Webhook.objects.exists()


def test_token_that_only_writes_owns_nothing(project, cast):
    writes = Caller(cast.owner, scope="write")
    assert writes.post("webhooks/", told(project)).status_code == 400
