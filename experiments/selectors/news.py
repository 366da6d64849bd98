"""The runs begun since a time, in a line for each person, with what came out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import User
from engine.numbers import money
from experiments.models import Lifecycle, Run

# The act that the runs themselves tell.
TOLD = "start sweep"
PRICED = Q(status=Run.Status.FINISHED, money_mean__isnull=False)


@dataclass(frozen=True)
class RunsBegun:
    """What somebody trained or logged in a project: “logged 214 runs”."""

    at: datetime
    who: str
    words: str
    project_id: int


def runs_between(
    since: datetime,
    now: datetime,
    *,
    project_ids: Iterable[int],
    unless_by: User | None = None,
) -> list[RunsBegun]:
    """Return the runs begun in a time, the newest first, by project and person.

    What `unless_by` had trained is left out; what their scripts logged is not.
    """
    runs: QuerySet[Any] = Run.objects.filter(
        project__in=list(project_ids),
        lifecycle_stage=Lifecycle.ACTIVE,
        # A script may write any time; what lies ahead is told when it has come.
        start_time__gt=_ms(since),
        start_time__lte=_ms(now),
    )
    if unless_by is not None:
        runs = runs.exclude(created_by=unless_by, sweep__isnull=False)
    groups = list(
        runs.order_by()
        .values("project_id", "created_by_id", "project__currency")
        .annotate(
            name=F("created_by__name"),
            email=F("created_by__email"),
            runs=Count("pk"),
            trained=Count("pk", filter=Q(sweep__isnull=False)),
            best=Max("money_mean", filter=PRICED),
            last=Max("start_time"),
        )
        .order_by("-last")
    )
    tied = _tied(groups)
    return [_begun(each, is_tied=_key(each) in tied) for each in groups]


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _begun(group: dict[str, Any], *, is_tied: bool) -> RunsBegun:
    words = _counted(group["runs"], is_trained=group["runs"] == group["trained"])
    if is_tied:
        words = _("%(runs)s; the best is a tie") % {"runs": words}
    elif group["best"] is not None:
        worth = money(group["best"], group["project__currency"])
        said = {"runs": words, "money": worth}
        words = _("%(runs)s; the best is worth %(money)s a year") % said
    return RunsBegun(
        at=datetime.fromtimestamp(group["last"] / 1000, tz=UTC),
        who=group["name"] or group["email"] or _("somebody who left"),
        words=words,
        project_id=group["project_id"],
    )


def _counted(runs: int, *, is_trained: bool) -> str:
    if is_trained:
        return ngettext("trained %(n)s run", "trained %(n)s runs", runs) % {"n": runs}
    return ngettext("logged %(n)s run", "logged %(n)s runs", runs) % {"n": runs}


def _tied(groups: list[dict[str, Any]]) -> set[tuple[object, ...]]:
    """Return the keys of the groups whose best cannot be told apart from another run."""
    priced = [each for each in groups if each["best"] is not None]
    if not priced:
        return set()
    active = Run.objects.filter(PRICED, lifecycle_stage=Lifecycle.ACTIVE)
    same = active.filter(
        protocol=OuterRef("protocol"), money_group=OuterRef("money_group")
    ).exclude(pk=OuterRef("pk"))
    tied = active.filter(
        Exists(same),
        project__in=[each["project_id"] for each in priced],
        money_mean__in=[each["best"] for each in priced],
    )
    rows = tied.order_by().values("project_id", "created_by_id", best=F("money_mean"))
    return {_key(each) for each in rows}


def _key(group: Mapping[str, object]) -> tuple[object, ...]:
    return group["project_id"], group["created_by_id"], group["best"]
