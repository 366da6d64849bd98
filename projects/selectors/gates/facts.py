"""What the checks of the gates look at, read for several projects at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.reading import read_together
from engine.value.money import annuity_factor
from projects.kinds.catalogue import OWN_METRICS, SCORES
from projects.models import (
    Decision,
    Evidence,
    Project,
    RealisedValue,
    Requirement,
    RequirementVersion,
)
from projects.selectors.gates.checks import Score
from projects.selectors.requirements import is_stale, versions_in_force
from projects.selectors.value import current_case

DATA = "data_set_version"


@read_together
def candidate_prices(projects: Sequence[Project]) -> dict[int, Evidence | None]:
    """Return the newest price of each project's candidate."""
    named = [each for each in projects if each.candidate_id]
    rows = Evidence.objects.filter(
        project__in=named,
        subject_kind__in={each.candidate_kind for each in named},
        subject_id__in={each.candidate_id for each in named},
        metric_key="net_value",
        requirement_version=None,
        superseded_by=None,
    ).order_by("at", "id")
    by_subject = {
        (row.project_id, row.subject_kind, row.subject_id): row for row in rows
    }
    return {
        each.pk: by_subject.get((each.pk, each.candidate_kind, each.candidate_id))
        for each in projects
    }


@read_together
def candidate_names(projects: Sequence[Project]) -> dict[int, str]:
    """Return how evidence calls each project's candidate; "" without one."""
    named = [each for each in projects if each.candidate_id]
    rows = (
        Evidence.objects.filter(
            project__in=named, subject_id__in={each.candidate_id for each in named}
        )
        .order_by()
        .values_list("project_id", "subject_id", "subject_label")
        .distinct()
    )
    labels = {(project_id, subject): label for project_id, subject, label in rows}
    return {
        each.pk: labels.get((each.pk, each.candidate_id), each.candidate_id)
        for each in projects
    }


@dataclass(frozen=True)
class Data:
    """One data set as it is now: the digest evidence knows it by, and its name."""

    digest: str
    label: str


@read_together
def data_rows(projects: Sequence[Project]) -> dict[int, list[Evidence]]:
    """Return the newest measurements of each project's current data."""
    rows = Evidence.objects.filter(
        project__in=projects,
        subject_kind=DATA,
        requirement_version=None,
        superseded_by=None,
        metric_key__in=[f"{name}_score" for name in SCORES] + ["data_age_days"],
    )
    by_id = {each.pk: each for each in projects}
    found: dict[int, list[Evidence]] = {each.pk: [] for each in projects}
    for row in rows:
        if not is_stale(by_id[row.project_id], row):
            found[row.project_id].append(row)
    return found


def data_of(project: Project) -> dict[str, Data]:
    """Return the project's current data by the name evidence knows it by."""
    labels = {
        row.subject_digest: row.subject_label
        for row in data_rows([project])[project.pk]
    }
    return {
        name: Data(digest, labels.get(digest, digest[:12]))
        for name, digest in sorted(project.current_inputs.items())
        if name.startswith("data:")
    }


def scores_of(project: Project) -> dict[str, Score]:
    """Return the worst score of each dimension over the project's current data."""
    worst: dict[str, Score] = {}
    for row in data_rows([project])[project.pk]:
        name = row.metric_key.removesuffix("_score")
        if name not in SCORES or row.value is None:
            continue
        known = worst.get(name)
        if known is None or known.value is None or row.value < known.value:
            worst[name] = Score(row.value, row.subject_label, row.subject_url)
    return worst


def agreed_scores(project: Project) -> dict[str, float]:
    """Return the least score of each dimension that a requirement asks for."""
    agreed: dict[str, float] = {}
    for version in versions_in_force(project):
        name = version.metric_key.removesuffix("_score")
        asks = version.comparison == RequirementVersion.Comparison.AT_LEAST
        if name in SCORES and asks and version.threshold is not None:
            agreed[name] = max(version.threshold, agreed.get(name, 0.0))
    return agreed


@dataclass(frozen=True)
class Realised:
    """The net money that came true so far, and over which time."""

    total: float
    periods: int
    years: float


@read_together
def realised_by(projects: Sequence[Project]) -> dict[int, Realised | None]:
    """Return the net money each project has realised; None without any."""
    rows = RealisedValue.objects.filter(
        project__in=projects, quantity=None, superseded_by=None
    )
    by_project: dict[int, list[RealisedValue]] = {}
    for row in rows:
        by_project.setdefault(row.project_id, []).append(row)
    return {
        each.pk: _sum(by_project[each.pk]) if each.pk in by_project else None
        for each in projects
    }


def _sum(rows: list[RealisedValue]) -> Realised:
    years = sum(row.years for row in rows)
    return Realised(sum(row.value for row in rows), len(rows), years)


@read_together
def first_signed_by(projects: Sequence[Project]) -> dict[int, Decision | None]:
    """Return the first go that was signed in each project, whatever came after."""
    rows = Decision.objects.filter(
        project__in=projects, frozen_at__isnull=False, verdict=Decision.Verdict.GO
    ).order_by("-frozen_at")
    by_id = {each.pk: each for each in projects}
    found: dict[int, Decision | None] = {each.pk: None for each in projects}
    for row in rows:
        row.project = by_id[row.project_id]
        found[row.project_id] = row
    return found


def worth_of_knowing(project: Project) -> float:
    """Return the EVPI over the horizon: what knowing all is worth before deciding."""
    case = current_case(project)
    factor = annuity_factor(case.discount_rate, years=project.horizon_years)
    return float(case.result["evpi"]) * factor


def kinds_written(requirements: Sequence[Requirement]) -> frozenset[str]:
    """Return the kinds that have a requirement in force."""
    return frozenset(each.kind for each in requirements if each.current)


def unmeasurable(
    versions: Sequence[RequirementVersion], known: frozenset[str]
) -> tuple[str, ...]:
    """Return the titles of what neither the portal measures nor a person attests.

    Besides the project's metrics, each kind has some of its own.
    """
    return tuple(
        each.title
        for each in versions
        if not each.needs_attestation
        and not any(
            bound.metric_key in known or bound.metric_key in OWN_METRICS[each.kind]
            for bound in each.bounds
        )
    )


def frozen_band(content: dict[str, Any]) -> tuple[float, float] | None:
    """Return the 5 to 95 % band of the annual gain a decision was signed on."""
    try:
        annual = content["value_case"]["result"]["annual"]
        return float(annual["p5"]), float(annual["p95"])
    except (KeyError, TypeError):
        return None
