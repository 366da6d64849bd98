"""Deleted things stay thirty days; then they are gone, and their bytes with them."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from core.models.trash import TRASH_DAYS, Trashable

T = TypeVar("T", bound=Trashable)
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
    """Take a row out of the trash."""
    row.deleted_at = row.deleted_by = None
    row.save(update_fields=["deleted_at", "deleted_by"])
    audit.record(actor, "restore", project_id=project_id, subject=_subject(row))


def trashable_models() -> Iterator[type[Trashable]]:
    """Yield every table whose rows can lie in the trash."""
    for model in apps.get_models():
        if issubclass(model, Trashable):
            yield model


def empty(*, limit: int = 200) -> int:
    """Delete for good what has lain in the trash for thirty days; return how many."""
    before = timezone.now() - TRASH_DAYS
    gone = 0
    for model in trashable_models():
        for row in model._default_manager.filter(deleted_at__lt=before)[:limit]:
            with transaction.atomic():
                if act := _before_delete.get(model):
                    act(row)
                row.delete()
            gone += 1
    return gone


def _subject(row: Trashable) -> str:
    return f"{row._meta.verbose_name} {row.pk}: {row}"
