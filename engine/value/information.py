"""What finding something out is worth, and where an input breaks even.

References
----------
Raiffa & Schlaifer (1961); Howard (1966); Strong, Oakley & Brennan (2014).
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from engine.value.case import Quantity
from engine.value.distributions import FloatArray

_KNOTS = (0.2, 0.4, 0.6, 0.8)
_SCAN = (1e-6, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1 - 1e-6)


def evpi(net: FloatArray) -> float:
    """Return the worth of perfect information before choosing to fund or not.

    Parameters
    ----------
    net : ndarray of shape (draws,)
        The net benefit of funding; not funding is worth 0.
    """
    return float(np.maximum(net, 0).mean() - max(net.mean(), 0.0))


def evpi_of_normal(mean: float, sd: float) -> float:
    """Return the exact EVPI of a Normal(mean, sd) net benefit.

    The EVPPI of one normal term of a sum is this with the term's `sd` and the
    `mean` of the whole.
    """
    z = abs(mean) / sd
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return sd * density - abs(mean) * float(ndtr(-z))


def evppi(x: FloatArray, net: FloatArray) -> float:
    """Return the worth of finding out `x` alone, estimated from draws.

    The net is regressed on a cubic spline of `x` (Strong, Oakley & Brennan); the
    order of the draws does not matter.

    Parameters
    ----------
    x, net : ndarray of shape (draws,)
    """
    spread = float(x.std())
    if spread == 0:
        return 0.0
    scaled = (x - x.mean()) / spread
    knots = np.unique(np.quantile(scaled, _KNOTS))
    above = [np.maximum(scaled - knot, 0) for knot in knots]
    squared = scaled * scaled
    design = np.stack(
        [np.ones_like(scaled), scaled, squared, squared * scaled]
        # Products, because a power of an array takes ten times as long.
        + [distance * distance * distance for distance in above]
    )
    weights, *_ = np.linalg.lstsq(design @ design.T, design @ net, rcond=None)
    return max(evpi(weights @ design), 0.0)


def evppi_of_line(quantity: Quantity, *, level: float, slope: float) -> float:
    """Return the exact worth of finding out X when E[net | X] = level + slope·X."""
    mean = level + slope * quantity.mean
    if slope == 0:
        return 0.0
    turn = -level / slope
    if not quantity.lower < turn < quantity.upper:
        return 0.0
    # Funding by E[net | X] gains what X offers on the paying side of the turn.
    if slope > 0:
        gained = slope * quantity.excess(turn)
    else:
        gained = -slope * quantity.shortfall(turn)
    return max(gained - max(mean, 0.0), 0.0)


def break_even(
    gain: Callable[[float], float], quantity: Quantity, *, is_linear: bool
) -> float | None:
    """Return the value of a quantity at which `gain` is 0; None if none is.

    Exact for a linear gain, however far outside the likely range but within the
    quantity's bounds; else the sign change next to the median that the quantity's
    range contains.
    """
    if is_linear:
        level, slope = line_through(gain, quantity)
        root = -level / slope if slope else math.nan
        return root if quantity.lower <= root <= quantity.upper else None
    points = np.unique(quantity.clip(quantity.distribution.ppf(_SCAN)))
    gains = [gain(float(point)) for point in points]
    middle = (len(points) - 1) / 2
    turns = [
        at for at in range(len(points) - 1) if (gains[at] < 0) != (gains[at + 1] < 0)
    ]
    if not turns:
        return None
    at = min(turns, key=lambda turn: abs(turn + 0.5 - middle))
    return float(brentq(gain, float(points[at]), float(points[at + 1])))


def line_through(
    gain: Callable[[float], float], quantity: Quantity
) -> tuple[float, float]:
    """Return level and slope of a gain that is linear in the quantity."""
    # Two points as far apart as the quantity's own scale keep the digits.
    mean = quantity.mean
    step = quantity.distribution.sd or abs(mean) or 1.0
    at_mean, beyond = gain(mean), gain(mean + step)
    slope = (beyond - at_mean) / step
    return at_mean - slope * mean, slope
