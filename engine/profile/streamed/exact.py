"""Exact figures where a sketch estimated them, by a DuckDB that spills to disk."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from engine.kinds import Kind
from engine.missing import MISSING_SPELLINGS
from engine.profile.columns import (
    SHARES,
    TOP,
    FloatArray,
    IntArray,
    as_numbers,
    fences,
    label,
    shorten,
)
from engine.profile.result import (
    ColumnProfile,
    NumberSummary,
    Outliers,
    Profile,
    ValueCount,
)
from engine.progress import Reporter
from engine.reading.kinds import literal, quoted
from engine.workshop import workshop

MEMORY_MB = 512
# Shapes of text are a sample's in memory too, where values are many.
_SAMPLED = "text.patterns"
_AT_ONCE = 200_000


def with_exact_figures(
    profile: Profile, *, source: str, folder: Path, report: Reporter
) -> Profile:
    """Return the profile with every count and quantile exact."""
    columns = []
    with workshop(folder, MEMORY_MB) as connection:
        duplicates = profile.duplicate_rows
        if duplicates is None:
            report.progress(0.0, "Duplicate rows")
            duplicates = _duplicates(connection, source, profile.columns)
        for done, column in enumerate(profile.columns):
            report.progress(done / len(profile.columns), column.name)
            if column.approximate:
                column = _exact(connection, source, column)
            columns.append(column)
    return replace(
        profile, columns=tuple(columns), duplicate_rows=duplicates, method="spilled"
    )


def _exact(
    connection: duckdb.DuckDBPyConnection, source: str, column: ColumnProfile
) -> ColumnProfile:
    if column.kind == "text":
        distinct, top = _text(connection, source, column.name)
        numbers, outliers = None, None
    else:
        distinct, top, numbers, outliers = _numbers(connection, source, column)
    kept = tuple(each for each in column.errors if each.field == _SAMPLED)
    return replace(
        column,
        distinct=distinct,
        top=top,
        numbers=numbers,
        outliers=outliers,
        id_like=column.kind in ("integer", "text")
        and distinct == column.count + column.missing,
        approximate=tuple(each.field for each in kept),
        errors=kept,
    )


def _values(source: str, name: str, *, where: str) -> str:
    """Return the query of a column's values and their counts."""
    return (
        f"SELECT v, count(*) AS n FROM (SELECT {quoted(name)} AS v "  # noqa: S608 — quoted
        f"FROM read_parquet({literal(source)})) WHERE v IS NOT NULL AND {where} "
        "GROUP BY v"
    )


def _text(
    connection: duckdb.DuckDBPyConnection, source: str, name: str
) -> tuple[int, tuple[ValueCount, ...]]:
    missing = ", ".join(literal(each) for each in MISSING_SPELLINGS)
    values = _values(source, name, where=f"trim(v, ' ') NOT IN ({missing})")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE words AS {values}")
    distinct = connection.execute("SELECT count(*) FROM words").fetchall()[0][0]
    rows = connection.execute(
        "SELECT v, n FROM words ORDER BY n DESC, v LIMIT ?", [TOP]
    ).fetchall()
    connection.execute("DROP TABLE words")
    return int(distinct), tuple(ValueCount(shorten(v), int(n)) for v, n in rows)


def _numbers(
    connection: duckdb.DuckDBPyConnection, source: str, column: ColumnProfile
) -> tuple[int, tuple[ValueCount, ...], NumberSummary | None, Outliers | None]:
    """Return what one pass over the ascending distinct values shows."""
    where = "NOT isnan(v)" if column.kind == "number" else "true"
    values = _values(source, column.name, where=where)
    order = f"{values} ORDER BY v"
    n = column.count - (column.numbers.infinite if column.numbers else 0)
    walk = _Walk(n, column.kind)
    for chunk in _chunks(connection, order):
        walk.see(as_numbers(chunk["v"], column.kind), chunk["n"].to_numpy())
    numbers, outliers = column.numbers, None
    if numbers is not None:
        q01, q05, q25, median, q75, q95, q99 = walk.quantiles()
        numbers = replace(
            numbers,
            q01=q01,
            q05=q05,
            q25=q25,
            median=median,
            q75=q75,
            q95=q95,
            q99=q99,
        )
        low, high = fences(q25, q75)
        below, above = connection.execute(
            f"SELECT coalesce(sum(n) FILTER (v < ?), 0), "  # noqa: S608 — quoted
            f"coalesce(sum(n) FILTER (v > ?), 0) FROM ({values}) "
            "WHERE isfinite(v::DOUBLE)",
            [low, high],
        ).fetchall()[0]
        outliers = Outliers(low, high, int(below), int(above))
    return walk.distinct, walk.top(), numbers, outliers


def _chunks(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pl.DataFrame]:
    for batch in connection.sql(sql).to_arrow_reader(_AT_ONCE):
        yield pl.DataFrame(batch)


class _Walk:
    """Goes through ascending distinct values once, and keeps what it passes."""

    def __init__(self, n: int, kind: Kind) -> None:
        self.distinct = 0
        self._kind = kind
        self._position = np.asarray(SHARES) * max(n - 1, 0)
        self._found: dict[float, float] = {}  # by rank
        self._ranks = np.unique(
            np.concatenate([np.floor(self._position), np.ceil(self._position)])
        )
        self._seen = 0
        self._top: list[tuple[int, Any]] = []

    def see(self, values: FloatArray | IntArray, counts: IntArray) -> None:
        """Take the next values, ascending."""
        self.distinct += len(values)
        best = np.argsort(-counts, kind="stable")[:TOP]
        self._top += [(int(counts[i]), values[i]) for i in best]
        # The sort is stable, so of equal counts the lesser value stays first.
        self._top = sorted(self._top, key=lambda each: -each[0])[:TOP]
        finite = np.isfinite(values)
        values, counts = values[finite], counts[finite]
        ends = self._seen + np.cumsum(counts)
        if not len(ends):
            return
        for rank in self._ranks[(self._ranks >= self._seen) & (self._ranks < ends[-1])]:
            at = int(np.searchsorted(ends, rank, side="right"))
            self._found[float(rank)] = float(values[at])
        self._seen = int(ends[-1])

    def quantiles(self) -> list[float]:
        """Return the quantiles, by linear interpolation."""
        return [
            self._found[float(np.floor(p))] * (1 - (p - np.floor(p)))
            + self._found[float(np.ceil(p))] * (p - np.floor(p))
            for p in self._position
        ]

    def top(self) -> tuple[ValueCount, ...]:
        """Return the most frequent values."""
        return tuple(ValueCount(label(v, self._kind), n) for n, v in self._top)


def _duplicates(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[ColumnProfile],
) -> int:
    """Return how many rows equal an earlier one, told by two hashes of each."""
    cells = ", ".join(quoted(column.name) for column in columns)
    rows = connection.execute(
        "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM (SELECT "  # noqa: S608 — quoted
        f"hash({cells}) AS h, hash('x', {cells}) AS i FROM "
        f"read_parquet({literal(source)})) GROUP BY h, i)"
    ).fetchall()
    return int(rows[0][0])
