"""Deleted things stay thirty days; then they are gone, and their bytes with them."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from core.models.trash import TRASH_DAYS, Trashable

T = TypeVar("T", bound=Trashable)
logger = logging.getLogger(__name__)
# What must be let go of before a row of a kind is deleted for good.
_before_delete: dict[type[Trashable], Callable[[Trashable], None]] = {}


def on_purge(model: type[T]) -> Callable[[Callable[[T], None]], Callable[[T], None]]:
    """Register what has to happen before a row of `model` is deleted for good."""

    def register(act: Callable[[T], None]) -> Callable[[T], None]:
        _before_delete[model] = act  # type: ignore[assignment]  # called with its own model only
        return act

    return register


def move_to_trash(row: Trashable, actor: Actor, *, project_id: int) -> None:
    """Put a row in the trash; Restore takes it out again."""
    row.deleted_at, row.deleted_by = timezone.now(), actor.user
    row.save(update_fields=["deleted_at", "deleted_by"])
    audit.record(actor, "delete", project_id=project_id, subject=_subject(row))


def restore(row: Trashable, actor: Actor, *, project_id: int) -> None:
    """Take a row out of the trash.

    Raises
    ------
    ValidationError
        If something new has taken its place, such as its name.
    """
    row.deleted_at = row.deleted_by = None
    row.full_clean()
    row.save(update_fields=["deleted_at", "deleted_by"])
    audit.record(actor, "restore", project_id=project_id, subject=_subject(row))


def trashable_models() -> Iterator[type[Trashable]]:
    """Yield every table whose rows can lie in the trash."""
    for model in apps.get_models():
        if issubclass(model, Trashable):
            yield model


def every_row(model: type[Trashable]) -> models.QuerySet[Any]:
    """Return the rows of a table with those in the trash.

    A model whose `objects` leave those out has them all by `every`.
    """
    manager = getattr(model, "every", model._default_manager)
    rows: models.QuerySet[Any] = manager.get_queryset()
    return rows


def empty(*, limit: int = 200) -> int:
    """Delete for good what has lain in the trash for thirty days; return how many."""
    before = timezone.now() - TRASH_DAYS
    gone = 0
    for model in trashable_models():
        for row in every_row(model).filter(deleted_at__lt=before)[:limit]:
            gone += _delete_for_good(row)
    return gone


def _delete_for_good(row: Trashable) -> bool:
    """Delete a row and what hangs on it; one that something still needs stays."""
    try:
        with transaction.atomic():
            if act := _before_delete.get(type(row)):
                act(row)
            row.delete()
    except (models.ProtectedError, models.RestrictedError) as error:
        logger.warning("%s stays in the trash: %s", _subject(row), error)
        return False
    return True


@dataclass(frozen=True)
class TrashLine:
    """One thing in the trash: what, who put it there, how long it can come back."""

    key: str  # names the row in a form: "experiments.run:42"
    kind: str
    name: str
    deleted_at: datetime
    deleted_by: str
    days_left: int


def lines(rows: Iterable[models.QuerySet[T]]) -> list[TrashLine]:
    """Return what lies in the trash of these sets of rows, the newest first.

    The caller passes only rows whose reader may restore them.
    """
    now = timezone.now()
    found = [
        _line(row, row.deleted_at, now)
        for each in rows
        for row in each.select_related("deleted_by", *each.model.named_by)
        if row.deleted_at is not None
    ]
    return sorted(found, key=lambda line: line.deleted_at, reverse=True)


def _line(row: Trashable, deleted_at: datetime, now: datetime) -> TrashLine:
    return TrashLine(
        key=f"{row._meta.label_lower}:{row.pk}",
        kind=str(row._meta.verbose_name),
        name=str(row),
        deleted_at=deleted_at,
        deleted_by=row.deleted_by.display_name if row.deleted_by else "",
        days_left=max((deleted_at + TRASH_DAYS - now).days, 0),
    )


def find(key: str, rows: Iterable[models.QuerySet[T]]) -> T | None:
    """Return the deleted row a form named, if it is one of these sets of rows."""
    label, _colon, pk = key.rpartition(":")
    for each in rows:
        if each.model._meta.label_lower == label and pk.isdecimal():
            return each.exclude(deleted_at=None).filter(pk=int(pk)).first()
    return None


def _subject(row: Trashable) -> str:
    return f"{row._meta.verbose_name} {row.pk}: {row}"
