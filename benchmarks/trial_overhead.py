"""What recording a trial costs over bare scikit-learn on the same folds.

Run from the root of the project: `python -m benchmarks.trial_overhead [repeats]`.
Bare: clone, fit, predict_proba and two scores per fold. Recorded: the same fits with all
metrics, the thresholded ones too, reports, digests and the predictions on disk. Bar:
at most 15 ms a fold.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.base import clone
from sklearn.metrics import average_precision_score, roc_auc_score
from threadpoolctl import threadpool_limits

from benchmarks._figures import verdict
from engine import digests
from engine.progress import Silent
from engine.training import catalogue, estimators, preprocess
from engine.training.crossfit import cross_fit
from engine.training.metrics import measure
from engine.training.predictions import write_predictions
from engine.training.protocol import Protocol
from engine.training.table import file_digest
from engine.training.trial import Prepared, prepare

ROWS, NUMBERS, WORDS = 7_043, 8, 12
BAR_MS = 15.0


def synthetic_table(path: Path) -> None:
    """Write a table of the shape of the churn example: 7,043 rows, 20 features."""
    rng = np.random.default_rng(1)
    columns: dict[str, object] = {
        f"number_{i}": rng.normal(size=ROWS) for i in range(NUMBERS)
    }
    for i in range(WORDS):
        columns[f"word_{i}"] = rng.choice(["yes", "no", "unknown"], ROWS).tolist()
    signal = np.asarray(columns["number_0"]) - 1 + rng.normal(size=ROWS)
    columns["left"] = np.where(signal > 0, "yes", "no").tolist()
    pq.write_table(pa.table(columns), path)


def bare(pipeline: object, prepared: Prepared) -> None:
    """Cross-validate as a person would, with two scores."""
    frame, labels = prepared.features.frame, prepared.labels.values
    for fold in prepared.split.folds:
        model = clone(pipeline)
        model.fit(frame.iloc[fold.train], labels[fold.train])
        scores = model.predict_proba(frame.iloc[fold.test])[:, 1]
        average_precision_score(labels[fold.test], scores)
        roc_auc_score(labels[fold.test], scores)


def recorded(pipeline: object, prepared: Prepared, folder: Path) -> None:
    """Cross-validate as a trial does."""
    fitted = cross_fit(
        pipeline,
        prepared.features,
        prepared.labels,
        prepared.split,
        task="binary",
        report=Silent(),
    )
    measured = [
        measure("binary", part.labels, part.scores, threshold=0.5)
        for _, part in fitted.parts()
    ]
    digests.digest(measured)
    fitted.predictions.digest()
    write_predictions(fitted.predictions, folder / "oof.parquet")


def cpu_seconds(works: Sequence[Callable[[], None]], repeats: int) -> list[float]:
    """Return each work's least CPU time; taken in turn, so a disturbance hits all."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, taken in zip(works, times, strict=True):
            start = time.process_time()
            work()
            taken.append(time.process_time() - start)
    return [min(taken) for taken in times]


def main(repeats: int) -> int:
    """Print one line per family; fail when one misses the bar."""
    held = []
    with tempfile.TemporaryDirectory() as name, threadpool_limits(limits=1):
        folder = Path(name)
        synthetic_table(folder / "table.parquet")
        rules = Protocol(
            task="binary",
            target="left",
            positive="yes",
            data_digest=file_digest(folder / "table.parquet"),
            primary_metric="average_precision",
        )
        prepared = prepare(folder / "table.parquet", rules)
        print(f"{ROWS} rows, {NUMBERS + WORDS} features, {rules.folds} folds, CPU time")
        for family in ("linear", "boosting", "neural"):
            params = catalogue.resolve(family, "binary", {})
            pipeline = preprocess.pipeline(
                catalogue.find(family).preparation,
                preprocess.layout(prepared.features, prepared.split.training),
                estimators.build(family, "binary", params, 1),
                seed=1,
                rows=len(prepared.split.training),
            )
            works = (
                partial(bare, pipeline, prepared),
                partial(recorded, pipeline, prepared, folder),
            )
            plain, full = cpu_seconds(works, repeats)
            name = (
                f"{family} (bare {plain:.3f} s, recorded {full:.3f} s, "
                f"ratio {full / plain:.3f}), overhead a fold"
            )
            overhead = 1000 * (full - plain) / rules.folds
            held.append(verdict(name, overhead, BAR_MS, "ms"))
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
