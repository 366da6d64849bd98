"""The benefit matrix, and what follows from it in closed form.

References
----------
Elkan, *The Foundations of Cost-Sensitive Learning* (2001); Provost & Fawcett,
*Data Science for Business* (2013), ch. 7.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr

from engine.value.case import CELLS, CaseProblem, ValueCase
from engine.value.distributions import FloatArray
from engine.value.simulate import cell_shares

_LEAST_D, _GREATEST_D = 1e-3, 15.0


@dataclass(frozen=True)
class Cells:
    """The benefit matrix: money per case, costs negative, against doing nothing."""

    tp: float
    fn: float
    fp: float
    tn: float

    @classmethod
    def of(cls, case: ValueCase) -> "Cells":
        """Return the cells of a case at the means of its quantities."""
        means = case.means()
        sums = dict.fromkeys(CELLS, 0.0)
        for driver in case.counted(*CELLS):
            sums[driver.per] += driver.sign * float(driver.formula.evaluate(means))
        return cls(*(sums[cell] for cell in CELLS))

    @property
    def gain_of_catching(self) -> float:
        """What acting on a positive case gains over not acting on it."""
        return self.tp - self.fn

    @property
    def cost_of_alarm(self) -> float:
        """What acting on a negative case costs over not acting on it."""
        return self.tn - self.fp


def ev_per_case(
    cells: Cells, *, prevalence: float, tpr: npt.ArrayLike, fpr: npt.ArrayLike
) -> FloatArray:
    """Return the expected money per case at the given rates."""
    shares = cell_shares(prevalence, tpr, fpr)
    amounts = dict(zip(CELLS, (cells.tp, cells.fn, cells.fp, cells.tn), strict=True))
    total = sum((shares[cell] * amounts[cell] for cell in CELLS), np.asarray(0.0))
    return np.asarray(total, dtype=np.float64)


def break_even_precision(cells: Cells) -> float:
    """Return the share of positives among those acted on at which acting pays.

    Also Elkan's threshold: act on a case whose *calibrated* probability is at
    least this.

    Raises
    ------
    CaseProblem
        If a caught positive gains nothing, so that acting never pays.
    """
    _check_gain(cells)
    return cells.cost_of_alarm / (cells.cost_of_alarm + cells.gain_of_catching)


# The two questions have one answer; each is asked by its own name.
elkan_threshold = break_even_precision


def break_even_recall(
    cells: Cells, *, prevalence: float, volume: float, fixed_cost: float, fpr: float
) -> float:
    """Return the recall at which the yearly net is 0; above 1 none suffices."""
    _check_gain(cells)
    nothing = ev_per_case(cells, prevalence=prevalence, tpr=0.0, fpr=fpr)
    missing = fixed_cost / volume - float(nothing)
    return missing / (prevalence * cells.gain_of_catching)


def largest_fpr(
    cells: Cells, *, prevalence: float, volume: float, fixed_cost: float, tpr: float
) -> float:
    """Return the false alarm rate at which the yearly net is 0; below 0 none is."""
    if cells.cost_of_alarm <= 0:
        msg = f"a false alarm costs {cells.cost_of_alarm:g}: no rate is too large"
        raise CaseProblem(msg)
    quiet = ev_per_case(cells, prevalence=prevalence, tpr=tpr, fpr=0.0)
    spare = float(quiet) - fixed_cost / volume
    return spare / ((1 - prevalence) * cells.cost_of_alarm)


def iso_profit_slope(cells: Cells, *, prevalence: float) -> float:
    """Return the slope of equal profit in ROC space (TPR over FPR)."""
    _check_gain(cells)
    odds = (1 - prevalence) / prevalence
    return odds * cells.cost_of_alarm / cells.gain_of_catching


def _check_gain(cells: Cells) -> None:
    if cells.gain_of_catching <= 0:
        msg = (
            f"catching a positive case gains {cells.gain_of_catching:g}: "
            "give true positives a value above that of missed ones"
        )
        raise CaseProblem(msg)


@dataclass(frozen=True)
class BinormalPoint:
    """The best cut of a model whose scores are N(0,1) and N(d′,1)."""

    cut: float
    tpr: float
    fpr: float
    auc: float


def best_binormal_cut(d_prime: float, *, slope: float) -> BinormalPoint:
    """Return the point at which the binormal ROC curve has the given slope."""
    cut = math.log(slope) / d_prime + d_prime / 2
    return BinormalPoint(
        cut=cut,
        tpr=float(ndtr(d_prime - cut)),
        fpr=float(ndtr(-cut)),
        auc=float(ndtr(d_prime / math.sqrt(2))),
    )


def least_auc(
    cells: Cells, *, prevalence: float, volume: float, fixed_cost: float
) -> float | None:
    """Return the least AUC that pays at its best cut, if scores are binormal.

    0.5 if no model is needed, None if not even a perfect one pays.

    Raises
    ------
    CaseProblem
        If a false alarm costs nothing or a caught positive gains nothing: then
        one side is always right and no model is needed to choose.
    """
    slope = iso_profit_slope(cells, prevalence=prevalence)
    if slope <= 0:
        msg = f"a false alarm costs {cells.cost_of_alarm:g}: act on every case"
        raise CaseProblem(msg)

    def net(d_prime: float) -> float:
        best = best_binormal_cut(d_prime, slope=slope)
        per_case = ev_per_case(cells, prevalence=prevalence, tpr=best.tpr, fpr=best.fpr)
        return volume * float(per_case) - fixed_cost

    if net(_LEAST_D) >= 0:
        return 0.5
    if net(_GREATEST_D) < 0:
        return None
    root = float(brentq(net, _LEAST_D, _GREATEST_D, xtol=1e-12))
    return best_binormal_cut(root, slope=slope).auc
