"""Row conditions of Great Expectations as filters in SQL, and back, where both mean one.

Missing values decide what can be said: SQL leaves a row out where a comparison meets a
gap, pandas only if the comparison is no inequality. What would differ is not translated.
"""

import ast
import io
import tokenize
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp

_COMPARED: dict[type[ast.cmpop], type[exp.Expr]] = {
    ast.Eq: exp.EQ,
    ast.NotEq: exp.NullSafeNEQ,  # true of a gap, as pandas has it
    ast.Gt: exp.GT,
    ast.GtE: exp.GTE,
    ast.Lt: exp.LT,
    ast.LtE: exp.LTE,
}
_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "==",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_WORDS = {"&": "and", "|": "or"}  # bind as loosely as the words in a condition


class _Unsaid(Exception):
    """A condition that has no equal on the other side."""


def filter_of(condition: Any, parser: str) -> str | None:
    """Return a row condition as a filter in SQL; None if it cannot be translated.

    Parameters
    ----------
    condition : str
        As Great Expectations takes it.
    parser : {"pandas", "spark", "great_expectations", "great_expectations__experimental__"}
        How it is written.
    """
    if not isinstance(condition, str) or len(condition) > 5000:
        return None
    try:
        if parser == "spark":
            return sqlglot.parse_one(condition, read="spark").sql(dialect="duckdb")
        if parser == "pandas" or parser.startswith("great_expectations"):
            tree = ast.parse(_with_words(condition), mode="eval")
            return _sql(tree.body).sql(dialect="duckdb")
    except (
        _Unsaid,
        SyntaxError,
        ValueError,
        tokenize.TokenError,
        sqlglot.errors.SqlglotError,
        RecursionError,
    ):
        return None
    return None


def condition_of(where: str) -> str | None:
    """Return a filter in SQL as a condition for pandas; None if it has no equal."""
    try:
        return _pandas(sqlglot.parse_one(where, read="duckdb"))
    except (_Unsaid, sqlglot.errors.SqlglotError, RecursionError):
        return None


def _with_words(condition: str) -> str:
    """Return a condition with "and" and "or" for their signs."""
    tokens = tokenize.generate_tokens(io.StringIO(condition.strip()).readline)
    return " ".join(_WORDS.get(each.string, each.string) for each in tokens).strip()


def _sql(node: ast.expr) -> exp.Expr:
    if isinstance(node, ast.BoolOp):
        join: Callable[..., exp.Expr] = (
            exp.and_ if isinstance(node.op, ast.And) else exp.or_
        )
        return join(*(_sql(each) for each in node.values))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _compared(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        gap = exp.Is(this=_column(node.func.value), expression=exp.Null())
        if node.func.attr in {"isnull", "isna"}:
            return gap
        if node.func.attr in {"notnull", "notna", "notNull"}:
            return exp.Not(this=gap)
    raise _Unsaid


def _compared(node: ast.Compare) -> exp.Expr:
    column, (sign,), (value,) = _column(node.left), node.ops, node.comparators
    if isinstance(sign, ast.In) and isinstance(value, ast.List | ast.Tuple):
        return exp.In(this=column, expressions=[_literal(each) for each in value.elts])
    if type(sign) not in _COMPARED:
        raise _Unsaid
    return _COMPARED[type(sign)](this=column, expression=_literal(value))


def _column(node: ast.expr) -> exp.Expr:
    name = ""
    if isinstance(node, ast.Name):
        name = node.id
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "col":
        (said,) = node.args
        name = str(getattr(said, "value", ""))
    if not name:
        raise _Unsaid
    return exp.column(exp.to_identifier(name))


def _literal(node: ast.expr) -> exp.Expr:
    value = ast.literal_eval(node)
    if not isinstance(value, str | int | float):
        raise _Unsaid
    return exp.convert(value)


def _pandas(node: exp.Expr) -> str:
    if isinstance(node, exp.Paren):
        return f"({_pandas(node.this)})"
    if isinstance(node, exp.And | exp.Or):
        word = "and" if isinstance(node, exp.And) else "or"
        return f"{_pandas(node.left)} {word} {_pandas(node.right)}"
    if type(node) in _SIGNS:
        return f"{_name(node.this)} {_SIGNS[type(node)]} {_said(node.expression)}"
    if isinstance(node, exp.NullSafeNEQ):
        return f"{_name(node.this)} != {_said(node.expression)}"
    if isinstance(node, exp.In) and node.expressions:
        values = ", ".join(_said(each) for each in node.expressions)
        return f"{_name(node.this)} in [{values}]"
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return f"{_name(node.this)}.isnull()"
    if isinstance(node, exp.Not) and isinstance(node.this, exp.Is):
        return _pandas(node.this).replace(".isnull()", ".notnull()")
    raise _Unsaid


def _name(node: exp.Expr) -> str:
    if not isinstance(node, exp.Column) or not node.name.isidentifier():
        raise _Unsaid
    return node.name


def _said(node: exp.Expr) -> str:
    if isinstance(node, exp.Neg):
        return f"-{_said(node.this)}"
    if isinstance(node, exp.Boolean):
        return str(bool(node.this))
    if isinstance(node, exp.Literal):
        return repr(node.this) if node.is_string else str(node.this)
    raise _Unsaid
