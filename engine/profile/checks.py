"""One declared rule against a table: which rows it tests and which break it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul

import polars as pl

from engine.errors import EngineError
from engine.profile.rules import (
    Authority,
    CompareColumns,
    Consistency,
    ForeignKey,
    FormatUniform,
    InRange,
    InSet,
    ProductClose,
    TypeIs,
    Validity,
)

Need = Callable[[pl.DataFrame, Sequence[str], str], None]

_CASTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "integer": pl.Int64,
    "number": pl.Float64,
    "date": pl.Date,
    "datetime": pl.Datetime("us"),
}
_KIND_TYPES = {
    "integer": (pl.Int64,),
    "number": (pl.Float64, pl.Int64),
    "boolean": (pl.Boolean,),
    "date": (pl.Date,),
    "datetime": (pl.Datetime, pl.Date),
    "text": (pl.String,),
}


@dataclass(frozen=True)
class Checked:
    """What one rule found, row by row."""

    rule: str
    tested: pl.Series  # (n_rows,) bool
    violations: pl.Series  # (n_rows,) bool; a subset of tested


def _checked(
    table: pl.DataFrame, rule: str, columns: Sequence[str], holds: pl.Expr
) -> Checked:
    """Return the rule tested where every column is present."""
    tested = pl.all_horizontal(pl.col(columns).is_not_null()).alias("tested")
    try:
        found = table.select(tested, holds.fill_null(value=True).alias("holds"))
    except pl.exceptions.PolarsError as error:
        raise EngineError(
            f"Rule {rule!r}: the values of {', '.join(columns)} cannot be compared "
            "with each other. Read the columns as one kind."
        ) from error
    return Checked(rule, found["tested"], found["tested"] & ~found["holds"])


def check_consistency(table: pl.DataFrame, rule: Consistency, *, need: Need) -> Checked:
    """Return what a rule between columns or tables found."""
    if isinstance(rule, CompareColumns):
        need(table, [rule.left, rule.right], "consistency")
        return _compare(table, rule)
    if isinstance(rule, ProductClose):
        need(table, [rule.total, *rule.factors], "consistency")
        return _product(table, rule)
    need(table, [rule.column], "consistency")
    if isinstance(rule, ForeignKey):
        other = pl.read_parquet(rule.path)
        need(other, [rule.reference], "consistency.path")
        return _foreign_key(table, other, rule)
    return _format(table, rule)


def _compare(table: pl.DataFrame, rule: CompareColumns) -> Checked:
    left, right = pl.col(rule.left), pl.col(rule.right)
    holds = {
        "<": left < right,
        "<=": left <= right,
        "==": left == right,
        "!=": left != right,
        ">=": left >= right,
        ">": left > right,
    }[rule.op]
    words = f"{rule.left} {rule.op} {rule.right}"
    return _checked(table, words, [rule.left, rule.right], holds)


def _product(table: pl.DataFrame, rule: ProductClose) -> Checked:
    """Check the total against a product, within the larger tolerance."""
    columns = [rule.total, *rule.factors]
    _need_numbers(table, columns)
    product = reduce(mul, [pl.col(f).cast(pl.Float64) for f in rule.factors])
    allowed = pl.max_horizontal(product.abs() * rule.relative, pl.lit(rule.absolute))
    holds = (pl.col(rule.total) - product).abs() <= allowed
    words = (
        f"{rule.total} ≈ {' × '.join(rule.factors)} within "
        f"{rule.relative:.0%} or {rule.absolute:g}"
    )
    return _checked(table, words, columns, holds)


def _need_numbers(table: pl.DataFrame, columns: Sequence[str]) -> None:
    """Raise if a column that is calculated with holds no numbers."""
    for column in columns:
        if not table[column].dtype.is_numeric():
            raise EngineError(
                f"Column {column!r} holds no numbers, but a rule calculates with it. "
                "Read it as a number, or drop the rule."
            )


def _foreign_key(table: pl.DataFrame, other: pl.DataFrame, rule: ForeignKey) -> Checked:
    known = other[rule.reference].drop_nulls().unique()
    column = table[rule.column]
    same_kind(column, known)
    words = f"{rule.column} occurs in {rule.reference}"
    holds = pl.col(rule.column).is_in(known.implode())
    return _checked(table, words, [rule.column], holds)


def same_kind(left: pl.Series, right: pl.Series) -> None:
    """Raise if two columns that are matched hold different kinds of values."""
    if left.dtype != right.dtype:
        raise EngineError(
            f"Column {left.name!r} is {left.dtype} and {right.name!r}, which it is "
            f"matched with, is {right.dtype}. Read both as one kind."
        )


def _format(table: pl.DataFrame, rule: FormatUniform) -> Checked:
    """Check that every value has the most frequent shape (ties: the first by name)."""
    if table[rule.column].dtype != pl.String:
        # A typed column has one format by construction.
        return _checked(table, _uniform(rule, ""), [rule.column], pl.lit(value=True))
    shape = (
        pl.col(rule.column)
        .str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"[\p{Ll}\p{Lo}\p{Lt}\p{Lm}]", "a")
        .str.replace_all(r"\p{Nd}", "9")
        .str.replace_all("[A]{2,}", "A")
        .str.replace_all("A?a+", "a")
    )
    counts = (
        table.select(shape.alias("s"))["s"]
        .drop_nulls()
        .value_counts(name="n")
        .sort("n", "s", descending=[True, False])
    )
    usual = counts["s"][0] if counts.height else ""
    return _checked(table, _uniform(rule, usual), [rule.column], shape == usual)


def _uniform(rule: FormatUniform, shape: str) -> str:
    return f"{rule.column} has one format" + (f" ({shape[:40]})" if shape else "")


def check_validity(table: pl.DataFrame, rule: Validity) -> Checked:
    """Return what a rule on one column found."""
    column = pl.col(rule.column)
    if isinstance(rule, InSet):
        allowed = _allowed(table[rule.column], rule)
        listed = ", ".join(map(str, rule.values[:5]))
        more = ", …" if len(rule.values) > 5 else ""
        words = f"{rule.column} is one of {listed}{more}"
        return _checked(table, words, [rule.column], column.is_in(allowed.implode()))
    if isinstance(rule, InRange):
        return _range(table, rule)
    return _type(table, rule)


def _allowed(series: pl.Series, rule: InSet) -> pl.Series:
    """Return the allowed values as the column's own type."""
    try:
        return pl.Series(list(rule.values), dtype=None, strict=True).cast(series.dtype)
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise EngineError(
            f"Column {rule.column!r} is {series.dtype}; the rule in_set lists "
            f"{list(rule.values[:5])}. List values of that type."
        ) from error


