"""Text to typed columns: what is proposed, and what could not be cast."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import duckdb

from engine.kinds import Kind
from engine.missing import MISSING_SPELLINGS
from engine.words import gettext_noop as _

Decimal = Literal["", ".", ","]
KINDS: tuple[Kind, ...] = get_args(Kind)

# A kind is proposed if at most this share of a column's values cannot be cast.
MAX_FAILED_SHARE = 0.01
_SAMPLE_ROWS = 2_000
_LIKELY = 0.95
_EXAMPLES = 3
_IN_TEXT = ("date", "datetime")  # what has no other way to be written
_ENOUGH = 20  # values, to propose a kind from the first rows alone
_AT_ONCE = 100  # expressions in one statement; many would not fit in memory

_INTEGER = "[+-]?(0|[1-9][0-9]*)"
_NUMBER = r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_BOOLEAN = "(?i)true|false"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
_TIMED = f"{_DATE}[ T]{_CLOCK}( ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?))?"
# A workbook shows a time at midnight as its date alone.
_DATETIME = f"{_DATE}|{_TIMED}"
_GROUPED_DOT = r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?"  # 1,234.50
_GROUPED_COMMA = r"[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?"  # 1.234,50
_PLAIN_COMMA = r"[+-]?[0-9]+,[0-9]+"  # 3,14
_LEADING_ZERO = "[+-]?0[0-9]+"
_OFFSET = ":[0-9.]+ ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_FINE = r"\.[0-9]{7}"
_LONG = "[+-]?[0-9]{16,18}"  # whole numbers that double precision may round
# With a confirmed sign: digits in groups of three or in none, and no other sign.
_WRITTEN = {
    ",": r"[+-]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]*)(,[0-9]*)?([eE][+-]?[0-9]+)?",
    ".": r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?",
}
_OTHER_DATE = r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}.*"

_CHOSEN = _("chosen")
_PLAIN_TEXT = _("text")
_IDENTIFIER = _("leading zeros or more than 64 bits: kept as text")
_TOO_LARGE = _("numbers too long or too large to calculate with: kept as text")
# As sentences name them.
KIND_WORDS: dict[Kind, str] = {
    "text": _("text"),
    "integer": _("whole number"),
    "number": _("number"),
    "boolean": _("yes or no"),
    "date": _("date"),
    "datetime": _("time"),
}

_MISSING = "|".join(map(re.escape, MISSING_SPELLINGS))
_LONGEST = max(len(spelling) for spelling in MISSING_SPELLINGS)

_SHAPES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("integer", re.compile(_INTEGER)),
    ("number", re.compile(_NUMBER)),
    ("boolean", re.compile(_BOOLEAN)),
    ("date", re.compile(_DATE)),
    ("datetime", re.compile(_DATETIME)),
)


@dataclass(frozen=True)
class Casting:
    """How one text column becomes a typed one."""

    name: str
    kind: Kind
    decimal: Decimal  # "" where the plain form is used
    failures: int  # values present that the kind cannot hold
    examples: tuple[str, ...]  # of those, at most three
    why: str  # the reason for the kind
    proposal: str = ""  # a question for the reader, or ""
    option: str = ""  # that answers it
    answer: Decimal = ""  # that is proposed


def quoted(name: str) -> str:
    """Return a column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def present(name: str) -> str:
    """Return SQL for the trimmed text of a column, NULL where it is missing."""
    text = f"trim({quoted(name)})"
    # One pattern: a list in SQL would hold a vector of memory for every spelling.
    return (
        f"CASE WHEN strlen({text}) <= {_LONGEST} AND "
        f"regexp_full_match({text}, {literal(_MISSING)}) THEN NULL ELSE {text} END"
    )


def cast_sql(name: str, kind: Kind, decimal: Decimal = "") -> str:
    """Return SQL for the typed column; NULL where it is missing or cannot be cast."""
    text = present(name)
    if kind == "text":
        # The text itself stays as it is: spaces may matter to somebody.
        return f"CASE WHEN {text} IS NULL THEN NULL ELSE {quoted(name)} END"
    return _typed(f"({text})", kind, decimal)


