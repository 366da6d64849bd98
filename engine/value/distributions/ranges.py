"""What somebody believes who says low, likely and high, 9 times in 10."""

import math
from collections.abc import Callable
from functools import lru_cache

from scipy.optimize import brentq
from scipy.special import betaincinv

from engine.value.distributions.base import (
    Distribution,
    DistributionProblem,
    check_finite,
    check_ordered,
)
from engine.value.distributions.bounded import Fixed, Pert, Triangular
from engine.value.distributions.unbounded import LogNormal, Normal

# The 5 % and 95 % quantiles between 0 and 1 of the form with its mode at a share.
_Quantiles = Callable[[float], tuple[float, float]]


def belief(shape: str, low: float, likely: float, high: float) -> Distribution:
    """Return what is believed by one who says low, likely and high.

    Whatever the shape, 9 times in 10 the truth lies between low and high. "pert" and
    "triangular" have their peak at `likely`; "normal" and "lognormal" follow from
    low and high alone. Three equal numbers give `Fixed`.

    Raises
    ------
    DistributionProblem
        If a number is not finite, low > high, likely lies outside them, a lognormal
        range reaches 0, or the shape is unknown.
    """
    if shape not in _SHAPES:
        msg = f"shape {shape!r} is unknown: use one of {', '.join(_SHAPES)}"
        raise DistributionProblem(msg)
    check_ordered(low, likely, high)
    if low == high:
        return Fixed(likely)
    if shape == "lognormal" and low <= 0:
        msg = (
            f"low is {low:g}: a lognormal range holds numbers above 0 only; "
            "raise low above 0 or choose another shape"
        )
        raise DistributionProblem(msg)
    return _SHAPES[shape](low, likely, high)


def pert_from_quantiles(low: float, likely: float, high: float) -> Pert | Fixed:
    """Return the PERT with 5 % below `low`, 5 % above `high`, mode `likely`.

    Its ends lie outside low to high, perhaps below 0 or above 1: give the
    `Quantity` bounds. Three equal numbers give `Fixed`.

    Raises
    ------
    DistributionProblem
        If a number is not finite, low > high, or likely lies outside them.
    """
    check_ordered(low, likely, high)
    if low == high:
        return Fixed(likely)
    return Pert(*_ends(low, likely, high, _pert_quantiles))


def triangular_from_quantiles(
    low: float, likely: float, high: float
) -> Triangular | Fixed:
    """Return the triangle with 5 % below `low`, 5 % above `high`, peak `likely`.

    As `pert_from_quantiles` otherwise.
    """
    check_ordered(low, likely, high)
    if low == high:
        return Fixed(likely)
    return Triangular(*_ends(low, likely, high, _triangle_quantiles))


def _ends(
    low: float, likely: float, high: float, quantiles: _Quantiles
) -> tuple[float, float, float]:
    # The place of the mode in the 90 % range depends only on its place in the
    # whole range, so one bracketed root gives both ends.
    place = (likely - low) / (high - low)
    p5, p95 = quantiles(_mode_share(place, quantiles))
    width = (high - low) / (p95 - p5)
    end = low - p5 * width
    check_finite(low=end, high=end + width)
    return min(end, likely), likely, max(end + width, likely)


@lru_cache(maxsize=1024)
def _mode_share(place: float, quantiles: _Quantiles) -> float:
    def excess(mode: float) -> float:
        p5, p95 = quantiles(mode)
        return (mode - p5) / (p95 - p5) - place

    return float(brentq(excess, 0.0, 1.0, xtol=1e-14))


def _pert_quantiles(mode: float) -> tuple[float, float]:
    p5, p95 = betaincinv(1 + 4 * mode, 5 - 4 * mode, [0.05, 0.95])
    return float(p5), float(p95)


def _triangle_quantiles(mode: float) -> tuple[float, float]:
    return _triangle_p5(mode), 1 - _triangle_p5(1 - mode)


def _triangle_p5(mode: float) -> float:
    # Left of the mode the CDF is x²/mode, right of it 1 - (1 - x)²/(1 - mode).
    if mode >= 0.05:
        return math.sqrt(0.05 * mode)
    return 1 - math.sqrt(0.95 * (1 - mode))


_SHAPES: dict[str, Callable[[float, float, float], Distribution]] = {
    "pert": pert_from_quantiles,
    "triangular": triangular_from_quantiles,
    "normal": lambda low, _, high: Normal.from_interval(low, high),
    "lognormal": lambda low, _, high: LogNormal.from_interval(low, high),
}
SHAPES = tuple(_SHAPES)
