"""The projects of a portfolio with their figures, in the reporting currency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from core.access import Actor
from core.reading import read_together
from engine.value.case import Category, Per
from engine.value.case import ValueCase as EngineCase
from engine.value.futures import futures_of
from engine.value.simulate import Summary, ValueEstimate, summarise
from projects.models import Estimate, Project, Reconciliation, ValueCase
from projects.selectors.portfolio.rates import Rates, rates_on
from projects.selectors.portfolio.stages import Progress, progress_of
from projects.selectors.requirements import State, standings_by
from projects.selectors.stations import musts_of
from projects.selectors.value import (
    case_result,
    counted_answers,
    current_cases,
    said_so_far,
)

DRAWS = 4_000
SEED = 20260101  # the same portfolio has the same range whenever it is looked at


class LeftOut(StrEnum):
    """Why a project is listed and not counted."""

    EXAMPLE = "example"
    NO_ESTIMATE = "no_estimate"
    NO_RATE = "no_rate"


@dataclass(frozen=True)
class Figures:
    """What a project brings and takes, in the reporting currency."""

    low: float  # of the annual gain, 5th percentile
    mean: float
    high: float
    at_risk: float  # what its losing futures cost, a year on average
    cost: float
    quantiles: tuple[float, ...]  # of the annual gain, equally likely, ascending


@dataclass(frozen=True)
class PortfolioRow:
    """One project of a portfolio."""

    project: Project
    progress: Progress
    met: int
    musts: int
    result: ValueEstimate | None  # None until somebody has estimated
    figures: Figures | None  # None without an estimate or a rate
    left_out: LeftOut | None

    @property
    def is_counted(self) -> bool:
        """Whether it enters sums and the optimiser."""
        return self.left_out is None

    @property
    def people(self) -> float | None:
        """How many people it needs; None if nobody has said."""
        return self.project.people_needed

    @property
    def p_pays_back(self) -> float | None:
        """The share of its futures that pay back."""
        return None if self.result is None else self.result.p_pays_back

    @property
    def why_left_out(self) -> str:
        """Why it is not counted, and what would mend it."""
        return {
            LeftOut.EXAMPLE: _("worked example, not counted"),
            LeftOut.NO_ESTIMATE: _("no estimate yet"),
            LeftOut.NO_RATE: _("no rate for %(currency)s")
            % {"currency": self.project.currency},
            None: "",
        }[self.left_out]


def seen_projects(actor: Actor) -> QuerySet[Project]:
    """Return the projects of somebody's portfolio."""
    return Project.objects.visible_to(actor).filter(archived_at=None)


def portfolio_rows(actor: Actor, *, today: date) -> list[PortfolioRow]:
    """Return every project somebody may see, with its figures; by name."""
    return rows_of(seen_projects(actor).order_by("name", "pk"), rates_on(today))


def rows_of(projects: Iterable[Project], rates: Rates) -> list[PortfolioRow]:
    """Return projects with their figures, in a dozen queries for any number."""
    found = list(projects)
    cases, progress = current_cases(found), progress_of(found)
    musts, estimated = standings_by(found), is_estimated(found)
    rows = []
    for each in found:
        required = musts_of(musts[each.pk])
        case = cases.get(each.pk) if estimated[each.pk] else None
        figures = figures_of(each, case, rates) if case else None
        rows.append(
            PortfolioRow(
                project=each,
                progress=progress[each.pk],
                met=sum(one.state is State.MET for one in required),
                musts=len(required),
                result=case_result(case) if case else None,
                figures=figures,
                left_out=_left_out(each, case, figures),
            )
        )
    return rows


def _left_out(
    project: Project, case: ValueCase | None, figures: Figures | None
) -> LeftOut | None:
    if project.is_example:
        return LeftOut.EXAMPLE
    if case is None:
        return LeftOut.NO_ESTIMATE
    return None if figures else LeftOut.NO_RATE


@read_together
def is_estimated(projects: Sequence[Project]) -> dict[int, bool]:
    """Return whether an answer counts, or anything was settled; blind ones do not."""
    settled = Reconciliation.objects.filter(quantity__project__in=projects).order_by()
    known = set(settled.values_list("quantity__project", flat=True).distinct())
    sent = (
        Estimate.objects.filter(
            quantity__project__in=projects, submitted_at__isnull=False
        )
        .order_by()
        .values_list("quantity__project", "round")
        .annotate(first=Min("submitted_at"))
    )
    said_so_far(projects)  # what `counted_answers` asks of each
    counted = {each.pk: counted_answers(each) for each in projects}
    for pk, number, first in sent:
        before = counted[pk].before
        if number <= counted[pk].upto and (before is None or first < before):
            known.add(pk)
    return {each.pk: each.pk in known for each in projects}


def figures_of(project: Project, case: ValueCase, rates: Rates) -> Figures | None:
    """Return a project's figures; None if there is no rate for its currency."""
    unit = rates.worth(1.0, project.currency)
    if unit is None:
        return None
    result = case_result(case)
    budget = project.budget_needed
    return Figures(
        low=unit * result.annual.p5,
        mean=unit * result.annual.mean,
        high=unit * result.annual.p95,
        # E[max(-gain, 0)]: what perfect foresight would spare.
        at_risk=unit * (result.evpi + max(-result.annual.mean, 0.0)),
        cost=unit * (float(budget) if budget is not None else spent_first(case)),
        quantiles=tuple(unit * each for each in result.dots),
    )


def spent_first(case: ValueCase) -> float:
    """Return what a case spends to be built and run for a year, at the means.

    Costs per case, such as contacts, are borne by the cases and not by a budget.
    """
    engine: EngineCase = case.to_engine()
    means = engine.means()
    return sum(
        float(each.formula.evaluate(means))
        for each in engine.counted(Per.ONCE, Per.YEAR)
        if each.category is Category.COST
    )


@dataclass(frozen=True)
class Total:
    """What the counted projects bring together, in the reporting currency."""

    gain: Summary
    counted: int
    cost: float
    people: float
    losing: int  # how many lose money on average


def total_of(rows: Iterable[PortfolioRow]) -> Total:
    """Return what projects bring together, taken as independent of each other."""
    counted = [each for each in rows if each.is_counted and each.figures]
    figures = [each.figures for each in counted if each.figures]
    draws = np.zeros(DRAWS)
    for row, one in zip(counted, figures, strict=True):
        key = str(row.project.pk)
        draws += futures_of(
            one.quantiles, mean=one.mean, key=key, draws=DRAWS, seed=SEED
        )
    return Total(
        gain=summarise(draws, mean=sum(each.mean for each in figures)),
        counted=len(counted),
        cost=sum(each.cost for each in figures),
        people=sum(each.people or 0.0 for each in counted),
        losing=sum(each.mean < 0 for each in figures),
    )
