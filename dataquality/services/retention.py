"""Versions go to the trash, and whoever answers is told when one is due to."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import trash
from core.access import Actor
from core.models import User
from core.notices import notify
from dataquality.models import DataSet, DataSetVersion
from dataquality.models.data_sets import LONGEST_RETENTION
from dataquality.selectors.retention import due_versions, holders_of
from dataquality.services.comparing import tell_card_change
from projects.services.tell import editors_of


@transaction.atomic
def trash_version(
    version: DataSetVersion, *, actor: Actor, is_confirmed: bool = False
) -> None:
    """Put a version in the trash for thirty days.

    Raises
    ------
    ValidationError
        If it is being read, or if something needs it and nobody confirmed.
    """
    if version.is_under_way:
        raise ValidationError(_("It is being read. Wait until that is over."))
    held_by = holders_of([version])[version.pk]
    if held_by and not is_confirmed:
        raise ValidationError(
            _("%(version)s is needed: %(by)s. Confirm that it shall go all the same.")
            % {"version": version, "by": "; ".join(held_by)}
        )
    trash.move_to_trash(version, actor, project_id=version.data_set.project_id)


def take_retention(data_set: DataSet, days: int | None, *, actor: Actor) -> str:
    """Write on the data card how long a contract keeps the data.

    Returns why it was not taken, or nothing: what somebody wrote on the card stays.
    """
    said = data_set.retention_days
    if days is None or days == said:
        return ""
    if said is not None or days > LONGEST_RETENTION:
        return _(
            "The contract keeps the data for %(days)s days; the data card was left as "
            "it is."
        ) % {"days": days}
    data_set.retention_days = days
    data_set.save(update_fields=["retention_days"])
    tell_card_change(data_set, ["retention_days"], actor=actor)
    return ""


def tell_of_due(now: datetime) -> None:
    """Tell once of each version that is older than its data set is to be kept.

    Nothing is deleted: a person decides.
    """
    kept = DataSet.objects.filter(
        deleted_at=None,
        retention_days__isnull=False,
        project__archived_at=None,
        project__deleted_at=None,
    )
    for data_set in kept.select_related("project", "created_by"):
        for due in due_versions(data_set, now=now):
            _tell_once(data_set, due.version)


def _tell_once(data_set: DataSet, version: DataSetVersion) -> None:
    # Whoever sets the mark tells: two schedulers tell it once.
    untold = DataSetVersion.objects.filter(pk=version.pk, is_due_told=False)
    if not untold.update(is_due_told=True):
        return
    notify(
        _who_answers(data_set),
        kind="retention",
        group=f"retention:{version.pk}",
        text=_("%(version)s is older than the %(days)s days it is to be kept.")
        % {"version": version, "days": data_set.retention_days},
        url=f"{data_set.get_absolute_url()}#due",
        project_id=data_set.project_id,
    )


def _who_answers(data_set: DataSet) -> list[User]:
    """Return who made the data set while that person may change it, else all editors."""
    editors = editors_of(data_set.project)
    return [each for each in editors if each == data_set.created_by] or editors
