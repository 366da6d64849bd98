"""What finding something out is worth, and where an input breaks even.

References
----------
Raiffa & Schlaifer (1961); Howard (1966); Strong, Oakley & Brennan (2014).
"""

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from engine.errors import EngineError
from engine.value.case import Quantity
from engine.value.distributions import FloatArray

MOST_TOGETHER = 4
_KNOTS = (0.2, 0.4, 0.6, 0.8)
_DEGREE = 4  # of the products that a joint regression holds
_NODES = {1: 512, 2: 64, 3: 24}  # a dimension, by how many there are
_SCAN = (1e-6, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1 - 1e-6)


class InformationProblem(EngineError):
    """A question about information without an answer; says which number to mend."""


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
    if sd == 0:
        return 0.0
    z = abs(mean) / sd
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return sd * density - abs(mean) * float(ndtr(-z))


def evsi_of_normal(
    mean: float, *, sd: float, observations: int, noise_sd: float
) -> float:
    """Return the worth of a sample about one normal term before choosing.

    What the sample will say of the term has the preposterior standard deviation
    s²/√(s² + e²/n); that is put in the place of the term's own. It is never worth
    more than the term's EVPPI, which it reaches without noise.

    Parameters
    ----------
    mean : float
        Of the whole net benefit.
    sd : float
        Of what is believed about the term.
    observations : int
        How many are taken, 0 or more.
    noise_sd : float
        Of one observation around the truth.

    Raises
    ------
    InformationProblem
        If a number is below 0 or not finite.

    References
    ----------
    Raiffa & Schlaifer, *Applied Statistical Decision Theory* (1961).
    """
    _check_finite(mean=mean)
    _check_amounts(sd=sd, observations=observations, noise_sd=noise_sd)
    if not observations or not sd:
        return 0.0
    preposterior = sd * sd / math.sqrt(sd * sd + noise_sd * noise_sd / observations)
    return evpi_of_normal(mean, preposterior)


@dataclass(frozen=True)
class StagedBet:
    """Building at once against building after a pilot that tells whether it works.

    Amounts are net benefits today; doing nothing is worth 0.
    """

    commit: float
    staged: float
    commit_from: float | None  # the smallest p at which it pays; None: at none
    staged_from: float | None

    @property
    def best(self) -> Literal["commit", "staged", "drop"]:
        """Which to choose; dropping it where neither is worth more than 0."""
        if max(self.commit, self.staged) <= 0:
            return "drop"
        return "commit" if self.commit >= self.staged else "staged"

    @property
    def worth_of_pilot(self) -> float:
        """What the pilot adds to the best choice without one; below 0 if it loses."""
        return self.staged - max(self.commit, 0.0)


def staged_bet(
    p: float, *, win: float, lose: float, build: float, pilot: float
) -> StagedBet:
    """Return what building at once is worth, and what a perfect pilot first.

    Commit = p·win + (1−p)·lose − build; staged = −pilot + p·max(0, win − build) +
    (1−p)·max(0, lose − build), as after the pilot only what pays is built.

    Parameters
    ----------
    p : float
        The chance that it works.
    win, lose : float
        What it brings if it works and if it does not, before the costs.
    build, pilot : float
        What building and what the pilot costs, 0 or more.

    Raises
    ------
    InformationProblem
        If p is no share, a cost is below 0, or losing brings more than winning.
    """
    _check_finite(win=win, lose=lose)
    _check_amounts(build=build, pilot=pilot)
    if not 0 <= p <= 1:
        msg = f"p is {p}: give a share from 0 to 1"
        raise InformationProblem(msg)
    if lose > win:
        msg = f"lose {lose:g} is above win {win:g}: swap them"
        raise InformationProblem(msg)
    kept_win, kept_lose = max(win - build, 0.0), max(lose - build, 0.0)
    return StagedBet(
        commit=p * win + (1 - p) * lose - build,
        staged=-pilot + p * kept_win + (1 - p) * kept_lose,
        commit_from=_pays_from(lose - build, win - build),
        staged_from=_pays_from(kept_lose - pilot, kept_win - pilot),
    )


def _pays_from(at_0: float, at_1: float) -> float | None:
    """Return the least p at which the line from `at_0` to `at_1` is not below 0."""
    if at_0 >= 0:
        return 0.0
    return -at_0 / (at_1 - at_0) if at_1 >= 0 else None


def _check_finite(**numbers: float) -> None:
    for name, number in numbers.items():
        if not math.isfinite(number):
            msg = f"{name} is {number}: give a finite number"
            raise InformationProblem(msg)


