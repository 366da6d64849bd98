"""Two tables that should tell the same, row by row: what is missing, what differs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import duckdb
import pyarrow.parquet as pq

from engine.errors import EngineError
from engine.profile.records import from_json, to_json
from engine.progress import Reporter
from engine.reading.kinds import literal, quoted
from engine.version import ENGINE_VERSION
from engine.words import gettext_noop as _
from engine.workshop import workshop

RESULT_NAME = "reconciliation.json"
DIFFERENCES_NAME = "differences.parquet"
SHOWN = 100
SHOWN_CHARS = 200
# Without the hair, 0.1 + 0.2 would differ from 0.3 by more than nothing.
HAIR = 1e-9
_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL")
What = Literal["missing left", "missing right", "duplicate key", "changed"]


@dataclass(frozen=True)
class Matching:
    """How rows of two tables belong together, and how far their values may differ."""

    keys: dict[str, str]  # left column to right column
    columns: dict[str, str] = field(default_factory=dict)  # compared; empty: all alike
    tolerances: dict[str, float] = field(default_factory=dict)  # by left column
    # Shares of the larger of two values, by left column; the wider of both counts.
    relative: dict[str, float] = field(default_factory=dict)
    # Left names of key and compared columns of which only the shape is told.
    masked: tuple[str, ...] = ()
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
    """One difference: a row on one side alone, a changed cell, a key of many rows."""

    what: What
    key: tuple[str, ...]
    column: str = ""
    left: str | None = None  # of a duplicate key, how many rows have it
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

    @property
    def equal(self) -> int:
        """Rows that agree in every compared column."""
        return self.matched - self.changed_rows

    @property
    def is_ambiguous(self) -> bool:
        """Whether keys stand more than once, so that rows were left out."""
        return any(self.ambiguous)

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
        raise EngineError(_("Name at least one key column that both tables share."))
    alike = {name: name for name in left if name in right and name not in asked.keys}
    pairs = asked.columns or alike
    for mine, theirs in {**asked.keys, **pairs}.items():
        for name, schema, side in ((mine, left, "left"), (theirs, right, "right")):
            if name not in schema:
                raise EngineError(
                    _NO_COLUMN[side]
                    % {"name": name, "names": ", ".join(list(schema)[:20])}
                )
        if _is_number(left[mine]) != _is_number(right[theirs]):
            raise EngineError(
                _(
                    "Column “%(left)s” is %(kind)s and “%(right)s”, which it is held "
                    "against, is %(other)s. Read both as one kind."
                )
                % {
                    "left": mine,
                    "kind": left[mine],
                    "right": theirs,
                    "other": right[theirs],
                }
            )
    _check_tolerances(asked, pairs, left)
    return dict(pairs)


def _check_tolerances(
    asked: Matching, pairs: Mapping[str, str], left: Mapping[str, str]
) -> None:
    for name, slack in (*asked.tolerances.items(), *asked.relative.items()):
        if name not in pairs or not _is_number(left[name]):
            raise EngineError(
                _("Tolerance for “%(name)s”: it is no compared column of numbers.")
                % {"name": name}
            )
        if not 0 <= slack < float("inf"):
            raise EngineError(
                _("Tolerance for “%(name)s”: give 0 or more.") % {"name": name}
            )


_NO_COLUMN = {
    "left": _("The left table has no column “%(name)s”; it has %(names)s."),
    "right": _("The right table has no column “%(name)s”; it has %(names)s."),
}


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
    both = (
        f"SELECT {listed}, max(l) AS in_l, max(r) AS in_r "  # noqa: S608 — as above
        f"FROM ({sides}) GROUP BY {listed} HAVING"
    )
    connection.execute(f"CREATE TABLE single AS {both} max(l) <= 1 AND max(r) <= 1")
    connection.execute(f"CREATE TABLE doubled AS {both} max(l) > 1 OR max(r) > 1")
    cells = [f"s.{key} AS {key}" for key in keys]
    for i, mine in enumerate(pairs):
        cells += [f"l.c{i} AS l{i}", f"r.c{i} AS r{i}"]
        slack = None
        if _is_number(left[mine]):
            absolute = asked.tolerances.get(mine, 0.0) + HAIR
            slack = (absolute, asked.relative.get(mine, 0.0))
        cells.append(f"{_differs(i, slack)} AS d{i}")
    joins = " ".join(
        f"JOIN {side}_all {side} ON "
        + " AND ".join(f"s.{key} = {side}.{key}" for key in keys)
        for side in "lr"
    )
    connection.execute(
        f"CREATE TABLE matched AS SELECT {', '.join(cells)} FROM single s {joins} "  # noqa: S608 — as above
        "WHERE s.in_l = 1 AND s.in_r = 1"
    )


def _differs(i: int, slack: tuple[float, float] | None) -> str:
    """Return SQL for whether two cells differ; a hole equals a hole alone.

    Numbers may differ by `slack`, an amount or a share of the larger one; it is None
    for what is compared as text.
    """
    if slack is None:
        return f"CAST(l.c{i} AS VARCHAR) IS DISTINCT FROM CAST(r.c{i} AS VARCHAR)"
    mine, theirs = f"CAST(l.c{i} AS DOUBLE)", f"CAST(r.c{i} AS DOUBLE)"
    absolute, share = slack
    allowed = f"{absolute!r}"
    if share:
        larger = f"greatest(abs({mine}), abs({theirs}))"
        allowed = f"greatest({absolute!r}, {share!r} * {larger})"
    return (
        f"CASE WHEN l.c{i} IS NULL OR r.c{i} IS NULL "
        f"THEN (l.c{i} IS NULL) <> (r.c{i} IS NULL) "
        f"WHEN {mine} = {theirs} THEN false "  # two infinities are no distance apart
        f"ELSE NOT (abs({mine} - {theirs}) <= {allowed}) END"
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
    doubled = any(side[2] for side in counted)
    return Reconciliation(
        engine_version=ENGINE_VERSION,
        rows=(counted[0][0], counted[1][0]),
        without_key=(counted[0][1], counted[1][1]),
        ambiguous=_ambiguous(connection) if doubled else (0, 0),
        matched=matched,
        missing_left=missing_left,
        missing_right=missing_right,
        changed_rows=changed,
        columns=tuple(
            _column(connection, i, mine, theirs, is_number=_is_number(left[mine]))
            for i, (mine, theirs) in enumerate(pairs.items())
        ),
        examples=_examples(connection, asked, pairs),
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    return tuple(int(each) for each in connection.execute(query).fetchone() or ())


def _ambiguous(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Return the rows of either side whose key stands twice on any side."""
    left, right = _one(
        connection, "SELECT coalesce(sum(in_l), 0), coalesce(sum(in_r), 0) FROM doubled"
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
    connection: duckdb.DuckDBPyConnection, asked: Matching, pairs: Mapping[str, str]
) -> tuple[Example, ...]:
    """Return the first differences by key, some of each class."""
    rows = connection.execute(
        f"SELECT what, key, cell, left_value, right_value FROM (SELECT *, row_number() "  # noqa: S608 — names are ours
        f"OVER (PARTITION BY what ORDER BY key, cell) AS place "
        f"FROM ({_differences(asked, pairs)})) ORDER BY place, what LIMIT {SHOWN}"
    ).fetchall()
    found = [
        Example(what, tuple(map(_kept, key)), cell, _kept(mine), _kept(theirs))
        for what, key, cell, mine, theirs in rows
    ]
    order = get_args(What)
    return tuple(sorted(found, key=lambda each: order.index(each.what)))


