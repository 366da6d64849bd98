"""The belief of a group."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.value.distributions.base import (
    Distribution,
    DistributionProblem,
    FloatArray,
    Inverse,
    inverse_by_table,
)

_BISECTIONS = 80


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
        return inverse_by_table(*self._points)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "mixture", "parts": [part.to_json() for part in self.parts]}
