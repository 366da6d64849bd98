"""What somebody believes about one number, as a distribution.

References
----------
Clark, *The PERT Model for the Distribution of an Activity Time* (1962);
Hubbard, *How to Measure Anything* (2014), for the 90 % intervals.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import betainc, betaincinv, ndtr, ndtri

from engine.errors import EngineError

FloatArray = npt.NDArray[np.float64]
Inverse = Callable[[FloatArray], FloatArray]

TABLE_POINTS = 4097
Z95 = float(ndtri(0.95))
_FAR_SDS = 8.5  # a normal value further out has a probability below 1e-16
_BISECTIONS = 80


class DistributionProblem(EngineError):
    """A range that describes no distribution; says which number to change."""


class Distribution(Protocol):
    """What every distribution of a quantity can answer."""

    @property
    def mean(self) -> float:
        """The expected value."""

    @property
    def sd(self) -> float:
        """The standard deviation."""

    @property
    def likely(self) -> float:
        """The most likely value."""

    def ppf(self, q: npt.ArrayLike) -> FloatArray:
        """Return the exact quantiles at `q` in [0, 1]."""

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Return the probability of a value of at most `x`."""

    def shortfall(self, x: float) -> float:
        """Return E[max(x - X, 0)], exactly."""

    def grid(self) -> FloatArray:
        """Return ascending values that cover the distribution finely."""

    def table(self) -> Inverse:
        """Return a fast inverse of the CDF for simulation."""

    def to_json(self) -> dict[str, Any]:
        """Return the distribution as JSON that `from_json` reads back."""


def _json(kind: str, **parameters: float) -> dict[str, Any]:
    # 3 and 3.0 are the same belief, so they must have the same digest.
    return {"kind": kind} | {name: float(x) for name, x in parameters.items()}


def _finite(**numbers: float) -> None:
    for name, number in numbers.items():
        if not math.isfinite(number):
            msg = f"{name} is {number}: give a finite number"
            raise DistributionProblem(msg)


def _spread(low: float, likely: float, high: float) -> None:
    _ordered(low, likely, high)
    if low == high:
        msg = f"low and high are both {low:g}: use Fixed for a known number"
        raise DistributionProblem(msg)


def _ordered(low: float, likely: float, high: float) -> None:
    _finite(low=low, likely=likely, high=high)
    if low > high:
        msg = f"low {low:g} is above high {high:g}: swap them"
        raise DistributionProblem(msg)
    if not low <= likely <= high:
        msg = (
            f"likely {likely:g} lies outside {low:g} to {high:g}: "
            "choose a likely value between low and high"
        )
        raise DistributionProblem(msg)


def _inverse_by_table(x: FloatArray, cumulated: FloatArray) -> Inverse:
    def inverse(q: FloatArray) -> FloatArray:
        return np.interp(q, cumulated, x)

    return inverse


@lru_cache(maxsize=512)
def _beta_table(alpha: float, beta: float) -> tuple[FloatArray, FloatArray]:
    # Points crowd at the ends of the cosine grid, where a beta's density may be
    # steep; the window keeps them on the mass of a narrow one.
    mean = alpha / (alpha + beta)
    sd = math.sqrt(mean * (1 - mean) / (alpha + beta + 1))
    low, high = max(0.0, mean - 12 * sd), min(1.0, mean + 12 * sd)
    steps = (1 - np.cos(np.linspace(0, np.pi, TABLE_POINTS))) / 2
    x = low + (high - low) * steps
    return x, np.asarray(betainc(alpha, beta, x), dtype=np.float64)


@dataclass(frozen=True)
class Fixed:
    """A number that is known."""

    value: float

    def __post_init__(self) -> None:
        _finite(value=self.value)

    @property
    def mean(self) -> float:
        return self.value

    @property
    def sd(self) -> float:
        return 0.0

    @property
    def likely(self) -> float:
        return self.value

    def ppf(self, q: npt.ArrayLike) -> FloatArray:
        return np.full_like(np.asarray(q, dtype=np.float64), self.value)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return (np.asarray(x, dtype=np.float64) >= self.value).astype(np.float64)

    def shortfall(self, x: float) -> float:
        return max(x - self.value, 0.0)

    def grid(self) -> FloatArray:
        # The value just below carries the jump of the CDF into a mixture's table.
        return np.array([np.nextafter(self.value, -np.inf), self.value])

    def table(self) -> Inverse:
        return self.ppf

    def to_json(self) -> dict[str, Any]:
        return _json("fixed", value=self.value)


