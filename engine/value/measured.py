"""What a run is worth where a formula names metrics, and what they must reach.

Neither single cases nor errors of forecasts are counted then: a metric stands in the
formulas as a quantity, assumed until a run replaces it by what it measured.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import NormalDist

import numpy as np

from engine.value.case import Quantity, ValueCase
from engine.value.classifier.pricing import (
    MAX_HALF_WIDTH,
    NotPriced,
    Price,
    price_from,
)
from engine.value.classifier.requirement import Required, from_futures
from engine.value.distributions import Beta, Distribution, Fixed, FloatArray, Normal
from engine.value.regression import MAX_RELATIVE_WIDTH
from engine.value.simulate import check_divisors, draw, uniforms, yearly_net


class MetricsMissing(NotPriced):
    """A run that has not measured every metric the formulas name."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"{', '.join(names)} missing: log it of a test set")
        self.names = names


@dataclass(frozen=True)
class Measured:
    """A metric of a run on data it had not seen, with the interval around it."""

    value: float
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95  # of the interval

    @classmethod
    def of(
        cls,
        name: str,
        value: float,
        *,
        interval: tuple[float, float] | None = None,
        test_rows: float | None = None,
    ) -> "Measured":
        """Return a metric with its interval, or with that of a share of so many rows.

        Only the accuracy is such a share; of other metrics the count says too little.
        """
        if interval is None and name == "accuracy" and test_rows and 0 <= value <= 1:
            right = value * test_rows
            posterior = Beta(right + 0.5, test_rows - right + 0.5)
            low, high = posterior.ppf([0.025, 0.975]).tolist()
            interval = (low, high)
        return cls(value, *interval) if interval else cls(value)

    @property
    def sd(self) -> float | None:
        """The standard error that the interval tells; None without one."""
        if self.low is None or self.high is None:
            return None
        reach = NormalDist().inv_cdf((1 + self.confidence) / 2)
        return (self.high - self.low) / 2 / reach

    def belief(self, quantity: Quantity) -> Distribution:
        """Return what is believed of the metric: a Beta of a share, else a Normal.

        The Beta has the value as its mean and the standard error of the interval; of
        an accuracy that is nearly Jeffreys' posterior.
        """
        if not self.sd:
            return Fixed(self.value)
        if (quantity.lower, quantity.upper) == (0, 1) and 0 < self.value < 1:
            cases = self.value * (1 - self.value) / self.sd**2 - 1
            if cases > 0:
                return Beta(self.value * cases, (1 - self.value) * cases)
        return Normal(self.value, self.sd)

    def is_too_little(self, quantity: Quantity) -> bool:
        """Whether its 90 % band passes ±5 points of a share, or ±10 % of a number."""
        if self.sd is None:
            return True
        reach = NormalDist().inv_cdf(0.95) * self.sd
        if (quantity.lower, quantity.upper) == (0, 1):
            return reach > MAX_HALF_WIDTH
        return reach > MAX_RELATIVE_WIDTH * abs(self.value)


def check_metrics(case: ValueCase) -> None:
    """Raise NotPriced if no formula of the case names a metric, or CaseProblem."""
    if not case.metrics:
        msg = (
            "no formula of this value case names a metric, so its runs are not "
            "priced: name one of the catalogue, such as accuracy"
        )
        raise NotPriced(msg)
    case.check()


