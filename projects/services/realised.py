"""What came true is entered once; a correction supersedes it, nothing is deleted."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from projects.models import RealisedValue
from projects.selectors.realised import period_words


class CorrectedAlready(ValueError):
    """A value that was corrected meanwhile is not corrected again."""


@transaction.atomic
def enter_realised(row: RealisedValue, *, actor: Actor) -> RealisedValue:
    """Save what came true in one period.

    Raises
    ------
    ValidationError
        If the period has a value already, or the value lies outside its own band.
    """
    row.entered_by = actor.user
    row.full_clean()
    row.save()
    _note(actor, "enter realised value", row)
    return row


@transaction.atomic
def correct_realised(
    row: RealisedValue, *, actor: Actor, said: dict[str, Any]
) -> RealisedValue:
    """Return the value that stands instead of `row`, which is kept.

    Raises
    ------
    CorrectedAlready
        If somebody else was faster.
    ValidationError
        As for a new value.
    """
    old = RealisedValue.objects.select_for_update().get(pk=row.pk)
    if old.superseded_by_id is not None:
        raise CorrectedAlready(_("Somebody has corrected this value meanwhile."))
    # Its place must be free before the new row takes it: until then it points at
    # itself, and no other reader ever sees that.
    RealisedValue.objects.filter(pk=old.pk).update(superseded_by=old)
    new = RealisedValue(
        project=old.project,
        quantity=old.quantity,
        starts_on=old.starts_on,
        ends_on=old.ends_on,
        entered_by=actor.user,
        **said,
    )
    new.full_clean()
    new.save()
    RealisedValue.objects.filter(pk=old.pk).update(superseded_by=new)
    _note(actor, "correct realised value", new)
    return new


def _note(actor: Actor, action: str, row: RealisedValue) -> None:
    audit.record(
        actor,
        action,
        project_id=row.project_id,
        subject=f"{row.quantity.label if row.quantity else _('net money')}, "
        f"{period_words(row.starts_on, row.ends_on)}",
        detail={"realised": row.pk, "value": row.value, "method": row.method},
    )
