"""Checks between columns, with other tables, and in SQL."""

import json
from collections.abc import Mapping

import polars as pl

from engine.checks.base import Check, CheckProblem
from engine.checks.guard import clean_query
from engine.checks.plans import Counted, Plan, Rows, bounded
from engine.checks.room import (
    NUMBERED,
    TRUE,
    Room,
    Table,
    family,
    free_name,
    need,
    need_numbers,
    need_same,
)
from engine.checks.sql import Compiler, aggregate_of
from engine.checks.tables import (
    AuthorityMatch,
    CompareColumns,
    CustomSql,
    Drift,
    ExpectedKeys,
    ForeignKey,
    ProductClose,
    ReconcileAggregate,
    ReconcileRows,
)
from engine.drift.baseline import column_baseline
from engine.drift.columns import column_drift
from engine.numbers import plain
from engine.profile.columns import kind_of, prepare
from engine.progress import Silent
from engine.reading.kinds import quoted
from engine.reconcile import DIFFERENCES_NAME, RESULT_NAME, Reconciliation, reconcile
from engine.words import gettext_noop as _

# Without the hair, 0.1 + 0.2 would differ from 0.3 by more than nothing.
HAIR = 1e-9


def _there(*columns: str) -> str:
    return " AND ".join(f"{quoted(each)} IS NOT NULL" for each in columns)


def _compare(check: CompareColumns, room: Room, data: str) -> Plan:
    need_same(room.data, check.left, room.data, check.right)
    op = {"==": "=", "!=": "<>"}.get(check.op, check.op)
    holds = f"{quoted(check.left)} {op} {quoted(check.right)}"
    return Rows(_there(check.left, check.right), f"NOT ({holds})")


def _product(check: ProductClose, room: Room, data: str) -> Plan:
    need_numbers(room.data, check.columns())
    product = " * ".join(f"CAST({quoted(each)} AS DOUBLE)" for each in check.factors)
    allowed = f"greatest(abs({product}) * {check.relative!r}, {check.absolute!r})"
    gap = f"abs(CAST({quoted(check.total)} AS DOUBLE) - {product})"
    return Rows(_there(*check.columns()), f"NOT ({gap} <= {allowed})")


def _foreign_key(check: ForeignKey, room: Room, data: str) -> Plan:
    other = room.other(check.table)
    need(other, (check.reference,), named=check.table)
    need_same(room.data, check.column, other, check.reference)
    known = quoted(check.reference)
    query = f"SELECT {known} FROM {other.view} WHERE {known} IS NOT NULL"  # noqa: S608 — quoted
    return Rows(_there(check.column), f"{quoted(check.column)} NOT IN ({query})")


def _expected_keys(check: ExpectedKeys, room: Room, data: str) -> Plan:
    other = room.other(check.table)
    need(other, tuple(check.keys.values()), named=check.table)
    for mine, theirs in check.keys.items():
        need_same(room.data, mine, other, theirs)
    names = ", ".join(
        f"{quoted(theirs)} AS {quoted(mine)}" for mine, theirs in check.keys.items()
    )
    wanted = (
        f"SELECT DISTINCT {names} FROM {other.view} "  # noqa: S608 — quoted
        f"WHERE {_there(*check.keys.values())}"
    )
    same = " AND ".join(f"w.{quoted(each)} = d.{quoted(each)}" for each in check.keys)
    missing = f"SELECT w.* FROM ({wanted}) w ANTI JOIN {data} d ON {same}"  # noqa: S608 — quoted
    (expected,) = room.one(f"SELECT count(*) FROM ({wanted})")  # noqa: S608 — quoted
    (lacking,) = room.one(f"SELECT count(*) FROM ({missing})")  # noqa: S608 — quoted
    ordered = f"SELECT * FROM ({missing}) ORDER BY ALL"  # noqa: S608 — quoted
    return Counted(expected, lacking, failing=ordered)


def _authority(check: AuthorityMatch, room: Room, data: str) -> Plan:
    truth = room.other(check.table)
    need(truth, check.columns(), named=check.table)
    for name in check.keys:
        need_same(room.data, name, truth, name)
    _refuse_doubled(check, room, truth)
    true = {
        name: free_name(f"{TRUE}{name}", [*room.data.names, room.row])
        for name in check.tolerances
    }
    cells = [f"t.{quoted(name)} AS {quoted(true[name])}" for name in true]
    same = " AND ".join(f"d.{quoted(each)} = t.{quoted(each)}" for each in check.keys)
    joined = (
        f"(SELECT d.*, {', '.join(cells)} FROM {data} d "  # noqa: S608 — quoted
        f"JOIN {truth.view} t ON {same})"
    )
    tests, breaks = [], []
    for name, slack in check.tolerances.items():
        mine, theirs = quoted(name), quoted(true[name])
        is_there = f"({mine} IS NOT NULL AND {theirs} IS NOT NULL)"
        tests.append(is_there)
        wrong = _off(room.data.types[name], truth.types[name], mine, theirs, slack)
        breaks.append(f"({is_there} AND {wrong})")
    counted = ", ".join(f"count(*) FILTER ({each})" for each in (*tests, *breaks))
    matched, *counts = room.one(f"SELECT count(*), {counted} FROM {joined}")  # noqa: S608 — quoted
    (with_key,) = room.one(f"SELECT count(*) FROM {data} WHERE {_there(*check.keys)}")  # noqa: S608 — quoted
    shown = [room.row, *room.data.names, *true.values()]
    listed = ", ".join(quoted(each) for each in shown)
    n = len(check.tolerances)
    return Counted(
        sum(counts[:n]),
        sum(counts[n:]),
        failing=f"SELECT {listed} FROM {joined} WHERE {' OR '.join(breaks)} "  # noqa: S608 — quoted
        f"ORDER BY {quoted(room.row)}",
        numbered=True,
        note=_(
            "%(matched)s of %(rows)s rows with a key match the authority%(rate)s; cells "
            "missing on either side are not compared."
        )
        % {
            "matched": plain(matched),
            "rows": plain(with_key),
            "rate": f" ({100 * matched / with_key:.1f}%)" if with_key else "",
        },
    )