def _range(table: pl.DataFrame, rule: InRange) -> Checked:
    _need_numbers(table, [rule.column])
    column = pl.col(rule.column)
    holds = pl.lit(value=True)
    if rule.minimum is not None:
        holds = holds & (column >= rule.minimum)
    if rule.maximum is not None:
        holds = holds & (column <= rule.maximum)
    low = "any" if rule.minimum is None else f"{rule.minimum:g}"
    high = "any" if rule.maximum is None else f"{rule.maximum:g}"
    words = f"{rule.column} between {low} and {high}"
    return _checked(table, words, [rule.column], holds)


def _type(table: pl.DataFrame, rule: TypeIs) -> Checked:
    """Check that each value can be read as the kind."""
    dtype = table[rule.column].dtype
    column = pl.col(rule.column)
    if rule.kind == "text" or dtype in _KIND_TYPES[rule.kind]:
        holds = pl.lit(value=True)
    elif dtype == pl.String and rule.kind == "boolean":
        holds = column.str.to_lowercase().is_in(["true", "false"])
    elif dtype == pl.String:
        holds = (
            column.str.strip_chars().cast(_CASTS[rule.kind], strict=False).is_not_null()
        )
    elif dtype == pl.Float64 and rule.kind == "integer":
        holds = column == column.round()
    else:
        holds = pl.lit(value=False)
    return _checked(table, f"{rule.column} is {rule.kind}", [rule.column], holds)


def authority_cells(
    table: pl.DataFrame, truth: pl.DataFrame, authority: Authority
) -> tuple[list[Checked], int, int]:
    """Return (a check per column, rows with a key, rows whose key is known).

    Raises
    ------
    EngineError
        If the authority names one key twice, or its types differ.
    """
    key = list(authority.key)
    truth = truth.select([*key, *authority.tolerances]).drop_nulls(key)
    doubled = truth.height - truth.n_unique(subset=key)
    if doubled:
        raise EngineError(
            f"The authority names {doubled:,} keys more than once ({', '.join(key)}), "
            "so it does not say which is right. Keep one row per key."
        )
    for name in key:
        same_kind(table[name], truth[name])
    names = {column: f"true {column}" for column in authority.tolerances}
    joined = table.join(
        truth.rename(names).with_columns(pl.lit(value=True).alias("known key")),
        on=key,
        how="left",
        maintain_order="left",
    )
    with_key = joined.select(pl.all_horizontal(pl.col(key).is_not_null())).to_series()
    matched = joined["known key"].fill_null(value=False)
    checks = [
        _against(joined, column, names[column], tolerance)
        for column, tolerance in authority.tolerances.items()
    ]
    return checks, int(with_key.sum()), int(matched.sum())


def _against(joined: pl.DataFrame, column: str, true: str, tolerance: float) -> Checked:
    """Check one column against the truth beside it."""
    mine, theirs = pl.col(column), pl.col(true)
    numeric = joined[column].dtype.is_numeric() and joined[true].dtype.is_numeric()
    if numeric:
        # Without the hair, 0.1 + 0.2 would differ from 0.3 by more than nothing.
        slack = tolerance + 1e-9
        holds = (mine.cast(pl.Float64) - theirs.cast(pl.Float64)).abs() <= slack
        words = f"{column} within {tolerance:g} of the authority"
    else:
        holds = mine.cast(pl.String) == theirs.cast(pl.String)
        words = f"{column} equal to the authority"
    return _checked(joined, words, [column, true], holds)