def _typed(text: str, kind: Kind, decimal: Decimal) -> str:
    """Return SQL that casts an expression, NULL where it does not fit."""
    text = _pointed(text, decimal)
    # DuckDB's own casts take 1_000, round 1.5 and drop a time's offset.
    pattern, sql_type = {
        "integer": (_INTEGER, "BIGINT"),
        "number": (_NUMBER, "DOUBLE"),
        "boolean": (_BOOLEAN, "BOOLEAN"),
        "date": (_DATE, "DATE"),
        "datetime": (_DATETIME, "TIMESTAMPTZ"),
    }[kind]
    cast = (
        f"CASE WHEN regexp_full_match({text}, {literal(pattern)}) "
        f"THEN TRY_CAST({text} AS {sql_type}) END"
    )
    if kind == "datetime":
        cast = f"CAST({cast} AS TIMESTAMP)"
    if kind in ("date", "datetime"):
        # Other years exist in DuckDB only.
        return f"CASE WHEN year({cast}) BETWEEN 1 AND 9999 THEN {cast} END"
    if kind == "number":
        # An overflowing exponent would become infinity.
        return f"nullif(nullif({cast}, 'inf'::DOUBLE), '-inf'::DOUBLE)"
    return cast


def _pointed(text: str, decimal: Decimal) -> str:
    """Return SQL for a number's text with a decimal point and no grouping.

    NULL where it is written otherwise: 1.5 read with a decimal comma would become 15.
    """
    if not decimal:
        return text
    bare = f"replace({text}, {literal('.' if decimal == ',' else ',')}, '')"
    return (
        f"(CASE WHEN regexp_full_match({text}, {literal(_WRITTEN[decimal])}) "
        f"THEN replace({bare}, ',', '.') END)"
    )


def _rounded(name: str, decimal: Decimal) -> str:
    """Return SQL that is not NULL where a number would lose digits."""
    text = _pointed(present(name), decimal)
    return (
        f"CASE WHEN strlen({text}) < 16 THEN NULL "
        f"WHEN regexp_full_match({text}, {literal(_LONG)}) "
        f"AND TRY_CAST({text} AS DOUBLE)::HUGEINT <> TRY_CAST({text} AS HUGEINT) "
        "THEN 1 END"
    )


def infer(
    connection: duckdb.DuckDBPyConnection,
    *,
    table: str,
    names: Sequence[str],
    chosen: dict[str, Kind],
    decimal: Decimal,
    texts: frozenset[str] = frozenset(),
) -> tuple[Casting, ...]:
    """Return how each text column of `table` is cast, with failures counted exactly.

    Columns in `texts` were text in a file that knows numbers, and stay so. A sample
    proposes kinds; then one pass over every row counts what they cannot hold. Numbers
    with grouped digits stay text with a proposal unless `decimal` says which sign
    parts the decimals; whole numbers that decimals would round stay text too.
    """
    wanted, signs = _candidates(connection, table, names, decimal)
    for name in texts.intersection(names):
        wanted[name] = tuple(kind for kind in wanted[name] if kind in _IN_TEXT)
    for name, kind in chosen.items():
        wanted[name] = () if kind == "text" else (kind,)
    counts = _count(connection, table, wanted, signs)
    for name in wanted.keys() - chosen.keys():
        if counts.get((name, "rounded")):
            wanted[name] = tuple(kind for kind in wanted[name] if kind != "number")
    return tuple(
        _decide(
            connection, table, name, wanted[name], counts, chosen, signs[name], texts
        )
        for name in names
    )


