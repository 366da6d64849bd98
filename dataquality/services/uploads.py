"""Large files in parts: begun, gone on with after a break, and made whole once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import objects
from core.access import Actor
from core.objects import CHUNK, Incoming, TooLargeError
from dataquality.models import DataSet, Upload, UploadPart
from dataquality.services.deliveries import PART_OWNER, Delivered, deliver

PART = "part"
UNFINISHED_FOR = timedelta(days=3)
MOST_OPEN = 20  # of one person


class IncompleteError(ValueError):
    """An upload that cannot be finished as it is; the message says what is missing."""


def begin_upload(
    data_set: DataSet, *, actor: Actor, file_name: str, size: int, **said: Any
) -> Upload:
    """Return a new upload, or the unfinished one of the same person and fingerprint.

    What is said of the file this time counts: its day, and how it is read.

    Raises
    ------
    TooLargeError
        If the whole file is larger than an upload may be.
    ValidationError
        If too many are unfinished.
    """
    if size > settings.UPLOAD_LIMIT:
        raise TooLargeError(
            _("The file has %(size)s MB; at most %(limit)s MB can be sent.")
            % {
                "size": size // 1_000_000,
                "limit": settings.UPLOAD_LIMIT // 1_000_000,
            }
        )
    mine = Upload.objects.filter(created_by=actor.user, finished_at=None)
    fingerprint = said.get("fingerprint", "")
    same = mine.filter(
        data_set=data_set, fingerprint=fingerprint, file_name=file_name, size=size
    )
    if fingerprint and (there := same.first()):
        there.options = said.get("options", {})
        there.delivered_at = said.get("delivered_at")
        there.save(update_fields=["options", "delivered_at"])
        return there
    if mine.count() >= MOST_OPEN:
        raise ValidationError(
            _(
                "%(n)s uploads are unfinished. Finish or delete one first: each is listed "
                "on the page of its data set."
            )
            % {"n": MOST_OPEN}
        )
    return Upload.objects.create(
        data_set=data_set,
        created_by=actor.user,
        file_name=file_name,
        size=size,
        part_size=settings.UPLOAD_PART,
        **said,
    )


@transaction.atomic
def keep_part(upload: Upload, *, number: int, incoming: Incoming) -> None:
    """Keep a part; one that came before gives way.

    Raises
    ------
    IncompleteError
        If there is no such part, it has another size, or the upload is finished.
    TooLargeError
        If the project's quota does not hold it.
    """
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    if row.finished_at is not None:
        raise IncompleteError(_("This upload is finished already."))
    if not 1 <= number <= row.n_parts:
        raise IncompleteError(
            _("There is no part %(number)s; they count from 1 to %(last)s.")
            % {"number": number, "last": row.n_parts}
        )
    if incoming.size != row.size_of(number):
        raise IncompleteError(
            _("Part %(number)s has %(got)s bytes instead of %(expected)s.")
            % {
                "number": number,
                "got": incoming.size,
                "expected": row.size_of(number),
            }
        )
    for before in UploadPart.objects.filter(upload=row, number=number):
        objects.release(PART_OWNER, before.pk)
        before.delete()
    part = UploadPart.objects.create(upload=row, number=number, digest=incoming.digest)
    objects.attach(
        incoming,
        project_id=row.data_set.project_id,
        owner_kind=PART_OWNER,
        owner_id=part.pk,
        path=PART,
    )
    row.touched_at = timezone.now()
    row.save(update_fields=["touched_at"])


def assemble(upload: Upload, *, digest: str = "") -> Incoming:
    """Return the whole file as it lies in the store.

    Raises
    ------
    IncompleteError
        If parts are missing, or the whole is not what its sender says.
    """
    parts = list(upload.parts.all())
    missing = sorted(
        set(range(1, upload.n_parts + 1)) - {each.number for each in parts}
    )
    if missing:
        raise IncompleteError(
            ngettext(
                "Part %(first)s is missing.",
                "%(n)s parts are missing, the first of them number %(first)s.",
                len(missing),
            )
            % {"n": len(missing), "first": missing[0]}
        )
    incoming = objects.receive(
        _bytes_of(parts), limit=settings.UPLOAD_LIMIT, expected_size=upload.size
    )
    if digest and digest != incoming.digest:
        raise IncompleteError(
            _("The file came as %(got)s and not as %(said)s. Send its parts again.")
            % {"got": incoming.digest, "said": digest}
        )
    return incoming


def _bytes_of(parts: list[UploadPart]) -> Iterator[bytes]:
    for part in parts:
        held = objects.references(PART_OWNER, part.pk)[PART]
        with objects.open_object(held) as content:
            while piece := content.read(CHUNK):
                yield piece


@transaction.atomic
def finish_upload(
    upload: Upload, incoming: Incoming, *, actor: Actor
) -> Delivered | None:
    """Make the whole file a version; None if somebody else was first.

    Raises
    ------
    TooLargeError
        If the project's quota does not hold the file.
    """
    mine = Upload.objects.filter(pk=upload.pk, finished_at=None)
    if not mine.update(finished_at=timezone.now()):
        return None
    _let_go(upload)
    delivered = deliver(
        upload.data_set,
        actor=actor,
        incoming=incoming,
        file_name=upload.file_name,
        delivered_at=upload.delivered_at,
        options=upload.options,
    )
    Upload.objects.filter(pk=upload.pk).update(version=delivered.version)
    return delivered


def _let_go(upload: Upload) -> None:
    """Give back what the parts hold."""
    for part in upload.parts.all():
        objects.release(PART_OWNER, part.pk)
    upload.parts.all().delete()


@transaction.atomic
def drop_upload(upload: Upload) -> None:
    """Forget an upload and its parts; a version that it became stays."""
    _let_go(upload)
    upload.delete()


def expire_uploads(now: datetime) -> int:
    """Forget uploads nobody has sent a part of for days; return how many."""
    old = Upload.objects.filter(touched_at__lt=now - UNFINISHED_FOR)
    for each in list(old):
        drop_upload(each)
    return len(old)
