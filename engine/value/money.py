"""Money over the years: the first flow falls now, later ones at year end."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from engine.value.distributions import FloatArray

_LEAST_RATE, _GREATEST_RATE = -0.999999, 1e6


def discount_factors(rate: float, *, years: int) -> FloatArray:
    """Return what one unit at the end of year 0, 1, …, `years` is worth now."""
    return np.asarray((1 + rate) ** -np.arange(years + 1.0), dtype=np.float64)


def annuity_factor(rate: float, *, years: int) -> float:
    """Return what one unit at the end of each of `years` years is worth now."""
    return float(discount_factors(rate, years=years)[1:].sum())


def ramp(shares: Sequence[float], *, years: int) -> FloatArray:
    """Return the share of the yearly net reached in year 1, …, `years`."""
    reached = np.ones(years)
    known = min(len(shares), years)
    reached[:known] = shares[:known]
    return reached


def cash_flow(
    once: npt.ArrayLike,
    yearly: npt.ArrayLike,
    *,
    years: int,
    ramp_up: Sequence[float] = (),
) -> FloatArray:
    """Return the flows now and at each year's end.

    Parameters
    ----------
    once, yearly : array_like of shape (...)
        The amount paid (below 0) or received now, and a full year's net.

    Returns
    -------
    ndarray of shape (..., years + 1)
    """
    now, full = np.broadcast_arrays(
        np.asarray(once, dtype=np.float64), np.asarray(yearly, dtype=np.float64)
    )
    later = full[..., None] * ramp(ramp_up, years=years)
    return np.concatenate([now[..., None], later], axis=-1)


def npv(flow: npt.ArrayLike, rate: float) -> FloatArray:
    """Return the net present value of flows of shape (..., years + 1)."""
    flows = np.asarray(flow, dtype=np.float64)
    factors = discount_factors(rate, years=flows.shape[-1] - 1)
    return np.asarray(flows @ factors, dtype=np.float64)


def irr(flow: npt.ArrayLike) -> float | None:
    """Return the rate at which the NPV of one flow is 0; None if there is none.

    A flow that changes its sign more than once may have several such rates and
    gives None, as no single one of them ranks projects.
    """
    flows = np.asarray(flow, dtype=np.float64)
    signs = np.sign(flows[flows != 0])
    if np.count_nonzero(np.diff(signs)) != 1:
        return None

    def value(rate: float) -> float:
        return float(npv(flows, rate))

    if value(_LEAST_RATE) * value(_GREATEST_RATE) > 0:
        return None
    return float(brentq(value, _LEAST_RATE, _GREATEST_RATE, xtol=1e-14))


def payback(flow: npt.ArrayLike, rate: float = 0.0) -> FloatArray:
    """Return the years until the money is back for good; NaN if it never is.

    Interpolated within the year in which the cumulated flow crosses 0 for the last
    time; 0 if it is never below. With a `rate` the flows are discounted first.

    Parameters
    ----------
    flow : array_like of shape (..., years + 1)

    Returns
    -------
    ndarray of shape (...)
    """
    flows = np.asarray(flow, dtype=np.float64)
    years = flows.shape[-1] - 1
    flows = flows * discount_factors(rate, years=years)
    cumulated = np.cumsum(flows, axis=-1)
    below = cumulated < 0
    # The number of the first year after the last one that ends below 0.
    crossing = (years + 1) - np.argmax(below[..., ::-1], axis=-1)
    crossing = np.where(below.any(axis=-1), crossing, 0)
    pick = np.clip(crossing, 1, years)[..., None]
    before = np.take_along_axis(cumulated, pick - 1, axis=-1)[..., 0]
    gained = np.take_along_axis(flows, pick, axis=-1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        waited = crossing - 1 - before / gained
    found = np.where(crossing == 0, 0.0, waited)
    return np.where(crossing > years, np.nan, found)
