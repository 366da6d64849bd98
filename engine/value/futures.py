"""Possible futures of many cases at once, from what is kept of each."""

from collections.abc import Sequence

import numpy as np

from engine.value.distributions import FloatArray
from engine.value.simulate import uniforms


def futures_of(
    quantiles: Sequence[float], *, mean: float, key: str, draws: int, seed: int
) -> FloatArray:
    """Return draws of an amount of which equally likely quantiles are known.

    Between the quantiles, at (i + 1/2)/n, the amount is interpolated; beyond the
    outer ones it stays there. The draws are moved so that their expectation is
    `mean`. Two keys are drawn independently, the same key always alike.

    Parameters
    ----------
    quantiles : sequence of float, shape (n_quantiles,)
        Ascending, such as the dots of a value estimate.

    Returns
    -------
    ndarray of shape (draws,)
    """
    known = np.asarray(quantiles, dtype=np.float64)
    shares = (np.arange(known.size) + 0.5) / known.size
    drawn = np.interp(uniforms(key, draws=draws, seed=seed), shares, known)
    # The trapezes between the quantiles and the flat ends sum to the plain mean.
    return np.asarray(drawn + (mean - known.mean()), dtype=np.float64)
