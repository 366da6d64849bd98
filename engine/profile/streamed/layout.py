"""What every part of a table must agree on before it is looked at.

Bins and the shift of sums come from the footer of the file, so that parts that never
saw each other can be added up.
"""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from engine.kinds import Kind
from engine.profile.association import MAX_COLUMNS
from engine.profile.columns import FloatArray, as_numbers, edges_of, kind_of

MICROSECONDS = 1_000_000
SAMPLE_ROWS = 200_000
_SAMPLE_CELLS = 10_000_000
_BATCH_CELLS = 4_000_000
_BATCH_ROWS = 500_000
_FIRST_ROWS = 20_000
_ODD = [math.nan, math.inf, -math.inf]
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 — tables keep UTC without a zone


@dataclass(frozen=True)
class ColumnLayout:
    """One column: its kind, and between what its finite values lie."""

    name: str
    kind: Kind
    low: float | None  # of numbers, and of times in microseconds since 1970
    high: float | None
    shift: float = 0.0  # near the mean, so that sums of products keep their digits

    @property
    def reach(self) -> float:
        """How far a value may lie from the shift; what products are divided by."""
        ends = [each - self.shift for each in (self.low, self.high) if each is not None]
        return max((abs(each) for each in ends), default=0.0)

    @property
    def has_order(self) -> bool:
        """Whether its values are numbers or times."""
        return self.kind not in ("text", "boolean")

    @property
    def edges(self) -> FloatArray | None:
        """The edges of its bins; times are in seconds there. None without a value."""
        if not self.has_order or self.low is None or self.high is None:
            return None
        unit = MICROSECONDS if self.kind in ("date", "datetime") else 1
        whole = self.kind == "integer"
        return edges_of(self.low / unit, self.high / unit, whole=whole)


@dataclass(frozen=True)
class Layout:
    """A table: how many rows it has, its columns, and which rows are its sample."""

    rows: int
    columns: tuple[ColumnLayout, ...]
    target: str | None = None
    seed: int = 0
    sample_rows: int = SAMPLE_ROWS

    @property
    def correlated(self) -> tuple[int, ...]:
        """The positions of the columns of numbers that are correlated."""
        some = (
            j
            for j, column in enumerate(self.columns)
            if column.kind in ("integer", "number") and column.low != column.high
        )
        return tuple(some)[:MAX_COLUMNS]

    @property
    def batch_rows(self) -> int:
        """How many rows are looked at in one go, so that few cells are in memory."""
        return max(min(_BATCH_ROWS, _BATCH_CELLS // max(len(self.columns), 1)), 1_000)

    def sampled(self, first_row: int, n_rows: int) -> np.ndarray:
        """Return which rows of a part belong to the sample, however it is parted."""
        wanted = min(self.sample_rows, _SAMPLE_CELLS // max(len(self.columns), 1))
        if self.rows <= wanted:
            return np.ones(n_rows, bool)
        with np.errstate(over="ignore"):
            mixed = _mixed(np.arange(first_row, first_row + n_rows, dtype=np.uint64))
            mixed = _mixed(mixed ^ np.uint64(self.seed))
        chosen: np.ndarray = mixed < np.uint64(wanted / self.rows * 2.0**64)
        return chosen


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Return numbers that look random, always the same (splitmix64)."""
    z = numbers + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = z ^ (z >> np.uint64(31))
    return mixed


def layout_of(source: str, *, target: str | None = None, seed: int = 0) -> Layout:
    """Return the layout of a canonical Parquet table."""
    with pq.ParquetFile(source) as file:
        empty = pl.from_arrow(file.schema_arrow.empty_table())
        kinds = [kind_of(series) for series in empty.iter_columns()]  # type: ignore[union-attr]
        names = file.schema_arrow.names
        shifts = _shifts(file)
        columns = tuple(
            ColumnLayout(name, kind, *_span(file, j, kind), shift=shifts.get(name, 0.0))
            for j, (name, kind) in enumerate(zip(names, kinds, strict=True))
        )
        return Layout(file.metadata.num_rows, columns, target=target, seed=seed)


def _shifts(file: pq.ParquetFile) -> dict[str, float]:
    """Return the means of the finite numbers in the first rows."""
    first = next(file.iter_batches(_FIRST_ROWS), None)
    if first is None:
        return {}
    table = pl.DataFrame(first)
    found = table.select(
        pl.col(pl.Int64, pl.Float64).cast(pl.Float64).replace(_ODD, None).mean()
    )
    means = found.row(0, named=True) if found.width else {}
    # A mean past all numbers is of no use.
    return {name: m for name, m in means.items() if m is not None and math.isfinite(m)}


def _span(
    file: pq.ParquetFile, position: int, kind: Kind
) -> tuple[float | None, float | None]:
    """Return the least and the greatest finite value of a column."""
    if kind in ("text", "boolean"):
        return None, None
    spans = list(_spans(file, position, kind))
    if not spans:
        return None, None
    return min(low for low, _ in spans), max(high for _, high in spans)


def _spans(
    file: pq.ParquetFile, position: int, kind: Kind
) -> Iterator[tuple[float, float]]:
    """Yield the span of each row group, from its statistics where they will do."""
    for group in range(file.metadata.num_row_groups):
        told = file.metadata.row_group(group).column(position).statistics
        if told is not None and told.has_min_max:
            low, high = _number(told.min), _number(told.max)
            if math.isfinite(low) and math.isfinite(high):
                yield low, high
                continue
        name = file.schema_arrow.names[position]
        table = pl.from_arrow(file.read_row_group(group, columns=[name]))
        numbers = as_numbers(table.to_series(), kind).astype(np.float64)  # type: ignore[union-attr]
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers):
            yield float(numbers.min()), float(numbers.max())


def _number(value: Any) -> float:
    """Return a footer's value as columns count it: times in microseconds."""
    if isinstance(value, dt.datetime):
        return float((value.replace(tzinfo=None) - _EPOCH) // dt.timedelta(0, 0, 1))
    if isinstance(value, dt.date):
        return float((value - _EPOCH.date()).days * 86_400 * MICROSECONDS)
    return float(value)
