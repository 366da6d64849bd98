"""Which versions are older than their data set is to be kept, and what needs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from dataquality.models import DataSet, DataSetVersion, Reconciliation, VersionTag

# By version: who needs it, in words.
Holders = dict[int, list[str]]
_above: list[Callable[[Sequence[DataSetVersion]], Holders]] = []


@dataclass(frozen=True)
class Due:
    """A version that is older than its data set is to be kept."""

    version: DataSetVersion
    since: datetime
    held_by: tuple[str, ...]  # what needs it; it goes only where that is confirmed


def register_holders(find: Callable[[Sequence[DataSetVersion]], Holders]) -> None:
    """Have an app above say what of its own needs versions."""
    _above.append(find)


def due_versions(data_set: DataSet, *, now: datetime) -> tuple[Due, ...]:
    """Return the versions that arrived longer ago than the data card keeps them.

    The oldest comes first. Nothing is due where the card says no days.
    """
    if not data_set.retention_days:
        return ()
    kept = timedelta(days=data_set.retention_days)
    under_way = (DataSetVersion.State.UPLOADED, DataSetVersion.State.READING)
    rows = data_set.versions.filter(created_at__lt=now - kept)
    versions = list(rows.exclude(state__in=under_way).order_by("number"))
    for each in versions:
        each.data_set = data_set
    holders = holders_of(versions)
    return tuple(
        Due(each, each.created_at + kept, tuple(holders[each.pk])) for each in versions
    )


def holders_of(versions: Sequence[DataSetVersion]) -> Holders:
    """Return by version what needs it, in words."""
    found: Holders = {each.pk: [] for each in versions}
    for each in versions:
        found[each.pk] += _own_reasons(each)
    for tag in VersionTag.objects.filter(version__in=versions):
        found[tag.version_id].append(_("tag “%(name)s”") % {"name": tag.name})
    sides = Q(left__in=versions) | Q(right__in=versions)
    for row in Reconciliation.objects.filter(sides, deleted_at=None):
        for pk in {row.left_id, row.right_id} & found.keys():
            found[pk].append(_("a reconciliation: %(name)s") % {"name": row})
    for find in _above:
        for pk, words in find(versions).items():
            found[pk].extend(words)
    return found


def _own_reasons(version: DataSetVersion) -> list[str]:
    data_set = version.data_set
    ready = data_set.versions.filter(state=DataSetVersion.State.READY)
    reasons = []
    if version.is_ready and version.pk == ready.values_list("pk", flat=True).first():
        reasons.append(_("it is the newest version"))
    if version.pk == data_set.reference_version_id:
        reasons.append(_("later versions are held against it"))
    return reasons