@dataclass(frozen=True)
class Beta:
    """A share between 0 and 1, such as a recall seen on a test set."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        _finite(alpha=self.alpha, beta=self.beta)
        if self.alpha <= 0 or self.beta <= 0:
            msg = f"alpha {self.alpha:g}, beta {self.beta:g}: both must be above 0"
            raise DistributionProblem(msg)

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @property
    def sd(self) -> float:
        mean = self.mean
        return math.sqrt(mean * (1 - mean) / (self.alpha + self.beta + 1))

    @property
    def likely(self) -> float:
        if self.alpha <= 1 or self.beta <= 1:
            return float(self.alpha > self.beta) if self.alpha != self.beta else 0.5
        return (self.alpha - 1) / (self.alpha + self.beta - 2)

    def ppf(self, q: npt.ArrayLike) -> FloatArray:
        return np.asarray(betaincinv(self.alpha, self.beta, q), dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        shares = np.clip(x, 0.0, 1.0)
        return np.asarray(betainc(self.alpha, self.beta, shares), dtype=np.float64)

    def shortfall(self, x: float) -> float:
        share = min(max(x, 0.0), 1.0)
        below = float(betainc(self.alpha, self.beta, share))
        weighted = self.mean * float(betainc(self.alpha + 1, self.beta, share))
        return max(x * below - weighted, 0.0)

    def grid(self) -> FloatArray:
        return _beta_table(self.alpha, self.beta)[0]

    def table(self) -> Inverse:
        return _inverse_by_table(*_beta_table(self.alpha, self.beta))

    def to_json(self) -> dict[str, Any]:
        return _json("beta", alpha=self.alpha, beta=self.beta)


@dataclass(frozen=True)
class Pert:
    """PERT between the least and the greatest possible value.

    `low` and `high` are the ends of the range. For a range that holds 9 times in
    10, use `pert_from_quantiles`.
    """

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        _spread(self.low, self.likely, self.high)

    @property
    def shape(self) -> Beta:
        """The distribution of the same form between 0 and 1."""
        share = (self.likely - self.low) / (self.high - self.low)
        return Beta(1 + 4 * share, 1 + 4 * (1 - share))

    @property
    def mean(self) -> float:
        return (self.low + 4 * self.likely + self.high) / 6

    @property
    def sd(self) -> float:
        return math.sqrt((self.mean - self.low) * (self.high - self.mean) / 7)

    def _scaled(self, shares: FloatArray) -> FloatArray:
        return self.low + (self.high - self.low) * shares

    def ppf(self, q: npt.ArrayLike) -> FloatArray:
        return self._scaled(self.shape.ppf(q))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        distance = np.asarray(x, dtype=np.float64) - self.low
        return self.shape.cdf(distance / (self.high - self.low))

    def shortfall(self, x: float) -> float:
        width = self.high - self.low
        return width * self.shape.shortfall((x - self.low) / width)

    def grid(self) -> FloatArray:
        return self._scaled(self.shape.grid())

    def table(self) -> Inverse:
        shares, cumulated = _beta_table(self.shape.alpha, self.shape.beta)
        return _inverse_by_table(self._scaled(shares), cumulated)

    def to_json(self) -> dict[str, Any]:
        return _json("pert", low=self.low, likely=self.likely, high=self.high)


@dataclass(frozen=True)
class Triangular:
    """Triangle between the least, the most likely and the greatest value."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        _spread(self.low, self.likely, self.high)

    @property
    def mean(self) -> float:
        return (self.low + self.likely + self.high) / 3

    @property
    def sd(self) -> float:
        a, m, b = self.low, self.likely, self.high
        return math.sqrt((a * a + m * m + b * b - a * m - a * b - m * b) / 18)

    def ppf(self, q: npt.ArrayLike) -> FloatArray:
        a, m, b = self.low, self.likely, self.high
        shares = np.asarray(q, dtype=np.float64)
        rising = a + np.sqrt(shares * (b - a) * (m - a))
        falling = b - np.sqrt((1 - shares) * (b - a) * (b - m))
        return np.where(shares <= (m - a) / (b - a), rising, falling)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        # A side of width 0 holds no probability; the 1 only keeps 0/0 away.
        a, m, b = self.low, self.likely, self.high
        inside = np.clip(x, a, b)
        rising = (inside - a) ** 2 / ((b - a) * ((m - a) or 1.0))
        falling = 1 - (b - inside) ** 2 / ((b - a) * ((b - m) or 1.0))
        return np.where((inside < m) | (m == b) & (inside <= m), rising, falling)

    def shortfall(self, x: float) -> float:
        a, m, b = self.low, self.likely, self.high
        if x <= a:
            return 0.0
        if x < m:
            return (x - a) ** 3 / (3 * (b - a) * (m - a))
        excess = max(b - x, 0.0) ** 3 / (3 * (b - a) * ((b - m) or 1.0))
        return x - self.mean + excess

    def grid(self) -> FloatArray:
        return np.linspace(self.low, self.high, TABLE_POINTS)

    def table(self) -> Inverse:
        return self.ppf  # the exact inverse is as fast as a table

    def to_json(self) -> dict[str, Any]:
        return _json("triangular", low=self.low, likely=self.likely, high=self.high)


