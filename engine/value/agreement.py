"""Whether the agreed metrics rank runs as money does, and as each other."""

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from engine.errors import EngineError
from engine.value.distributions import FloatArray

LEAST_RUNS = 5  # the interval divides by the runs beyond four


class BadComparison(EngineError):
    """Metrics and money that do not belong to the same runs."""


@dataclass(frozen=True)
class Agreement:
    """How one metric ranks the runs, against money."""

    metric: str
    tau: float | None  # Kendall's τ-b with money; None if it ranks nothing
    runs: int  # runs that have both the metric and a price
    chosen: int | None  # the position of the run the metric puts first
    forgone: float | None  # money a year lost by that choice
    tau_low: float | None = None  # None with fewer than five runs
    tau_high: float | None = None
    tied: tuple[int, ...] = ()  # all positions the metric puts first

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes a ranking at random."""
        if self.tau_low is None or self.tau_high is None:
            return False
        return self.tau_low > 0 or self.tau_high < 0

    def to_json(self) -> dict[str, Any]:
        """Return the agreement as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Conflict:
    """Two metrics that rank the runs against each other."""

    one: str
    other: str
    tau: float  # below 0
    tau_low: float | None
    tau_high: float | None
    runs: int
    first_by_one: int  # the position of the run each puts first
    first_by_other: int
    disagreed: float  # the share of pairs of runs ranked the other way round

    @property
    def is_clear(self) -> bool:
        """Whether the interval lies below 0."""
        return self.tau_high is not None and self.tau_high < 0

    def to_json(self) -> dict[str, Any]:
        """Return the conflict as JSON."""
        return asdict(self)


def agreement_with_money(
    metrics: Mapping[str, npt.ArrayLike],
    money: npt.ArrayLike,
    *,
    lower_is_better: Collection[str] = (),
    confidence: float = 0.9,
) -> tuple[Agreement, ...]:
    """Return how each metric agrees with money over the runs, in the given order.

    Where a metric puts several runs first, `chosen` is the first of them, and
    `forgone` the mean over them: the metric alone does not say which.

    Parameters
    ----------
    metrics : mapping of name to array_like of shape (runs,)
        NaN where a run has no such metric.
    money : array_like of shape (runs,)
        Yearly net; NaN where a run is not priced.

    Raises
    ------
    BadComparison
        If a metric has another number of values than there are runs.
    """
    nets = np.asarray(money, dtype=np.float64)
    return tuple(
        _agreement(name, values, nets, confidence=confidence)
        for name, values in _turned(metrics, nets, lower_is_better).items()
    )


def _turned(
    metrics: Mapping[str, npt.ArrayLike],
    runs: FloatArray,
    lower_is_better: Collection[str],
) -> dict[str, FloatArray]:
    """Return the metrics with more being better in each."""
    found = {}
    for name, given in metrics.items():
        values = np.asarray(given, dtype=np.float64)
        if values.shape != runs.shape or runs.ndim != 1:
            msg = (
                f"metric {name!r} has shape {values.shape}, money {runs.shape}: "
                "give one value per run"
            )
            raise BadComparison(msg)
        found[name] = -values if name in lower_is_better else values
    return found


def _agreement(
    name: str, values: FloatArray, nets: FloatArray, *, confidence: float
) -> Agreement:
    both = np.flatnonzero(~np.isnan(values) & ~np.isnan(nets))
    if not len(both):
        return Agreement(name, None, 0, None, None)
    ranked, priced = values[both], nets[both]
    tau = _tau(ranked, priced)
    low, high = _ends(tau, len(both), confidence)
    first = np.flatnonzero(ranked == ranked.max())
    return Agreement(
        metric=name,
        tau=tau,
        runs=len(both),
        chosen=int(both[first[0]]),
        forgone=float(priced.max() - priced[first].mean()),
        tau_low=low,
        tau_high=high,
        tied=tuple(both[first].tolist()),
    )


def _tau(one: FloatArray, other: FloatArray) -> float | None:
    if len(np.unique(one)) < 2 or len(np.unique(other)) < 2:
        return None
    # Half a second to load, and few processes compare rankings.
    from scipy.stats import kendalltau

    return float(kendalltau(one, other).statistic)


def _ends(
    tau: float | None, runs: int, confidence: float
) -> tuple[float | None, float | None]:
    if tau is None or runs < LEAST_RUNS:
        return None, None
    return tau_interval(tau, runs=runs, confidence=confidence)


def tau_interval(
    tau: float, *, runs: int, confidence: float = 0.9
) -> tuple[float, float]:
    """Return the interval of Kendall's τ, by Fisher's transform.

    atanh(τ) ± z·√(0.437/(n − 4)). A τ of ±1 has no transform: it is taken half a
    pair of runs short of it, so that a perfect ranking of few runs keeps its doubt,
    and its own end stays ±1. It holds for runs as one more like them would fall;
    it says nothing of how sure each run's price is.

    Raises
    ------
    BadComparison
        With fewer than five runs, or a confidence that is no share.

    References
    ----------
    Bonett & Wright, *Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations*, Psychometrika 65 (2000).
    """
    if runs < LEAST_RUNS:
        msg = f"{runs} runs: an interval of τ takes at least {LEAST_RUNS}"
        raise BadComparison(msg)
    if not 0 < confidence < 1:
        msg = f"confidence {confidence}: give a share between 0 and 1"
        raise BadComparison(msg)
    most = 1 - 1 / (runs * (runs - 1))
    middle = math.atanh(max(-most, min(most, tau)))
    reach = float(ndtri((1 + confidence) / 2)) * math.sqrt(0.437 / (runs - 4))
    low, high = math.tanh(middle - reach), math.tanh(middle + reach)
    return (-1.0 if tau <= -most else low), (1.0 if tau >= most else high)


def conflicts(
    metrics: Mapping[str, npt.ArrayLike],
    *,
    lower_is_better: Collection[str] = (),
    confidence: float = 0.9,
) -> tuple[Conflict, ...]:
    """Return the pairs of metrics with a τ below 0, the most opposed first.

    Parameters and errors are those of `agreement_with_money`; runs that lack one of
    the two are left out of that pair.
    """
    if not metrics:
        return ()
    runs = np.asarray(next(iter(metrics.values())), dtype=np.float64)
    turned = _turned(metrics, runs, lower_is_better)
    found = [
        conflict
        for one, other in combinations(turned, 2)
        if (conflict := _conflict(turned, one, other, confidence=confidence))
    ]
    return tuple(sorted(found, key=lambda each: (each.tau, each.one, each.other)))


def _conflict(
    metrics: Mapping[str, FloatArray], one: str, other: str, *, confidence: float
) -> Conflict | None:
    both = np.flatnonzero(~np.isnan(metrics[one]) & ~np.isnan(metrics[other]))
    first, second = metrics[one][both], metrics[other][both]
    tau = _tau(first, second) if len(both) else None
    if tau is None or tau >= 0:
        return None
    low, high = _ends(tau, len(both), confidence)
    return Conflict(
        one=one,
        other=other,
        tau=tau,
        tau_low=low,
        tau_high=high,
        runs=len(both),
        first_by_one=int(both[np.argmax(first)]),
        first_by_other=int(both[np.argmax(second)]),
        disagreed=_disagreed(first, second),
    )


def _disagreed(one: FloatArray, other: FloatArray) -> float:
    steps = (np.sign(each[:, None] - each[None, :]) for each in (one, other))
    first, second = steps
    opposed = np.count_nonzero(first * second < 0) / 2
    return opposed / (len(one) * (len(one) - 1) / 2)
