"""Whether the agreed metrics rank the runs as money does, from evidence rows alone."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.agreement import TauBar, TauTick, tau_axis, tau_bar
from engine.digests import canonical_json, digest
from engine.numbers import money, two_digits
from engine.value.agreement import (
    LEAST_RUNS,
    Agreement,
    Conflict,
    agreement_with_money,
    conflicts,
)
from engine.value.links import carried_points
from engine.version import ENGINE_VERSION
from projects.models import (
    NET_VALUE,
    Calculation,
    Evidence,
    Metric,
    Project,
    Stakeholder,
)
from projects.selectors.metrics.alignment import MetricRow, alignment
from projects.selectors.metrics.links import assumed, engine_links, links_of
from projects.selectors.metrics.translation import GroupSentence, primary_of
from projects.selectors.value import current_case

MOST_RUNS = 400  # the newest; pairs of them grow with the square
SHOWN_PAIRS = 5
CONFIDENCE = 0.9
Group = Stakeholder.Group
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RunPriced:
    """One run, as its evidence names it, with its price."""

    id: str
    label: str
    url: str
    net: float


@dataclass(frozen=True)
class RankedMetric:
    """How one agreed metric ranks the runs, against money."""

    metric: Metric
    found: Agreement
    is_carried: bool  # not measured on the runs but carried there by links
    bar: TauBar | None
    chosen: RunPriced | None
    tied: int  # how many runs it puts first
    picks_the_best: bool


@dataclass(frozen=True)
class OpposedMetrics:
    """Two agreed metrics that rank the runs against each other."""

    one: Metric
    other: Metric
    found: Conflict
    first_by_one: RunPriced
    first_by_other: RunPriced


@dataclass(frozen=True)
class MoneyAgreement:
    """Whether the agreed metrics rank the runs as money does."""

    runs: tuple[RunPriced, ...]
    left_out: int  # priced runs under other data, rules or another value case
    rows: tuple[RankedMetric, ...]  # most like money first
    opposed: tuple[OpposedMetrics, ...]
    sentences: tuple[GroupSentence, ...]
    inputs: dict[str, Any]
    digest: str  # of the inputs and the engine's version

    @property
    def is_enough(self) -> bool:
        """Whether there are runs enough to say anything of a ranking."""
        return len(self.runs) >= LEAST_RUNS

    @property
    def most_opposed(self) -> tuple[OpposedMetrics, ...]:
        """The pairs that a page shows at once."""
        return self.opposed[:SHOWN_PAIRS]

    @property
    def less_opposed(self) -> tuple[OpposedMetrics, ...]:
        """The pairs that wait behind "Show more"."""
        return self.opposed[SHOWN_PAIRS:]

    @property
    def axis(self) -> tuple[TauTick, ...]:
        """The scale above the bars."""
        return tau_axis()

    @property
    def best(self) -> RunPriced | None:
        """The run that money puts first."""
        return max(self.runs, key=lambda each: each.net, default=None)

    def result(self) -> dict[str, Any]:
        """Return what was found, as JSON."""
        return {
            "runs": len(self.runs),
            "metrics": [
                {**row.found.to_json(), "tied": list(row.found.tied)}
                for row in self.rows
            ],
            "conflicts": [each.found.to_json() for each in self.opposed],
        }


def money_agreement(project: Project) -> MoneyAgreement:
    """Return how the agreed metrics rank the priced runs that can be compared.

    Comparable are runs under the same data, rules and value case: those under the
    project's current ones, or else the greatest such set.
    """
    board = alignment(project)
    agreed = [row.metric for row in board if _is_agreed(row)]
    runs, left_out = _priced(project)
    values = _values(project, agreed, runs)
    nets = np.array([run.net for run in runs])
    lower = {m.key for m in agreed if m.direction == Metric.Direction.LOWER}
    measured = {m.key: v for m in agreed if (v := values.get(m.key)) is not None}
    found = agreement_with_money(
        measured, nets, lower_is_better=lower, confidence=CONFIDENCE
    )
    by_key = {metric.key: metric for metric in agreed}
    rows = _rows(found, by_key, runs, project)
    inputs = _inputs(runs, measured, lower)
    pairs = conflicts(measured, lower_is_better=lower, confidence=CONFIDENCE)
    return MoneyAgreement(
        runs=tuple(runs),
        left_out=left_out,
        rows=rows,
        opposed=tuple(
            OpposedMetrics(
                by_key[each.one],
                by_key[each.other],
                each,
                runs[each.first_by_one],
                runs[each.first_by_other],
            )
            for each in pairs
            if each.runs >= LEAST_RUNS
        ),
        sentences=_sentences(board, rows, runs, project.currency),
        inputs=inputs,
        digest=digest([inputs, ENGINE_VERSION]),
    )


def _is_agreed(row: MetricRow) -> bool:
    """Whether somebody judges by it, money aside: that is what it is held against."""
    return row.metric.key != NET_VALUE and any(
        each.state in {"agreed", "outdated"} for each in row.people
    )


def _rows_of_runs(project: Project) -> Any:
    return Evidence.objects.filter(
        project=project,
        subject_kind="run",
        requirement_version=None,
        superseded_by=None,
        slice="",
        value__isnull=False,
    )


def _priced(project: Project) -> tuple[list[RunPriced], int]:
    """Return the comparable runs, newest first, and how many others are priced."""
    rows = _rows_of_runs(project).filter(metric_key=NET_VALUE)
    sets: dict[bytes, list[Evidence]] = {}
    for row in rows.order_by("-at", "-pk"):
        sets.setdefault(canonical_json(row.inputs), []).append(row)
    if not sets:
        return [], 0
    chosen = max(
        sets.values(), key=lambda each: (_is_current(project, each[0]), len(each))
    )
    runs = [
        RunPriced(row.subject_id, row.subject_label, row.subject_url, row.value or 0.0)
        for row in chosen[:MOST_RUNS]
    ]
    return runs, sum(map(len, sets.values())) - len(runs)


def _is_current(project: Project, row: Evidence) -> bool:
    current = project.current_inputs
    return all(current.get(name, value) == value for name, value in row.inputs.items())


def _values(
    project: Project, agreed: Iterable[Metric], runs: list[RunPriced]
) -> dict[str, FloatArray]:
    """Return each metric's values over the runs, measured or carried by links."""
    links = engine_links(links_of(project))
    wanted = {each.key for each in agreed} | {each.cause for each in links}
    place = {run.id: n for n, run in enumerate(runs)}
    case = current_case(project).to_engine()
    replaced = assumed(case)
    rows = _rows_of_runs(project).filter(
        subject_id__in=list(place), metric_key__in=wanted | set(replaced.values())
    )
    measured: dict[str, FloatArray] = {}
    for run_id, key, value in rows.values_list("subject_id", "metric_key", "value"):
        filled = measured.setdefault(key, np.full(len(runs), math.nan))
        filled[place[run_id]] = value
    return {
        key: np.where(np.isfinite(each), each, math.nan)
        for key, each in carried_points(
            links, measured, case, replaced=replaced
        ).items()
        if key in wanted and each.shape == (len(runs),)
    }


