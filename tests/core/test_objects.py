"""The store: whole or not at all, counted, swept without losing an upload."""

import hashlib
import os
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from core import objects
from core.models import ObjectRef, ProjectUsage, StoredObject

pytestmark = pytest.mark.django_db

BYTES = b"abc"
# FIPS 180-2, appendix B.1
DIGEST = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
MIB = 1024 * 1024


def put(data=BYTES, *, project=1, owner=1, path="a.csv"):
    incoming = objects.receive([data], limit=MIB)
    return objects.attach(
        incoming, project_id=project, owner_kind="version", owner_id=owner, path=path
    )


def files(store):
    return sorted(
        each.name for each in store.rglob("*") if each.is_file() and each.stat().st_size
    )


@pytest.fixture(params=["on disk", "behind a storage"])
def any_store(request):
    return request.getfixturevalue(
        "store" if request.param == "on disk" else "remote_store"
    )


def test_bytes_come_back_as_they_went_in(any_store):
    ref = put(b"first\n" + os.urandom(3 * MIB // 4))
    with objects.open_object(ref) as source:
        data = source.read()
    assert hashlib.sha256(data).hexdigest() == ref.object_id
    assert objects.local_path(ref).read_bytes() == data


def test_digest_is_sha256_over_all_chunks(any_store):
    incoming = objects.receive([b"a", b"", b"bc"], limit=3)
    assert (incoming.digest, incoming.size) == (DIGEST, 3)


def test_receiving_holds_one_chunk_at_a_time(store):
    alive = []

    def chunks():
        for _number in range(64):
            chunk = bytearray(MIB)
            alive.append(chunk)
            yield chunk
            alive.clear()

    assert objects.receive(chunks(), limit=64 * MIB).size == 64 * MIB
    assert alive == []


def test_upload_cut_off_leaves_nothing(any_store):
    with pytest.raises(objects.CutOffError, match="2 of 3 bytes"):
        objects.receive([b"ab"], limit=MIB, expected_size=3)
    assert files(any_store) == []
    assert not StoredObject.objects.exists()


def test_connection_lost_in_the_middle_leaves_nothing(any_store):
    def chunks():
        yield b"ab"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        objects.receive(chunks(), limit=MIB)
    assert files(any_store) == []


def test_upload_over_the_limit_stops_reading_there(any_store):
    read = []

    def chunks():
        for number in range(100):
            read.append(number)
            yield bytes(MIB)

    with pytest.raises(objects.TooLargeError, match="2 MB"):
        objects.receive(chunks(), limit=2 * MIB)
    assert len(read) == 3
    assert files(any_store) == []


def test_full_disk_refuses_before_it_is_full(store, settings):
    settings.DISK_RESERVE = 10**18
    with pytest.raises(objects.TooLargeError):
        objects.receive([b"x"], limit=MIB)


def test_equal_bytes_lie_on_disk_once_and_count_for_both_projects(store):
    put(project=1)
    put(project=2, owner=2)
    assert files(store) == [DIGEST]
    assert set(ProjectUsage.objects.values_list("project_id", "used")) == {
        (1, 3),
        (2, 3),
    }


def test_answer_is_the_same_whether_the_bytes_are_there_or_not(store):
    first = objects.receive([BYTES], limit=MIB)
    put(project=2)
    assert objects.receive([BYTES], limit=MIB) == first


def test_bytes_of_another_project_are_reached_by_nobody(store):
    put(project=1, owner=1)
    put(project=2, owner=2)
    objects.release("version", 1)
    assert objects.references("version", 1) == {}
    assert list(ObjectRef.objects.values_list("project_id", flat=True)) == [2]


def test_path_is_a_key_and_never_a_place_on_disk(store, tmp_path):
    ref = put(path="../../../etc/passwd")
    assert store in objects.local_path(ref).parents
    assert files(tmp_path) == [DIGEST]


def test_path_can_be_taken_once(store):
    put(path="a.csv")
    with pytest.raises(IntegrityError):
        put(path="a.csv")


def test_quota_counts_references_and_refuses_what_does_not_fit(store, settings):
    settings.PROJECT_QUOTA = 5
    put(path="a")
    with pytest.raises(objects.TooLargeError, match="do not fit"):
        put(path="b")
    assert ProjectUsage.objects.get().used == 3
    assert ObjectRef.objects.count() == 1


def test_releasing_gives_the_quota_back_once(store):
    put()
    assert objects.release("version", 1) == 1
    assert objects.release("version", 1) == 0
    assert ProjectUsage.objects.get().used == 0


def in_threads(count, act):
    start, raised = threading.Barrier(count), []

    def run(number):
        try:
            start.wait()
            act(number)
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_quota_holds_when_many_upload_at_once(store, settings, transactional_db):
    settings.PROJECT_QUOTA = 10
    put(path="first")
    raised = in_threads(4, lambda number: put(path=str(number), owner=number + 2))
    assert [type(each) for each in raised] == [objects.TooLargeError] * 2
    assert ProjectUsage.objects.get().used == 9
    assert ObjectRef.objects.count() == 3


def test_two_releases_at_once_give_back_once(store, transactional_db):
    put()
    put(path="b")
    in_threads(2, lambda _number: objects.release("version", 1))
    assert ProjectUsage.objects.get().used == 0


def grow_old(digest=DIGEST):
    StoredObject.objects.filter(pk=digest).update(
        touched_at=timezone.now() - timedelta(hours=25)
    )


def test_sweep_takes_what_nobody_holds_for_a_day(any_store):
    put()
    objects.release("version", 1)
    assert objects.sweep() == 0
    grow_old()
    assert objects.sweep() == 1
    assert files(any_store) == []
    assert not StoredObject.objects.exists()


def test_sweep_leaves_what_is_held_however_old(any_store):
    ref = put()
    grow_old()
    assert objects.sweep() == 0
    assert objects.open_object(ref).read() == BYTES


def test_bytes_that_were_received_and_never_held_are_swept(any_store):
    objects.receive([BYTES], limit=MIB)
    grow_old()
    assert objects.sweep() == 1
    assert files(any_store) == []


def test_bytes_whose_transaction_was_undone_are_found_and_swept(any_store):
    incoming = objects.receive([BYTES], limit=MIB)
    StoredObject.objects.all().delete()  # what a rollback leaves
    old = (timezone.now() - timedelta(hours=25)).timestamp()
    (stored,) = (each for each in any_store.rglob(incoming.digest))
    os.utime(stored, (old, old))
    objects.sweep()  # gives them a row
    objects.sweep()  # takes them
    assert files(any_store) == []


def test_upload_of_the_same_bytes_during_a_sweep_keeps_them(any_store, monkeypatch):
    put()
    objects.release("version", 1)
    grow_old()
    chosen = StoredObject.objects.filter
    uploads = []

    def filter_then_upload(*args, **kwargs):
        rows = chosen(*args, **kwargs)
        # After the sweep has chosen the object, before it removes it.
        if "touched_at" in kwargs and not uploads:
            uploads.append(put(owner=2))
        return rows

    monkeypatch.setattr(StoredObject.objects, "filter", filter_then_upload)
    assert objects.sweep() == 0
    assert objects.open_object(uploads[0]).read() == BYTES


def test_bytes_received_but_not_yet_held_survive_a_sweep(any_store):
    put()
    objects.release("version", 1)
    grow_old()
    incoming = objects.receive([BYTES], limit=MIB)
    assert objects.sweep() == 0
    ref = objects.attach(
        incoming, project_id=1, owner_kind="version", owner_id=3, path="a"
    )
    assert objects.open_object(ref).read() == BYTES


def test_half_an_upload_is_removed_after_a_day(store):
    folder = store / "incoming"
    folder.mkdir(parents=True)
    for name, hours in (("old", 25), ("young", 1)):
        (folder / name).write_bytes(b"x")
        at = (timezone.now() - timedelta(hours=hours)).timestamp()
        os.utime(folder / name, (at, at))
    objects.sweep()
    assert files(store) == ["young"]


def test_stored_bytes_are_readable_by_the_portal_alone(store):
    ref = put()
    path = objects.local_path(ref)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
