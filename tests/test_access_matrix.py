"""Who may do what, on every address the portal has."""

import os

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from core.access import Policy
from core.checks import policy_of
from tests.access_matrix import (
    ROLES,
    WRITE,
    Call,
    calls,
    plain_routes,
    read_table,
    write_table,
)
from tests.worlds import build_world

pytestmark = pytest.mark.django_db

MARKER = "quokka"
WORD = "zanzibar"


@pytest.fixture(scope="module")
def here(written_once):
    return written_once(lambda: build_world("Here", text="pelican"))


@pytest.fixture(scope="module")
def there(written_once):
    return written_once(lambda: build_world("There", text=f"{WORD} {MARKER}"))


def client_as(role, world):
    client = Client(raise_request_exception=False)
    if role == "guest":
        client.get(f"/i/{world.secret}/")
    elif role != "anonymous":
        client.force_login(world.people[role])
    return client


def ask(client, call, path):
    """Return the answer to one call, and undo whatever it did."""
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    cache.clear()
    with transaction.atomic():
        kind = {"content_type": "application/json"} if path.startswith("/api/") else {}
        response = getattr(client, call.method.lower())(path, **kind)
        response.text_seen = text_of(response)
        transaction.set_rollback(True)
    client.cookies.clear()
    for name, value in kept.items():
        client.cookies[name] = value
    return response


def text_of(response):
    body = response.getvalue() if response.streaming else response.content
    return body.decode(errors="replace")


def roles_here():
    """Return who walks: everybody, and on PostgreSQL the owner.

    Rights are decided by the same querysets on both; what another database may add
    is an error, and the owner's walk comes to every line that could raise one.
    """
    if connection.vendor == "postgresql" and not os.environ.get(WRITE):
        return ("owner",)
    return ROLES


def walk(world):
    """Yield each call's answers by role."""
    clients = {role: client_as(role, world) for role in roles_here()}
    for call in calls():
        path = call.path(world)
        yield call, {role: ask(client, call, path) for role, client in clients.items()}


def test_every_address_answers_each_role_as_the_table_says(here, there):
    found = {}
    policy = policies()
    for call, answers in walk(here):
        found[call] = {role: answer.status_code for role, answer in answers.items()}
        # Whatever the owner may see here, it is nothing of another project.
        if policy[call.route] is not Policy.GUEST:
            assert MARKER not in answers["owner"].text_seen, call
    if mode := os.environ.get(WRITE):
        write_table(found, only_new=mode == "new")
    table = read_table()
    missing = sorted(set(found) - set(table))
    assert not missing, "run python -m tests.access_matrix and review what it adds"
    assert not sorted(set(table) - set(found)), "these routes are gone"
    differing = {
        (call.route, call.method, role): (found[call][role], table[call][role])
        for call in found
        for role in found[call]
        if found[call][role] != table[call][role]
    }
    assert not differing, "(route, method, role): (found, expected)"


# What must hold of the table itself, so that nobody writes a hole into it.


@pytest.fixture
def table():
    return read_table()


def policies():
    return {route: policy_of(pattern) for route, pattern in plain_routes()}


def opens(status):
    """Return whether a status lets the caller through."""
    return status < 400


def test_nothing_breaks_for_anybody(table):
    assert not [call for call, row in table.items() if max(row.values()) >= 500]


def test_strangers_reach_only_what_is_public(table):
    policy = policies()
    for call, row in table.items():
        if policy[call.route] in {Policy.SIGNED_IN, Policy.ADMIN}:
            for role in ("anonymous", "guest"):
                assert row[role] in {302, 401, 403, 405}, call


def test_management_is_not_there_for_anybody_but_an_admin(table):
    policy = policies()
    for call, row in table.items():
        if policy[call.route] is Policy.ADMIN:
            for role in ("outsider", "viewer", "contributor", "editor", "owner"):
                assert row[role] == 404, call


def test_project_is_not_there_for_outsiders_nor_for_an_admin(table):
    for call, row in table.items():
        if call.in_project:
            for role in ("outsider", "admin"):
                assert row[role] in {404, 405}, call


def test_viewer_writes_nothing_in_a_project(table):
    for call, row in table.items():
        if call.in_project and call.method != "GET" and opens(row["viewer"]):
            # Only a page that shows the same whatever the method.
            shown = table.get(Call(call.route, "GET"), {}).get("viewer")
            assert row["viewer"] in {200, 204}, call
            assert row["viewer"] == shown, call


def test_higher_role_never_has_less(table):
    rising = ("viewer", "contributor", "editor", "owner")
    for call, row in table.items():
        if call.in_project:
            may = [row[role] not in {403, 404} for role in rising]
            assert may == sorted(may), call


# Ids of another project


def test_ids_of_another_project_are_not_there_for_the_owner_of_this_one(here, there):
    # No role has more than the owner, as the table shows.
    policy = policies()
    client = client_as("owner", here)
    for call in calls():
        if not call.has_ids or policy[call.route] is not Policy.SIGNED_IN:
            continue
        answer = ask(client, call, call.path(there))
        assert answer.status_code in {404, 405}, call
        assert MARKER not in answer.text_seen, call


def test_id_of_another_project_under_this_ones_address_is_not_there(here, there):
    client = client_as("owner", here)
    for call in calls():
        if "<slug>" in call.route and "<pk>" in call.route:
            path = call.path(there).replace(there.project.slug, here.project.slug)
            answer = ask(client, call, path)
            assert answer.status_code in {404, 405}, call
            assert MARKER not in answer.text_seen, call


@pytest.mark.one_database
@pytest.mark.parametrize("query", [f"q={WORD}", "project={slug}"])
def test_lists_and_searches_hold_nothing_of_another_project(here, there, query):
    asked = query.format(slug=there.project.slug)
    client = client_as("owner", here)
    policy = policies()
    for call in calls():
        if call.method == "GET" and policy[call.route] is not Policy.GUEST:
            answer = client.get(f"{call.path(here)}?{asked}")
            assert MARKER not in text_of(answer), call


def test_marker_would_be_seen_by_those_who_may(there):
    client = client_as("owner", there)
    for path in (there.project.get_absolute_url(), reverse("inbox")):
        assert MARKER in client.get(path).content.decode()
    assert Call("p/<slug>/", "GET").path(there) == f"/p/{there.project.slug}/"
