"""Writes are whole or not at all; reads need no lock."""

import threading

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from core.access import NOBODY, public
from core.audit import record
from core.middleware import own_transaction
from core.models import AuditEntry
from tests.access_matrix import calls, read_table
from tests.worlds import build_world


def write(status):
    record(NOBODY, "test", subject="written")
    return HttpResponse(status=status)


@public
def answer(request, status):
    return write(status)


@public
@own_transaction
def answer_in_its_own(request, status):
    assert not connection.in_atomic_block
    return write(status)


@public
def break_in_the_middle(request):
    record(NOBODY, "test", subject="written")
    raise ZeroDivisionError


@public
def tell(request):
    return HttpResponse("inside" if connection.in_atomic_block else "outside")


urlpatterns = [
    path("answer/<int:status>/", answer),
    path("own/<int:status>/", answer_in_its_own),
    path("break/", break_in_the_middle),
    path("tell/", tell),
]
UNSAFE = ("post", "put", "patch", "delete")


@pytest.fixture
def here(transactional_db, settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("method", UNSAFE)
def test_writes_run_in_a_transaction(here, method):
    assert getattr(here, method)("/tell/").content == b"inside"


@pytest.mark.parametrize("method", ["get", "options"])
def test_reads_open_no_transaction(here, method):
    assert getattr(here, method)("/tell/").content == b"outside"


@pytest.mark.parametrize("status", [200, 201, 204, 302, 399])
def test_answer_below_400_keeps_what_was_written(here, status):
    here.post(f"/answer/{status}/")
    assert AuditEntry.objects.filter(action="test").exists()


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
def test_answer_of_400_and_above_undoes_what_was_written(here, status):
    assert here.post(f"/answer/{status}/").status_code == status
    assert not AuditEntry.objects.filter(action="test").exists()


def test_error_in_the_middle_undoes_what_was_written(here):
    assert here.post("/break/").status_code == 500
    assert not AuditEntry.objects.filter(action="test").exists()


@pytest.mark.parametrize("status", [200, 400])
def test_view_with_its_own_transaction_is_left_alone(here, status):
    here.post(f"/own/{status}/")
    assert AuditEntry.objects.filter(action="test").exists()


class WriteLock:
    """Another connection that holds the right to write, as a long upload might."""

    def __init__(self):
        self.held, self.done = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.hold)

    def hold(self):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    names = connection.introspection.table_names(cursor)
                    quoted = ", ".join(map(connection.ops.quote_name, names))
                    cursor.execute(f"LOCK TABLE {quoted} IN EXCLUSIVE MODE")
                # On SQLite `atomic` itself took the one lock: BEGIN IMMEDIATE.
                self.held.set()
                self.done.wait(60)
        finally:
            self.held.set()
            connection.close()

    def __enter__(self):
        self.thread.start()
        self.held.wait(30)
        return self

    def __exit__(self, *_error):
        self.done.set()
        self.thread.join()


def wait_for_no_lock():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET lock_timeout = '100ms'")
        else:
            cursor.execute("PRAGMA busy_timeout = 100")


@pytest.fixture
def impatient(transactional_db):
    wait_for_no_lock()
    yield
    connection.close()  # the next test waits as long as usual


def test_lock_of_this_test_keeps_writers_out(impatient):
    record(NOBODY, "test")
    with WriteLock(), pytest.raises(Exception, match=r"lock"):
        record(NOBODY, "test")


@pytest.mark.one_database  # readers of PostgreSQL wait for nobody
def test_every_page_is_read_while_somebody_else_writes(impatient):
    world = build_world("Here", text="pelican")
    table = read_table()
    clients = {}
    for role in ("owner", "admin"):
        clients[role] = Client(raise_request_exception=False)
        clients[role].force_login(world.people[role])
    with WriteLock():
        for call in calls():
            # Management is there for an admin only, everything else for the owner.
            role = "admin" if call.route.startswith("manage/") else "owner"
            if call.method == "GET":
                answer = clients[role].get(call.path(world))
                assert answer.status_code == table[call][role], call
