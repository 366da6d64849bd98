"""Two numbers at a time: how their values lie in a grid of bins."""

from collections.abc import Sequence
from itertools import islice

import numpy as np

from engine.profile.columns import Column, FloatArray, edges_of
from engine.profile.result import Correlation, Together

MAX_PAIRS = 20
_LEAST_VALUES = 3  # of either column, or the grid says what a table of four cells does
BINS = 24
_LEAST = 0.05  # a strength below it is no relation worth a picture


def most_related(
    columns: Sequence[Column], correlations: Sequence[Correlation], *, exact: bool
) -> tuple[Together, ...]:
    """Return the grids of the most related pairs of numbers, strongest first."""
    by_name = {column.name: column for column in columns}
    pairs = (
        (strength, by_name[x], by_name[y])
        for strength, x, y in _strongest(correlations)
    )
    rich = (
        each for each in pairs if min(len(c.counts) for c in each[1:]) >= _LEAST_VALUES
    )
    return tuple(
        _grid(x, y, strength, exact=exact) for strength, x, y in islice(rich, MAX_PAIRS)
    )


def _strongest(correlations: Sequence[Correlation]) -> list[tuple[float, str, str]]:
    strengths: dict[tuple[str, str], float] = {}
    for matrix in correlations:
        if matrix.method in ("pearson", "spearman"):
            for i, row in enumerate(matrix.values):
                for j, r in enumerate(row[:i]):
                    pair = matrix.names[j], matrix.names[i]
                    strengths[pair] = max(strengths.get(pair, 0.0), abs(r or 0.0))
    ranked = sorted(strengths.items(), key=lambda each: (-each[1], each[0]))
    return [(r, x, y) for (x, y), r in ranked if r >= _LEAST]


def _grid(x: Column, y: Column, strength: float, *, exact: bool) -> Together:
    (x_edges, x_bins), (y_edges, y_bins) = _binned(x), _binned(y)
    both = (x.codes >= 0) & (y.codes >= 0)
    i, j = x_bins[x.codes[both]], y_bins[y.codes[both]]
    seen = (i >= 0) & (j >= 0)
    n_x, n_y = len(x_edges) - 1, len(y_edges) - 1
    counts = np.bincount(j[seen] * n_x + i[seen], minlength=n_x * n_y)
    return Together(
        x=x.name,
        y=y.name,
        x_edges=tuple(x_edges.tolist()),
        y_edges=tuple(y_edges.tolist()),
        counts=tuple(tuple(row) for row in counts.reshape(n_y, n_x).tolist()),
        strength=strength,
        rows=int(seen.sum()),
        exact=exact,
    )


def _binned(column: Column) -> tuple[FloatArray, np.ndarray]:
    """Return (edges, the bin of each distinct value, -1 for an infinite one)."""
    assert column.values is not None  # noqa: S101 — only numbers are correlated
    values = column.values.astype(np.float64)
    finite = np.isfinite(values)
    low, high = float(values[finite].min()), float(values[finite].max())
    edges = edges_of(low, high, whole=column.kind == "integer", bins=BINS)
    bins = np.full(len(values), -1, np.int64)
    placed = np.searchsorted(edges, values[finite], side="right") - 1
    bins[finite] = np.clip(placed, 0, len(edges) - 2)
    return edges, bins
