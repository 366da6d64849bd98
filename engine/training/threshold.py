"""The score from which acting pays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.training.metrics import FloatArray

NEUTRAL = 0.5


@dataclass(frozen=True)
class Cells:
    """What one case of each kind is worth, over doing nothing new, and how many there are."""

    tp: float  # money per case
    fn: float
    fp: float
    tn: float
    prevalence: float  # share of positives in the target population

    def per_1000(self, tpr: FloatArray, fpr: FloatArray) -> FloatArray:
        """Return money per 1,000 cases of the target population.

        References
        ----------
        Provost & Fawcett, *Data Science for Business* (2013), ch. 7.
        """
        positives = tpr * self.tp + (1 - tpr) * self.fn
        negatives = fpr * self.fp + (1 - fpr) * self.tn
        return 1000 * (self.prevalence * positives + (1 - self.prevalence) * negatives)


def cells_from(content: Mapping[str, Any]) -> Cells:
    """Return the cells a caller states as JSON.

    Raises
    ------
    EngineError
        If one is missing or not finite, or prevalence is not between 0 and 1.
    """
    names = ("tp", "fn", "fp", "tn", "prevalence")
    values = {}
    for name in names:
        value = content.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise EngineError(f"cells: {name} is {value!r}; give a number")
        if not np.isfinite(value):
            raise EngineError(f"cells: {name} is {value}; give a finite number")
        values[name] = float(value)
    if not 0 < values["prevalence"] < 1:
        raise EngineError(
            f"cells: prevalence is {values['prevalence']}; give a share between 0 and 1"
        )
    return Cells(**values)


@dataclass(frozen=True)
class Steps:
    """Every distinct way of acting on ranked scores, from nobody to everybody."""

    thresholds: FloatArray  # (k,) falling; act when the score reaches it
    tpr: FloatArray  # (k,) rising from 0 to 1
    fpr: FloatArray  # (k,)
    acted: FloatArray  # (k,) share of cases acted on


def steps(labels: NDArray[Any], scores: FloatArray) -> Steps:
    """Return the steps of the ROC curve; thresholds lie midway between scores.

    Midway, so that another fit's scores, a little off, fall on the same side.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, positive = scores[order], labels[order].astype(np.float64)
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    found = np.append(0, np.cumsum(positive)[ends])
    taken = np.append(0, ends + 1).astype(np.float64)
    wrong = taken - found
    levels = ranked[ends]
    between = (levels[:-1] + levels[1:]) / 2
    # The mean of neighbouring floats may round onto the lower one.
    between = np.where(between > levels[1:], between, levels[:-1])
    nobody = np.nextafter(max(1.0, float(levels[0])), np.inf)
    everybody = min(0.0, float(levels[-1]))
    return Steps(
        thresholds=np.concatenate([[nobody], between, [everybody]]),
        tpr=found / found[-1],
        fpr=wrong / wrong[-1],
        acted=taken / taken[-1],
    )


def best_threshold(labels: NDArray[Any], scores: FloatArray, cells: Cells) -> float:
    """Return the threshold that earns most on this sample; the highest among equals."""
    found = steps(labels, scores)
    return float(found.thresholds[int(np.argmax(cells.per_1000(found.tpr, found.fpr)))])
