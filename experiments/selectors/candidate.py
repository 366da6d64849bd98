"""How far a project's experiments are, and its best run against what needs no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.marks import Axis, axis_for
from core.reading import read_together
from engine.numbers import money
from engine.value.classifier import Policies
from experiments.models import Lifecycle, Run
from experiments.selectors.pricing import policies_of
from projects.models import Project, ProjectScopedQuerySet, ValueCase
from projects.selectors.stations import NOT_STARTED, StationFact
from projects.selectors.value import current_case

FUTURES = 20
# Enough for every project that is looked at in an hour.
KEPT_POLICIES = 256


@dataclass(frozen=True)
class CandidateRow:
    """One row of the candidate's picture: a run or a policy, with its money."""

    label: str
    note: str
    url: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Candidate:
    """The nominated or best run beside what needs no model; zero is doing nothing."""

    title: str
    rows: tuple[CandidateRow, ...]
    axis: Axis


def has_runs(project: Project) -> bool:
    """Whether any run exists."""
    return bool(statuses_by([project])[project.pk])


@read_together
def statuses_by(projects: Sequence[Project]) -> dict[int, dict[str, int]]:
    """Return how many active runs each project has in each status."""
    counted = (
        Run.objects.filter(project__in=projects, lifecycle_stage=Lifecycle.ACTIVE)
        .order_by()
        .values_list("project", "status")
        .annotate(count=Count("pk"))
    )
    found: dict[int, dict[str, int]] = {each.pk: {} for each in projects}
    for project_id, status, count in counted:
        found[project_id][status] = count
    return found


@read_together
def best_runs(projects: Sequence[Project]) -> dict[int, Run | None]:
    """Return each project's run that is worth most a year."""
    best = _by_money(Run.objects.filter(project=OuterRef("pk"))).values("pk")[:1]
    chosen = Project.objects.filter(pk__in=[each.pk for each in projects])
    rows = Run.objects.filter(pk__in=chosen.order_by().values(best=Subquery(best)))
    found = {each.project_id: each for each in rows.select_related("experiment")}
    return {each.pk: found.get(each.pk) for each in projects}


def priced_runs(project: Project) -> ProjectScopedQuerySet[Run]:
    """Return the finished runs with a price, the most money first."""
    return _by_money(Run.objects.filter(project=project))


def _by_money(runs: ProjectScopedQuerySet[Run]) -> ProjectScopedQuerySet[Run]:
    return (
        runs.filter(lifecycle_stage=Lifecycle.ACTIVE, status=Run.Status.FINISHED)
        .exclude(money_mean=None)
        .order_by("-money_mean", "-start_time", "id")
    )


def best_run(project: Project) -> Run | None:
    """Return the run that is worth most a year."""
    run = best_runs([project])[project.pk]
    if run is not None:
        run.project = project
    return run


def nominated_run(project: Project) -> Run | None:
    """Return the run a person nominated."""
    if project.candidate_kind != "run":
        return None
    runs = Run.objects.filter(project=project, pk=project.candidate_id)
    return runs.select_related("project", "experiment").first()


def tied_with(run: Run) -> list[Run]:
    """Return the runs whose money cannot be told apart from a run's."""
    if run.money_group is None or run.protocol_id is None:
        return []
    return list(
        priced_runs(run.project)
        .filter(protocol_id=run.protocol_id, money_group=run.money_group)
        .exclude(pk=run.pk)
        .select_related("project")
    )


def experiments_station(project: Project) -> StationFact:
    """Return what the loop's strip says of the project's experiments."""
    counts = dict.fromkeys(Run.Status.values, 0) | statuses_by([project])[project.pk]
    if not any(counts.values()):
        return StationFact(_("no runs yet"), NOT_STARTED, _("not started"))
    best = best_run(project)
    fact = (
        _("best run %(money)s a year")
        % {"money": money(best.money_mean or 0, project.currency)}
        if best
        else ngettext("%(n)s run", "%(n)s runs", sum(counts.values()))
        % {"n": sum(counts.values())}
    )
    return StationFact(fact, *_state(project, counts, best))