def _candidates(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    names: Sequence[str],
    decimal: Decimal,
) -> tuple[dict[str, tuple[Kind, ...]], dict[str, Decimal]]:
    """Return, by column, the kinds that fit a sample, narrowest first, and its sign.

    That is the one given, but for numbers that it would not fit: 1.25 has no groups
    of thousands.
    """
    found: dict[str, tuple[Kind, ...]] = {}
    signs: dict[str, Decimal] = dict.fromkeys(names, decimal)
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        rows = connection.execute(
            f"SELECT {', '.join(map(present, some))} FROM {table} LIMIT {_SAMPLE_ROWS}"  # noqa: S608 — every name is quoted
        ).fetchall()
        for position, name in enumerate(some):
            values = [str(row[position]) for row in rows if row[position] is not None]
            if len(values) < _ENOUGH:
                values = sample(connection, table, name)
            found[name] = _fitting(values, decimal)
            if decimal and not {"integer", "number"}.intersection(found[name]):
                plainly = _fitting(values, "")
                if "number" in plainly:
                    found[name], signs[name] = plainly, ""
    return found, signs


def sample(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> list[str]:
    """Return the first values that are present in one column."""
    rows = connection.execute(
        f"SELECT {present(name)} AS value FROM {table} "  # noqa: S608 — every name is quoted
        f"WHERE value IS NOT NULL LIMIT {_SAMPLE_ROWS}"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _fitting(values: Sequence[str], decimal: Decimal) -> tuple[Kind, ...]:
    """Return the kinds whose shape nearly all values have."""
    if not values:
        return ()
    if decimal:
        values = [_plain(value, decimal) for value in values]
    return tuple(
        kind
        for kind, shape in _SHAPES
        if sum(shape.fullmatch(v) is not None for v in values) >= _LIKELY * len(values)
    )


def _plain(value: str, decimal: Decimal) -> str:
    """Return a number's text with a decimal point and no grouping; "" if it is none."""
    if not re.fullmatch(_WRITTEN[decimal], value):
        return ""
    if decimal == ",":
        return value.replace(".", "").replace(",", ".")
    return value.replace(",", "")


def _count(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    wanted: dict[str, tuple[Kind, ...]],
    signs: dict[str, Decimal],
) -> dict[tuple[str, str], int]:
    """Return the values present and the values castable, by (column, kind)."""
    keys: list[tuple[str, str]] = []
    parts: list[str] = []
    for name, kinds in wanted.items():
        if not kinds:
            continue
        keys.append((name, "present"))
        parts.append(f"count({present(name)})")
        for kind in kinds:
            keys.append((name, kind))
            parts.append(f"count({cast_sql(name, kind, _sign(kind, signs[name]))})")
        if "number" in kinds:
            keys.append((name, "rounded"))
            parts.append(f"count({_rounded(name, signs[name])})")
    counts: dict[tuple[str, str], int] = {}
    for start in range(0, len(parts), _AT_ONCE):
        row = connection.execute(
            f"SELECT {', '.join(parts[start : start + _AT_ONCE])} FROM {table}"  # noqa: S608 — every name is quoted
        ).fetchone()
        counts.update(zip(keys[start : start + _AT_ONCE], row or (), strict=True))
    return counts


def _sign(kind: Kind, decimal: Decimal) -> Decimal:
    """Return the decimal sign for kinds that have decimals."""
    return decimal if kind in ("integer", "number") else ""


def _decide(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    name: str,
    kinds: tuple[Kind, ...],
    counts: dict[tuple[str, str], int],
    chosen: dict[str, Kind],
    decimal: Decimal,
    texts: frozenset[str],
) -> Casting:
    """Return the narrowest kind that holds enough of the column."""
    n_present = counts.get((name, "present"), 0)
    for kind in kinds:
        failures = n_present - counts[name, kind]
        sign = _sign(kind, decimal)
        if failures == 0:
            fits = _CHOSEN if name in chosen else _fits(connection, table, name, kind)
            return Casting(name, kind, sign, 0, (), fits)
        examples = _failing(connection, table, name, kind, sign)
        if name in chosen:
            return Casting(name, kind, sign, failures, examples[:_EXAMPLES], _CHOSEN)
        if _is_identifier(examples):
            return Casting(name, "text", "", 0, (), _IDENTIFIER, _IDENTIFIER)
        if failures <= MAX_FAILED_SHARE * n_present and not _is_wider(kind, examples):
            why = _("all but %(few)s of %(n)s values fit") % {
                "few": f"{failures:,}",
                "n": f"{n_present:,}",
            }
            return Casting(name, kind, sign, failures, examples[:_EXAMPLES], why)
    if name in chosen:
        return Casting(name, "text", "", 0, (), _CHOSEN)
    if name in texts:
        return Casting(name, "text", "", 0, (), _("text in the file too"))
    return _as_text(connection, table, name)


def _fits(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, kind: Kind
) -> str:
    """Return the reason for a kind that every value fits, and what it changes."""
    fits = _("every value fits")
    if kind != "datetime":
        return fits
    text = present(name)
    row = connection.execute(
        f"SELECT count({text}), "  # noqa: S608 — the name is quoted
        f"count(*) FILTER (regexp_matches({text}, {literal(_OFFSET)})), "
        f"count(*) FILTER (regexp_matches({text}, {literal(_FINE)})), "
        f"count(*) FILTER (regexp_full_match({text}, {literal(_DATE)})) FROM {table}"
    ).fetchone()
    n_present, n_offset, n_fine, n_dates = row or (0, 0, 0, 0)
    if 0 < n_offset < n_present:
        return _("times in UTC; those without an offset were taken as UTC")
    if n_fine:
        return _("times, rounded down to microseconds")
    if n_dates:
        return _("times; dates without one were taken as midnight")
    return _("times with an offset, now in UTC") if n_offset else fits


def _failing(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    name: str,
    kind: Kind,
    sign: Decimal,
) -> tuple[str, ...]:
    """Return up to fifty different values that the kind cannot hold."""
    rows = connection.execute(
        f"SELECT DISTINCT {present(name)} AS value FROM {table} WHERE "  # noqa: S608 — every name is quoted
        f"value IS NOT NULL AND {cast_sql(name, kind, sign)} IS NULL "
        "ORDER BY value LIMIT 50"
    ).fetchall()
    return tuple(str(row[0])[:80] for row in rows)


def _is_identifier(failing: Sequence[str]) -> bool:
    """Whether a failing value is digits that a number would not keep."""
    return any(
        re.fullmatch(_LEADING_ZERO, value) or re.fullmatch("[+-]?[0-9]{19,}", value)
        for value in failing
    )


def _is_wider(kind: Kind, failing: Sequence[str]) -> bool:
    """Whether a failing integer or date is a sound number or time."""
    wider = {"integer": _NUMBER, "date": _TIMED}.get(kind)
    return wider is not None and any(re.fullmatch(wider, v) for v in failing)


def _as_text(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> Casting:
    """Return a text column, with the question that near-numbers or dates raise."""
    values = sample(connection, table, name)
    if not values:
        return Casting(name, "text", "", 0, (), _("no values"))
    why, option, answer = _question(values)
    proposal = "" if why is _PLAIN_TEXT else why
    return Casting(name, "text", "", 0, (), why, proposal, option, answer)


def _question(values: Sequence[str]) -> tuple[str, str, Decimal]:
    """Return why values are text, and the option and answer that would end that."""
    if _all(values, f"{_INTEGER}|{_LEADING_ZERO}"):
        return _IDENTIFIER, "", ""
    if _all(values, _NUMBER):
        return _TOO_LARGE, "", ""
    if _all(values, f"{_GROUPED_DOT}|{_NUMBER}"):
        if _all(values, f"[+-]?[0-9]{{1,3}},[0-9]{{3}}|{_INTEGER}"):
            return (
                _("numbers with , : say decimal = . (thousands) or , (decimals)"),
                "decimal",
                "",
            )
        return (
            _("numbers with grouped thousands: confirm with decimal = ."),
            "decimal",
            ".",
        )
    if _all(values, f"{_GROUPED_COMMA}|{_PLAIN_COMMA}|{_INTEGER}"):
        return (
            _("numbers with a decimal comma: confirm with decimal = ,"),
            "decimal",
            ",",
        )
    if _all(values, _OTHER_DATE):
        return _("dates whose order is not certain: write them as YYYY-MM-DD"), "", ""
    return _PLAIN_TEXT, "", ""


def _all(values: Sequence[str], pattern: str) -> bool:
    """Whether every value matches."""
    shape = re.compile(pattern)
    return all(shape.fullmatch(value) for value in values)
