"""Checks of one table as SQL."""

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.checks.base import Check, CheckProblem
from engine.checks.columns import (
    Aggregate,
    Arrival,
    FormatUniform,
    Freshness,
    InRange,
    InSet,
    Length,
    Matches,
    NoDuplicateRows,
    NoGaps,
    NoOutliers,
    NotMissing,
    NotNull,
    RowCount,
    Schema,
    TypeIs,
    Unique,
)
from engine.checks.plans import DATA_HERE, Counted, Plan, Rows, bounded, cells
from engine.checks.room import Room, family, free_name, need_numbers
from engine.numbers import plain
from engine.reading.kinds import literal, quoted
from engine.words import gettext_noop as _

DAY_US = 86_400_000_000
KIND_OF_FAMILY = {"text": "text", "boolean": "boolean"}
_CASTS = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
FUNCTIONS = {
    "mean": "avg({0})",
    "median": "median({0})",
    "min": "min({0})",
    "max": "max({0})",
    "sum": "sum({0})",
    "stdev": "stddev_samp({0})",
    "distinct": "count(DISTINCT {0})",
}


def _not_null(check: NotNull, room: Room, data: str) -> Plan:
    return Rows("true", f"{quoted(check.column)} IS NULL")


def _not_missing(check: NotMissing, room: Room, data: str) -> Plan:
    tokens = ", ".join(literal(each.strip().lower()) for each in check.tokens)
    text = f"lower(trim(CAST({quoted(check.column)} AS VARCHAR)))"
    listed = f" OR {text} IN ({tokens})" if tokens else ""
    return Rows("true", f"{quoted(check.column)} IS NULL OR {text} = ''{listed}")


def _row_count(check: RowCount, room: Room, data: str) -> Plan:
    (rows,) = room.one(f"SELECT count(*) FROM {data}")  # noqa: S608 — ours
    low, high = check.minimum or 0, check.maximum
    if rows < low:
        return Counted(int(low), int(low) - rows, rows)
    over = max(0, rows - int(high)) if high is not None else 0
    return Counted(rows, over, rows)


def _no_gaps(check: NoGaps, room: Room, data: str) -> Plan:
    column = _times(check.column, room)
    step = literal(check.step)
    seen = (
        f"SELECT DISTINCT date_trunc({step}, CAST({column} AS TIMESTAMP)) AS step_at "  # noqa: S608 — quoted
        f"FROM {data} WHERE {column} IS NOT NULL"
    )
    first, last = room.one(f"SELECT min(step_at), max(step_at) FROM ({seen})")  # noqa: S608 — as above
    if first is None:
        return Counted(0, 0)
    span = {"quarter": "INTERVAL 3 MONTH"}.get(check.step, f"INTERVAL 1 {check.step}")
    due = (
        f"SELECT unnest(generate_series(TIMESTAMP '{first}', TIMESTAMP '{last}', "
        f"{span})) AS step_at"
    )
    missing = (
        f"SELECT step_at FROM ({due}) WHERE step_at NOT IN ({seen}) ORDER BY step_at"  # noqa: S608 — as above
    )
    (steps,) = room.one(f"SELECT count(*) FROM ({due})")  # noqa: S608 — as above
    (lacking,) = room.one(f"SELECT count(*) FROM ({missing})")  # noqa: S608 — as above
    return Counted(steps, lacking, failing=missing)


def _times(column: str, room: Room) -> str:
    """Return the quoted name of a column of dates or times."""
    if family(room.data.types[column]) != "time":
        raise CheckProblem(
            _("Column “%(column)s” holds no dates; choose a column of dates or times.")
            % {"column": column}
        )
    return quoted(column)


def _repeated(columns: list[str], room: Room) -> Rows:
    """Return rows whose values stood in an earlier row."""
    again = quoted(free_name("again", room.data.names))
    listed = ", ".join(quoted(each) for each in columns)
    source = (
        f"(SELECT *, row_number() OVER (PARTITION BY {listed} "  # noqa: S608 — quoted
        f"ORDER BY {quoted(room.row)}) AS {again} FROM {DATA_HERE})"
    )
    return Rows("true", f"{again} > 1", source)


def _unique(check: Unique, room: Room, data: str) -> Plan:
    rows = _repeated(list(check.of), room)
    whole = " AND ".join(f"{quoted(each)} IS NOT NULL" for each in check.of)
    (without,) = room.one(f"SELECT count(*) FROM {data} WHERE NOT ({whole})")  # noqa: S608 — quoted
    note = _("%(rows)s rows without a key are left out.") % {"rows": plain(without)}
    return Rows(whole, rows.broken, rows.source, note=note)


def _no_duplicates(check: NoDuplicateRows, room: Room, data: str) -> Plan:
    return _repeated(room.data.names, room)


