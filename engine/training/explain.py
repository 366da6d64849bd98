"""What a fitted model leans on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.training.metrics import FloatArray, Task, measure, specs

if TYPE_CHECKING:  # pages draw what was found, and need no data frames for it
    import pandas as pd

MOST_ROWS = 2_000
MOST_FEATURES = 60


@dataclass(frozen=True)
class Importance:
    """How much worse the metric gets when one feature is shuffled."""

    feature: str
    mean: float
    sd: float


def permutation_importance(
    predict: "Callable[[pd.DataFrame], FloatArray]",
    frame: "pd.DataFrame",
    labels: NDArray[Any],
    *,
    task: Task,
    metric: str,
    rng: np.random.Generator,
    repeats: int = 5,
    top: int = 12,
) -> tuple[Importance, ...]:
    """Return the `top` features by how much the model loses without them.

    Samples above 2,000 rows are thinned and features past the 60th are left out, so
    the cost stays bounded; a positive mean always says that the feature helps.

    References
    ----------
    Breiman, *Random forests* (2001).
    """
    if len(frame) > MOST_ROWS:
        rows = np.sort(rng.choice(len(frame), MOST_ROWS, replace=False))
        frame, labels = frame.iloc[rows], labels[rows]
    sign = 1 if specs(task)[metric].direction == "higher" else -1
    whole = measure(task, labels, predict(frame))[metric]
    # One call for all repeats: a pipeline's fixed cost per call exceeds its work.
    rows = np.tile(np.arange(len(frame)), repeats)
    stacked = frame.take(rows).reset_index(drop=True)
    found = []
    for name in list(frame.columns)[:MOST_FEATURES]:
        original = stacked[name]
        column = frame[name].to_numpy()
        stacked[name] = np.concatenate(
            [rng.permutation(column) for _ in range(repeats)]
        )
        scores = np.split(predict(stacked), repeats)
        stacked[name] = original
        drops = [sign * (whole - measure(task, labels, s)[metric]) for s in scores]
        found.append(
            Importance(str(name), float(np.mean(drops)), float(np.std(drops, ddof=1)))
        )
    return tuple(sorted(found, key=lambda item: -item.mean)[:top])
