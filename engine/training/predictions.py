"""Stored predictions, from which curves, intervals and new metrics are made later."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.training.metrics import FloatArray, IndexArray


@dataclass(frozen=True)
class Predictions:
    """One model's answers for some rows of a table."""

    rows: IndexArray  # (n,) rows of the table
    labels: NDArray[Any]  # (n,)
    scores: FloatArray  # (n,), or (n, K) for K classes
    repeats: IndexArray  # (n,) which repeat of the cross-validation; 0 for a holdout

    def digest(self) -> str:
        """Return the SHA-256 of rows, repeats and scores, bit by bit."""
        sha = hashlib.sha256()
        sha.update(self.rows.astype("<i8").tobytes())
        sha.update(self.repeats.astype("<i8").tobytes())
        sha.update(np.ascontiguousarray(self.scores, dtype="<f8").tobytes())
        return sha.hexdigest()

    def averaged(self) -> "Predictions":
        """Return one line per row, its scores averaged over the repeats."""
        rows, first, back, counts = np.unique(
            self.rows, return_index=True, return_inverse=True, return_counts=True
        )
        sums = np.zeros((len(rows), *self.scores.shape[1:]))
        np.add.at(sums, back, self.scores)
        shape = (-1,) + (1,) * (self.scores.ndim - 1)
        return Predictions(
            rows,
            self.labels[first],
            sums / counts.reshape(shape),
            np.zeros(len(rows), np.int64),
        )


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write row, repeat, label and score (or p0, p1, … by class) as parquet."""
    columns: dict[str, NDArray[Any]] = {
        "row": predictions.rows,
        "repeat": predictions.repeats,
        "label": predictions.labels,
    }
    if predictions.scores.ndim == 1:
        columns["score"] = predictions.scores
    else:
        for index in range(predictions.scores.shape[1]):
            columns[f"p{index}"] = predictions.scores[:, index]
    pq.write_table(pa.table(columns), path)


def read_predictions(path: Path) -> Predictions:
    """Return what `write_predictions` wrote."""
    table = pq.read_table(path)
    names = [n for n in table.column_names if n not in ("row", "repeat", "label")]
    scores = [table[name].to_numpy() for name in names]
    return Predictions(
        table["row"].to_numpy(),
        table["label"].to_numpy(),
        scores[0] if names == ["score"] else np.column_stack(scores),
        table["repeat"].to_numpy(),
    )
