"""The one value function, and what it says about a case's possible futures."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.digests import digest
from engine.value import information, money
from engine.value.case import (
    CELLS,
    MISSES,
    CaseProblem,
    Category,
    Per,
    ValueCase,
)
from engine.value.case.correlation import couple
from engine.value.distributions import FloatArray
from engine.value.formula import Expression, Values
from engine.version import ENGINE_VERSION

DOTS = 20
MIN_DRAWS, MAX_DRAWS = 100, 1_000_000
_SUCCESS_STREAM = "probability of success"  # no name of a quantity holds a space


class Undefined(CaseProblem):
    """A case whose quantiles are undefined; says which formula makes them so."""


@dataclass(frozen=True)
class Summary:
    """What a simulated amount may be."""

    mean: float
    p5: float
    p50: float
    p95: float
    p_positive: float  # the share of futures above 0


@dataclass(frozen=True)
class Sway:
    """How much one input decides, per year of the annual gain."""

    name: str
    evppi: float  # the worth of finding this input out exactly
    break_even: float | None  # where the mean gain is 0, the others at their mean
    direction: Literal["above", "below"]  # the side of the break-even that pays
    likely: float
    mean: float


@dataclass(frozen=True)
class ValueEstimate:
    """What a value case is worth, with how sure that is.

    The annual gain is the NPV spread evenly over the horizon (NPV divided by the
    annuity factor), so it has the NPV's sign; without one-off amounts, ramp-up and
    risk of failure it is the yearly net. `annual.mean` and `npv.mean` are exact if
    `mean_is_exact`, else the mean of the draws.
    """

    annual: Summary
    npv: Summary
    mean_is_exact: bool
    monte_carlo_error: float  # standard error of the mean of the annual draws
    roi_mean: float | None  # over futures that cost something; None if none does
    roi_median: float | None
    p_pays_back: float  # the share of futures with an NPV above 0
    payback_years: float | None  # undiscounted, median over futures that pay back
    payback_p5: float | None
    payback_p95: float | None
    dots: tuple[float, ...]  # 20 quantiles of the annual gain, ascending
    by_category: dict[Category, float]  # signed mean of a full year, before success
    sways: tuple[Sway, ...]  # the greatest EVPPI first
    evpi: float
    draws: int
    seed: int
    engine_version: str
    digest: str  # of case, seed, draws and engine version

    def to_json(self) -> dict[str, Any]:
        """Return the estimate as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "ValueEstimate":
        """Return the estimate that `to_json` wrote."""
        return cls(
            **{
                **content,
                "annual": Summary(**content["annual"]),
                "npv": Summary(**content["npv"]),
                "dots": tuple(content["dots"]),
                "by_category": {
                    Category(name): amount
                    for name, amount in content["by_category"].items()
                },
                "sways": tuple(Sway(**sway) for sway in content["sways"]),
            }
        )


def cell_shares(
    prevalence: npt.ArrayLike, tpr: npt.ArrayLike, fpr: npt.ArrayLike
) -> dict[Per, FloatArray]:
    """Return the share of all cases that falls in each cell; they sum to 1."""
    positive = np.asarray(prevalence, dtype=np.float64)
    recall = np.asarray(tpr, dtype=np.float64)
    alarms = np.asarray(fpr, dtype=np.float64)
    return {
        Per.TP: positive * recall,
        Per.FN: positive * (1 - recall),
        Per.FP: (1 - positive) * alarms,
        Per.TN: (1 - positive) * (1 - alarms),
    }


def yearly_amounts(
    case: ValueCase, values: Values, tpr: npt.ArrayLike, fpr: npt.ArrayLike
) -> dict[str, FloatArray]:
    """Return each counted driver's signed amount in a full year, as `yearly_net`.

    Raises
    ------
    Undefined
        If a driver gives no finite amount, as a division by 0 does.
    """
    weights: dict[Per, FloatArray] = {Per.YEAR: np.asarray(1.0)}
    if case.is_per_case:
        volume = case.volume_formula.evaluate(values)
        prevalence = case.prevalence_formula.evaluate(values)
        shares = cell_shares(prevalence, tpr, fpr)
        weights |= {cell: volume * shares[cell] for cell in CELLS}
    elif case.is_forecast:
        weights |= _spared(case, values, tpr, fpr)
    return _amounts(case, values, weights)


def _spared(
    case: ValueCase, values: Values, under: npt.ArrayLike, over: npt.ArrayLike
) -> dict[Per, FloatArray]:
    """Return the units a year that are no longer too low, and no longer too high."""
    volume = case.volume_formula.evaluate(values)
    today = (
        case.forecast_formulas[name].evaluate(values)
        for name in ("under_today", "over_today")
    )
    return {
        per: volume * (before - np.asarray(now, dtype=np.float64))
        for per, before, now in zip(MISSES, today, (under, over), strict=True)
    }


