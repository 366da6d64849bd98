"""What a run is worth by a value case, or what it would take to say so."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from engine.errors import EngineError
from engine.value.case import ValueCase as EngineCase
from engine.value.classifier import (
    Cells,
    Counts,
    Policies,
    Price,
    policies,
    price,
    price_at_rates,
    rates_of,
)
from engine.value.measured import Measured, MetricsMissing, price_by_metrics
from engine.value.regression import (
    Misses,
    misses_of,
    price_at_errors,
    price_errors,
    worth_of_units,
)
from experiments.models import Run
from projects.models import ValueCase

COUNTS = ("tp", "fn", "fp", "tn")


@dataclass(frozen=True)
class Holdout:
    """How surely the portal measured a run: rows, and 95 % intervals by metric."""

    rows: int
    intervals: Mapping[str, tuple[float, float]]

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "Holdout":
        """Return that of a trial's result."""
        measured = result["holdout"]
        ends = {key: (each["low"], each["high"]) for key, each in measured.items()}
        return cls(result["rows"]["holdout"], ends)


@dataclass(frozen=True)
class Priced:
    """What a run is worth a year, or why nobody can tell."""

    state: str  # Run.Price
    why_not: str = ""
    price: Price | None = None
    n: int | None = None  # the test cases behind a band

    def to_json(self) -> dict[str, Any]:
        """Return the price as plain values; empty without one."""
        return asdict(self.price) if self.price else {}


def cells_of(case: ValueCase) -> dict[str, float] | None:
    """Return money per case at the means, as a trial takes it; None without any."""
    engine = case.to_engine()
    if not engine.is_per_case:
        return None
    try:
        cells = Cells.of(engine)
        prevalence = float(engine.prevalence_formula.evaluate(engine.means()))
    except EngineError:
        return None
    if not 0 < prevalence < 1:
        return None
    return {**asdict(cells), "prevalence": prevalence}


def units_of(case: ValueCase | None) -> dict[str, float] | None:
    """Return what a unit of error less is worth, too low and too high; None if not."""
    if case is None:
        return None
    try:
        under, over = worth_of_units(case.to_engine())
    except EngineError:
        return None
    return {"under": under, "over": over}


def price_of(
    case: ValueCase,
    measured: Mapping[str, float],
    *,
    holdout: Holdout | None = None,
) -> Priced:
    """Return a run's price as fully as its numbers allow, else what is missing.

    Parameters
    ----------
    measured
        The run's numbers by key. Of a classifier tp, fn, fp, tn, which give a band;
        or recall with fpr, or with precision and the test set's prevalence, which
        give a point. Of a regression test_rows, under, over, under_sd, over_sd, a
        band; or under and over, or mae and bias, a point. Where formulas name metrics,
        those, and a band if each has an interval.
    holdout
        Of a run the portal trained.
    """
    engine = case.to_engine()
    try:
        if engine.is_forecast:
            return _priced_forecast(engine, measured, seed=case.seed)
        if engine.metrics:
            return _priced_by_metrics(engine, measured, holdout, seed=case.seed)
        return _priced(engine, measured, seed=case.seed)
    except EngineError as problem:
        return Priced(Run.Price.NONE, why_not=str(problem)[:300])


def _priced(engine: EngineCase, measured: Mapping[str, float], *, seed: int) -> Priced:
    counts = {key: measured[key] for key in COUNTS if key in measured}
    if len(counts) == len(COUNTS):
        whole = Counts(**{key: int(value) for key, value in counts.items()})
        n = sum(int(value) for value in counts.values())
        return Priced(Run.Price.BAND, price=price(engine, whole, seed=seed), n=n)
    rates = rates_of(measured)
    if rates is not None:
        found = price_at_rates(engine, tpr=rates[0], fpr=rates[1], seed=seed)
        return Priced(Run.Price.POINT, price=found)
    return Priced(Run.Price.NONE, why_not=_missing(counts))


def _priced_forecast(
    engine: EngineCase, measured: Mapping[str, float], *, seed: int
) -> Priced:
    misses = misses_of(measured)
    if misses is None:
        why_not = _(
            "errors missing: log test_rows, under, over, under_sd and over_sd of a "
            "test set, or mae and bias"
        )
        return Priced(Run.Price.NONE, why_not=why_not)
    if isinstance(misses, Misses):
        found = price_errors(engine, misses, seed=seed)
        return Priced(Run.Price.BAND, price=found, n=misses.n)
    found = price_at_errors(engine, under=misses[0], over=misses[1], seed=seed)
    return Priced(Run.Price.POINT, price=found)


def _priced_by_metrics(
    engine: EngineCase,
    measured: Mapping[str, float],
    holdout: Holdout | None,
    *,
    seed: int,
) -> Priced:
    rows = holdout.rows if holdout else measured.get("test_rows")
    intervals = holdout.intervals if holdout else {}
    known = {
        name: Measured.of(
            name, measured[name], interval=intervals.get(name), test_rows=rows
        )
        for name in engine.metrics
        if name in measured
    }
    try:
        found = price_by_metrics(engine, known, seed=seed)
    except MetricsMissing as problem:
        return Priced(Run.Price.NONE, why_not=_missing_metrics(problem.names))
    is_band = all(each.sd is not None for each in known.values())
    state = Run.Price.BAND if is_band else Run.Price.POINT
    return Priced(state, price=found, n=int(rows) if is_band and rows else None)


def _missing_metrics(names: Sequence[str]) -> str:
    body = {"metrics": [{"key": name, "value": 0.8} for name in names[:1]]}
    return _(
        "%(keys)s missing: log what a test set gave, such as %(code)s to "
        "/api/v1/runs/…/log/"
    ) % {"keys": ", ".join(names), "code": json.dumps(body)}


def _missing(counts: Mapping[str, float]) -> str:
    missing = ", ".join(key for key in COUNTS if key not in counts)
    return _("counts missing: log %(keys)s of a test set") % {"keys": missing}


def policies_of(case: ValueCase) -> Policies | None:
    """Return what acting on nobody and on everybody is worth; None if not per case."""
    engine = case.to_engine()
    if not engine.is_per_case:
        return None
    try:
        return policies(engine, seed=case.seed)
    except EngineError:
        return None
