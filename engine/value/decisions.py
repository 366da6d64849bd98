"""What a decision that goes wrong costs, and so a row of bad data."""

from dataclasses import asdict, dataclass

import numpy as np

from engine.errors import EngineError
from engine.value.case import CELLS, MISSES, ValueCase
from engine.value.distributions import Distribution, FloatArray
from engine.value.formula import Values
from engine.value.simulate import check_divisors, draw, rates, uniforms
from engine.words import gettext_noop

_CHANCE_STREAM = "chance that a decision is affected"  # no quantity's name has spaces
_QUANTILES = (0.05, 0.5, 0.95)


class NoPriceOfRows(EngineError):
    """Rows that no price can be given; says what is missing."""


@dataclass(frozen=True)
class Amount:
    """Money as its 5 %, 50 % and 95 % quantiles."""

    low: float
    mid: float
    high: float

    @classmethod
    def of(cls, draws: FloatArray) -> "Amount":
        """Return the quantiles of draws of shape (draws,)."""
        return cls(*(float(each) for each in np.quantile(draws, _QUANTILES)))

    def times(self, factor: float) -> "Amount":
        """Return `factor` (at least 0) times the amount; exact, as all scale alike."""
        return Amount(factor * self.low, factor * self.mid, factor * self.high)

    def to_json(self) -> dict[str, float]:
        """Return the amount as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class PriceOfRows:
    """What bad rows cost by one value case."""

    wrong_decision: (
        Amount  # of a decision that turns from right to wrong, or a forecast
    )
    row: Amount  # of one affected row: that, times the chance that it does
    year: Amount  # of a year in which every row is affected


def price_of_rows(
    case: ValueCase, chance: Distribution, *, draws: int = 4_000, seed: int
) -> PriceOfRows:
    """Return what an affected row costs: the chance times a wrong decision's worth.

    A positive case that is let go loses b_TP − b_FN, a negative one that is acted on
    b_TN − b_FP; a wrong decision loses π(b_TP − b_FN) + (1 − π)(b_TN − b_FP) on
    average. A forecast that a bad row spoils is as far off as today's, so it loses what
    a model spares on average. A year has as many rows as the case has cases.

    Parameters
    ----------
    chance : Distribution
        Of the probability that a bad row turns its decision; clipped to 0 to 1.

    Raises
    ------
    NoPriceOfRows
        If the case does not say what single decisions are worth.
    CaseProblem
        If it cannot be computed.
    """
    _check(case)
    values = draw(case, draws=draws, seed=seed)
    check_divisors(case, values)
    wrong = (_spoilt if case.is_forecast else _turned)(case, values)
    if not np.isfinite(wrong).all() or np.median(wrong) <= 0:
        raise NoPriceOfRows(
            gettext_noop("by the value case a wrong decision loses nothing")
        )
    shares = uniforms(_CHANCE_STREAM, draws=draws, seed=seed)
    row = wrong * np.clip(chance.table()(shares), 0.0, 1.0)
    return PriceOfRows(
        wrong_decision=Amount.of(wrong),
        row=Amount.of(row),
        year=Amount.of(row * case.volume_formula.evaluate(values)),
    )


def _turned(case: ValueCase, values: Values) -> FloatArray:
    """Return what a decision loses on average that turns from right to wrong."""
    cells = dict.fromkeys(CELLS, np.zeros(_size(values)))
    for driver in case.counted(*CELLS):
        cells[driver.per] = cells[driver.per] + driver.sign * driver.formula.evaluate(
            values
        )
    tp, fn, fp, tn = (cells[cell] for cell in CELLS)
    positive = np.clip(case.prevalence_formula.evaluate(values), 0.0, 1.0)
    return np.asarray(positive * (tp - fn) + (1 - positive) * (tn - fp))


def _spoilt(case: ValueCase, values: Values) -> FloatArray:
    """Return what a forecast loses that is as far off as today's are on average."""
    assumed = rates(case, values)
    names = ("under_today", "over_today")
    today = (case.forecast_formulas[name].evaluate(values) for name in names)
    spared = {
        per: before - now
        for per, before, now in zip(MISSES, today, assumed, strict=True)
    }
    lost = np.zeros(_size(values))
    for driver in case.counted(*MISSES):
        lost += driver.sign * driver.formula.evaluate(values) * spared[driver.per]
    return lost


def _size(values: Values) -> int:
    return max((np.size(each) for each in values.values()), default=1)


def _check(case: ValueCase) -> None:
    if not case.is_per_case and not case.is_forecast:
        raise NoPriceOfRows(
            gettext_noop(
                "the value case counts whole years and no single decisions, so no share "
                "of it is a row's: give it the cases a year and what each outcome is "
                "worth"
            )
        )
    case.check()
