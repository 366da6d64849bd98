"""Curves from stored predictions, thinned so that a page can carry them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.metrics import FloatArray, measure
from engine.training.threshold import Cells, steps

MOST_POINTS = 500
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class RocCurve:
    """True against false positive rate, from nobody to everybody flagged."""

    fpr: FloatArray  # (k,) rising
    tpr: FloatArray  # (k,) rising
    auc: float


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """Precision at each recall."""

    recall: FloatArray  # (k,) rising
    precision: FloatArray  # (k,)
    average_precision: float
    base_rate: float


@dataclass(frozen=True)
class Calibration:
    """Said against seen, in bins of equal counts."""

    predicted: FloatArray  # (bins,) mean score
    observed: FloatArray  # (bins,) share of positives
    low: FloatArray  # (bins,) Wilson 95 %
    high: FloatArray  # (bins,)
    counts: NDArray[np.int64]  # (bins,)
    expected_error: float  # mean |said − seen|, weighted by count


@dataclass(frozen=True)
class ProfitCurve:
    """Money against the share of cases acted on."""

    acted: FloatArray  # (k,) share, rising from 0 to 1
    per_1000: FloatArray  # (k,) money per 1,000 cases of the target population
    thresholds: FloatArray  # (k,) falling


@dataclass(frozen=True)
class LiftCurve:
    """How many of the positives are among the first x cases."""

    acted: FloatArray  # (k,)
    found: FloatArray  # (k,) share of all positives
    lift: FloatArray  # (k,) found over acted; 1 at the start


@dataclass(frozen=True)
class Confusion:
    """Counts of truth (rows) against answer (columns)."""

    classes: tuple[str, ...]
    counts: NDArray[np.int64]  # (K, K)


@dataclass(frozen=True)
class Residuals:
    """Predicted against true values, thinned at random but for the extremes."""

    predicted: FloatArray  # (k,)
    truth: FloatArray  # (k,)


def roc_curve(labels: NDArray[Any], scores: FloatArray) -> RocCurve:
    """Return the ROC curve with its exact area."""
    found = steps(labels, scores)
    kept = _thin(_corners(found.fpr, found.tpr))
    auc = measure("binary", labels, scores)["roc_auc"]
    return RocCurve(found.fpr[kept], found.tpr[kept], auc)


def precision_recall_curve(
    labels: NDArray[Any], scores: FloatArray
) -> PrecisionRecallCurve:
    """Return precision and recall with their exact average precision."""
    found = steps(labels, scores)
    base = float(np.mean(labels))
    precision = found.tpr[1:] * base / found.acted[1:]
    recall = np.append(0, found.tpr[1:])
    precision = np.append(precision[0], precision)
    kept = _thin(np.arange(len(recall)))
    return PrecisionRecallCurve(
        recall[kept],
        precision[kept],
        measure("binary", labels, scores)["average_precision"],
        base,
    )


def calibration(
    labels: NDArray[Any], scores: FloatArray, *, bins: int = 10
) -> Calibration:
    """Return how often the event came true where the model said how likely it was."""
    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    counts = np.array([len(part) for part in parts], np.int64)
    predicted = np.array([scores[part].mean() for part in parts])
    observed = np.array([labels[part].mean() for part in parts])
    low, high = wilson(observed * counts, counts)
    error = float(np.average(np.abs(predicted - observed), weights=counts))
    return Calibration(predicted, observed, low, high, counts, error)


def wilson(
    hits: FloatArray, counts: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Return the 95 % Wilson interval of each share.

    References
    ----------
    Wilson, *Probable inference* (1927).
    """
    share = hits / counts
    spread = 1 + _Z95**2 / counts
    centre = (share + _Z95**2 / (2 * counts)) / spread
    half = (
        _Z95
        * np.sqrt(share * (1 - share) / counts + _Z95**2 / (4 * counts**2))
        / spread
    )
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def profit_curve(labels: NDArray[Any], scores: FloatArray, cells: Cells) -> ProfitCurve:
    """Return money per 1,000 cases at every share acted on.

    The share is that of the target population, reweighted from the sample's.
    """
    found = steps(labels, scores)
    money = cells.per_1000(found.tpr, found.fpr)
    acted = cells.prevalence * found.tpr + (1 - cells.prevalence) * found.fpr
    kept = _thin(np.arange(len(money)), always=int(np.argmax(money)))
    return ProfitCurve(acted[kept], money[kept], found.thresholds[kept])


def lift_curve(labels: NDArray[Any], scores: FloatArray) -> LiftCurve:
    """Return the cumulative gain and the lift."""
    found = steps(labels, scores)
    kept = _thin(np.arange(len(found.acted)))
    acted, tpr = found.acted[kept], found.tpr[kept]
    lift = np.divide(tpr, acted, out=np.ones_like(tpr), where=acted > 0)
    return LiftCurve(acted, tpr, lift)


def confusion(
    labels: NDArray[Any],
    scores: FloatArray,
    classes: tuple[str, ...],
    *,
    threshold: float = 0.5,
) -> Confusion:
    """Return the counts of each true class answered as each class."""
    answers = (
        (scores >= threshold).astype(np.int64)
        if scores.ndim == 1
        else scores.argmax(axis=1)
    )
    count = len(classes)
    cells = np.bincount(labels * count + answers, minlength=count**2)
    return Confusion(classes, cells.reshape(count, count).astype(np.int64))


def residuals(labels: FloatArray, predictions: FloatArray) -> Residuals:
    """Return at most 500 pairs, evenly taken in the order of the error."""
    order = np.argsort(predictions - labels, kind="stable")
    kept = order[_thin(np.arange(len(order)))]
    return Residuals(predictions[kept], labels[kept])


def _corners(x: FloatArray, y: FloatArray) -> NDArray[np.int64]:
    """Return the indices at which a polyline turns; the others lie on its lines."""
    if len(x) < 3:
        return np.arange(len(x))
    dx, dy = np.diff(x), np.diff(y)
    turns = np.abs(dx[:-1] * dy[1:] - dx[1:] * dy[:-1]) > 1e-15
    return np.concatenate([[0], np.flatnonzero(turns) + 1, [len(x) - 1]])


def _thin(index: NDArray[np.int64], *, always: int | None = None) -> NDArray[np.int64]:
    """Return at most 500 of the given indices, with both ends and `always`."""
    if len(index) > MOST_POINTS:
        places = np.linspace(0, len(index) - 1, MOST_POINTS - 1).round().astype(int)
        index = index[places]
    if always is not None:
        index = np.union1d(index, [always])
    return index