def _in_set(check: InSet, room: Room, data: str) -> Plan:
    column, kind = quoted(check.column), room.data.types[check.column]
    texts = [_text_of(each) for each in check.values]
    for text in texts:
        (known,) = room.one(f"SELECT TRY_CAST({literal(text)} AS {kind}) IS NOT NULL")
        if not known:
            raise CheckProblem(
                _(
                    "Column “%(column)s” is %(kind)s and cannot be “%(value)s”. List "
                    "values of that type."
                )
                % {"column": check.column, "kind": kind, "value": text[:60]}
            )
    listed = ", ".join(f"CAST({literal(each)} AS {kind})" for each in texts)
    return cells(check.column, f"{column} NOT IN ({listed})")


def _text_of(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _outside(what: str, low: float | None, high: float | None) -> str:
    """Return SQL for lying outside of bounds; a negative one is no comment."""
    parts = [
        f"{what} {op} ({bound!r}::DOUBLE)"
        for op, bound in (("<", low), (">", high))
        if bound is not None
    ]
    return f"({' OR '.join(parts)})"


def _in_range(check: InRange, room: Room, data: str) -> Plan:
    need_numbers(room.data, (check.column,))
    return cells(
        check.column, _outside(quoted(check.column), check.minimum, check.maximum)
    )


def _matches(check: Matches, room: Room, data: str) -> Plan:
    text = f"CAST({quoted(check.column)} AS VARCHAR)"
    return cells(
        check.column, f"NOT regexp_full_match({text}, {literal(check.pattern)})"
    )


def _length(check: Length, room: Room, data: str) -> Plan:
    size = f"length(CAST({quoted(check.column)} AS VARCHAR))"
    return cells(check.column, _outside(size, check.minimum, check.maximum))


def _type_is(check: TypeIs, room: Room, data: str) -> Plan:
    column, kind = quoted(check.column), room.data.types[check.column]
    if _is_of(kind, check.type):
        return cells(check.column, "false")
    if kind == "VARCHAR" and check.type == "boolean":
        broken = f"lower({column}) NOT IN ('true', 'false')"
    elif kind == "VARCHAR":
        cast = f"TRY_CAST(trim({column}) AS {_CASTS[check.type]})"
        broken = f"{cast} IS NULL"
        if check.type == "integer":
            # DuckDB reads 2.5 as an integer; it is none.
            broken += f" OR NOT regexp_full_match(trim({column}), '[+-]?[0-9]+')"
    elif family(kind) == "number" and check.type == "integer":
        broken = f"{column} <> round({column})"
    else:
        broken = "true"
    return cells(check.column, broken)


def kind_of(duckdb_type: str) -> str:
    """Return what a column of this type holds, in the words of the reader."""
    if family(duckdb_type) == "number":
        return "integer" if "INT" in duckdb_type else "number"
    if family(duckdb_type) == "time":
        return "date" if duckdb_type == "DATE" else "datetime"
    return KIND_OF_FAMILY.get(family(duckdb_type), "text")


def _is_of(duckdb_type: str, kind: str) -> bool:
    has = kind_of(duckdb_type)
    wider = {("integer", "number"), ("date", "datetime")}
    return kind == "text" or has == kind or (has, kind) in wider


def _schema(check: Schema, room: Room, data: str) -> Plan:
    wrong = [
        name
        for name, kind in check.types.items()
        if name not in room.data.types
        or (kind and not _is_of(room.data.types[name], kind))
    ]
    extra = [each for each in room.data.names if each not in check.types]
    if not check.others_allowed:
        wrong += extra
    tested = len({*check.types, *extra} if extra else check.types)
    if not wrong:
        return Counted(tested, 0)
    values = ", ".join(f"({literal(each)})" for each in wrong)
    note = _("Missing, of another type or not foreseen: %(columns)s.") % {
        "columns": ", ".join(wrong[:20])
    }
    failing = f"SELECT * FROM (VALUES {values}) AS wrong(column_name)"  # noqa: S608 — quoted
    return Counted(tested, len(wrong), failing=failing, note=note)


def aggregate_of(function: str, column: str, source: str) -> str:
    """Return SQL for one number of a column."""
    formula = FUNCTIONS[function].format(quoted(column))
    return f"SELECT CAST({formula} AS DOUBLE) FROM {source}"  # noqa: S608 — quoted


def _aggregate(check: Aggregate, room: Room, data: str) -> Plan:
    if check.function != "distinct":
        need_numbers(room.data, (check.column,))
    query = aggregate_of(check.function, check.column, data)
    return bounded(room, query, check.minimum, check.maximum)


def _outliers(check: NoOutliers, room: Room, data: str) -> Plan:
    need_numbers(room.data, (check.column,))
    column = quoted(check.column)
    formulas = {
        "iqr": "quantile_cont({0}, 0.25), quantile_cont({0}, 0.75), "
        "quantile_cont({0}, 0.75) - quantile_cont({0}, 0.25)",
        "sd": "avg({0}), avg({0}), stddev_samp({0})",
    }
    formula = formulas[check.method].format(column)
    low, high, spread = room.one(
        f"SELECT {formula} FROM {data} WHERE isfinite(CAST({column} AS DOUBLE))"  # noqa: S608 — quoted
    )
    if low is None or not spread:
        return cells(check.column, "false")
    reach = check.k * float(spread)
    return cells(
        check.column, _outside(column, float(low) - reach, float(high) + reach)
    )


def _format_uniform(check: FormatUniform, room: Room, data: str) -> Plan:
    column = quoted(check.column)
    if room.data.types[check.column] != "VARCHAR":
        # A typed column has one format by construction.
        return cells(check.column, "false")
    shape = column
    for pattern, sign in (
        (r"\p{Lu}", "A"),
        (r"[\p{Ll}\p{Lo}\p{Lt}\p{Lm}]", "a"),
        (r"\p{Nd}", "9"),
        ("A{2,}", "A"),
        ("A?a+", "a"),
    ):
        shape = f"regexp_replace({shape}, '{pattern}', '{sign}', 'g')"
    found = room.one(
        f"SELECT {shape} AS s, count(*) AS n FROM {data} WHERE {column} IS NOT NULL "  # noqa: S608 — quoted
        "GROUP BY s ORDER BY n DESC, s LIMIT 1"
    )
    if not found:
        return cells(check.column, "false")
    words = _("%(column)s has one format (%(shape)s)") % {
        "column": check.column,
        "shape": str(found[0])[:40],
    }
    return cells(check.column, f"{shape} <> {literal(str(found[0]))}", words=words)


def instant(text: str) -> datetime:
    """Return an ISO 8601 instant as UTC without a zone, as tables keep it.

    Raises
    ------
    CheckProblem
        If the text is no instant.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CheckProblem(
            _("“%(text)s” is no instant; write it as 2024-01-31T12:00:00Z.")
            % {"text": text[:60]}
        ) from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment


def _freshness(check: Freshness, room: Room, data: str) -> Plan:
    now = instant(check.at) if check.at else room.as_of
    target = check.max_age_days
    if not check.column:
        return _fresh_delivery(room, now, target)
    column = _times(check.column, room)
    if room.data.types[check.column] == "DATE":
        age = f"date_diff('day', {column}, DATE '{now.date()}')"
    else:
        micros = f"epoch_us(TIMESTAMP '{now}') - epoch_us(CAST({column} AS TIMESTAMP))"
        age = f"({micros}) / {DAY_US}.0"
    late, undated, future = room.one(
        f"SELECT count(*) FILTER ({age} > {target!r}), count(*) FILTER ({column} IS "  # noqa: S608 — quoted
        f"NULL), count(*) FILTER ({age} < 0) FROM {data}"
    )
    note = _(
        "%(late)s older than %(days)s days at %(at)s; left out: %(undated)s without a "
        "date, %(future)s dated later."
    ) % {
        "late": plain(late),
        "days": f"{target:g}",
        "at": now.date().isoformat(),
        "undated": plain(undated),
        "future": plain(future),
    }
    # A date after the instant cannot be right, so it earns nothing and is no proof.
    kept = f"greatest(0, 1 - greatest(0, {age} - {target!r}) / {target!r})"
    return Rows(
        f"({age}) >= 0",
        f"({age}) > {target!r}",
        value=f"greatest(0, min({age}))",
        earned=f"sum({kept}) FILTER (({age}) >= 0)",
        note=note,
    )


def _fresh_delivery(room: Room, now: datetime, target: float) -> Counted:
    if not room.delivered_at:
        raise CheckProblem(
            _(
                "Nothing says how old this version is: name a column of dates, or give "
                "the day with the upload."
            )
        )
    age = (now - instant(room.delivered_at)) / timedelta(days=1)
    if age < 0:
        return Counted(0, 0, 0.0)
    earned = max(0.0, 1 - max(0.0, age - target) / target)
    return Counted(1, int(age > target), age, earned)


def _arrival(check: Arrival, room: Room, data: str) -> Plan:
    times = sorted(instant(each) for each in room.deliveries)
    gaps = [
        (later - earlier) / timedelta(days=1)
        for earlier, later in itertools.pairwise(times)
    ]
    late = sum(gap > check.every_days + check.grace_days for gap in gaps)
    return Counted(len(gaps), late, max(gaps, default=None))


Compiler = Callable[[Any, Room, str], Plan]
OF_ONE_TABLE: Mapping[type[Check], Compiler] = {
    NotNull: _not_null,
    NotMissing: _not_missing,
    RowCount: _row_count,
    NoGaps: _no_gaps,
    Unique: _unique,
    NoDuplicateRows: _no_duplicates,
    InSet: _in_set,
    InRange: _in_range,
    Matches: _matches,
    Length: _length,
    TypeIs: _type_is,
    Schema: _schema,
    Aggregate: _aggregate,
    NoOutliers: _outliers,
    FormatUniform: _format_uniform,
    Freshness: _freshness,
    Arrival: _arrival,
}
