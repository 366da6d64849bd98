"""How far counts in the same bins or categories have moved from a reference."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from engine.errors import EngineError

FloatArray = npt.NDArray[np.float64]
CountArray = npt.NDArray[np.int64]

# A category that is new on one side would make PSI infinite; how far it moves then
# depends on this floor, so that it is fixed, and shown.
EPS = 1e-4


@dataclass(frozen=True)
class ChiSquare:
    """Pearson's test that two rows of counts come from one distribution."""

    statistic: float
    p: float
    degrees: int
    cramers_v: float  # the effect size: 0 alike, 1 as unlike as can be


def population_stability(
    reference: CountArray, current: CountArray, *, eps: float = EPS
) -> float:
    """Return the population stability index, in nats: 0 where the shares are equal.

    Shares below `eps` are raised to it and not made to sum to 1 again.

    Parameters
    ----------
    reference, current : ndarray of shape (n_bins,)
        Counts in the same bins.

    Raises
    ------
    EngineError
        If a side is empty or the bins differ.

    References
    ----------
    Siddiqi, *Credit Risk Scorecards* (2006).
    """
    before, after = _shares(reference, current)
    p, q = np.maximum(before, eps), np.maximum(after, eps)
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(reference: CountArray, current: CountArray) -> float:
    """Return the Jensen-Shannon distance in [0, 1]: the root of the divergence in bits.

    Raises
    ------
    EngineError
        As `population_stability`.
    """
    p, q = _shares(reference, current)
    middle = (p + q) / 2
    divergence = (_entropy_to(p, middle) + _entropy_to(q, middle)) / 2
    return float(np.sqrt(max(divergence, 0.0)))


def total_variation(reference: CountArray, current: CountArray) -> float:
    """Return the share of rows, in [0, 1], that would have to move to be alike.

    Raises
    ------
    EngineError
        As `population_stability`.
    """
    p, q = _shares(reference, current)
    return float(np.abs(p - q).sum() / 2)


def chi_square(reference: CountArray, current: CountArray) -> ChiSquare:
    """Return the test of a 2 × k table, without Yates' or a bias correction.

    Raises
    ------
    EngineError
        As `population_stability`.
    """
    _shares(reference, current)
    table = np.stack([reference, current]).astype(float)
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return ChiSquare(statistic=0.0, p=1.0, degrees=0, cramers_v=0.0)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    degrees = table.shape[1] - 1
    # Of two rows the smaller side of the table is always 2.
    strength = float(np.sqrt(statistic / table.sum()))
    return ChiSquare(statistic, float(chdtrc(degrees, statistic)), degrees, strength)


def goodness_of_fit(reference: CountArray, current: CountArray) -> tuple[float, float]:
    """Return (chi-square, p) of `current`, with the reference's shares expected.

    A category the reference never had makes the statistic infinite.

    Raises
    ------
    EngineError
        As `population_stability`.
    """
    p, _ = _shares(reference, current)
    seen = p > 0
    if np.any(current[~seen] > 0):
        return float("inf"), 0.0
    expected = p[seen] * current.sum()
    statistic = float(np.sum((current[seen] - expected) ** 2 / expected))
    return statistic, float(chdtrc(max(seen.sum() - 1, 1), statistic))


def _entropy_to(p: FloatArray, middle: FloatArray) -> float:
    """Return the relative entropy of `p` to `middle`, in bits."""
    held = p > 0
    return float(np.sum(p[held] * np.log2(p[held] / middle[held])))


def _shares(
    reference: CountArray, current: CountArray
) -> tuple[FloatArray, FloatArray]:
    if reference.shape != current.shape:
        raise EngineError(
            f"The reference has {reference.size} bins and the data {current.size}: "
            "count both in the same bins."
        )
    if not reference.sum() or not current.sum():
        raise EngineError("Drift needs at least one value on each side.")
    return reference / reference.sum(), current / current.sum()