def _rows(
    found: Iterable[Agreement],
    by_key: dict[str, Metric],
    runs: list[RunPriced],
    project: Project,
) -> tuple[RankedMetric, ...]:
    carried = {each.effect.key for each in links_of(project)}
    best = max((run.net for run in runs), default=0.0)
    rows = [
        RankedMetric(
            metric=by_key[each.metric],
            found=each,
            is_carried=each.metric in carried,
            bar=None
            if each.tau is None
            else tau_bar(each.tau, each.tau_low, each.tau_high),
            chosen=None if each.chosen is None else runs[each.chosen],
            tied=len(each.tied),
            picks_the_best=bool(each.tied)
            and all(runs[n].net == best for n in each.tied),
        )
        for each in found
    ]
    return tuple(
        sorted(rows, key=lambda row: -2.0 if row.found.tau is None else row.found.tau)
    )[::-1]


def _inputs(
    runs: list[RunPriced], measured: dict[str, FloatArray], lower: set[str]
) -> dict[str, Any]:
    """Return all that the comparison rests on, as JSON."""
    return {
        "runs": [run.id for run in runs],
        "net": [run.net for run in runs],
        "metrics": {
            key: [None if math.isnan(v) else float(v) for v in values]
            for key, values in sorted(measured.items())
        },
        "lower_is_better": sorted(lower & set(measured)),
        "confidence": CONFIDENCE,
    }