def once_amounts(case: ValueCase, values: Values) -> dict[str, FloatArray]:
    """Return each counted driver's signed one-off amount."""
    return _amounts(case, values, {Per.ONCE: np.asarray(1.0)})


def _amounts(
    case: ValueCase, values: Values, weights: Mapping[Per, FloatArray]
) -> dict[str, FloatArray]:
    amounts = {}
    for driver in case.counted(*weights):
        amount = driver.formula.evaluate(values) * weights[driver.per] * driver.sign
        if not np.isfinite(amount).all():
            msg = (
                f"driver {driver.name!r}: {driver.expression!r} is not finite in "
                f"{np.count_nonzero(~np.isfinite(amount))} of {amount.size} futures: "
                "keep its divisors away from 0"
            )
            raise Undefined(msg)
        amounts[driver.name] = amount
    return amounts


def yearly_net(
    case: ValueCase, values: Values, tpr: npt.ArrayLike, fpr: npt.ArrayLike
) -> FloatArray:
    """Return V·EV(TPR, FPR) − F, the net of a full year: the one value function.

    Form, derived requirement, run price, gate and portfolio all call it. EV is
    π[TPR·b_TP + (1−TPR)·b_FN] + (1−π)[FPR·b_FP + (1−FPR)·b_TN] (Provost & Fawcett
    2013, ch. 7), each b the sum of the case's drivers in that cell, costs negative;
    −F is the sum of its drivers per year. A case without volume has no EV.

    A forecast case takes the mean under- and over-forecast in their places; its EV is
    b_U·(under today − under) + b_O·(over today − over) per forecast.

    Parameters
    ----------
    values : mapping of name to float or ndarray of shape (draws,)
    tpr, fpr : float or ndarray of shape (draws,)
        In a forecast case the under- and the over-forecast.

    Returns
    -------
    ndarray
        In the case's currency per year, of the broadcast shape of the inputs.
    """
    return _total(yearly_amounts(case, values, tpr, fpr))


def _total(amounts: Mapping[str, FloatArray]) -> FloatArray:
    return np.asarray(sum(amounts.values(), np.asarray(0.0)), dtype=np.float64)


def uniforms(name: str, *, draws: int, seed: int) -> FloatArray:
    """Return the uniforms of one name: the same for the same name and seed."""
    if not MIN_DRAWS <= draws <= MAX_DRAWS:
        msg = f"{draws} draws: choose {MIN_DRAWS} to {MAX_DRAWS}"
        raise CaseProblem(msg)
    if seed < 0:
        msg = f"seed {seed}: choose 0 or more"
        raise CaseProblem(msg)
    stream = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16])
    rng = np.random.default_rng([seed, stream])
    # The least uniform is 0, where a normal's inverse is infinite.
    return np.maximum(rng.random(draws), 2.0**-54)


def draw(case: ValueCase, *, draws: int, seed: int) -> dict[str, FloatArray]:
    """Return draws of each quantity, each of shape (draws,).

    Common random numbers: a quantity's uniforms depend on the seed and its name
    alone, so adding or changing another quantity leaves its draws as they were. If
    it moves together with others they depend on the names of that block.
    """
    names = (quantity.name for quantity in case.quantities)
    return values_at(
        case, {name: uniforms(name, draws=draws, seed=seed) for name in names}
    )


def values_at(
    case: ValueCase, shares: Mapping[str, FloatArray]
) -> dict[str, FloatArray]:
    """Return each quantity's values at independent uniforms, correlated and clipped."""
    coupled = dict(shares)
    for block in case.linked:
        coupled |= couple(case.correlations, block, shares)
    return {
        quantity.name: quantity.clip(
            quantity.distribution.table()(coupled[quantity.name])
        )
        for quantity in case.quantities
    }


def rates(case: ValueCase, values: Values) -> tuple[Any, Any]:
    """Return the assumed (TPR, FPR), or (under, over) of a forecast, or zeros."""
    if case.is_forecast:
        assumed = (case.forecast_formulas[name] for name in ("under", "over"))
        under, over = (formula.evaluate(values) for formula in assumed)
        return under, over
    if not case.is_per_case:
        return 0.0, 0.0
    return values[case.tpr], values[case.fpr]


@dataclass(frozen=True)
class Span:
    """How a full year and the one-off amounts make an NPV and an annual gain."""

    yearly: float  # NPV of 1 per full year
    annuity: float

    @classmethod
    def of(cls, case: ValueCase) -> "Span":
        """Return that of the case's horizon, rate and ramp-up."""
        factors = money.discount_factors(case.discount_rate, years=case.horizon_years)
        reached = money.ramp(case.ramp_up, years=case.horizon_years)
        return cls(float(factors[1:] @ reached), float(factors[1:].sum()))

    def npv(self, once: FloatArray, yearly: FloatArray) -> FloatArray:
        """Return the NPV of amounts paid now and of full years' nets."""
        return np.asarray(once + self.yearly * yearly, dtype=np.float64)


