"""How far a sample of numbers has moved from a reference, value by value."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError

FloatArray = npt.NDArray[np.float64]

# Above this the exact distribution costs more than the asymptotic one is off.
EXACT_UP_TO = 10_000


@dataclass(frozen=True)
class KolmogorovSmirnov:
    """The largest distance between two distribution functions, and how likely it is."""

    statistic: float  # the effect size, in [0, 1]
    p: float
    is_exact: bool


def kolmogorov_smirnov(reference: FloatArray, current: FloatArray) -> KolmogorovSmirnov:
    """Return the two-sample test, with an exact p up to 10,000 values a side.

    Parameters
    ----------
    reference, current : ndarray of shape (n_reference,), (n_current,)
        Finite values; lengths may differ.

    Raises
    ------
    EngineError
        If a sample is empty.
    """
    _check(reference, current)
    is_exact = max(len(reference), len(current)) <= EXACT_UP_TO
    from scipy.stats import ks_2samp  # half a second to load

    found = ks_2samp(reference, current, method="exact" if is_exact else "asymp")
    return KolmogorovSmirnov(float(found.statistic), float(found.pvalue), is_exact)


def wasserstein(reference: FloatArray, current: FloatArray) -> float:
    """Return how far the values have to be carried on average, in their own unit.

    Raises
    ------
    EngineError
        If a sample is empty.
    """
    _check(reference, current)
    from scipy.stats import wasserstein_distance  # half a second to load

    return float(wasserstein_distance(reference, current))


def decile_edges(reference: FloatArray) -> FloatArray:
    """Return the inner edges of ten bins that hold a tenth of the reference each.

    Quantiles interpolate linearly, equal edges become one; the outer bins are open.
    Where numbers lie too far apart to interpolate, that edge is left out.

    Returns
    -------
    ndarray of shape (n_bins - 1,)
        Ascending, at most 9 of them.

    Raises
    ------
    EngineError
        If the sample is empty.
    """
    _check(reference, reference)
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.unique(np.quantile(reference, np.linspace(0.1, 0.9, 9)))
    return edges[np.isfinite(edges)]


def bin_counts(values: FloatArray, edges: FloatArray) -> npt.NDArray[np.int64]:
    """Return how many values lie in each bin; bins are closed on the left.

    Returns
    -------
    ndarray of shape (n_edges + 1,)
    """
    places = np.searchsorted(edges, values, side="right")
    return np.bincount(places, minlength=len(edges) + 1).astype(np.int64)


def _check(reference: FloatArray, current: FloatArray) -> None:
    if not len(reference) or not len(current):
        raise EngineError("Drift needs at least one value on each side.")
