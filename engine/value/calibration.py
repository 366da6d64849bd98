"""How well people estimate: what came true against what they said.

References
----------
Gneiting & Raftery, *Strictly Proper Scoring Rules, Prediction, and Estimation* (2007).
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrc, betaincinv, ndtr, stdtrit

from engine.digests import digest
from engine.errors import EngineError
from engine.value.distributions import Distribution, LogNormal, Normal
from engine.version import ENGINE_VERSION

STATED = 0.9  # what low to high is asked to hold
SURPRISING = 0.05  # a count of hits rarer than this is no accident
_CRPS_POINTS = 4_096

Scale = Literal["plain", "width", "log"]
Verdict = Literal["too_few", "too_narrow", "too_wide", "as_said"]


class NotScored(EngineError):
    """Estimates or outcomes that cannot be scored; says which and why."""


@dataclass(frozen=True)
class Stated:
    """A range somebody gave, and what came true."""

    low: float
    likely: float
    high: float
    realised: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.low, self.high, self.realised))):
            msg = f"{self}: give finite numbers"
            raise NotScored(msg)
        if self.low > self.high:
            msg = f"low {self.low:g} is above high {self.high:g}: swap them"
            raise NotScored(msg)

    @property
    def is_inside(self) -> bool:
        """Whether the truth lay in the range, its ends included."""
        return self.low <= self.realised <= self.high

    @property
    def stretch(self) -> float:
        """How many half-widths the truth lay from the middle; infinite for a point."""
        half = (self.high - self.low) / 2
        distance = abs(self.realised - (self.low + self.high) / 2)
        if half:
            return distance / half
        return math.inf if distance else 0.0


@dataclass(frozen=True)
class Coverage:
    """How many ranges held the truth."""

    inside: int
    total: int
    stated: float  # the share that should be
    tail: float  # chance of so few or fewer, were the ranges as said
    upper_tail: float  # chance of so many or more
    low: float  # 90 % interval of the share (Jeffreys)
    high: float

    @property
    def share(self) -> float:
        """The share that held the truth."""
        return self.inside / self.total

    @property
    def verdict(self) -> Verdict:
        """Whether the ranges are as said, by the tails.

        Too few as long as neither all hits nor all misses would surprise.
        """
        if self.tail <= SURPRISING:
            return "too_narrow"
        if self.upper_tail <= SURPRISING:
            return "too_wide"
        # Were all inside and still no surprise, nothing could show them too wide.
        if (1 - self.stated) ** self.total > SURPRISING:
            return "too_few"
        return "as_said"


def coverage(statements: Sequence[Stated], *, stated: float = STATED) -> Coverage:
    """Return how many ranges held the truth, and how surprising that is.

    Raises
    ------
    NotScored
        Without a statement, or if `stated` is no share.
    """
    _check_any(statements)
    if not 0 < stated < 1:
        msg = f"stated share {stated}: give a share between 0 and 1"
        raise NotScored(msg)
    inside, total = sum(each.is_inside for each in statements), len(statements)
    ends = betaincinv(inside + 0.5, total - inside + 0.5, (0.05, 0.95))
    low, high = ends.tolist()
    return Coverage(
        inside=inside,
        total=total,
        stated=stated,
        tail=float(bdtr(inside, total, stated)),
        upper_tail=float(bdtrc(inside - 1, total, stated)) if inside else 1.0,
        low=low,
        high=high,
    )


def widening(statements: Sequence[Stated], *, stated: float = STATED) -> float:
    """Return what half-widths would have to be multiplied by to hold `stated`.

    The quantile (linear) of the truths' distances from the middle, in half-widths:
    below 1 the ranges were wider than needed. Infinite if it falls on a point.
    """
    _check_any(statements)
    ordered = sorted(each.stretch for each in statements)
    at = stated * (len(ordered) - 1)
    below = math.floor(at)
    share = at - below
    if not share:
        return ordered[below]
    return ordered[below] * (1 - share) + ordered[below + 1] * share


def interval_score(one: Stated, *, stated: float = STATED) -> float:
    """Return the width plus 2/α for each unit the truth lies outside; less is better."""
    penalty = 2 / (1 - stated)
    under = max(one.low - one.realised, 0.0)
    over = max(one.realised - one.high, 0.0)
    return (one.high - one.low) + penalty * (under + over)


def mean_interval_score(
    statements: Sequence[Stated], *, stated: float = STATED, scale: Scale = "plain"
) -> float:
    """Return the mean interval score.

    Parameters
    ----------
    scale : {"plain", "width", "log"}
        A plain score is bound to its unit and only compares like with like: over
        different quantities divide by the size of the truth ("width"), or score the
        logarithms of amounts above 0 ("log").

    Raises
    ------
    NotScored
        Without a statement, or on a scale that an amount has no place on.
    """
    _check_any(statements)
    scored = [_on_scale(each, scale) for each in statements]
    return math.fsum(interval_score(s, stated=stated) for s in scored) / len(scored)


def _on_scale(one: Stated, scale: Scale) -> Stated:
    if scale == "log":
        if min(one.low, one.realised) <= 0:
            msg = f"{one}: only amounts above 0 have logarithms"
            raise NotScored(msg)
        logs = map(math.log, (one.low, one.likely, one.high, one.realised))
        return Stated(*logs)
    if scale == "plain":
        return one
    size = abs(one.realised)
    if not size:
        msg = f"{one}: a truth of 0 has no size to divide by"
        raise NotScored(msg)
    parts = (one.low, one.likely, one.high, one.realised)
    return Stated(*(part / size for part in parts))


def crps_normal(mean: float, sd: float, realised: float) -> float:
    """Return the continuous ranked probability score of a normal belief."""
    z = (realised - mean) / sd
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return sd * (z * (2 * float(ndtr(z)) - 1) + 2 * density - 1 / math.sqrt(math.pi))


def crps_lognormal(mu: float, sigma: float, realised: float) -> float:
    """Return the continuous ranked probability score of a lognormal belief."""
    # Below 0 the CDF is 0 everywhere, so w is minus infinity.
    w = (math.log(realised) - mu) / sigma if realised > 0 else -math.inf
    inner = float(ndtr(w - sigma) + ndtr(sigma / math.sqrt(2))) - 1
    median_like = realised * (2 * float(ndtr(w)) - 1)
    return median_like - 2 * math.exp(mu + sigma * sigma / 2) * inner


def crps_ensemble(values: npt.ArrayLike, realised: float) -> float:
    """Return the score of equally likely values: mean|x − y| − ½·mean|xᵢ − xⱼ|.

    Raises
    ------
    NotScored
        Without a value.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64).ravel())
    if not len(ordered):
        msg = "an ensemble of no values: give at least one"
        raise NotScored(msg)
    count = len(ordered)
    # The sum of all |xᵢ − xⱼ| counts the k-th value 2k − n − 1 times, twice over.
    weights = 2 * np.arange(1, count + 1) - count - 1
    spread = 2 * float(weights @ ordered) / count**2
    return float(np.abs(ordered - realised).mean()) - spread / 2


