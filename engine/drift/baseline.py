"""What is kept of a table so that later ones can be held against it without its rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.drift.samples import bin_counts, decile_edges
from engine.kinds import Kind
from engine.profile.columns import Column, as_numbers, cleaned, kind_of, shorten
from engine.profile.records import from_json, to_json

CATEGORIES = 50
# Where more than half of the values are different, they name rows and are no classes.
NAMES_SHARE = 0.5
# Texts of more characters say something; they are no names of classes.
LONGEST = 200


@dataclass(frozen=True)
class ColumnBaseline:
    """How the values of one column lie."""

    name: str
    kind: Kind
    present: int
    missing: int
    mean: float | None  # of finite numbers; of times in microseconds since 1970
    sd: float | None  # population standard deviation
    edges: tuple[float, ...]  # inner deciles; empty for classes
    categories: tuple[str, ...]  # the most frequent classes; empty for numbers
    counts: tuple[int, ...]  # by bin, or by class and then all others
    distinct: int

    @property
    def is_compared(self) -> bool:
        """Whether its values say something of more than one row."""
        return bool(self.edges or self.categories)

    @property
    def is_constant(self) -> bool:
        """Whether all its numbers or times were the same; then bins say nothing."""
        return bool(self.edges) and self.distinct == 1

    @property
    def is_complete(self) -> bool:
        """Whether every class it had is listed."""
        return len(self.categories) == self.distinct

    def count(self, column: Column) -> npt.NDArray[np.int64]:
        """Return how many values of a column lie in each bin or class of this one."""
        if self.edges:
            return bin_counts(finite_of(column), np.asarray(self.edges))
        return _class_counts(column, self.categories)


@dataclass(frozen=True)
class Baseline:
    """The columns of a table that others are held against."""

    rows: int
    columns: tuple[ColumnBaseline, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the baseline as a JSON-able dictionary."""
        return to_json(self)

    @classmethod
    def from_json(cls, content: Any) -> "Baseline":
        """Return the baseline that a dictionary describes; EngineError if none."""
        return from_json(cls, content)


def counted(series: pl.Series) -> Column:
    """Return a canonical column with its values counted, and no row placed among them.

    Places take most of the memory of a long column, and drift needs none.
    """
    kind = kind_of(series)
    series = cleaned(series)
    values = None
    if kind == "text":
        # Of ten million texts the hashes take a tenth of what a table of them would.
        _hashes, counts = np.unique(
            series.drop_nulls().hash().to_numpy(), return_counts=True
        )
    else:
        values, counts = np.unique(as_numbers(series, kind), return_counts=True)
    nowhere = np.empty(0, np.int64)
    return Column(series.name, kind, series, values, counts, nowhere, None, len(series))


def column_baseline(column: Column) -> ColumnBaseline:
    """Return what is kept of one column."""
    present = int(column.counts.sum())
    numbers = finite_of(column) if has_order(column) else np.empty(0)
    edges = tuple(decile_edges(numbers).tolist()) if len(numbers) else ()
    classes = () if has_order(column) else _classes(column)
    with np.errstate(over="ignore", invalid="ignore"):
        mean, sd = (numbers.mean(), numbers.std()) if len(numbers) else (None, None)
    bare = ColumnBaseline(
        name=column.name,
        kind=column.kind,
        present=present,
        missing=column.rows - present,
        mean=kept_finite(mean),
        sd=kept_finite(sd),
        edges=edges,
        categories=classes,
        counts=(),
        distinct=len(column.counts),
    )
    counts = bare.count(column) if bare.is_compared else np.empty(0, np.int64)
    return ColumnBaseline(**{**vars(bare), "counts": tuple(counts.tolist())})


def has_order(column: Column) -> bool:
    """Whether a column holds numbers or times rather than classes."""
    return column.kind in ("integer", "number", "date", "datetime")


def finite_of(column: Column) -> npt.NDArray[np.float64]:
    """Return a column's finite values, times in microseconds since 1970."""
    if column.values is None:
        return np.empty(0)
    values = column.values.astype(np.float64)
    repeated = np.repeat(values, column.counts)
    finite: npt.NDArray[np.float64] = repeated[np.isfinite(repeated)]
    return finite


def kept_finite(number: float | None) -> float | None:
    """Return a figure, or None where it is past what a float holds."""
    return None if number is None or not np.isfinite(number) else float(number)


def _classes(column: Column) -> tuple[str, ...]:
    """Return the most frequent classes, or none where values name rows."""
    present, distinct = int(column.counts.sum()), len(column.counts)
    if distinct > CATEGORIES and distinct > NAMES_SHARE * present:
        return ()
    classes = _words(column).head(CATEGORIES)["word"].to_list()
    # A database keeps no NUL in its JSON.
    if any(len(each) > LONGEST or "\0" in each for each in classes):
        return ()
    return tuple(classes)


def _class_counts(column: Column, categories: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return the count of each class, and of all others together.

    Returns
    -------
    ndarray of shape (n_categories + 1,)
    """
    words = _words(column)
    held = dict(
        words.filter(pl.col("word").is_in(list(categories))).select("word", "n").rows()
    )
    listed = [int(held.get(each, 0)) for each in categories]
    others = int(words["n"].sum() or 0) - sum(listed)
    return np.array([*listed, others], np.int64)


def unseen(column: Column, baseline: ColumnBaseline, *, most: int = 5) -> list[str]:
    """Return the most frequent classes that a complete baseline never had."""
    if not baseline.is_complete or not baseline.categories:
        return []
    words = _words(column)
    new = words.filter(~pl.col("word").is_in(list(baseline.categories)))
    return [shorten(each) for each in new.head(most)["word"].to_list()]


def _words(column: Column) -> pl.DataFrame:
    """Return classes (word) by how often they occur (n), most frequent first."""
    texts = column.series.drop_nulls().cast(pl.String).alias("word")
    return texts.value_counts(name="n").sort("n", "word", descending=[True, False])