def _kept(text: Any) -> Any:
    """Return a text as a page shows it: short, and without what no database keeps."""
    return text if text is None else str(text)[:SHOWN_CHARS].replace("\0", "\ufffd")


def _told(cell: str, *, is_masked: bool) -> str:
    """Return SQL for a cell as it is told: itself, or its shape alone."""
    text = f"CAST({cell} AS VARCHAR)"
    if not is_masked:
        return text
    return f"regexp_replace({text}, '[\\p{{L}}\\p{{N}}_]', '•', 'g')"


def _differences(asked: Matching, pairs: Mapping[str, str]) -> str:
    """Return SQL for every difference: what, key, cell, left_value, right_value."""
    keys = [
        _told(f"k{i}", is_masked=name in asked.masked)
        for i, name in enumerate(asked.keys)
    ]
    key = f"[{', '.join(keys)}]"
    parts = [
        f"SELECT 'missing {side}' AS what, {key} AS key, '' AS cell, "  # noqa: S608 — names are ours
        "NULL::VARCHAR AS left_value, NULL::VARCHAR AS right_value FROM single "
        f"WHERE in_{side[0]} = 0"
        for side in ("left", "right")
    ]
    parts.append(
        f"SELECT 'duplicate key', {key}, '', CAST(in_l AS VARCHAR), "  # noqa: S608 — names are ours
        "CAST(in_r AS VARCHAR) FROM doubled"
    )
    for i, mine in enumerate(pairs):
        is_masked = mine in asked.masked
        left, right = (_told(f"{side}{i}", is_masked=is_masked) for side in "lr")
        parts.append(
            f"SELECT 'changed', {key}, {literal(mine)}, {left}, {right} "  # noqa: S608 — names are quoted
            f"FROM matched WHERE d{i}"
        )
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
        f"COPY ({_differences(asked, pairs)}) TO {path} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
