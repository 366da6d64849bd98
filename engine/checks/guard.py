"""What SQL a person may write: one SELECT on the table `data`, or one condition.

It is read by sqlglot, looked through, and written anew from what was read, so that
DuckDB runs nothing but what was looked at. Its connection is shut in as well.
"""

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from engine.words import gettext_noop as _

MOST_CHARS = 5000
_NO_TEXT = _("It holds a character that no text holds (NUL, half a pair).")
DATA = "data"
# Beside the functions that sqlglot knows by a type of their own.
_PLAIN_FUNCTIONS = frozenset(
    [
        "abs",
        "ceil",
        "ceiling",
        "floor",
        "round",
        "trunc",
        "sign",
        "sqrt",
        "ln",
        "log",
        "log2",
        "log10",
        "exp",
        "pow",
        "power",
        "mod",
        "greatest",
        "least",
        "coalesce",
        "nullif",
        "lower",
        "upper",
        "trim",
        "ltrim",
        "rtrim",
        "length",
        "strlen",
        "substr",
        "substring",
        "left",
        "right",
        "reverse",
        "replace",
        "contains",
        "starts_with",
        "ends_with",
        "prefix",
        "suffix",
        "instr",
        "position",
        "strip_accents",
        "regexp_matches",
        "regexp_full_match",
        "regexp_extract",
        "regexp_replace",
        "levenshtein",
        "jaro_similarity",
        "date_part",
        "date_trunc",
        "date_diff",
        "datediff",
        "date_sub",
        "age",
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "quarter",
        "week",
        "dayofweek",
        "dayofyear",
        "isodow",
        "last_day",
        "make_date",
        "strptime",
        "try_strptime",
        "epoch",
        "epoch_ms",
        "now",
        "today",
        "isnan",
        "isinf",
        "isfinite",
        "median",
        "mode",
        "quantile_cont",
        "quantile_disc",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "var_pop",
        "var_samp",
        "variance",
        "corr",
        "covar_pop",
        "covar_samp",
        "skewness",
        "kurtosis",
        "bool_and",
        "bool_or",
        "count_if",
        "list_contains",
        "string_split",
        "row_number",
        "rank",
        "dense_rank",
        "lag",
        "lead",
        "first_value",
        "last_value",
        "ntile",
    ]
)
_FORBIDDEN: tuple[type[exp.Expr], ...] = (
    exp.Command,
    exp.DDL,
    exp.DML,
    exp.Into,
    exp.Lock,
    exp.UDTF,
    exp.Explode,
    exp.TableFromRows,
    exp.Placeholder,
    exp.Parameter,
    exp.SessionParameter,
    exp.CurrentUser,
    exp.ReadCSV,
    exp.Dot,
)


def query_problem(query: str) -> str:
    """Return why a query may not be run, or nothing."""
    return _read(query)[1]


def filter_problem(condition: str) -> str:
    """Return why a condition may not be used, or nothing."""
    return _condition(condition)[1]


def clean_query(query: str) -> str:
    """Return a query as it may be run; only for one without a problem."""
    return _read(query)[0]


def clean_filter(condition: str) -> str:
    """Return a condition as it may be run; only for one without a problem."""
    return _condition(condition)[0]


def _read(query: str) -> tuple[str, str]:
    """Return (the query written anew, "") or ("", what is wrong with it)."""
    if len(query) > MOST_CHARS:
        return "", _("The query is too long: at most 5,000 characters.")
    if not _is_text(query):
        return "", _NO_TEXT
    try:
        found = [each for each in sqlglot.parse(query, read="duckdb") if each]
    except (SqlglotError, RecursionError) as error:
        return "", _unreadable(error)
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        return "", _("Write one SELECT and nothing else.")
    tree = found[0]
    # The parts first: what they refuse has no scope that could be told.
    if problem := _parts_problem(tree) or _tables_problem(tree):
        return "", problem
    return tree.sql(dialect="duckdb", comments=False), ""


def _condition(condition: str) -> tuple[str, str]:
    """Return (the condition written anew, "") or ("", what is wrong with it)."""
    if len(condition) > MOST_CHARS:
        return "", _("The filter is too long: at most 5,000 characters.")
    if not _is_text(condition):
        return "", _NO_TEXT
    try:
        tree = sqlglot.parse_one(condition, read="duckdb", into=exp.Condition)
    except (SqlglotError, RecursionError) as error:
        return "", _unreadable(error)
    if not isinstance(tree, exp.Condition) or tree.find(exp.Query, exp.Subquery):
        return "", _("A filter is one condition on the columns, such as age > 17.")
    if tree.find(exp.Table, exp.AggFunc, exp.Window, exp.Star):
        return "", _("A filter looks at one row: no table, sum or window.")
    if problem := _parts_problem(tree):
        return "", problem
    return tree.sql(dialect="duckdb", comments=False), ""


def _is_text(sql: str) -> bool:
    """Whether DuckDB can be given it: no NUL, no half of a pair."""
    return "\0" not in sql and not any("\ud800" <= each <= "\udfff" for each in sql)


def _unreadable(error: Exception) -> str:
    first = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()[:1]
    return _("This is no SQL that can be read: %(why)s") % {"why": "".join(first)[:200]}


def _tables_problem(tree: exp.Query) -> str:
    """Return which table is not the data, or nothing.

    A name counts as a common table expression only where that one is in scope:
    elsewhere it would be a table of the catalogue.
    """
    for table in tree.find_all(exp.Table):
        plain = isinstance(table.this, exp.Identifier) and not (
            table.db or table.catalog
        )
        if not plain or not (table.name == DATA or _is_in_scope(table)):
            return _("Only the table “data” can be asked, not %(table)s.") % {
                "table": table.sql(dialect="duckdb")[:60]
            }
    return ""


def _is_in_scope(table: exp.Table) -> bool:
    """Whether a table is a common table expression that is known where it stands."""
    inner: exp.Expr = table
    while outer := inner.parent:
        clause = outer.args.get("with_")
        if isinstance(outer, exp.With):
            known = outer.expressions[: outer.expressions.index(inner)]
        elif clause is not None and clause is not inner:
            known = clause.expressions
        else:
            known = []
        if table.name in {each.alias for each in known}:
            return True
        inner = outer
    return False


def _parts_problem(tree: exp.Expr) -> str:
    """Return which part of the SQL is not allowed, or nothing."""
    for node in tree.walk():
        if isinstance(node, _FORBIDDEN):
            return _not_allowed(node.sql(dialect="duckdb"))
        if isinstance(node, exp.With) and node.recursive:
            # What grows without end brings DuckDB down before its limits are reached.
            return _not_allowed("WITH RECURSIVE")
        if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc) and (
            node.name.lower() not in _PLAIN_FUNCTIONS
        ):
            return _not_allowed(node.name)
    return ""


def _not_allowed(what: str) -> str:
    return _("“%(what)s” is not allowed here.") % {"what": what[:60]}