def _state(
    project: Project, counts: dict[str, int], best: Run | None
) -> tuple[str, str]:
    under_way = counts[Run.Status.RUNNING] + counts[Run.Status.SCHEDULED]
    if under_way:
        return "waiting", ngettext(
            "%(n)s run in training", "%(n)s runs in training", under_way
        ) % {"n": under_way}
    if best is None:
        if counts[Run.Status.FINISHED]:
            return "waiting", _("no run is priced")
        return "failing", _("no run finished")
    if best.value_case_id != current_case(project).pk:
        return "stale", _("prices are out of date")
    if project.candidate_kind == "run":
        return "met", _("candidate nominated")
    tied = len(tied_with(best))
    if tied:
        return "met", _("%(n)s tied at the top") % {"n": tied + 1}
    return "met", ngettext("%(n)s run", "%(n)s runs", counts[Run.Status.FINISHED]) % {
        "n": counts[Run.Status.FINISHED]
    }


def candidate(project: Project) -> Candidate | None:
    """Return the nominated or best run against acting on everybody."""
    run = nominated_run(project)
    is_nominated = run is not None and run.is_priced
    if run is None or not run.is_priced:
        run = best_run(project)
    if run is None:
        return None
    rows = (_run_row(run, is_nominated=is_nominated), *policy_rows(project))
    ends = [end for row in rows for end in (row.low, row.mean, row.high)]
    return Candidate(
        title=_title(run, is_nominated=is_nominated),
        rows=rows,
        axis=axis_for(ends, currency=project.currency, zero_note=_(", do nothing")),
    )


def _title(run: Run, *, is_nominated: bool) -> str:
    words = {"n": round(FUTURES * (run.p_positive or 0)), "all": FUTURES}
    if is_nominated:
        return (
            _("The nominated run beats doing nothing in %(n)s of %(all)s futures")
            % words
        )
    return _("The best run beats doing nothing in %(n)s of %(all)s futures") % words


def _run_row(run: Run, *, is_nominated: bool) -> CandidateRow:
    tied = tied_with(run)
    notes = [_("nominated")] if is_nominated else []
    if tied:
        notes.append(_("tied with %(names)s") % {"names": names_of(tied)})
    return CandidateRow(
        label=run.name,
        note=", ".join(notes) or run.experiment.name,
        url=run.get_absolute_url(),
        mean=run.money_mean or 0.0,
        low=run.money_low or 0.0,
        high=run.money_high or 0.0,
    )


def names_of(runs: list[Run], most: int = 2) -> str:
    """Return the first names of several runs, and how many more there are."""
    names = [run.name for run in runs[:most]]
    if len(runs) > most:
        return _("%(names)s and %(n)s more") % {
            "names": ", ".join(names),
            "n": len(runs) - most,
        }
    return _(" and ").join(names)


def policy_rows(project: Project) -> tuple[CandidateRow, ...]:
    """Return the rules that need no model and are not nothing."""
    found = policies_by(current_case(project))
    if found is None:
        return ()
    price = found.everybody
    return (
        CandidateRow(
            label=_("Act on everybody"),
            note=_("needs no model"),
            url="",
            mean=price.mean,
            low=price.p5,
            high=price.p95,
        ),
    )


def policies_by(case: ValueCase) -> Policies | None:
    """Return what the two rules without a model are worth, computed once a case."""
    return _policies(_Case(case))


class _Case:
    """A value case that is equal to any other of its content and seed."""

    def __init__(self, case: ValueCase) -> None:
        self.case = case
        self.key = (case.digest, case.seed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Case) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=KEPT_POLICIES)
def _policies(kept: _Case) -> Policies | None:
    return policies_of(kept.case)