def _sentences(
    board: list[MetricRow],
    rows: tuple[RankedMetric, ...],
    runs: list[RunPriced],
    currency: str,
) -> tuple[GroupSentence, ...]:
    """Return one sentence for each reader; none where there is nothing to say."""
    ranked = [row for row in rows if row.found.tau is not None]
    if len(runs) < LEAST_RUNS or not ranked:
        return ()
    expert = primary_of(board, Group.EXPERT)
    own = next((row for row in ranked if row.metric == expert), ranked[0])
    return (
        GroupSentence(Group.DATA_SCIENTIST, None, _to_data_scientist(ranked)),
        GroupSentence(Group.EXPERT, own.metric, _to_expert(own, runs, currency)),
        GroupSentence(Group.BUSINESS, None, _to_business(ranked, currency)),
    )


def _to_data_scientist(ranked: list[RankedMetric]) -> str:
    first, last = ranked[0], ranked[-1]
    words = _("Over %(runs)s runs “%(metric)s” ranks most like money (τ %(tau)s)") % {
        "runs": first.found.runs,
        "metric": first.metric.title,
        "tau": tau_in_words(first.found),
    }
    if first is not last:
        words += _(", “%(metric)s” least (τ %(tau)s)") % {
            "metric": last.metric.title,
            "tau": tau_in_words(last.found),
        }
    if not any(row.found.is_clear for row in ranked):
        words += _("; no ranking is told apart from chance yet")
    return words + "."


def tau_in_words(found: Agreement | Conflict) -> str:
    """Return τ with its interval: "0.8, 0.14 to 1"."""
    if found.tau is None:
        return "–"
    if found.tau_low is None or found.tau_high is None:
        return two_digits(found.tau)
    return _("%(tau)s, %(low)s to %(high)s") % {
        "tau": two_digits(found.tau),
        "low": two_digits(found.tau_low),
        "high": two_digits(found.tau_high),
    }


def _to_expert(own: RankedMetric, runs: list[RunPriced], currency: str) -> str:
    best = max(runs, key=lambda each: each.net)
    named = {"metric": own.metric.title, "best": best.label}
    if own.picks_the_best:
        return _("By “%(metric)s” the best run is %(best)s, and by money too.") % named
    lost = money(own.found.forgone or 0.0, currency)
    if own.tied > 1:
        return ngettext(
            "By “%(metric)s” %(n)s run is best; money prefers %(best)s, worth about "
            "%(lost)s a year more.",
            "By “%(metric)s” %(n)s runs are equally best; money prefers %(best)s, worth "
            "about %(lost)s a year more than they are on average.",
            own.tied,
        ) % {**named, "n": own.tied, "lost": lost}
    return _(
        "By “%(metric)s” the best run is %(run)s; money prefers %(best)s, worth about "
        "%(lost)s a year more."
    ) % {**named, "run": own.chosen.label if own.chosen else "–", "lost": lost}


def _to_business(ranked: list[RankedMetric], currency: str) -> str:
    worst = max(ranked, key=lambda row: row.found.forgone or 0.0)
    if not worst.found.forgone:
        return _("Whichever agreed metric chooses the run, no money is lost by it.")
    losing = sum(bool(row.found.forgone) for row in ranked)
    words = _(
        "Choosing the run by “%(metric)s” instead of by money would lose about %(lost)s "
        "a year"
    ) % {
        "metric": worst.metric.title,
        "lost": money(worst.found.forgone, currency),
    }
    counted = ngettext(
        "%(n)s of %(all)s agreed metrics would lose some",
        "%(n)s of %(all)s agreed metrics would lose some",
        losing,
    ) % {"n": losing, "all": len(ranked)}
    return f"{words}; {counted}."


def kept_agreement(project: Project) -> Calculation | None:
    """Return the comparison that was last kept on purpose."""
    return (
        Calculation.objects.filter(project=project, kind=Calculation.Kind.AGREEMENT)
        .select_related("by")
        .first()
    )