def _check_amounts(**amounts: float) -> None:
    _check_finite(**amounts)
    for name, amount in amounts.items():
        if amount < 0:
            msg = f"{name} is {amount:g}: it must be 0 or more"
            raise InformationProblem(msg)


def evppi(x: FloatArray, net: FloatArray) -> float:
    """Return the worth of finding out `x` alone, estimated from draws.

    The net is regressed on a cubic spline of `x` (Strong, Oakley & Brennan); the
    order of the draws does not matter.

    Parameters
    ----------
    x, net : ndarray of shape (draws,)
    """
    return joint_evppi([x], net)


def joint_evppi(inputs: Sequence[FloatArray], net: FloatArray) -> float:
    """Return the worth of finding out all of some inputs, estimated from draws.

    The net is regressed on a cubic spline of each and on the products of their
    powers up to the fourth degree, or to the product of all.

    Parameters
    ----------
    inputs : sequence of ndarray of shape (draws,)
    net : ndarray of shape (draws,)
    """
    scaled = [_standard(x) for x in inputs if x.std() > 0]
    if not scaled:
        return 0.0
    columns = [np.ones_like(net), *(c for x in scaled for c in _spline(x))]
    design = np.stack([*columns, *_products(scaled)])
    weights, *_ = np.linalg.lstsq(design @ design.T, design @ net, rcond=None)
    return max(evpi(weights @ design), 0.0)


def _standard(x: FloatArray) -> FloatArray:
    return np.asarray((x - x.mean()) / x.std(), dtype=np.float64)


def _spline(x: FloatArray) -> list[FloatArray]:
    above = [np.maximum(x - knot, 0) for knot in np.unique(np.quantile(x, _KNOTS))]
    # Products, because a power of an array takes ten times as long.
    return [x, x * x, x * x * x, *(gap * gap * gap for gap in above)]


def _products(inputs: Sequence[FloatArray]) -> Iterator[FloatArray]:
    """Yield the products of powers of several inputs."""
    most = max(_DEGREE, len(inputs))
    for powers in itertools.product(range(_DEGREE), repeat=len(inputs)):
        if sum(powers) <= most and np.count_nonzero(powers) > 1:
            factors = (x for x, n in zip(inputs, powers, strict=True) for _ in range(n))
            yield functools.reduce(np.multiply, factors)


def evppi_of_line(quantity: Quantity, *, level: float, slope: float) -> float:
    """Return the exact worth of finding out X when E[net | X] = level + slope·X."""
    mean = level + slope * quantity.mean
    return max(_positive_part(quantity, level, slope) - max(mean, 0.0), 0.0)


def _positive_part(quantity: Quantity, level: float, slope: float) -> float:
    """Return E[max(level + slope·X, 0)]."""
    mean = level + slope * quantity.mean
    turn = -level / slope if slope else math.inf
    if not quantity.lower < turn < quantity.upper:
        return max(mean, 0.0)
    # Funding by E[net | X] gains what X offers on the paying side of the turn.
    if slope > 0:
        return slope * quantity.excess(turn)
    return -slope * quantity.shortfall(turn)


def evppi_of_product(
    gains: Callable[[Mapping[str, FloatArray]], FloatArray],
    quantities: Sequence[Quantity],
) -> float:
    """Return the worth of finding out independent quantities, all of them.

    Exact for the last one and by Gauss-Legendre points over the probabilities of the
    others, so it takes a gain that is linear in the last.

    Parameters
    ----------
    gains : function of the values by name, each of shape (points,)
        The expected net there: that at the means of all other quantities.
    quantities : sequence of Quantity
        2 to 4 of them.
    """
    *outer, last = quantities
    values, weights = _grid(outer)
    step = last.distribution.sd or abs(last.mean) or 1.0
    at_mean, beyond = (
        gains(values | {last.name: np.full(len(weights), last.mean + more)})
        for more in (0.0, step)
    )
    slopes = (beyond - at_mean) / step
    levels = at_mean - slopes * last.mean
    kept = [_positive_part(last, *line) for line in zip(levels, slopes, strict=True)]
    return max(float(weights @ kept) - max(float(weights @ at_mean), 0.0), 0.0)


def _grid(
    quantities: Sequence[Quantity],
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Return values of each quantity at all points, and the points' weights."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES[len(quantities)])
    shares = np.meshgrid(*[(nodes + 1) / 2] * len(quantities))
    weight = math.prod(np.meshgrid(*[weights / 2] * len(quantities)))
    values = {
        each.name: each.clip(each.distribution.ppf(share.ravel()))
        for each, share in zip(quantities, shares, strict=True)
    }
    return values, np.asarray(weight).ravel()


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
