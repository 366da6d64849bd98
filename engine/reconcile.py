"""Two tables that should tell the same, row by row: what is missing, what differs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from engine.errors import EngineError
from engine.profile.records import from_json, to_json
from engine.progress import Reporter
from engine.reading.kinds import literal, quoted
from engine.version import ENGINE_VERSION
from engine.workshop import workshop

RESULT_NAME = "reconciliation.json"
DIFFERENCES_NAME = "differences.parquet"
SHOWN = 100
# Without the hair, 0.1 + 0.2 would differ from 0.3 by more than nothing.
HAIR = 1e-9
_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL")


@dataclass(frozen=True)
class Matching:
    """How rows of two tables belong together, and how far their values may differ."""

    keys: dict[str, str]  # left column to right column
    columns: dict[str, str] = field(default_factory=dict)  # compared; empty: all alike
    tolerances: dict[str, float] = field(default_factory=dict)  # by left column
    memory_mb: int = 1024


@dataclass(frozen=True)
class ColumnDifference:
    """How often one column differs in rows that belong together."""

    name: str  # in the left table
    right: str
    compared: int
    changed: int
    largest: float | None  # the largest absolute difference of numbers


@dataclass(frozen=True)
class Example:
    """One difference: a row on one side alone, or one changed cell."""

    what: str  # "missing left", "missing right" or "changed"
    key: tuple[str, ...]
    column: str = ""
    left: str | None = None
    right: str | None = None


@dataclass(frozen=True)
class Reconciliation:
    """Two tables held against each other, by key."""

    engine_version: str
    rows: tuple[int, int]  # left and right
    without_key: tuple[int, int]  # rows whose key has a hole: never matched
    # Rows whose key stands more than once on either side: nobody can say which of
    # them belong together, so they are counted and not compared.
    ambiguous: tuple[int, int]
    matched: int
    missing_left: int  # keys that only the right table has
    missing_right: int  # keys that only the left table has
    changed_rows: int
    columns: tuple[ColumnDifference, ...]
    examples: tuple[Example, ...]  # at most a hundred

    @property
    def violating(self) -> int:
        """Rows that do not agree: missing on a side, or changed."""
        return self.missing_left + self.missing_right + self.changed_rows

    @property
    def tested(self) -> int:
        """Keys that were looked at."""
        return self.matched + self.missing_left + self.missing_right

    def to_json(self) -> dict[str, Any]:
        """Return the reconciliation as a JSON-able dictionary."""
        return to_json(self)

    @classmethod
    def from_json(cls, content: Any) -> "Reconciliation":
        """Return what a dictionary describes; EngineError if it is none."""
        return from_json(cls, content)


def reconcile(
    *, left: str, right: str, matching: dict[str, Any], folder: Path, report: Reporter
) -> dict[str, Any]:
    """Write how two canonical tables differ, and every difference, into `folder`.

    Parameters
    ----------
    left, right : str
        Paths of Parquet tables that `read_table` wrote.
    matching : dict
        See `Matching`.

    Returns
    -------
    dict
        result (`Reconciliation`) and differences (Parquet: what, key, cell,
        left_value, right_value; a row a difference): the files' names in the folder.

    Raises
    ------
    EngineError
        If a column is not there or two that are held together are of other kinds.
    """
    asked = from_json(Matching, matching, place="matching")
    schemas = [_schema(each) for each in (left, right)]
    pairs = _pairs(asked, *schemas)
    with workshop(folder, asked.memory_mb) as connection:
        report.progress(0.1, "Counting keys")
        counted = [
            _side(connection, name, path, list(keys), list(columns))
            for name, path, keys, columns in (
                ("l", left, asked.keys.keys(), pairs.keys()),
                ("r", right, asked.keys.values(), pairs.values()),
            )
        ]
        report.progress(0.4, "Joining")
        _join(connection, asked, pairs, schemas[0])
        report.progress(0.7, "Comparing")
        found = _found(connection, asked, pairs, schemas[0], counted)
        _write(connection, asked, pairs, folder)
    text = json.dumps(found.to_json(), allow_nan=False, ensure_ascii=False)
    (folder / RESULT_NAME).write_text(text, encoding="utf-8")
    report.progress(1.0, f"{found.matched:,} rows compared")
    return {"result": RESULT_NAME, "differences": DIFFERENCES_NAME}


def _schema(path: str) -> dict[str, str]:
    """Return the columns of a table and their kinds, as DuckDB calls them."""
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute("DESCRIBE FROM read_parquet(?)", [path]).fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def _pairs(
    asked: Matching, left: Mapping[str, str], right: Mapping[str, str]
) -> dict[str, str]:
    """Return which columns are compared, after every name and kind was checked."""
    if not asked.keys:
        raise EngineError("Name at least one key column that both tables share.")
    alike = {name: name for name in left if name in right and name not in asked.keys}
    pairs = asked.columns or alike
    for mine, theirs in {**asked.keys, **pairs}.items():
        for name, schema, side in ((mine, left, "left"), (theirs, right, "right")):
            if name not in schema:
                raise EngineError(
                    f"The {side} table has no column {name!r}; it has "
                    f"{', '.join(list(schema)[:20])}."
                )
        if _is_number(left[mine]) != _is_number(right[theirs]):
            raise EngineError(
                f"Column {mine!r} is {left[mine]} and {theirs!r}, which it is held "
                f"against, is {right[theirs]}. Read both as one kind."
            )
    for name in asked.tolerances:
        if name not in pairs or not _is_number(left[name]):
            raise EngineError(
                f"Tolerance for {name!r}: it is no compared column of numbers."
            )
    return dict(pairs)


def _is_number(kind: str) -> bool:
    return any(word in kind for word in _NUMBERS) and "INTERVAL" not in kind


def _side(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    path: str,
    keys: Sequence[str],
    columns: Sequence[str],
) -> tuple[int, int, int]:
    """Make a side a view of k0, k1, … and c0, c1, …; return its counts.

    They are the rows, those without a key and those whose key stands more than once.
    Keys are matched as text, so that an integer and its text are one.
    """
    cells = [f"CAST({quoted(key)} AS VARCHAR) AS k{i}" for i, key in enumerate(keys)]
    cells += [f"{quoted(column)} AS c{i}" for i, column in enumerate(columns)]
    connection.execute(
        f"CREATE VIEW {name}_all AS SELECT {', '.join(cells)} "  # noqa: S608 — every name and path is quoted
        f"FROM read_parquet({literal(path)})"
    )
    listed = ", ".join(f"k{i}" for i in range(len(keys)))
    whole = " AND ".join(f"k{i} IS NOT NULL" for i in range(len(keys)))
    connection.execute(
        f"CREATE TABLE {name}_keys AS SELECT {listed}, count(*) AS n "  # noqa: S608 — as above
        f"FROM {name}_all WHERE {whole} GROUP BY ALL"
    )
    rows = pq.read_metadata(path).num_rows
    row = connection.execute(
        f"SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (n > 1), 0) "  # noqa: S608 — as above
        f"FROM {name}_keys"
    ).fetchone()
    with_key, doubled = (int(each) for each in row or (0, 0))
    return rows, rows - with_key, doubled


def _join(
    connection: duckdb.DuckDBPyConnection,
    asked: Matching,
    pairs: Mapping[str, str],
    left: Mapping[str, str],
) -> None:
    """Make the rows of unambiguous keys one table, with a flag for each column."""
    keys = [f"k{i}" for i in range(len(asked.keys))]
    listed = ", ".join(keys)
    # A key that stands twice on one side is ambiguous on the other too.
    sides = (
        f"SELECT {listed}, n AS l, 0 AS r FROM l_keys UNION ALL "  # noqa: S608 — names are ours
        f"SELECT {listed}, 0, n FROM r_keys"
    )
    connection.execute(
        f"CREATE TABLE single AS SELECT {listed}, max(l) AS in_l, max(r) AS in_r "  # noqa: S608 — as above
        f"FROM ({sides}) GROUP BY {listed} HAVING max(l) <= 1 AND max(r) <= 1"
    )
    cells = [f"s.{key} AS {key}" for key in keys]
    for i, mine in enumerate(pairs):
        cells += [f"l.c{i} AS l{i}", f"r.c{i} AS r{i}"]
        slack = asked.tolerances.get(mine, 0.0) + HAIR
        cells.append(
            f"{_differs(i, slack if _is_number(left[mine]) else None)} AS d{i}"
        )
    joins = " ".join(
        f"JOIN {side}_all {side} ON "
        + " AND ".join(f"s.{key} = {side}.{key}" for key in keys)
        for side in "lr"
    )
    connection.execute(
        f"CREATE TABLE matched AS SELECT {', '.join(cells)} FROM single s {joins} "  # noqa: S608 — as above
        "WHERE s.in_l = 1 AND s.in_r = 1"
    )


def _differs(i: int, slack: float | None) -> str:
    """Return SQL for whether two cells differ; a hole equals a hole alone.

    Numbers may differ by `slack`; it is None for what is compared as text.
    """
    if slack is None:
        return f"CAST(l.c{i} AS VARCHAR) IS DISTINCT FROM CAST(r.c{i} AS VARCHAR)"
    gap = f"abs(CAST(l.c{i} AS DOUBLE) - CAST(r.c{i} AS DOUBLE))"
    return (
        f"CASE WHEN l.c{i} IS NULL OR r.c{i} IS NULL "
        f"THEN (l.c{i} IS NULL) <> (r.c{i} IS NULL) ELSE NOT ({gap} <= {slack!r}) END"
    )


def _found(
    connection: duckdb.DuckDBPyConnection,
    asked: Matching,
    pairs: Mapping[str, str],
    left: Mapping[str, str],
    counted: Sequence[tuple[int, int, int]],
) -> Reconciliation:
    matched, missing_right, missing_left = _one(
        connection,
        "SELECT count(*) FILTER (in_l = 1 AND in_r = 1), "
        "count(*) FILTER (in_r = 0), count(*) FILTER (in_l = 0) FROM single",
    )
    any_changed = " OR ".join(f"d{i}" for i in range(len(pairs))) or "false"
    (changed,) = _one(
        connection,
        f"SELECT count(*) FILTER ({any_changed}) FROM matched",  # noqa: S608 — names are ours
    )
    doubled = [side[2] for side in counted]
    return Reconciliation(
        engine_version=ENGINE_VERSION,
        rows=(counted[0][0], counted[1][0]),
        without_key=(counted[0][1], counted[1][1]),
        ambiguous=_ambiguous(connection, len(asked.keys)) if any(doubled) else (0, 0),
        matched=matched,
        missing_left=missing_left,
        missing_right=missing_right,
        changed_rows=changed,
        columns=tuple(
            _column(connection, i, mine, theirs, is_number=_is_number(left[mine]))
            for i, (mine, theirs) in enumerate(pairs.items())
        ),
        examples=_examples(connection, len(asked.keys), pairs),
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    return tuple(int(each) for each in connection.execute(query).fetchone() or ())


def _ambiguous(connection: duckdb.DuckDBPyConnection, n: int) -> tuple[int, int]:
    """Return the rows of either side whose key stands twice on any side."""
    using = ", ".join(f"k{i}" for i in range(n))
    doubled = (
        f"SELECT {using} FROM l_keys WHERE n > 1 UNION "  # noqa: S608 — names are ours
        f"SELECT {using} FROM r_keys WHERE n > 1"
    )
    left, right = (
        _one(
            connection,
            f"SELECT coalesce(sum(n), 0) FROM {side}_keys "  # noqa: S608 — names are ours
            f"JOIN ({doubled}) USING ({using})",
        )[0]
        for side in "lr"
    )
    return left, right


def _column(
    connection: duckdb.DuckDBPyConnection,
    i: int,
    mine: str,
    theirs: str,
    *,
    is_number: bool,
) -> ColumnDifference:
    gap = f"abs(CAST(l{i} AS DOUBLE) - CAST(r{i} AS DOUBLE))"
    largest = f"max({gap}) FILTER (isfinite({gap}))" if is_number else "NULL"
    row = connection.execute(
        f"SELECT count(*), count(*) FILTER (d{i}), {largest} FROM matched"  # noqa: S608 — names are ours
    ).fetchone() or (0, 0, None)
    top = None if row[2] is None else float(row[2])
    return ColumnDifference(mine, theirs, int(row[0]), int(row[1]), top)


def _examples(
    connection: duckdb.DuckDBPyConnection, n: int, pairs: Mapping[str, str]
) -> tuple[Example, ...]:
    """Return the first differences by key: missing rows, then changed cells."""
    rows = connection.execute(
        f"SELECT * FROM ({_differences(n, pairs)}) "  # noqa: S608 — names are ours
        f"ORDER BY what DESC, key, cell LIMIT {SHOWN}"
    ).fetchall()
    return tuple(
        Example(what, tuple(key), cell, mine, theirs)
        for what, key, cell, mine, theirs in rows
    )


def _differences(n: int, pairs: Mapping[str, str]) -> str:
    """Return SQL for every difference: what, key, cell, left_value, right_value."""
    key = f"[{', '.join(f'k{i}' for i in range(n))}]"
    parts = [
        f"SELECT 'missing {side}' AS what, {key} AS key, '' AS cell, "  # noqa: S608 — names are ours
        "NULL::VARCHAR AS left_value, NULL::VARCHAR AS right_value FROM single "
        f"WHERE in_{side[0]} = 0"
        for side in ("left", "right")
    ]
    parts += [
        f"SELECT 'changed', {key}, {literal(mine)}, CAST(l{i} AS VARCHAR), "  # noqa: S608 — names are quoted
        f"CAST(r{i} AS VARCHAR) FROM matched WHERE d{i}"
        for i, mine in enumerate(pairs)
    ]
    return " UNION ALL ".join(parts)


def _write(
    connection: duckdb.DuckDBPyConnection,
    asked: Matching,
    pairs: Mapping[str, str],
    folder: Path,
) -> None:
    """Write every difference, so that none is only counted."""
    path = literal(str(folder / DIFFERENCES_NAME))
    connection.execute(
        f"COPY ({_differences(len(asked.keys), pairs)}) TO {path} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
