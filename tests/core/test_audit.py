"""The audit trail: append-only, sealed, and a broken seal is named."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from core import audit
from core.access import NOBODY, Actor
from core.models import ApiToken, AuditEntry, AuditSeal
from core.selectors import activity, say
from tests.factories import a_user


def some_entries(count):
    return [
        audit.record(NOBODY, "delete", subject=f"thing {number}").pk
        for number in range(count)
    ]


@pytest.fixture
def entries(db, monkeypatch):
    monkeypatch.setattr(audit, "SETTLED", timedelta(0))
    return some_entries(5)


@pytest.mark.parametrize("model", [AuditEntry, AuditSeal])
def test_database_refuses_to_change_an_entry_or_a_seal(entries, model):
    audit.seal()
    column = "subject" if model is AuditEntry else "hash"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.filter(pk=entries[0]).update(**{column: "other"})


@pytest.mark.parametrize("model", [AuditSeal, AuditEntry])
def test_database_refuses_to_delete_an_entry_or_a_seal(entries, model):
    audit.seal()
    table = model._meta.db_table
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a table of ours


def test_entry_of_an_undone_act_is_undone_with_it(db):
    def act():
        with transaction.atomic():
            audit.record(NOBODY, "delete", subject="x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert not AuditEntry.objects.exists()


def test_sealed_chain_verifies_and_names_what_is_unsealed(entries):
    assert audit.seal() == 5
    audit.record(NOBODY, "restore", subject="late")
    verdict = audit.verify()
    assert (verdict.sealed, verdict.unsealed, verdict.broken_at) == (5, 1, None)
    assert verdict.head == AuditSeal.objects.get(position=5).hash


def test_first_link_hangs_on_nothing_but_zeros(entries):
    audit.seal()
    first = AuditSeal.objects.get(position=1)
    assert first.previous_hash == "0" * 64


def test_young_entries_wait_for_slower_transactions(db):
    audit.record(NOBODY, "delete", subject="just now")
    assert audit.seal() == 0


@pytest.fixture
def as_a_burglar(transactional_db, monkeypatch):
    """Somebody with the rights of the database's owner, who lifts the guards."""
    monkeypatch.setattr(audit, "SETTLED", timedelta(0))
    ids = some_entries(5)
    audit.seal()

    def run(statement, *values):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET session_replication_role = replica")
            else:
                audit.remove_guards()
            cursor.execute(statement, values)
            if connection.vendor == "postgresql":
                cursor.execute("SET session_replication_role = DEFAULT")

    run.ids = ids
    return run


def test_changed_entry_is_named(as_a_burglar):
    as_a_burglar(
        "UPDATE core_auditentry SET subject = 'other' WHERE id = %s",
        as_a_burglar.ids[2],
    )
    assert audit.verify().broken_at == as_a_burglar.ids[2]


def test_entry_taken_out_of_the_middle_breaks_the_next(as_a_burglar):
    gone = as_a_burglar.ids[1]
    as_a_burglar("DELETE FROM core_auditseal WHERE entry_id = %s", gone)
    as_a_burglar("DELETE FROM core_auditentry WHERE id = %s", gone)
    assert audit.verify().broken_at == as_a_burglar.ids[2]


def test_entry_moved_in_time_is_named(as_a_burglar):
    as_a_burglar(
        "UPDATE core_auditentry SET at = %s WHERE id = %s",
        timezone.now() - timedelta(days=1),
        as_a_burglar.ids[0],
    )
    assert audit.verify().broken_at == as_a_burglar.ids[0]


def test_two_sealers_at_once_do_not_fork_the_chain(transactional_db, monkeypatch):
    monkeypatch.setattr(audit, "SETTLED", timedelta(0))
    some_entries(40)
    start, refused = threading.Barrier(2), []

    def sealer():
        try:
            start.wait()
            audit.seal()
        except (IntegrityError, DatabaseError) as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sealer) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit.seal()
    verdict = audit.verify()
    assert (verdict.sealed, verdict.unsealed, verdict.broken_at) == (40, 0, None)
    assert len(refused) < 2


def test_token_is_named_in_what_it_did(db):
    person = a_user()
    token, _key = ApiToken.issue(person, name="n", scope="write")
    entry = audit.record(Actor(user=person, token=token), "delete")
    assert (entry.actor_uuid, entry.via) == (person.uuid, f"token {token.key_id}")


def test_activity_tells_who_did_what_in_sentences(db):
    ana, kim = a_user("Ana"), a_user("Kim")
    audit.record(Actor(user=ana), "delete", project_id=7, subject="run 3")
    audit.record(
        Actor(user=ana),
        "add to team",
        project_id=7,
        subject="Data",
        detail={"person": str(kim.uuid)},
    )
    told = [f"{line.who} {line.words}" for line in activity([7])]
    assert told == ["Ana put Kim into the team Data", "Ana deleted run 3"]


def test_activity_shows_only_the_projects_asked_for(db):
    audit.record(NOBODY, "delete", project_id=8, subject="secret")
    assert activity([7]) == []


def test_pages_of_activity_do_not_shift_when_something_happens(db):
    for number in range(4):
        audit.record(NOBODY, "delete", project_id=7, subject=str(number))
    first = activity([7], limit=2)
    audit.record(NOBODY, "delete", project_id=7, subject="new")
    second = activity([7], limit=2, before=first[-1].id)
    assert [line.subject for line in first + second] == ["3", "2", "1", "0"]


def test_apps_teach_their_own_sentences(db):
    say({"test act": "tested %(subject)s"})
    audit.record(NOBODY, "test act", project_id=7, subject="100 % of it")
    assert activity([7])[0].words == "tested 100 % of it"


def test_name_of_somebody_erased_is_not_needed(db):
    ana = a_user("Ana")
    audit.record(Actor(user=ana), "delete", project_id=7, subject="x")
    ana.delete()
    assert activity([7])[0].who == "somebody who left"
