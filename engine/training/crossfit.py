"""Fit every fold once, predict once, measure once."""

import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from engine.errors import EngineError
from engine.progress import Reporter
from engine.training.metrics import FloatArray, IndexArray, Task, measure
from engine.training.predictions import Predictions
from engine.training.splitting import Split
from engine.training.table import Features, Labels


@dataclass(frozen=True)
class FoldResult:
    """What one fit of the cross-validation gave."""

    fold: int  # from 0, over all repeats
    repeat: int
    n_train: int
    n_test: int
    metrics: Mapping[str, float]
    fit_seconds: float
    predict_seconds: float


@dataclass(frozen=True)
class CrossFit:
    """All folds of a cross-validation."""

    folds: tuple[FoldResult, ...]
    predictions: Predictions  # out of fold, in the order of the folds

    def parts(self) -> Iterator[tuple[FoldResult, Predictions]]:
        """Yield each fold with its own predictions."""
        start = 0
        for fold in self.folds:
            part = slice(start, start + fold.n_test)
            yield (
                fold,
                Predictions(
                    self.predictions.rows[part],
                    self.predictions.labels[part],
                    self.predictions.scores[part],
                    self.predictions.repeats[part],
                ),
            )
            start += fold.n_test


def cross_fit(
    pipeline: Any,
    features: Features,
    labels: Labels,
    split: Split,
    *,
    task: Task,
    report: Reporter,
) -> CrossFit:
    """Return metrics and predictions of every fold; each metric is reported at once."""
    results: list[FoldResult] = []
    parts: list[Predictions] = []
    for number, fold in enumerate(split.folds):
        started = time.perf_counter()
        model = fit(pipeline, features, labels, fold.train, place=f"fold {number + 1}")
        fitted = time.perf_counter()
        scores = predict_scores(model, features.frame.iloc[fold.test], task)
        predicted = time.perf_counter()
        truth = labels.values[fold.test]
        values = measure(task, truth, scores)
        results.append(
            FoldResult(
                number,
                fold.repeat,
                len(fold.train),
                len(fold.test),
                values,
                fitted - started,
                predicted - fitted,
            )
        )
        repeats = np.full(len(fold.test), fold.repeat, np.int64)
        parts.append(Predictions(fold.test, truth, scores, repeats))
        for key, value in values.items():
            report.metric(key, value, step=number)
        share = (number + 1) / (len(split.folds) + 2)
        report.progress(share, f"fold {number + 1} of {len(split.folds)}")
    return CrossFit(
        tuple(results),
        Predictions(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.labels for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.repeats for part in parts]),
        ),
    )


def fit(
    pipeline: Any, features: Features, labels: Labels, rows: IndexArray, *, place: str
) -> Any:
    """Return a fitted copy of `pipeline`.

    Raises
    ------
    EngineError
        If these rows do not allow it; `place` names them.
    """
    model = clone(pipeline)
    try:
        return model.fit(features.frame.iloc[rows], labels.values[rows])
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise EngineError(
            f"{place}: the model cannot be fitted ({reason}); use fewer folds, or "
            "exclude columns that hardly vary"
        ) from error


def predict_scores(model: Any, frame: pd.DataFrame, task: Task) -> FloatArray:
    """Return the positive class's probability, each class's, or the prediction."""
    if task == "regression":
        return np.asarray(model.predict(frame), dtype=np.float64)
    probabilities = np.asarray(model.predict_proba(frame), dtype=np.float64)
    if task == "binary":
        return np.ascontiguousarray(probabilities[:, 1])
    return probabilities


@contextmanager
def warnings_into(report: Reporter, kept: list[str]) -> Iterator[None]:
    """Send each different warning once to the job's log, and keep it in `kept`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        line = f"{warning.category.__name__}: {str(warning.message).splitlines()[0]}"
        if line not in kept and len(kept) < 50:
            kept.append(line)
            report.log(line)
