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


def payback(
    once: npt.ArrayLike,
    yearly: npt.ArrayLike,
    *,
    years: int,
    ramp_up: Sequence[float] = (),
    rate: float = 0.0,
) -> FloatArray:
    """Return the years until the money is back; NaN if it is not within `years`.

    Interpolated within the year in which the cumulated flow crosses 0; 0 if it is
    never below. With a `rate` the flows are discounted first.

    Parameters
    ----------
    once, yearly : array_like of shape (...)
        As for `cash_flow`; the ramp is never below 0, so the flow crosses 0 once.

    Returns
    -------
    ndarray of shape (...)
    """
    now = np.asarray(once, dtype=np.float64)
    full = np.asarray(yearly, dtype=np.float64)
    flows = ramp(ramp_up, years=years) * discount_factors(rate, years=years)[1:]
    reached = np.concatenate([[0.0], np.cumsum(flows)])
    with np.errstate(divide="ignore", invalid="ignore"):
        waited = np.interp(-now / full, reached, np.arange(years + 1.0))
    is_back = now + reached[-1] * full >= 0
    return np.where(is_back, np.where(now < 0, waited, 0.0), np.nan)
