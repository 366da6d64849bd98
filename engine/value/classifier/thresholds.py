"""The threshold that brings the most money, by an exact sweep."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError
from engine.value.case import ValueCase
from engine.value.classifier.benefits import Cells, ev_per_case
from engine.value.classifier.pricing import check_priced
from engine.value.distributions import FloatArray


class BadScores(EngineError):
    """Scores and labels that no threshold can be chosen from."""


@dataclass(frozen=True)
class ProfitCurve:
    """Money per case of the target population, by threshold.

    All arrays have shape (distinct scores + 1,); the first point acts on nobody.
    """

    thresholds: FloatArray  # descending; act on a score of at least this
    acted_on: FloatArray  # share of the target population
    tpr: FloatArray
    fpr: FloatArray
    per_case: FloatArray

    @property
    def best(self) -> int:
        """The index of the most money; of equal ones, the one that acts least."""
        return int(np.argmax(self.per_case))


def profit_curve(
    scores: npt.ArrayLike,
    labels: npt.ArrayLike,
    cells: Cells | ValueCase,
    prevalence: float | None = None,
) -> ProfitCurve:
    """Return the money per case at every threshold, equal scores kept together.

    Parameters
    ----------
    scores, labels : array_like of shape (n,)
        A higher score means positive; labels are 0 or 1.
    cells : Cells or ValueCase
        A case is taken at the means of its quantities.
    prevalence : float, optional
        The positive share of the target population, which reweights the classes;
        by default that of the case.

    Raises
    ------
    BadScores
        If lengths differ, a score is not finite, a label is not 0 or 1, one class
        is missing or no prevalence is known.
    """
    score, positive = _checked(scores, labels)
    matrix, share = _matrix(cells, prevalence)
    order = np.argsort(-score, kind="stable")
    score, positive = score[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    caught = np.cumsum(positive)[last]
    alarms = (last + 1) - caught
    tpr = np.append(0.0, caught / positive.sum())
    fpr = np.append(0.0, alarms / (len(positive) - positive.sum()))
    return ProfitCurve(
        thresholds=np.append(np.nextafter(score[0], np.inf), score[last]),
        acted_on=share * tpr + (1 - share) * fpr,
        tpr=tpr,
        fpr=fpr,
        per_case=ev_per_case(matrix, prevalence=share, tpr=tpr, fpr=fpr),
    )


def threshold_by_money(
    scores: npt.ArrayLike,
    labels: npt.ArrayLike,
    cells: Cells | ValueCase,
    prevalence: float | None = None,
) -> float:
    """Return the score from which on acting brings the most money.

    Arguments and errors are those of `profit_curve`. Just above the greatest score
    if acting on nobody is best. Choose it on other data than those that price the
    run: the best of many thresholds looks better than it is.
    """
    curve = profit_curve(scores, labels, cells, prevalence)
    return float(curve.thresholds[curve.best])


def _checked(
    scores: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    score = np.asarray(scores, dtype=np.float64)
    label = np.asarray(labels, dtype=np.float64)
    if score.ndim != 1 or score.shape != label.shape:
        msg = f"scores {score.shape} and labels {label.shape}: give one label a score"
        raise BadScores(msg)
    if not np.isfinite(score).all():
        count = np.count_nonzero(~np.isfinite(score))
        msg = f"{count} of {len(score)} scores are not finite: leave those cases out"
        raise BadScores(msg)
    if not np.isin(label, (0, 1)).all():
        msg = "a label is neither 0 nor 1: code the positive class as 1"
        raise BadScores(msg)
    positives = int(label.sum())
    if positives in (0, len(label)):
        msg = f"{positives} of {len(label)} labels are positive: both must occur"
        raise BadScores(msg)
    return score, label.astype(np.int64)


def _matrix(cells: Cells | ValueCase, prevalence: float | None) -> tuple[Cells, float]:
    if isinstance(cells, ValueCase):
        check_priced(cells)
        if prevalence is None:
            prevalence = float(cells.prevalence_formula.evaluate(cells.means()))
        cells = Cells.of(cells)
    if prevalence is None or not 0 <= prevalence <= 1:
        msg = f"prevalence {prevalence}: give the target population's positive share"
        raise BadScores(msg)
    return cells, prevalence
