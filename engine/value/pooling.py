"""Several people's beliefs about one number: pooled, and how far they differ."""

import math
from collections.abc import Sequence

import numpy as np

from engine.value.distributions import (
    Distribution,
    DistributionProblem,
    LogNormal,
    Mixture,
)

__all__ = ["Mixture", "disagreement_share", "overlap", "pool"]


def pool(beliefs: Sequence[Distribution]) -> Distribution:
    """Return the equal-weight linear pool; one person's pool is their belief.

    Raises
    ------
    DistributionProblem
        If nobody believes anything.
    """
    return beliefs[0] if len(beliefs) == 1 else Mixture(tuple(beliefs))


def disagreement_share(beliefs: Sequence[Distribution]) -> float:
    """Return the share of the pooled variance that lies between people.

    On the log scale if all are lognormal. 0 if all are the same; 1 if each is sure
    of a number of their own.

    Raises
    ------
    DistributionProblem
        If nobody believes anything.
    """
    if not beliefs:
        msg = "nobody has estimated: ask at least one person"
        raise DistributionProblem(msg)
    logs = [(b.mu, b.sigma) for b in beliefs if isinstance(b, LogNormal)]
    same_scale = len(logs) == len(beliefs)
    moments = logs if same_scale else [(b.mean, b.sd) for b in beliefs]
    between = float(np.var([mean for mean, _ in moments]))
    within = math.fsum(sd * sd for _, sd in moments) / len(moments)
    return between / (between + within) if between else 0.0


def overlap(one: Distribution, other: Distribution) -> float:
    """Return ∫min(f₁, f₂): 1 for the same belief, 0 for beliefs that never meet."""
    x = np.unique(np.concatenate([one.grid(), other.grid()]))
    ends = ([-np.inf], x)
    steps = [np.diff(belief.cdf(np.concatenate(ends))) for belief in (one, other)]
    return float(np.minimum(*steps).sum())
