"""Where values are missing: which columns together, and in which part of the table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.profile.columns import Column, FloatArray, IntArray
from engine.profile.result import Missingness, MissingPattern

MAX_COLUMNS = 40
MAX_PATTERNS = 30
STRETCHES = 50
_WORD = 63  # columns whose gaps fit in one whole number
_KEPT = 100_000  # different patterns; the rarest beyond it are dropped


@dataclass(frozen=True)
class Gaps:
    """What is counted about the gaps of some rows; sums of two count both."""

    names: tuple[str, ...]
    patterns: pl.DataFrame  # one word of bits per 63 columns, and n
    stretches: IntArray  # (n_stretches, n_columns) missing values
    rows: IntArray  # (n_stretches,)
    dropped: int = 0  # rows of patterns too rare to be kept

    def bits(self, columns: IntArray) -> FloatArray:
        """Return 1.0 for each pattern and each of these columns that it lacks."""
        words = self.patterns.drop("n").to_numpy()
        bits = words[:, columns // _WORD] >> (columns % _WORD) & 1
        return bits.astype(np.float64)

    def __add__(self, other: "Gaps") -> "Gaps":
        both = pl.concat([self.patterns, other.patterns])
        patterns, dropped = _kept(_summed(both))
        return Gaps(
            self.names,
            patterns,
            self.stretches + other.stretches,
            self.rows + other.rows,
            self.dropped + other.dropped + dropped,
        )


def gaps_of(
    missing: Sequence[npt.NDArray[np.bool_]],
    names: Sequence[str],
    *,
    first_row: int = 0,
    table_rows: int,
) -> Gaps:
    """Return the gaps of a part of a table that begins at `first_row`."""
    n_rows = len(missing[0]) if missing else 0
    stretches = max(min(STRETCHES, table_rows), 1)
    # Rows of one stretch lie together, so its sum is a difference of two.
    ends = -(-np.arange(stretches + 1) * table_rows // stretches) - first_row
    ends = np.clip(ends, 0, n_rows)
    counted = np.zeros((stretches, len(names)), np.int64)
    words = np.zeros((max(-(-len(names) // _WORD), 1), n_rows), np.int64)
    for j, gaps in enumerate(missing):
        if gaps.any():
            sums = np.append(0, np.cumsum(gaps))
            counted[:, j] = np.diff(sums[ends])
            words[j // _WORD] |= gaps.astype(np.int64) << (j % _WORD)
    table = pl.DataFrame({f"w{i}": word for i, word in enumerate(words)})
    patterns = _summed(table.with_columns(n=pl.lit(1, pl.Int64)))
    patterns, dropped = _kept(patterns)
    return Gaps(tuple(names), patterns, counted, np.diff(ends), dropped)


def _summed(table: pl.DataFrame) -> pl.DataFrame:
    words = [name for name in table.columns if name != "n"]
    return table.group_by(words).agg(pl.col("n").sum())


def _kept(patterns: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    if patterns.height <= _KEPT:
        return patterns, 0
    kept = patterns.sort("n", descending=True).head(_KEPT)
    return kept, int(patterns["n"].sum()) - int(kept["n"].sum())


def gaps_of_columns(columns: Sequence[Column]) -> Gaps | None:
    """Return the gaps of a table in memory; None if it has none."""
    with_gaps = [c for c in columns if int(c.counts.sum()) < c.rows]
    if not with_gaps:
        return None
    missing = [c.codes < 0 for c in with_gaps]
    names = [c.name for c in with_gaps]
    return gaps_of(missing, names, table_rows=with_gaps[0].rows)


def missingness(gaps: Gaps | None) -> Missingness | None:
    """Return what counted gaps say; None if nothing is missing."""
    if gaps is None:
        return None
    some = np.flatnonzero(gaps.stretches.sum(axis=0))
    if not len(some):
        return None
    shown = some[:MAX_COLUMNS]
    words = gaps.patterns.columns[:-1]
    top = gaps.patterns.sort("n", *words, descending=[True, *(False for _ in words)])
    shares = gaps.stretches[:, shown] / np.maximum(gaps.rows, 1)[:, None]
    return Missingness(
        columns=tuple(gaps.names[j] for j in shown),
        patterns=tuple(
            MissingPattern(_columns_of(row[:-1], gaps.names), int(row[-1]))
            for row in top.head(MAX_PATTERNS).rows()
        ),
        n_patterns=gaps.patterns.height,
        stretches=tuple(tuple(row) for row in shares.tolist()),
        exact=not gaps.dropped,
    )


def _columns_of(words: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        name for j, name in enumerate(names) if words[j // _WORD] >> (j % _WORD) & 1
    )