def expected_gains(case: ValueCase, values: Values) -> FloatArray:
    """Return the annual gain at `values`, with the chance of success put in.

    Parameters
    ----------
    values : mapping of name to float or ndarray of shape (draws,)

    Returns
    -------
    ndarray
        In the case's currency per year, of the broadcast shape of `values`.
    """
    span = Span.of(case)
    yearly = yearly_net(case, values, *rates(case, values))
    once = _total(once_amounts(case, values))
    npv = span.npv(once, yearly * case.success_probability)
    return np.asarray(npv / span.annuity, dtype=np.float64)


def expected_gain(case: ValueCase, values: Values) -> float:
    """Return the annual gain at one value of each quantity."""
    return float(expected_gains(case, values))


def check_divisors(case: ValueCase, values: Values) -> None:
    """Raise Undefined if a formula divides by what may be 0.

    A quotient has no mean there, and its quantiles say more about how near to 0 a
    draw fell than about the case.

    Parameters
    ----------
    values : mapping of name to ndarray of shape (draws,)
    """
    for where, formula in _formulas(case):
        for divisor in formula.divisors:
            found = divisor.evaluate(values)
            low, high = float(found.min()), float(found.max())
            if low <= 0 <= high:
                range_ = f"goes from {low:.3g} to {high:.3g}" if low < high else "is 0"
                msg = (
                    f"{where}: {formula.text!r} divides by {divisor.text!r}, which "
                    f"{range_}: its quantiles are undefined; keep the divisor on one "
                    "side of 0, by a narrower range or a bound, or divide by another"
                )
                raise Undefined(msg)


def _formulas(case: ValueCase) -> Iterator[tuple[str, Expression]]:
    for driver in case.counted(*Per):
        yield f"driver {driver.name!r}", driver.formula
    if case.volume is not None:
        yield "volume", case.volume_formula
    if case.is_per_case:
        yield "prevalence", case.prevalence_formula
    for name, formula in case.forecast_formulas.items():
        yield f"forecast, {name}", formula


def estimate(case: ValueCase, *, draws: int = 10_000, seed: int) -> ValueEstimate:
    """Return what the case is worth before any model exists.

    Raises
    ------
    CaseProblem
        If the case has problems; all of them are listed.
    Undefined
        If a formula divides by what may be 0.
    """
    case.check()
    values = draw(case, draws=draws, seed=seed)
    check_divisors(case, values)
    futures = Futures.of(case, values, draws=draws, seed=seed)
    span = Span.of(case)
    annual = np.sort(futures.npv / span.annuity)
    mean = expected_gain(case, case.means()) if case.is_multilinear else None
    return ValueEstimate(
        annual=_summary(annual, mean=mean),
        npv=_summary(
            annual * span.annuity, mean=None if mean is None else mean * span.annuity
        ),
        mean_is_exact=mean is not None,
        monte_carlo_error=float(annual.std(ddof=1)) / math.sqrt(draws),
        **_returns(futures),
        **_paybacks(futures, case),
        p_pays_back=float((futures.npv > 0).mean()),
        dots=tuple(quantiles(annual, (np.arange(DOTS) + 0.5) / DOTS).tolist()),
        by_category=_by_category(case, futures.amounts),
        sways=sways(case, values, expected_gains(case, values)),
        evpi=information.evpi(annual),
        draws=draws,
        seed=seed,
        engine_version=ENGINE_VERSION,
        digest=case_digest(case, draws=draws, seed=seed),
    )


def case_digest(case: ValueCase, *, draws: int, seed: int) -> str:
    """Return what identifies an estimate's inputs."""
    return digest([case.to_json(), seed, draws, ENGINE_VERSION])


@dataclass(frozen=True)
class Futures:
    """The money of each simulated future; arrays of shape (draws,)."""

    amounts: dict[str, FloatArray]  # a full year, by driver, if it succeeds
    once: FloatArray
    yearly: FloatArray  # 0 in futures that fail
    npv: FloatArray
    costs: FloatArray  # discounted, as a positive amount

    @classmethod
    def of(cls, case: ValueCase, values: Values, *, draws: int, seed: int) -> "Futures":
        """Return the futures at these draws of the quantities."""
        span = Span.of(case)
        amounts = yearly_amounts(case, values, *rates(case, values))
        once = once_amounts(case, values)
        succeeds = _successes(case, draws=draws, seed=seed)
        costly = {d.name for d in case.drivers if d.category is Category.COST}
        yearly_costs = _total({k: v for k, v in amounts.items() if k in costly})
        once_costs = _total({k: v for k, v in once.items() if k in costly})
        yearly = np.broadcast_to(_total(amounts) * succeeds, (draws,))
        now = np.broadcast_to(_total(once), (draws,))
        costs = -span.npv(once_costs, yearly_costs * succeeds)
        return cls(
            amounts=amounts,
            once=now,
            yearly=yearly,
            npv=span.npv(now, yearly),
            costs=np.broadcast_to(costs, (draws,)),
        )


