"""The content-addressed store: bytes in once, held by references.

Equal bytes share one object on disk, but nobody is ever told that an object "is
already there": an object is reached only through a reference of one's project.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import ObjectRef, ProjectUsage, StoredObject

CHUNK = 1024 * 1024
DIGEST_CHARS = 64
UNREFERENCED_FOR = timedelta(hours=24)


class TooLargeError(ValueError):
    """More bytes than the limit, the quota or the disk allows."""


class CutOffError(ValueError):
    """The stream ended before its announced end."""


@dataclass(frozen=True)
class Incoming:
    """Bytes that arrived whole and have a name of their own, but no reference yet."""

    digest: str
    size: int


def receive(
    chunks: Iterable[bytes], *, limit: int, expected_size: int | None = None
) -> Incoming:
    """Stream `chunks` into the store and return their digest and size.

    The bytes are stored under their digest when this returns; without a
    reference they are swept after a day.

    Raises
    ------
    TooLargeError
        If more than `limit` bytes arrive, or the disk would run full.
    CutOffError
        If `expected_size` was announced and another number of bytes came.
    """
    folder = settings.OBJECT_DIR / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    limit = min(limit, shutil.disk_usage(folder).free - settings.DISK_RESERVE)
    part = folder / uuid.uuid4().hex
    try:
        incoming = _write(part, chunks, limit)
        if expected_size is not None and incoming.size != expected_size:
            raise CutOffError(
                _(
                    "The upload ended after %(got)s of %(expected)s bytes. "
                    "Nothing was kept; send the file again."
                )
                % {"got": incoming.size, "expected": expected_size}
            )
        # Before the bytes get their name: a sweep that has just chosen this object
        # either sees the row touched and lets it be, or is done before we publish.
        _touch(incoming)
        _publish(part, incoming.digest)
    finally:
        part.unlink(missing_ok=True)
    return incoming


def _touch(incoming: Incoming) -> None:
    now = timezone.now()
    StoredObject.objects.update_or_create(
        digest=incoming.digest,
        defaults={"touched_at": now},
        create_defaults={"size": incoming.size, "touched_at": now},
    )


def _write(part: Path, chunks: Iterable[bytes], limit: int) -> Incoming:
    digest, size = hashlib.sha256(), 0
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLargeError(
                    _(
                        "The file is larger than the %(limit)s MB that may be stored "
                        "here. Send less, or ask an admin for more space."
                    )
                    % {"limit": max(limit, 0) // 1_000_000}
                )
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return Incoming(digest=digest.hexdigest(), size=size)


def _publish(part: Path, digest: str) -> None:
    """Give the bytes their final name; an object that is there already stays."""
    if remote := _remote():
        if not remote.exists(_key(digest)):
            with part.open("rb") as source:
                remote.save(_key(digest), File(source))
        return
    target = settings.OBJECT_DIR / _key(digest)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.replace(part, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or a power cut may forget the new name
    finally:
        os.close(folder)


def receive_file(path: Path) -> Incoming:
    """Store a finished file, such as one a job's child has written."""
    with path.open("rb") as source:
        return receive(
            iter(lambda: source.read(CHUNK), b""), limit=settings.UPLOAD_LIMIT
        )


def attach(
    incoming: Incoming,
    *,
    project_id: int,
    owner_kind: str,
    owner_id: str | int,
    path: str,
    content_type: str = "",
) -> ObjectRef:
    """Return a new reference to received bytes, counted against the project's quota.

    Raises
    ------
    TooLargeError
        If the project's references would add up to more than its quota.
    """
    with transaction.atomic():
        _reserve(project_id, incoming.size)
        _touch(incoming)
        return ObjectRef.objects.create(
            project_id=project_id,
            object_id=incoming.digest,
            owner_kind=owner_kind,
            owner_id=str(owner_id),
            path=path,
            content_type=content_type,
        )


def _reserve(project_id: int, size: int) -> None:
    ProjectUsage.objects.get_or_create(
        project_id=project_id, defaults={"limit": settings.PROJECT_QUOTA}
    )
    room = ProjectUsage.objects.filter(
        project_id=project_id, used__lte=F("limit") - size
    )
    if not room.update(used=F("used") + size):
        usage = ProjectUsage.objects.get(project_id=project_id)
        raise TooLargeError(
            _(
                "The project holds %(used)s of %(limit)s MB; these %(size)s MB do not "
                "fit. Delete versions nobody needs, or ask an admin for more space."
            )
            % {
                "used": usage.used // 1_000_000,
                "limit": usage.limit // 1_000_000,
                "size": size // 1_000_000,
            }
        )


