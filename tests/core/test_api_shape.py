"""What every resource of the API shares: pages, order, keys, problems, its document."""

import json
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from core.models import IdempotencyKey
from projects.models import Project
from tests import factories

pytestmark = pytest.mark.django_db

NEW = {
    "name": "Sort tickets",
    "problem": "Urgent tickets wait.",
    "decision_supported": "What to answer first",
}


@pytest.fixture
def ana(db):
    return factories.a_user("Ana Ferreira")


@pytest.fixture
def headers(ana):
    return {"authorization": f"Bearer {factories.a_token(ana, scope='admin')}"}


def make(headers, body=NEW, **more):
    return Client().post(
        "/api/v1/projects/",
        body,
        content_type="application/json",
        headers={**headers, **more},
    )


def test_a_key_makes_one_project_however_often_it_is_sent(headers):
    first = make(headers, **{"idempotency-key": "k1"})
    again = make(headers, **{"idempotency-key": "k1"})
    assert first.status_code == again.status_code == 201
    assert first.json()["slug"] == again.json()["slug"]
    assert Project.objects.count() == 1


def test_a_key_of_another_request_is_a_conflict(headers):
    make(headers, **{"idempotency-key": "k1"})
    clash = make(headers, {**NEW, "name": "Other"}, **{"idempotency-key": "k1"})
    assert clash.status_code == 409
    assert Project.objects.count() == 1


def test_a_refused_creation_uses_its_key_not_up(headers):
    make(headers, {**NEW, "name": ""}, **{"idempotency-key": "k1"})
    assert not IdempotencyKey.objects.exists()
    assert make(headers, **{"idempotency-key": "k1"}).status_code == 201


def test_a_key_of_somebody_else_is_a_key_of_ones_own(headers):
    other = {"authorization": f"Bearer {factories.a_token(factories.a_user('Mei'))}"}
    make(headers, **{"idempotency-key": "k1"})
    assert make(other, **{"idempotency-key": "k1"}).status_code == 201
    assert Project.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_twice_at_once_makes_one_project(headers):
    start, statuses = threading.Barrier(2), []

    def send():
        start.wait()
        statuses.append(make(headers, **{"idempotency-key": "k1"}).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Project.objects.count() == 1
    # Whoever was slower gets the same answer, or is told to ask again.
    assert sorted(statuses) in ([201, 201], [201, 409])
    assert make(headers, **{"idempotency-key": "k1"}).status_code == 201


def test_half_a_character_is_refused_whatever_it_stands_in(headers):
    for body in ('{"name": "\\ud83d"}', '{"\\udc00": 1}', '["\\ud83d"]'):
        answer = Client().post(
            "/api/v1/projects/", body, content_type="application/json", headers=headers
        )
        assert answer.status_code == 400
        assert "half a character" in answer.json()["detail"]


def test_a_key_that_is_too_long_is_refused(headers):
    assert make(headers, **{"idempotency-key": "k" * 121}).status_code == 400


def test_lists_come_in_pages_and_in_the_order_asked_for(headers, ana):
    for name in ("Beta", "Alpha", "Gamma"):
        factories.a_project(ana, name=name)
    page = Client().get(
        "/api/v1/projects/",
        {"ordering": "-name", "page_size": 2},
        headers=headers,
    )
    body = page.json()
    assert [each["name"] for each in body["results"]] == ["Gamma", "Beta"]
    assert body["count"] == 3
    assert "page=2" in body["next"]


@pytest.mark.parametrize(
    "path",
    [
        "projects/?ordering=zebra",
        "stakeholders/?project=zebra",
        "quantities/?name=zebra",
        "evidence/?project=zebra",
    ],
)
def test_odd_filters_find_nothing_and_break_nothing(headers, path):
    assert Client().get(f"/api/v1/{path}", headers=headers).status_code == 200


def test_a_page_that_is_not_there_is_a_problem(headers):
    answer = Client().get("/api/v1/projects/?page=99", headers=headers)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_an_id_that_is_none_is_a_problem_and_no_page(headers):
    for path in ("value-cases/1.5/", "stakeholders/x/", "projects/a.b/"):
        answer = Client().get(f"/api/v1/{path}", headers=headers)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{broken", "application/json", 400),
        ("<x/>", "application/xml", 415),
        (json.dumps([1]), "application/json", 400),
        ('{"name": NaN}', "application/json", 400),
    ],
)
def test_what_is_no_such_request_is_a_problem(headers, body, kind, status):
    answer = Client().post(
        "/api/v1/projects/", body, content_type=kind, headers=headers
    )
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_a_session_needs_the_csrf_token(ana):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(
        ana, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    answer = browser.post("/api/v1/projects/", NEW, content_type="application/json")
    assert answer.status_code == 403


def test_the_document_is_drawn_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_the_document_and_its_page_are_for_people_with_an_account(ana):
    for path in ("/api/v1/schema/", "/api/docs/"):
        assert Client().get(path).status_code in {302, 401, 403}
        browser = Client()
        browser.force_login(
            ana, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        assert browser.get(path).status_code == 200


def test_the_page_loads_nothing_from_elsewhere(ana):
    browser = Client()
    browser.force_login(
        ana, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    page = browser.get("/api/docs/").content.decode()
    assert "https://" not in page
    assert "swagger-ui-bundle.js" in page
