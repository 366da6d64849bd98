"""Tokens through the API: one's own, shown once, never stronger than the caller."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.models import ApiToken, AuditEntry, IdempotencyKey
from tests import factories

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/tokens/"


@pytest.fixture
def ana():
    return factories.a_user("Ana Ferreira")


def call(key, method="get", path=TOKENS, body=None, **headers):
    return getattr(Client(), method)(
        path,
        body,
        content_type="application/json",
        headers={"authorization": f"Bearer {key}", **headers},
    )


def test_a_new_key_is_shown_once_and_opens(ana):
    mine = factories.a_token(ana, scope="admin")
    made = call(mine, "post", body={"name": "notebook", "scope": "read", "days": 30})
    assert made.status_code == 201
    key = made.json()["key"]
    assert call(key).status_code == 200
    assert call(mine, path=f"{TOKENS}{made.json()['id']}/").json()["key"] is None
    assert key not in call(mine).content.decode()
    ends = ApiToken.objects.get(pk=made.json()["id"]).expires_at - timezone.now()
    assert timedelta(days=29) < ends <= timedelta(days=30)
    assert AuditEntry.objects.filter(action="create token", subject="notebook").exists()


def test_only_ones_own_are_listed(ana):
    factories.a_token(factories.a_user("Mei"))
    assert call(factories.a_token(ana)).json()["count"] == 1


@pytest.mark.parametrize(
    ("mine", "asked", "status"),
    [
        ("admin", "admin", 201),
        ("admin", "write", 201),
        ("write", "write", 201),
        ("write", "read", 201),
        ("write", "admin", 403),
        ("read", "read", 403),  # what may only read makes nothing
        ("read", "write", 403),
    ],
)
def test_a_token_makes_none_that_is_stronger(ana, mine, asked, status):
    body = {"name": "other", "scope": asked, "days": 30}
    answer = call(factories.a_token(ana, scope=mine), "post", body=body)
    assert answer.status_code == status
    if status == 403:
        assert answer["content-type"].startswith("application/problem+json")
        assert ApiToken.objects.count() == 1


def test_a_token_makes_none_that_outlives_it(ana):
    body = {"name": "other", "scope": "read", "days": 365}
    answer = call(factories.a_token(ana), "post", body=body)
    assert answer.status_code == 403
    assert "lives longer" in answer.json()["detail"]


def test_a_token_of_one_project_stays_in_it(ana):
    project, other = factories.a_project(ana), factories.a_project(ana)
    factories.a_token(ana)
    bound = factories.a_token(ana, project=project)
    body = {"name": "n", "scope": "read", "days": 30}
    assert call(bound, "post", body=body).status_code == 403
    elsewhere = call(bound, "post", body={**body, "project": other.pk})
    assert elsewhere.status_code == 400
    here = call(bound, "post", body={**body, "project": project.pk})
    assert here.status_code == 201
    assert {each["project"] for each in call(bound).json()["results"]} == {project.pk}


def test_a_project_of_others_is_no_such_project(ana):
    body = {"name": "n", "scope": "read", "project": factories.a_project().pk}
    answer = call(factories.a_token(ana, scope="admin"), "post", body=body)
    assert answer.status_code == 400
    assert "project" in answer.json()["errors"]


def test_a_revoked_token_opens_nothing_and_stays_listed(ana):
    mine, old = factories.a_token(ana, scope="admin"), factories.a_token(ana)
    row = ApiToken.objects.get(scope="write")
    assert call(mine, "delete", f"{TOKENS}{row.pk}/").status_code == 204
    assert call(old).status_code == 401
    listed = call(mine, path=f"{TOKENS}?revoked=true").json()["results"]
    assert [each["id"] for each in listed] == [row.pk]
    assert AuditEntry.objects.filter(action="revoke token").count() == 1


def test_a_weak_token_revokes_no_strong_one(ana):
    strong = factories.a_token(ana, scope="admin")
    row = ApiToken.objects.get()
    for scope in ("read", "write"):
        weak = factories.a_token(ana, scope=scope)
        assert call(weak, "delete", f"{TOKENS}{row.pk}/").status_code == 403
    assert call(strong).status_code == 200


def test_a_token_of_somebody_else_is_not_there(ana):
    factories.a_token(factories.a_user("Mei"))
    row = ApiToken.objects.get()
    mine = factories.a_token(ana, scope="admin")
    assert call(mine, path=f"{TOKENS}{row.pk}/").status_code == 404
    assert call(mine, "delete", f"{TOKENS}{row.pk}/").status_code == 404


def test_a_repeated_creation_makes_one_token_and_keeps_no_key(ana):
    mine = factories.a_token(ana, scope="admin")
    body = {"name": "notebook", "scope": "read", "days": 30}
    first = call(mine, "post", body=body, **{"idempotency-key": "k1"})
    again = call(mine, "post", body=body, **{"idempotency-key": "k1"})
    assert first.json()["id"] == again.json()["id"]
    assert "key" not in again.json()
    secret = first.json()["key"].split("_", 2)[2]
    assert secret not in str(IdempotencyKey.objects.values())


@pytest.mark.parametrize("days", [0, -1, 366, "soon"])
def test_a_lifetime_that_is_none_names_its_field(ana, days):
    mine = factories.a_token(ana, scope="admin")
    answer = call(mine, "post", body={"name": "n", "scope": "read", "days": days})
    assert answer.status_code == 400
    assert "days" in answer.json()["errors"]