def crps(belief: Distribution, realised: float) -> float:
    """Return the score of any belief, in its own unit; less is better.

    Closed for a normal and a lognormal; else by 4,096 quantiles.
    """
    if isinstance(belief, Normal):
        return crps_normal(belief.mean, belief.sd, realised)
    if isinstance(belief, LogNormal):
        return crps_lognormal(belief.mu, belief.sigma, realised)
    shares = (np.arange(_CRPS_POINTS) + 0.5) / _CRPS_POINTS
    return crps_ensemble(belief.ppf(shares), realised)


@dataclass(frozen=True)
class Brier:
    """How good go and no-go probabilities were."""

    score: float  # 0 is perfect, 0.25 is a coin
    base_rate: float
    skill: float | None  # against always saying the base rate; None if all came alike
    total: int

    def to_json(self) -> dict[str, Any]:
        """Return the score as JSON."""
        return asdict(self)


def brier(probabilities: npt.ArrayLike, outcomes: npt.ArrayLike) -> Brier:
    """Return the mean squared distance of probabilities from what came (0 or 1).

    Raises
    ------
    NotScored
        If lengths differ or are 0, a probability is no share, or an outcome is
        neither 0 nor 1.
    """
    said = np.asarray(probabilities, dtype=np.float64)
    came = np.asarray(outcomes, dtype=np.float64)
    if said.ndim != 1 or said.shape != came.shape or not len(said):
        msg = f"probabilities {said.shape}, outcomes {came.shape}: give one for one"
        raise NotScored(msg)
    if not ((said >= 0) & (said <= 1)).all():
        msg = "a probability is no share from 0 to 1"
        raise NotScored(msg)
    if not np.isin(came, (0, 1)).all():
        msg = "an outcome is neither 0 nor 1: code what came true as 1"
        raise NotScored(msg)
    score, base = float(np.mean((said - came) ** 2)), float(came.mean())
    skill = 1 - score / (base * (1 - base)) if 0 < base < 1 else None
    return Brier(score, base, skill, len(said))