@dataclass(frozen=True)
class Normal:
    """The bell curve."""

    centre: float
    spread: float

    def __init__(self, mean: float, sd: float) -> None:
        _finite(mean=mean, sd=sd)
        if sd <= 0:
            msg = f"sd is {sd:g}: it must be above 0; use Fixed for a known number"
            raise DistributionProblem(msg)
        object.__setattr__(self, "centre", mean)
        object.__setattr__(self, "spread", sd)

    @classmethod
    def from_interval(cls, low: float, high: float) -> "Normal":
        """Return the normal whose P5 is `low` and whose P95 is `high`."""
        _interval(low, high)
        return cls((low + high) / 2, (high - low) / (2 * Z95))

    @property
    def mean(self) -> float:
        return self.centre

    @property
    def sd(self) -> float:
        return self.spread

    @property
    def likely(self) -> float:
        return self.centre

    def ppf(self, q: npt.ArrayLike) -> FloatArray:
        return np.asarray(self.centre + self.spread * ndtri(q), dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return np.asarray(
            ndtr((np.asarray(x) - self.centre) / self.spread), dtype=np.float64
        )

    def shortfall(self, x: float) -> float:
        z = (x - self.centre) / self.spread
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return self.spread * (z * float(ndtr(z)) + density)

    def grid(self) -> FloatArray:
        steps = np.linspace(-_FAR_SDS, _FAR_SDS, TABLE_POINTS)
        return self.centre + self.spread * steps

    def table(self) -> Inverse:
        return self.ppf  # the exact inverse is as fast as a table

    def to_json(self) -> dict[str, Any]:
        return _json("normal", mean=self.centre, sd=self.spread)


@dataclass(frozen=True)
class LogNormal:
    """A positive number whose logarithm is Normal(mu, sigma)."""

    mu: float
    sigma: float

    def __post_init__(self) -> None:
        _finite(mu=self.mu, sigma=self.sigma)
        if self.sigma <= 0:
            msg = f"sigma is {self.sigma:g}: it must be above 0"
            raise DistributionProblem(msg)

    @classmethod
    def from_interval(cls, low: float, high: float) -> "LogNormal":
        """Return the lognormal whose P5 is `low` and whose P95 is `high`."""
        _interval(low, high)
        if low <= 0:
            msg = f"low is {low:g}: a lognormal range must lie above 0"
            raise DistributionProblem(msg)
        low, high = math.log(low), math.log(high)
        return cls((low + high) / 2, (high - low) / (2 * Z95))

    @property
    def mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def sd(self) -> float:
        return self.mean * math.sqrt(math.expm1(self.sigma**2))

    @property
    def likely(self) -> float:
        return math.exp(self.mu - self.sigma**2)

    def ppf(self, q: npt.ArrayLike) -> FloatArray:
        return np.asarray(np.exp(self.mu + self.sigma * ndtri(q)), dtype=np.float64)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        positive = np.maximum(np.asarray(x, dtype=np.float64), 1e-300)
        return np.asarray(
            ndtr((np.log(positive) - self.mu) / self.sigma), dtype=np.float64
        )

    def shortfall(self, x: float) -> float:
        if x <= 0:
            return 0.0
        z = (math.log(x) - self.mu) / self.sigma
        return x * float(ndtr(z)) - self.mean * float(ndtr(z - self.sigma))

    def grid(self) -> FloatArray:
        steps = np.linspace(-_FAR_SDS, _FAR_SDS, TABLE_POINTS)
        return np.exp(self.mu + self.sigma * steps)

    def table(self) -> Inverse:
        return self.ppf  # the exact inverse is as fast as a table

    def to_json(self) -> dict[str, Any]:
        return _json("lognormal", mu=self.mu, sigma=self.sigma)


def _interval(low: float, high: float) -> None:
    _finite(low=low, high=high)
    if low >= high:
        msg = f"low {low:g} is not below high {high:g}: widen the range"
        raise DistributionProblem(msg)


@dataclass(frozen=True)
class Mixture:
    """The belief of a group: each part is right with equal probability."""

    parts: tuple[Distribution, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            msg = "a mixture of 0 parts: give at least one distribution"
            raise DistributionProblem(msg)

    @property
    def mean(self) -> float:
        return math.fsum(part.mean for part in self.parts) / len(self.parts)

    @property
    def sd(self) -> float:
        mean = self.mean
        squares = (part.sd**2 + (part.mean - mean) ** 2 for part in self.parts)
        return math.sqrt(math.fsum(squares) / len(self.parts))

    @property
    def likely(self) -> float:
        """The mean of the parts' most likely values; a pool may have many peaks."""
        return math.fsum(part.likely for part in self.parts) / len(self.parts)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        total = sum((part.cdf(x) for part in self.parts), np.zeros(np.shape(x)))
        return np.asarray(total / len(self.parts), dtype=np.float64)

    def ppf(self, q: npt.ArrayLike) -> FloatArray:
        shares = np.asarray(q, dtype=np.float64)
        ends = np.stack([np.asarray(part.ppf(shares)) for part in self.parts])
        low, high = ends.min(axis=0), ends.max(axis=0)
        # The pool's quantile lies between the least and the greatest of its parts'.
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            above = self.cdf(middle) >= shares
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.asarray(high, dtype=np.float64)

    @cached_property
    def _points(self) -> tuple[FloatArray, FloatArray]:
        x = np.unique(np.concatenate([part.grid() for part in self.parts]))
        return x, self.cdf(x)

    def shortfall(self, x: float) -> float:
        return math.fsum(part.shortfall(x) for part in self.parts) / len(self.parts)

    def grid(self) -> FloatArray:
        return self._points[0]

    def table(self) -> Inverse:
        return _inverse_by_table(*self._points)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "mixture", "parts": [part.to_json() for part in self.parts]}


def pert_from_quantiles(low: float, likely: float, high: float) -> Pert | Fixed:
    """Return the PERT with 5 % below `low`, 5 % above `high`, mode `likely`.

    Its ends lie outside low to high, perhaps below 0 or above 1: give the
    `Quantity` bounds. Three equal numbers give `Fixed`.

    Raises
    ------
    DistributionProblem
        If a number is not finite, low > high, or likely lies outside them.
    """
    _ordered(low, likely, high)
    if low == high:
        return Fixed(likely)
    # The place of the mode in the 90 % range depends only on its place in the
    # whole range, so one bracketed root gives both ends.
    place = (likely - low) / (high - low)
    mode = _mode_share(place)
    p5, p95 = _shape_quantiles(mode)
    width = (high - low) / (p95 - p5)
    end = low - p5 * width
    _finite(low=end, high=end + width)
    return Pert(min(end, likely), likely, max(end + width, likely))


def _shape_quantiles(mode: float) -> tuple[float, float]:
    p5, p95 = betaincinv(1 + 4 * mode, 5 - 4 * mode, [0.05, 0.95])
    return float(p5), float(p95)


@lru_cache(maxsize=512)
def _mode_share(place: float) -> float:
    def excess(mode: float) -> float:
        p5, p95 = _shape_quantiles(mode)
        return (mode - p5) / (p95 - p5) - place

    return float(brentq(excess, 0.0, 1.0, xtol=1e-14))


_KINDS: dict[str, tuple[Callable[..., Distribution], Sequence[str]]] = {
    "fixed": (Fixed, ("value",)),
    "beta": (Beta, ("alpha", "beta")),
    "pert": (Pert, ("low", "likely", "high")),
    "triangular": (Triangular, ("low", "likely", "high")),
    "normal": (Normal, ("mean", "sd")),
    "lognormal": (LogNormal, ("mu", "sigma")),
}


def distribution_from_json(content: dict[str, Any]) -> Distribution:
    """Return the distribution that `to_json` wrote.

    Raises
    ------
    DistributionProblem
        If the kind is unknown or a parameter is missing or not a number.
    """
    kind = content.get("kind")
    if kind == "mixture":
        return Mixture(tuple(map(distribution_from_json, content.get("parts", []))))
    if kind not in _KINDS:
        known = ", ".join([*_KINDS, "mixture"])
        msg = f"distribution kind {kind!r} is unknown: use one of {known}"
        raise DistributionProblem(msg)
    make, names = _KINDS[kind]
    try:
        numbers = [float(content[name]) for name in names]
    except (KeyError, TypeError, ValueError) as error:
        msg = f"distribution {kind}: give the numbers {', '.join(names)}"
        raise DistributionProblem(msg) from error
    return make(*numbers)
