"""Numbers between two ends: known, a share, PERT, a triangle.

References
----------
Clark, *The PERT Model for the Distribution of an Activity Time* (1962).
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincinv

from engine.value.distributions.base import (
    TABLE_POINTS,
    DistributionProblem,
    FloatArray,
    Inverse,
    check_finite,
    check_spread,
    inverse_by_table,
    kind_json,
)


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
        check_finite(value=self.value)

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
        return kind_json("fixed", value=self.value)


@dataclass(frozen=True)
class Beta:
    """A share between 0 and 1, such as a recall seen on a test set."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        check_finite(alpha=self.alpha, beta=self.beta)
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
        return inverse_by_table(*_beta_table(self.alpha, self.beta))

    def to_json(self) -> dict[str, Any]:
        return kind_json("beta", alpha=self.alpha, beta=self.beta)


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
        check_spread(self.low, self.likely, self.high)

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
        return inverse_by_table(self._scaled(shares), cumulated)

    def to_json(self) -> dict[str, Any]:
        return kind_json("pert", low=self.low, likely=self.likely, high=self.high)


@dataclass(frozen=True)
class Triangular:
    """Triangle between the least, the most likely and the greatest value."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        check_spread(self.low, self.likely, self.high)

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
        return kind_json("triangular", low=self.low, likely=self.likely, high=self.high)
