"""When the next version of a data set is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from core.reading import read_together
from dataquality.models import DataSet, DataSetVersion, Monitor
from projects.selectors.requirements import freshness_target


@dataclass(frozen=True)
class Expected:
    """When the next version is due, and who says so."""

    due_at: datetime
    latest_at: datetime  # with the days of grace
    period_days: float
    grace_days: float
    requirement: str  # its title; "" where the data set's own period counts


def newest_versions() -> "QuerySet[DataSetVersion]":
    """Return the newest ready version of each data set, without its report."""
    newest = DataSetVersion.objects.filter(
        data_set=OuterRef("data_set"), state=DataSetVersion.State.READY
    ).order_by("-number")
    return (
        DataSetVersion.objects.filter(
            pk=Subquery(newest.values("pk")[:1]),
            data_set__deleted_at=None,
            data_set__project__deleted_at=None,
        )
        .select_related("profile", "data_set__project", "data_set__monitor")
        .defer("profile__content", "profile__sample")
        .order_by("data_set__project", "data_set")
    )


@read_together
def monitors_of(data_sets: Sequence[DataSet]) -> dict[int, Monitor]:
    """Return how data sets are watched, where somebody said."""
    return {
        each.data_set_id: each
        for each in Monitor.objects.filter(data_set__in=data_sets)
    }


def monitor_of(data_set: DataSet) -> Monitor:
    """Return how a data set is watched; as it is by default where nobody said."""
    return monitors_of([data_set]).get(data_set.pk) or Monitor(data_set=data_set)


def expected_next(newest: DataSetVersion) -> Expected | None:
    """Return when the version after the newest is due; None if nobody waits for one.

    The data set's own period counts, else the project's requirement of freshness if
    the age of the data is known: a list that never changes is not waited for.
    """
    data_set = newest.data_set
    monitor = monitor_of(data_set)
    if not monitor.expects:
        return None
    period, title = monitor.period_days, ""
    if period is None:
        target = freshness_target(data_set.project) if _has_age(newest) else None
        if target is None:
            return None
        period, title = target.days, target.title
    due_at = newest.created_at + timedelta(days=period)
    return Expected(
        due_at=due_at,
        latest_at=due_at + timedelta(days=monitor.grace_days),
        period_days=period,
        grace_days=monitor.grace_days,
        requirement=title,
    )


def _has_age(newest: DataSetVersion) -> bool:
    scores = {each.dimension: each.value for each in newest.profile.dimensions()}
    return scores.get("timeliness") is not None