def price_by_metrics(
    case: ValueCase,
    measured: Mapping[str, Measured],
    *,
    draws: int = 10_000,
    seed: int,
) -> Price:
    """Return what a run that measured these metrics is worth per year.

    The metrics are drawn independently of each other and of the business. Without an
    interval a metric stands at its value; the sampling error is unknown then, and
    the price counts as too little evidence.

    Raises
    ------
    MetricsMissing
        If the formulas name a metric that was not measured.
    NotPriced
        If they name none, or a measured value is not finite.
    """
    check_metrics(case)
    if missing := tuple(name for name in case.metrics if name not in measured):
        raise MetricsMissing(missing)
    known = {name: measured[name] for name in case.metrics}
    for name, each in known.items():
        if not math.isfinite(each.value):
            msg = f"{name} is {each.value}: a metric that prices is finite"
            raise NotPriced(msg)
    quantities = case.by_name
    beliefs = {name: each.belief(quantities[name]) for name, each in known.items()}
    # A metric's own random numbers: all runs share them.
    drawn = {
        name: belief.table()(uniforms(name, draws=draws, seed=seed))
        for name, belief in beliefs.items()
    }
    values = draw(case.measured, draws=draws, seed=seed) | drawn
    check_divisors(case, values)
    means = case.means()
    seen = {name: each.value for name, each in known.items()}
    exact = _net(case, {**means, **seen})
    return price_from(
        _net(case, values),
        sampling=_net(case, {**means, **drawn}),
        exact=float(exact),
        is_exact=case.measured.is_multilinear,
        observed=float(exact),
        too_little_evidence=any(
            each.is_too_little(quantities[name]) for name, each in known.items()
        ),
        inputs=[
            case.to_json(),
            {name: asdict(each) for name, each in sorted(known.items())},
            seed,
            draws,
        ],
        draws=draws,
        seed=seed,
    )


def _net(case: ValueCase, values: Mapping[str, float | FloatArray]) -> FloatArray:
    return yearly_net(case, values, 0.0, 0.0)


def required_metric(
    case: ValueCase,
    metric: str,
    *,
    confidence: float = 0.9,
    draws: int = 10_000,
    seed: int,
) -> Required:
    """Return what a metric must reach so that the year does not lose money.

    At least, where more of it brings more; at most, where less does. Other metrics of
    the case stand as they are assumed.

    Raises
    ------
    NotPriced
        If no formula names the metric, the net is no line in it, or more of it gains
        in some futures and loses in others.
    """
    check_metrics(case)
    if metric not in case.metrics:
        msg = f"no formula names {metric!r}: choose one of {', '.join(case.metrics)}"
        raise NotPriced(msg)
    if not 0 <= confidence <= 1:
        msg = f"confidence {confidence}: give a share from 0 to 1"
        raise NotPriced(msg)
    values = draw(case.measured, draws=draws, seed=seed)
    check_divisors(case, values)
    at_0, half, at_1 = (
        np.broadcast_to(_net(case, values | {metric: np.full(draws, x)}), (draws,))
        for x in (0.0, 0.5, 1.0)
    )
    slope = at_1 - at_0
    if not np.allclose(half, (at_0 + at_1) / 2, rtol=1e-9):
        msg = f"the gain is no line in {metric}: set its threshold by hand"
        raise NotPriced(msg)
    gains = bool((slope >= 0).all())
    if not slope.any() or (not gains and not (slope <= 0).all()):
        msg = f"more {metric} gains in some futures and loses in others: mend a formula"
        raise NotPriced(msg)
    return from_futures(
        case,
        _crossing(at_0, slope, case.by_name[metric], gains=gains),
        metric=metric,
        at=None,
        at_most=not gains,
        greatest=case.by_name[metric].upper,
        confidence=confidence,
        seed=seed,
    )


def _crossing(
    at_0: FloatArray, slope: FloatArray, quantity: Quantity, *, gains: bool
) -> FloatArray:
    """Return per future the value at which the net is 0, within the metric's bounds.

    What no value keeps is infinite: +∞ for "at least", −∞ for "at most".
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = -at_0 / slope
    kept, never = (-np.inf, np.inf) if gains else (np.inf, -np.inf)
    # Where it changes nothing every value will do, or none.
    roots = np.where(slope, roots, np.where(at_0 >= 0, kept, never))
    if gains:
        return np.maximum(roots, quantity.lower)
    return np.minimum(np.where(roots < quantity.lower, -np.inf, roots), quantity.upper)