def _refuse_doubled(check: AuthorityMatch, room: Room, truth: Table) -> None:
    keys = ", ".join(quoted(each) for each in check.keys)
    (rows, distinct) = room.one(
        f"SELECT count(*), count(DISTINCT ({keys})) FROM {truth.view} "  # noqa: S608 — quoted
        f"WHERE {_there(*check.keys)}"
    )
    if rows > distinct:
        raise CheckProblem(
            _(
                "“%(table)s” names %(doubled)s keys more than once (%(keys)s), so it "
                "does not say which is right. Keep one row per key."
            )
            % {
                "table": check.table,
                "doubled": plain(rows - distinct),
                "keys": ", ".join(check.keys),
            }
        )


def _off(kind: str, true_kind: str, mine: str, theirs: str, slack: float) -> str:
    if family(kind) == family(true_kind) == "number":
        gap = f"abs(CAST({mine} AS DOUBLE) - CAST({theirs} AS DOUBLE))"
        return f"NOT ({gap} <= {slack + HAIR!r})"
    return f"CAST({mine} AS VARCHAR) <> CAST({theirs} AS VARCHAR)"


def _reconcile_aggregate(check: ReconcileAggregate, room: Room, data: str) -> Plan:
    other = room.other(check.table)
    column = check.other_column or check.column
    need(other, (column,), named=check.table)
    if check.function != "distinct":
        need_numbers(room.data, (check.column,))
        need_numbers(other, (column,))
    mine = aggregate_of(check.function, check.column, data)
    theirs = aggregate_of(check.function, column, other.view)
    slack = check.tolerance + HAIR
    return bounded(room, f"SELECT abs(({mine}) - ({theirs}))", None, slack)


def _reconcile_rows(check: ReconcileRows, room: Room, data: str) -> Plan:
    other = room.other(check.table)
    folder = room.folder / "reconciled"
    folder.mkdir(exist_ok=True)
    reconcile(
        left=room.data.path,
        right=other.path,
        matching={
            "keys": check.keys,
            "columns": check.compare,
            "tolerances": check.tolerances,
        },
        folder=folder,
        report=Silent(),
    )
    text = (folder / RESULT_NAME).read_text(encoding="utf-8")
    found = Reconciliation.from_json(json.loads(text))
    note = _(
        "%(matched)s rows matched; %(left)s only there, %(right)s only here, %(changed)s "
        "changed; %(unclear)s with a key that stands twice are not compared."
    ) % {
        "matched": plain(found.matched),
        "left": plain(found.missing_left),
        "right": plain(found.missing_right),
        "changed": plain(found.changed_rows),
        "unclear": plain(sum(found.ambiguous)),
    }
    differences = str((folder / DIFFERENCES_NAME).relative_to(room.folder))
    return Counted(found.tested, found.violating, failing_file=differences, note=note)


def _drift(check: Drift, room: Room, data: str) -> Plan:
    if not room.previous:
        return Counted(0, 0, note=_("There is no version before to compare with."))
    if check.column not in pl.read_parquet_schema(room.previous):
        raise CheckProblem(
            _("The version before has no column “%(column)s”.")
            % {"column": check.column}
        )
    old, new = (
        pl.read_parquet(each, columns=[check.column]).to_series()
        for each in (room.previous, room.data.path)
    )
    if kind_of(old) != kind_of(new):
        raise CheckProblem(
            _("Column “%(column)s” holds another kind of values than before.")
            % {"column": check.column}
        )
    known = prepare(old)
    moved = column_drift(column_baseline(known), prepare(new), reference=known)
    value = {
        "psi": moved.psi,
        "js": moved.js,
        "ks": moved.numbers.ks if moved.numbers else None,
    }[check.statistic]
    if value is None:
        raise CheckProblem(
            _("%(statistic)s cannot be computed for “%(column)s”.")
            % {"statistic": check.statistic.upper(), "column": check.column}
        )
    if moved.verdict == "too few rows":
        return Counted(0, 0, value, note=_("Too few rows to call it a drift."))
    return Counted(1, int(value > check.threshold), value)


def _custom_sql(check: CustomSql, room: Room, data: str) -> Plan:
    query = clean_query(check.query)
    if data != NUMBERED:
        listed = ", ".join(quoted(each) for each in room.data.names)
        # A common table of this name stands before the view.
        query = f"WITH data AS (SELECT {listed} FROM {data}) SELECT * FROM ({query})"  # noqa: S608 — checked
    if check.is_number:
        first = f"SELECT CAST(COLUMNS(*) AS DOUBLE) FROM ({query}) LIMIT 1"  # noqa: S608 — checked
        return bounded(room, first, check.minimum, check.maximum)
    (found,) = room.one(f"SELECT count(*) FROM ({query})")  # noqa: S608 — checked
    (rows,) = room.one(f"SELECT count(*) FROM {data}")  # noqa: S608 — ours
    return Counted(max(rows, found), found, failing=query)


OF_MORE: Mapping[type[Check], Compiler] = {
    CompareColumns: _compare,
    ProductClose: _product,
    ForeignKey: _foreign_key,
    ExpectedKeys: _expected_keys,
    AuthorityMatch: _authority,
    ReconcileAggregate: _reconcile_aggregate,
    ReconcileRows: _reconcile_rows,
    Drift: _drift,
    CustomSql: _custom_sql,
}