def _successes(case: ValueCase, *, draws: int, seed: int) -> FloatArray:
    if case.success_probability == 1:
        return np.ones(draws)
    chances = uniforms(_SUCCESS_STREAM, draws=draws, seed=seed)
    return (chances < case.success_probability).astype(np.float64)


def quantiles(ordered: FloatArray, shares: npt.ArrayLike) -> FloatArray:
    """Return the linear quantiles of values sorted already."""
    at = np.asarray(shares) * (len(ordered) - 1)
    below = at.astype(int)
    above = np.minimum(below + 1, len(ordered) - 1)
    between = ordered[above] - ordered[below]
    return np.asarray(ordered[below] + (at - below) * between, dtype=np.float64)


def _summary(ordered: FloatArray, *, mean: float | None) -> Summary:
    p5, p50, p95 = quantiles(ordered, (0.05, 0.5, 0.95)).tolist()
    return Summary(
        mean=float(ordered.mean()) if mean is None else mean,
        p5=p5,
        p50=p50,
        p95=p95,
        p_positive=float((ordered > 0).mean()),
    )


def summarise(amounts: FloatArray, *, mean: float | None = None) -> Summary:
    """Return the summary of simulated amounts, with their exact mean if known."""
    return _summary(np.sort(amounts), mean=mean)


def _returns(futures: Futures) -> dict[str, Any]:
    costs = futures.costs
    spent = costs > 0
    if not spent.any():
        return {"roi_mean": None, "roi_median": None}
    roi = futures.npv[spent] / costs[spent]
    return {"roi_mean": float(roi.mean()), "roi_median": float(np.median(roi))}


def _paybacks(futures: Futures, case: ValueCase) -> dict[str, Any]:
    names = ("payback_p5", "payback_years", "payback_p95")
    years = np.sort(paybacks(futures, case))
    if not len(years):
        return dict.fromkeys(names)
    found = quantiles(years, (0.05, 0.5, 0.95)).tolist()
    return dict(zip(names, found, strict=True))


def paybacks(futures: Futures, case: ValueCase, *, rate: float = 0.0) -> FloatArray:
    """Return the years until the money is back, of each future that pays back."""
    pays = futures.npv > 0
    years = money.payback(
        futures.once[pays],
        futures.yearly[pays],
        years=case.horizon_years,
        ramp_up=case.ramp_up,
        rate=rate,
    )
    # Below a negative discount rate an NPV above 0 need not pay back undiscounted.
    return years[np.isfinite(years)]


def _by_category(
    case: ValueCase, amounts: Mapping[str, FloatArray]
) -> dict[Category, float]:
    sums: dict[Category, float] = {}
    for driver in case.drivers:
        if driver.name in amounts:
            mean = float(amounts[driver.name].mean())
            sums[driver.category] = sums.get(driver.category, 0.0) + mean
    return sums


def sways(
    case: ValueCase, values: Mapping[str, FloatArray], gains: FloatArray
) -> tuple[Sway, ...]:
    """Return how much each input decides, the greatest EVPPI first.

    The EVPPI is exact where the gain expected at an input is a line, which takes
    that it moves with no other one; else the gains are regressed on it.

    Parameters
    ----------
    values : mapping of name to ndarray of shape (draws,)
    gains : ndarray of shape (draws,)
        The annual gain expected at those values.
    """
    means = case.means()
    linked = frozenset().union(*case.linked)
    drawn = np.broadcast_to(gains, np.broadcast_shapes(*map(np.shape, values.values())))
    found = []
    for quantity in case.quantities:

        def gain(x: float, name: str = quantity.name) -> float:
            return expected_gain(case, means | {name: x})

        level, slope = information.line_through(gain, quantity)
        is_line = case.is_multilinear and quantity.name not in linked
        found.append(
            Sway(
                name=quantity.name,
                evppi=information.evppi_of_line(quantity, level=level, slope=slope)
                if is_line
                else information.evppi(values[quantity.name], drawn),
                break_even=information.break_even(
                    gain, quantity, is_linear=case.is_linear_in_each
                ),
                direction="above" if slope >= 0 else "below",
                likely=quantity.likely,
                mean=quantity.mean,
            )
        )
    return tuple(sorted(found, key=lambda sway: (-sway.evppi, sway.name)))
