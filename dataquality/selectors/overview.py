"""What the loop's strip and the overview of a project say of its data."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from core.reading import read_together
from dataquality.models import Check, DataSetVersion
from dataquality.selectors.pricing import damage_of
from dataquality.selectors.problems import problems_of
from dataquality.selectors.scores import (
    LEADING,
    ScoreShown,
    agreed_scores,
    finding,
    must_keep,
    shown_scores,
)
from projects.models import Project
from projects.selectors.stations import NOT_STARTED, StationFact


@dataclass(frozen=True)
class DataSummary:
    """What the overview says of the project's data."""

    title: str
    version: str
    url: str
    scores: tuple[ScoreShown, ...]
    problem: str
    cost: str  # of that problem; "" where it is not priced


def versions_of(project: Project) -> "QuerySet[DataSetVersion]":
    """Return the versions of data sets that are not in the trash, newest first."""
    rows = DataSetVersion.objects.filter(
        data_set__project=project, data_set__deleted_at=None
    )
    return rows.select_related("data_set__project").order_by("-created_at", "-pk")


def leading_version(project: Project) -> DataSetVersion | None:
    """Return the version that stands for the project's data.

    The newest ready one of a data set that promises something: one without checks is
    often only there to be compared with.
    """
    return _leading([project])[project.pk]


@read_together
def _leading(projects: Sequence[Project]) -> dict[int, DataSetVersion | None]:
    checks = Check.objects.live().filter(data_set=OuterRef("data_set"))
    promises = Exists(checks)
    found: dict[int, DataSetVersion | None] = {}
    for project in projects:
        ready = versions_of(project).filter(state=DataSetVersion.State.READY)
        # The strip of every page asks: it needs scores, not the whole profile.
        found[project.pk] = (
            ready.select_related("profile")
            .defer("profile__content", "profile__sample")
            .order_by(promises.desc(), "-created_at", "-pk")
            .first()
        )
    return found


@read_together
def have_data(projects: Sequence[Project]) -> dict[int, bool]:
    """Say of each project whether any version of any data set is ready."""
    ready = DataSetVersion.objects.filter(
        data_set__project__in=projects,
        data_set__deleted_at=None,
        state=DataSetVersion.State.READY,
    )
    ids = set(ready.values_list("data_set__project_id", flat=True).distinct())
    return {each.pk: each.pk in ids for each in projects}


def has_data(project: Project) -> bool:
    """Whether any version of any data set is ready."""
    return have_data([project])[project.pk]


def data_station(project: Project) -> StationFact:
    """Return what the loop's strip says of the project's data."""
    version = leading_version(project)
    if version is None:
        return _station_without_data(project)
    scores = shown_scores(version.profile, agreed_scores(project))
    failing = [each.label for each in scores if each.is_failing]
    fact = _("%(version)s, %(rows)s rows") % {
        "version": version,
        "rows": f"{version.rows:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"),
    }
    if failing:
        words = _("%(dimensions)s below what was agreed") % {
            "dimensions": ", ".join(failing)
        }
        return StationFact(fact, "failing", words)
    open_ones = sum(each.value is None for each in scores[: len(LEADING)])
    if open_ones:
        words = _("%(n)s of 4 dimensions not assessed") % {"n": open_ones}
        return StationFact(fact, "waiting", words)
    return StationFact(fact, "met", _("assessed"))


def _station_without_data(project: Project) -> StationFact:
    newest = versions_of(project).first()
    if newest is None:
        return StationFact(_("no data yet"), NOT_STARTED, _("not started"))
    fact = str(newest)
    if newest.is_under_way:
        return StationFact(fact, "waiting", _("being read"))
    if newest.is_waiting:
        return StationFact(fact, "waiting", _("waiting for an answer"))
    return StationFact(fact, "failing", _("the file was refused"))


def data_summary(project: Project) -> DataSummary | None:
    """Return the leading version's four scores, or None without data."""
    version = leading_version(project)
    if version is None:
        return None
    scores = shown_scores(version.profile, agreed_scores(project))
    worst = problems_of(version.profile)[:1]
    priced = damage_of(version, worst).lines[:1]
    return DataSummary(
        title=finding(scores, broken=must_keep(version.profile)),
        version=version.title.capitalize(),
        url=version.get_absolute_url(),
        scores=scores[: len(LEADING)],
        problem=worst[0].place_and_sentence if worst else "",
        cost=priced[0].words if priced and priced[0].cost else "",
    )