def references(owner_kind: str, owner_id: str | int) -> dict[str, ObjectRef]:
    """Return an owner's references by path."""
    refs = ObjectRef.objects.filter(owner_kind=owner_kind, owner_id=str(owner_id))
    return {ref.path: ref for ref in refs.select_related("object")}


def release(owner_kind: str, owner_id: str | int) -> int:
    """Delete an owner's references, give their quota back, return how many."""
    with transaction.atomic():
        refs = list(references(owner_kind, owner_id).values())
        released = [ref for ref in refs if _release(ref)]
    return len(released)


def _release(ref: ObjectRef) -> bool:
    """Delete one reference; who comes second gives nothing back a second time."""
    if not ObjectRef.objects.filter(pk=ref.pk).delete()[0]:
        return False
    ProjectUsage.objects.filter(project_id=ref.project_id).update(
        used=F("used") - ref.size
    )
    StoredObject.objects.filter(pk=ref.object_id).update(touched_at=timezone.now())
    return True


def open_object(ref: ObjectRef) -> BinaryIO:
    """Return the bytes a reference holds, open for reading."""
    if remote := _remote():
        return remote.open(_key(ref.object_id), "rb")  # type: ignore[return-value]  # File reads like BinaryIO
    return (settings.OBJECT_DIR / _key(ref.object_id)).open("rb")


def local_path(ref: ObjectRef) -> Path:
    """Return a local file with the bytes; fetched once when the store is remote."""
    path: Path = settings.OBJECT_DIR / _key(ref.object_id)
    if _remote() and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix("." + uuid.uuid4().hex)
        with open_object(ref) as source, part.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        os.replace(part, path)
    return path


def sweep(*, limit: int = 1000) -> int:
    """Remove objects nobody has referenced for a day; return how many.

    The compare-and-set on `touched_at` loses against an upload of the same bytes
    that came in between, and the object stays.
    """
    before = timezone.now() - UNREFERENCED_FOR
    removed = 0
    for row in StoredObject.objects.filter(touched_at__lt=before, refs=None)[:limit]:
        with transaction.atomic():
            same = StoredObject.objects.filter(
                pk=row.pk, touched_at=row.touched_at, refs=None
            )
            if not same.delete()[0]:
                continue
            _remove(row.digest)
        removed += 1
    _sweep_incoming(before.timestamp())
    _adopt_strays(before)
    return removed


def _adopt_strays(before: datetime) -> None:
    """Give a row to bytes whose transaction was undone, so that a sweep finds them.

    A row first, then the compare-and-set: deleting the file here could meet an
    upload of the same bytes.
    """
    storage = _storage()
    for shard in _shards(storage):
        _folders, names = storage.listdir(f"blobs/{shard}")
        known = StoredObject.objects.filter(digest__startswith=shard)
        for digest in set(names) - set(known.values_list("digest", flat=True)):
            stored_at = storage.get_modified_time(_key(digest))
            if len(digest) == DIGEST_CHARS and stored_at < before:
                size = storage.size(_key(digest))
                StoredObject.objects.get_or_create(
                    digest=digest, defaults={"size": size, "touched_at": stored_at}
                )


def _shards(storage: Storage) -> list[str]:
    try:
        return sorted(storage.listdir("blobs")[0])
    except FileNotFoundError:
        return []  # nothing was ever stored


def _remove(digest: str) -> None:
    if remote := _remote():
        remote.delete(_key(digest))
    (settings.OBJECT_DIR / _key(digest)).unlink(missing_ok=True)


def _sweep_incoming(before: float) -> None:
    for part in (settings.OBJECT_DIR / "incoming").glob("*"):
        if part.stat().st_mtime < before:
            part.unlink(missing_ok=True)


def _remote() -> Storage | None:
    return storages["objects"] if "objects" in settings.STORAGES else None


def _storage() -> Storage:
    return _remote() or FileSystemStorage(settings.OBJECT_DIR)


def _key(digest: str) -> str:
    return f"blobs/{digest[:2]}/{digest}"
