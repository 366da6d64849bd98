"""Whether the agreed metrics rank runs as money does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import kendalltau

from engine.errors import EngineError


class BadComparison(EngineError):
    """Metrics and money that do not belong to the same runs."""


@dataclass(frozen=True)
class Agreement:
    """How one metric ranks the runs, against money."""

    metric: str
    tau: float | None  # Kendall's τ-b with money; None if it ranks nothing
    runs: int  # runs that have both the metric and a price
    chosen: int | None  # the position of the run the metric puts first
    forgone: float | None  # money a year lost by that choice


def agreement_with_money(
    metrics: Mapping[str, npt.ArrayLike],
    money: npt.ArrayLike,
    *,
    lower_is_better: Collection[str] = (),
) -> tuple[Agreement, ...]:
    """Return how each metric agrees with money over the runs, in the given order.

    Parameters
    ----------
    metrics : mapping of name to array_like of shape (runs,)
        NaN where a run has no such metric.
    money : array_like of shape (runs,)
        Yearly net; NaN where a run is not priced.

    Raises
    ------
    BadComparison
        If a metric has another number of values than there are runs.
    """
    nets = np.asarray(money, dtype=np.float64)
    found = []
    for name, values in metrics.items():
        sign = -1.0 if name in lower_is_better else 1.0
        found.append(_agreement(name, sign * np.asarray(values, float), nets))
    return tuple(found)


def _agreement(
    name: str,
    values: npt.NDArray[np.float64],
    nets: npt.NDArray[np.float64],
) -> Agreement:
    if values.shape != nets.shape or nets.ndim != 1:
        msg = (
            f"metric {name!r} has shape {values.shape}, money {nets.shape}: "
            "give one value per run"
        )
        raise BadComparison(msg)
    both = np.flatnonzero(~np.isnan(values) & ~np.isnan(nets))
    if not len(both):
        return Agreement(name, None, 0, None, None)
    ranked, priced = values[both], nets[both]
    tau = None
    if len(np.unique(ranked)) > 1 and len(np.unique(priced)) > 1:
        tau = float(kendalltau(ranked, priced).statistic)
    first = int(np.argmax(ranked))
    forgone = float(priced.max() - priced[first])
    return Agreement(name, tau, len(both), int(both[first]), forgone)
