"""What every distribution can answer, and the checks that they share."""

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError

FloatArray = npt.NDArray[np.float64]
Inverse = Callable[[FloatArray], FloatArray]

TABLE_POINTS = 4097


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


def kind_json(kind: str, **parameters: float) -> dict[str, Any]:
    """Return a distribution's kind and parameters as JSON."""
    # 3 and 3.0 are the same belief, so they must have the same digest.
    return {"kind": kind} | {name: float(x) for name, x in parameters.items()}


def check_finite(**numbers: float) -> None:
    """Raise DistributionProblem naming the first number that is not finite."""
    for name, number in numbers.items():
        if not math.isfinite(number):
            msg = f"{name} is {number}: give a finite number"
            raise DistributionProblem(msg)


def check_spread(low: float, likely: float, high: float) -> None:
    """Raise DistributionProblem unless low < high with likely between them."""
    check_ordered(low, likely, high)
    if low == high:
        msg = f"low and high are both {low:g}: use Fixed for a known number"
        raise DistributionProblem(msg)


def check_ordered(low: float, likely: float, high: float) -> None:
    """Raise DistributionProblem unless low ≤ likely ≤ high."""
    check_finite(low=low, likely=likely, high=high)
    if low > high:
        msg = f"low {low:g} is above high {high:g}: swap them"
        raise DistributionProblem(msg)
    if not low <= likely <= high:
        msg = (
            f"likely {likely:g} lies outside {low:g} to {high:g}: "
            "choose a likely value between low and high"
        )
        raise DistributionProblem(msg)


def inverse_by_table(x: FloatArray, cumulated: FloatArray) -> Inverse:
    """Return the inverse of a CDF known at the ascending points `x`."""

    def inverse(q: FloatArray) -> FloatArray:
        return np.interp(q, cumulated, x)

    return inverse
