"""What fewer errors of a forecast are worth: closed forms, and the price of a run.

References
----------
Arrow, Harris & Marschak, *Optimal Inventory Policy* (1951), for the newsvendor.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from engine.value.case import MISSES, CaseProblem, ValueCase
from engine.value.classifier.pricing import NotPriced, Price, price_from
from engine.value.classifier.requirement import Required, from_futures
from engine.value.distributions import FloatArray
from engine.value.formula import Values
from engine.value.simulate import draw, rates, uniforms, yearly_net

MAX_RELATIVE_WIDTH = 0.1
LEAST_FORECASTS = 30  # below it a mean is not near enough to normal
_UNDER_STREAM, _OVER_STREAM = "error too low", "error too high"  # no quantity's names


def best_quantile(*, under_cost: float, over_cost: float) -> float:
    """Return the quantile of demand to forecast: c_u / (c_u + c_o).

    Raises
    ------
    CaseProblem
        If a cost is below 0, or both are 0.
    """
    if min(under_cost, over_cost) < 0 or under_cost + over_cost <= 0:
        msg = f"costs {under_cost:g} and {over_cost:g}: give amounts, one above 0"
        raise CaseProblem(msg)
    return under_cost / (under_cost + over_cost)


def newsvendor_cost(sd: float, *, under_cost: float, over_cost: float) -> float:
    """Return the least cost per forecast if errors are normal: (c_u+c_o)·σ·φ(z_q)."""
    z = float(ndtri(best_quantile(under_cost=under_cost, over_cost=over_cost)))
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) if math.isfinite(z) else 0.0
    return (under_cost + over_cost) * sd * density


def newsvendor_gain(
    sd_before: float,
    sd_after: float,
    *,
    under_cost: float,
    over_cost: float,
    volume: float,
) -> float:
    """Return what a smaller error is worth a year, at the best quantile both times."""
    before, after = (
        newsvendor_cost(sd, under_cost=under_cost, over_cost=over_cost)
        for sd in (sd_before, sd_after)
    )
    return volume * (before - after)


def symmetric_gain(
    sd_before: float, sd_after: float, *, cost: float, volume: float
) -> float:
    """Return c·√(2/π)·Δσ a year: each unit costs the same, too low or too high."""
    return volume * cost * math.sqrt(2 / math.pi) * (sd_before - sd_after)


def quadratic_gain(
    sd_before: float, sd_after: float, *, cost: float, volume: float
) -> float:
    """Return k·Δ(σ²) a year: an error twice as large costs four times as much."""
    return volume * cost * (sd_before**2 - sd_after**2)


def tolerance_gain(
    sd_before: float,
    sd_after: float,
    *,
    tolerance: float,
    penalty: float,
    volume: float,
) -> float:
    """Return penalty·Δ[2Φ(−tol/σ)] a year: only errors beyond the tolerance cost."""
    before, after = (
        2 * float(ndtr(-tolerance / sd)) if sd else 0.0 for sd in (sd_before, sd_after)
    )
    return volume * penalty * (before - after)


@dataclass(frozen=True)
class Misses:
    """How far a run's forecasts missed on data it had not seen, in five numbers.

    A forecast is too low or too high, never both, so the covariance of the two
    misses is −under·over and the means, their errors and their correlation follow.
    All that a loss linear on each side needs of the residuals.
    """

    n: int
    under: float  # mean of max(truth − forecast, 0)
    over: float  # mean of max(forecast − truth, 0)
    under_sd: float  # over the n forecasts, with divisor n
    over_sd: float

    def __post_init__(self) -> None:
        if self.n < 1:
            msg = f"{self.n} forecasts: measure at least one"
            raise NotPriced(msg)
        parts = asdict(self)
        for name, amount in parts.items():
            if not 0 <= amount < math.inf:
                msg = f"{name} is {amount}: an error's size is finite and 0 or more"
                raise NotPriced(msg)

    @classmethod
    def of(cls, truth: npt.ArrayLike, forecast: npt.ArrayLike) -> "Misses":
        """Return the misses of forecasts against what came, each of shape (n,).

        Raises
        ------
        NotPriced
            If lengths differ or are 0, or a number is not finite.
        """
        came = np.asarray(truth, dtype=np.float64)
        said = np.asarray(forecast, dtype=np.float64)
        if came.ndim != 1 or came.shape != said.shape or not len(came):
            msg = f"truth {came.shape}, forecast {said.shape}: give one for one"
            raise NotPriced(msg)
        if not (np.isfinite(came).all() and np.isfinite(said).all()):
            msg = "a forecast or what came is not finite: leave those cases out"
            raise NotPriced(msg)
        under, over = np.maximum(came - said, 0), np.maximum(said - came, 0)
        return cls(
            n=len(came),
            under=float(under.mean()),
            over=float(over.mean()),
            under_sd=float(under.std()),
            over_sd=float(over.std()),
        )

    @property
    def mae(self) -> float:
        """The mean absolute error."""
        return self.under + self.over

    @property
    def correlation(self) -> float:
        """The correlation of the two misses, and so of their means."""
        spread = self.under_sd * self.over_sd
        return max(-self.under * self.over / spread, -1.0) if spread else 0.0

    @property
    def too_little_evidence(self) -> bool:
        """Whether the 90 % band of the mean absolute error passes ±10 % of it.

        With normal errors it takes 155 forecasts to stay within.
        """
        if self.n < LEAST_FORECASTS:
            return True
        cross = 2 * self.correlation * self.under_sd * self.over_sd
        variance = max(self.under_sd**2 + self.over_sd**2 + cross, 0.0)
        reach = float(ndtri(0.95)) * math.sqrt(variance / self.n)
        return reach > MAX_RELATIVE_WIDTH * self.mae

    def means(self, *, draws: int, seed: int) -> tuple[FloatArray, FloatArray]:
        """Return draws of the two true means, each of shape (draws,).

        Jointly normal about what was measured, with the correlation of the two
        misses: what a bootstrap of the residuals comes to, without keeping them.
        """
        first, second = (
            ndtri(uniforms(name, draws=draws, seed=seed))
            for name in (_UNDER_STREAM, _OVER_STREAM)
        )
        rho = self.correlation
        second = rho * first + math.sqrt(1 - rho * rho) * second
        error = 1 / math.sqrt(self.n)
        under = self.under + self.under_sd * error * first
        over = self.over + self.over_sd * error * second
        return np.maximum(under, 0.0), np.maximum(over, 0.0)


def price_errors(
    case: ValueCase, misses: Misses, *, draws: int = 10_000, seed: int
) -> Price:
    """Return what a run with these misses on its test set is worth per year.

    Against the misses of today, which the case assumes; volume and costs are the
    case's. Runs priced with one seed share their random numbers.

    Raises
    ------
    NotPriced
        If the case counts no errors of forecasts.
    """
    drawn = misses.means(draws=draws, seed=seed)
    return _price(
        case,
        drawn,
        measured=(misses.under, misses.over),
        too_little_evidence=misses.too_little_evidence,
        what=asdict(misses),
        draws=draws,
        seed=seed,
    )


def price_at_errors(
    case: ValueCase, *, under: float, over: float, draws: int = 10_000, seed: int
) -> Price:
    """Return the price of a run of which only the two mean misses are known.

    Its band holds the uncertainty of the business alone; as its sampling error is
    unknown, it always counts as too little evidence.
    """
    for name, amount in (("under", under), ("over", over)):
        if not 0 <= amount < math.inf:
            msg = f"{name} is {amount}: an error's size is finite and 0 or more"
            raise NotPriced(msg)
    return _price(
        case,
        (np.full(draws, under), np.full(draws, over)),
        measured=(under, over),
        too_little_evidence=True,
        what={"under": under, "over": over},
        draws=draws,
        seed=seed,
    )


def _price(
    case: ValueCase,
    drawn: tuple[FloatArray, FloatArray],
    *,
    measured: tuple[float, float],
    too_little_evidence: bool,
    what: Mapping[str, float],
    draws: int,
    seed: int,
) -> Price:
    check_forecast(case)
    means = case.means()
    exact = float(yearly_net(case, means, *measured))
    return price_from(
        yearly_net(case, draw(case, draws=draws, seed=seed), *drawn),
        sampling=yearly_net(case, means, *drawn),
        exact=exact,
        is_exact=case.is_multilinear,
        observed=exact,
        too_little_evidence=too_little_evidence,
        inputs=[case.to_json(), dict(what), seed, draws],
        draws=draws,
        seed=seed,
    )


def worth_of_units(case: ValueCase) -> tuple[float, float]:
    """Return what a unit less too low, and too high, is worth a year in all forecasts.

    At the means of the case's quantities.

    Raises
    ------
    NotPriced
        If the case counts no errors of forecasts.
    """
    check_forecast(case)
    means = case.means()
    exact, low, high = (
        float(yearly_net(case, means, *misses))
        for misses in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    )
    return exact - low, exact - high


def check_forecast(case: ValueCase) -> None:
    """Raise NotPriced if the case counts no errors of forecasts, or CaseProblem."""
    if not case.is_forecast:
        msg = (
            "this value case counts no errors of forecasts, so a regression has no "
            "price: say how far forecasts miss today and what a unit less is worth"
        )
        raise NotPriced(msg)
    case.check()


def required_mae(
    case: ValueCase,
    *,
    low_share: float | None = None,
    confidence: float = 0.9,
    draws: int = 10_000,
    seed: int,
) -> Required:
    """Return the largest mean absolute error that does not lose money.

    Parameters
    ----------
    low_share : float, optional
        The part of the error that is too low; by default what the case assumes.

    Raises
    ------
    NotPriced
        If the case counts no errors of forecasts, a share is none, or errors cost
        nothing.
    """
    check_forecast(case)
    share = _assumed_share(case) if low_share is None else low_share
    for name, given in (("low share", share), ("confidence", confidence)):
        if not 0 <= given <= 1:
            msg = f"{name} {given}: give a share from 0 to 1"
            raise NotPriced(msg)
    values = draw(case, draws=draws, seed=seed)
    return from_futures(
        case,
        _largest_mae(case, values, share, draws=draws),
        metric="mae",
        at=share,
        at_most=True,
        greatest=math.inf,
        confidence=confidence,
        seed=seed,
    )


def _assumed_share(case: ValueCase) -> float:
    under, over = map(float, rates(case, case.means()))
    return under / (under + over) if under + over else 0.5


def _largest_mae(
    case: ValueCase, values: Values, share: float, *, draws: int
) -> FloatArray:
    """Return per future the error at which the net is 0; −∞ if even none loses."""
    exact, by_one = (
        np.broadcast_to(
            yearly_net(case, values, size * share, size * (1 - share)), draws
        )
        for size in (0.0, 1.0)
    )
    slope = by_one - exact
    if (slope >= 0).any():
        costs = " or ".join(repr(d.name) for d in case.counted(*MISSES)) or "none"
        msg = f"an error costs nothing in some futures: check the drivers {costs}"
        raise NotPriced(msg)
    return np.where(exact >= 0, -exact / slope, -np.inf)


def misses_of(measured: Mapping[str, float]) -> Misses | tuple[float, float] | None:
    """Return what logged numbers say of a run's misses, as fully as they do.

    `Misses` from test_rows, under, over, under_sd and over_sd; the two means from
    under and over, or from mae and bias (forecast less truth, on average); else None.

    Raises
    ------
    NotPriced
        If they cannot be of one test set.
    """
    parts = ("test_rows", "under", "over", "under_sd", "over_sd")
    if all(name in measured for name in parts):
        rows, *amounts = (measured[name] for name in parts)
        return Misses(int(rows), *amounts)
    if "under" in measured and "over" in measured:
        return measured["under"], measured["over"]
    if "mae" in measured and "bias" in measured:
        mae, bias = measured["mae"], measured["bias"]
        if abs(bias) > mae * (1 + 1e-6):
            msg = f"bias {bias:g} is larger than mae {mae:g}: log both of one test set"
            raise NotPriced(msg)
        return max(mae - bias, 0.0) / 2, max(mae + bias, 0.0) / 2
    return None


def misses_json(misses: Misses) -> dict[str, Any]:
    """Return the misses under the keys a run logs them by."""
    content = asdict(misses)
    return {"test_rows": content.pop("n"), **content}
