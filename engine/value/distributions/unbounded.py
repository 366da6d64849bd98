"""Numbers without ends, from their 90 % interval.

References
----------
Hubbard, *How to Measure Anything* (2014).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from engine.value.distributions.base import (
    TABLE_POINTS,
    DistributionProblem,
    FloatArray,
    Inverse,
    check_finite,
    kind_json,
)

Z95 = float(ndtri(0.95))
_FAR_SDS = 8.5  # a normal value further out has a probability below 1e-16


@dataclass(frozen=True)
class Normal:
    """The bell curve."""

    centre: float
    spread: float

    def __init__(self, mean: float, sd: float) -> None:
        check_finite(mean=mean, sd=sd)
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
        return kind_json("normal", mean=self.centre, sd=self.spread)


@dataclass(frozen=True)
class LogNormal:
    """A positive number whose logarithm is Normal(mu, sigma)."""

    mu: float
    sigma: float

    def __post_init__(self) -> None:
        check_finite(mu=self.mu, sigma=self.sigma)
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
        return kind_json("lognormal", mu=self.mu, sigma=self.sigma)


def _interval(low: float, high: float) -> None:
    check_finite(low=low, high=high)
    if low >= high:
        msg = f"low {low:g} is not below high {high:g}: widen the range"
        raise DistributionProblem(msg)