@dataclass(frozen=True)
class BiasRatio:
    """Realised over estimated, as a geometric mean: below 1 is optimism."""

    ratio: float
    low: float | None  # t interval on the log scale; None with a single pair
    high: float | None
    total: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes 1."""
        if self.low is None or self.high is None:
            return False
        return self.low > 1 or self.high < 1

    def to_json(self) -> dict[str, Any]:
        """Return the ratio as JSON."""
        return asdict(self)


def bias_ratio(
    estimated: npt.ArrayLike, realised: npt.ArrayLike, *, confidence: float = 0.9
) -> BiasRatio:
    """Return exp(mean ln(realised / estimated)) with its t interval (n − 1).

    Raises
    ------
    NotScored
        If lengths differ or are 0, or an amount is not above 0: a ratio says
        nothing of losses.
    """
    said = np.asarray(estimated, dtype=np.float64)
    came = np.asarray(realised, dtype=np.float64)
    if said.ndim != 1 or said.shape != came.shape or not len(said):
        msg = f"estimated {said.shape}, realised {came.shape}: give one for one"
        raise NotScored(msg)
    if not ((said > 0) & (came > 0)).all():
        msg = "an amount is not above 0: leave losses out of the ratio"
        raise NotScored(msg)
    logs = np.log(came / said)
    mean, total = float(logs.mean()), len(logs)
    if total < 2:
        return BiasRatio(math.exp(mean), None, None, total)
    reach = float(stdtrit(total - 1, (1 + confidence) / 2)) * float(
        logs.std(ddof=1) / math.sqrt(total)
    )
    return BiasRatio(
        math.exp(mean), math.exp(mean - reach), math.exp(mean + reach), total
    )


@dataclass(frozen=True)
class Calibration:
    """How well a person or a team estimates."""

    coverage: Coverage
    verdict: Verdict
    widening: float | None  # None if a stated point missed: no factor mends it
    interval_score: float | None  # over the size of the truth; None if a truth is 0
    bias: BiasRatio | None  # None unless likely and realised are all above 0
    stated: float
    engine_version: str
    digest: str  # of the statements and the engine version

    def to_json(self) -> dict[str, Any]:
        """Return the calibration as JSON."""
        return asdict(self)


def calibrate(statements: Sequence[Stated], *, stated: float = STATED) -> Calibration:
    """Return all that these ranges say of who gave them.

    Raises
    ------
    NotScored
        Without a statement.
    """
    held = coverage(statements, stated=stated)
    factor = widening(statements, stated=stated)
    nonzero = all(each.realised for each in statements)
    positive = all(min(each.likely, each.realised) > 0 for each in statements)
    said = [asdict(each) for each in statements]
    return Calibration(
        coverage=held,
        verdict=held.verdict,
        widening=factor if math.isfinite(factor) else None,
        interval_score=mean_interval_score(statements, stated=stated, scale="width")
        if nonzero
        else None,
        bias=bias_ratio(
            [each.likely for each in statements],
            [each.realised for each in statements],
        )
        if positive
        else None,
        stated=stated,
        engine_version=ENGINE_VERSION,
        digest=digest([said, stated, ENGINE_VERSION]),
    )


def _check_any(statements: Sequence[Stated]) -> None:
    if not statements:
        msg = "nothing has come true yet: score at least one range"
        raise NotScored(msg)
