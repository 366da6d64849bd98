"""Six scores of a table by declared rules, and not one number more.

Every score lies in [0, 1] and shows what it was computed from. A dimension without
a rule is not assessed: it has no value, and never a 1.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl

from engine.errors import EngineError
from engine.numbers import plain
from engine.profile.checks import (
    Checked,
    authority_cells,
    check_consistency,
    check_validity,
    same_kind,
)
from engine.profile.records import from_json, to_json
from engine.profile.rules import Rules
from engine.progress import Reporter
from engine.version import ENGINE_VERSION

Dimension = Literal[
    "accuracy",
    "completeness",
    "consistency",
    "timeliness",
    "validity",
    "uniqueness",
]
# Those that the portal leads with come first.
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
MAX_EXAMPLES = 20


@dataclass(frozen=True)
class Score:
    """How good a table is in one dimension."""

    dimension: Dimension
    value: float | None  # in [0, 1]; None if not assessed
    n: int  # what the value is a share of
    formula: str
    note: str
    assessed: bool


@dataclass(frozen=True)
class RuleResult:
    """What one declared rule found."""

    dimension: Dimension
    rule: str  # in words, such as "tenure between 0 and 100"
    tested: int
    violating: int
    example_rows: tuple[int, ...]  # at most twenty; rows count from 1, header excluded


@dataclass(frozen=True)
class Assessment:
    """Six scores and the rules behind them."""

    rows: int
    as_of: str
    scores: tuple[Score, ...]  # in the order of DIMENSIONS
    results: tuple[RuleResult, ...]
    engine_version: str

    def to_json(self) -> dict[str, Any]:
        """Return the assessment as a JSON-able dictionary."""
        return to_json(self)

    @classmethod
    def from_json(cls, content: Any) -> "Assessment":
        """Return the assessment that a dictionary describes.

        Raises
        ------
        EngineError
            If it does not have this schema.
        """
        return from_json(cls, content)

    def score(self, dimension: Dimension) -> Score:
        """Return the score of one dimension."""
        return self.scores[DIMENSIONS.index(dimension)]


_Part = tuple[Score, list[RuleResult]]

_FORMULAS: dict[Dimension, str] = {
    "accuracy": "cells within tolerance / cells compared on matched keys",
    "completeness": "the smaller of present required cells / required cells and "
    "found expected keys / expected keys",
    "consistency": "1 − violating / tested",
    "timeliness": "mean of max(0, 1 − max(0, age − target) / target)",
    "validity": "valid / present cells of the columns that have a rule",
    "uniqueness": "distinct keys / rows with a key",
}


def assess(
    *, source: str, folder: Path, report: Reporter, rules: dict[str, Any]
) -> dict[str, Any]:
    """Return the six scores of a canonical table as JSON of `Assessment`.

    Parameters
    ----------
    source : str
        Path of a Parquet table that `read_table` wrote.
    folder : Path
        Unused: nothing is written.
    rules : dict
        See `Rules`; paths name canonical Parquet tables.

    Raises
    ------
    EngineError
        If a rule is malformed, or names a column or table that is not there.
    """
    declared = Rules.from_json(rules)
    table = pl.read_parquet(source)
    parts: list[_Part] = []
    steps: dict[Dimension, Callable[[pl.DataFrame, Rules], _Part]] = {
        "accuracy": _accuracy,
        "completeness": _completeness,
        "consistency": _consistency,
        "timeliness": _timeliness,
        "validity": _validity,
        "uniqueness": _uniqueness,
    }
    for done, dimension in enumerate(DIMENSIONS):
        report.progress(done / len(DIMENSIONS), dimension)
        parts.append(steps[dimension](table, declared))
    report.progress(1.0, "Assessed")
    return Assessment(
        rows=table.height,
        as_of=declared.as_of,
        scores=tuple(score for score, _ in parts),
        results=tuple(result for _, results in parts for result in results),
        engine_version=ENGINE_VERSION,
    ).to_json()


def _scored(dimension: Dimension, hits: float, n: int, note: str) -> Score:
    """Return hits / n, or "not assessed" if there was nothing to look at."""
    if n == 0:
        return _not_assessed(dimension, note or "Nothing to compare.")
    return Score(dimension, hits / n, n, _FORMULAS[dimension], note, assessed=True)


def _not_assessed(dimension: Dimension, why: str) -> Score:
    return Score(dimension, None, 0, _FORMULAS[dimension], why, assessed=False)


def _result(dimension: Dimension, checked: Checked) -> RuleResult:
    """Return what a check found, with its first rows."""
    rows = checked.violations.arg_true().head(MAX_EXAMPLES)
    return RuleResult(
        dimension=dimension,
        rule=checked.rule,
        tested=int(checked.tested.sum()),
        violating=int(checked.violations.sum()),
        example_rows=tuple(int(row) + 1 for row in rows),
    )


def _need(table: pl.DataFrame, columns: Sequence[str], place: str) -> None:
    """Raise if a rule names a column that is not there."""
    for column in columns:
        if column not in table.columns:
            raise EngineError(
                f"rules.{place} names column {column!r}, which the table has not; "
                f"it has {', '.join(table.columns[:20])}."
            )


def _completeness(table: pl.DataFrame, rules: Rules) -> _Part:
    """Score the required cells and the expected records; the smaller counts."""
    if not rules.required and rules.expected_keys is None:
        why = "Not assessed: name the required columns or the expected keys."
        return _not_assessed("completeness", why), []
    shares: list[tuple[float, int, str]] = []
    results: list[RuleResult] = []
    _need(table, rules.required, "required")
    every = pl.Series([True]).new_from_index(0, table.height)
    for column in rules.required:
        checked = Checked(f"{column} is present", every, table[column].is_null())
        results.append(_result("completeness", checked))
    if results and table.height:
        cells = sum(result.tested for result in results)
        present = cells - sum(result.violating for result in results)
        shares.append(
            (present, cells, f"{plain(present)} of {plain(cells)} required cells.")
        )
    if rules.expected_keys is not None:
        found, expected = _expected(table, rules)
        shares.append(
            (found, expected, f"{plain(found)} of {plain(expected)} expected keys.")
        )
    shares = [share for share in shares if share[1]]
    if not shares:
        return _not_assessed("completeness", "Not assessed: no rows."), results
    hits, n, _ = min(shares, key=lambda share: share[0] / share[1])
    note = " ".join(note for *_, note in shares)
    return _scored("completeness", hits, n, note), results


def _expected(table: pl.DataFrame, rules: Rules) -> tuple[int, int]:
    """Return (expected keys found, expected keys), each key once."""
    assert rules.expected_keys is not None  # noqa: S101 — the caller looked
    _need(table, rules.key, "key")
    other = pl.read_parquet(rules.expected_keys.path)
    _need(other, rules.expected_keys.key, "expected_keys.key")
    names = dict(zip(rules.expected_keys.key, rules.key, strict=True))
    for theirs, ours in names.items():
        same_kind(table[ours], other[theirs])
    wanted = other.select(list(names)).rename(names).unique().drop_nulls()
    found = wanted.join(
        table.select(rules.key).unique(), on=list(rules.key), how="semi"
    )
    return found.height, wanted.height


def _accuracy(table: pl.DataFrame, rules: Rules) -> _Part:
    """Score the cells that an authority knows."""
    authority = rules.authority
    if authority is None:
        why = "Not assessed: no authority to compare with."
        return _not_assessed("accuracy", why), []
    _need(table, (*authority.key, *authority.tolerances), "authority")
    truth = pl.read_parquet(authority.path)
    _need(truth, (*authority.key, *authority.tolerances), "authority.path")
    checked, with_key, matched = authority_cells(table, truth, authority)
    results = [_result("accuracy", one) for one in checked]
    cells = sum(result.tested for result in results)
    good = cells - sum(result.violating for result in results)
    rate = f" ({matched / with_key:.1%})" if with_key else ""
    note = (
        f"{plain(matched)} of {plain(with_key)} rows with a key match the authority{rate}; "
        "cells missing on either side are not compared."
    )
    return _scored("accuracy", good, cells, note), results


def _consistency(table: pl.DataFrame, rules: Rules) -> _Part:
    """Score the rules between columns and tables."""
    if not rules.consistency:
        why = "Not assessed: no rule between columns or tables."
        return _not_assessed("consistency", why), []
    results = []
    for rule in rules.consistency:
        checked = check_consistency(table, rule, need=_need)
        results.append(_result("consistency", checked))
    tested = sum(result.tested for result in results)
    good = tested - sum(result.violating for result in results)
    return _scored("consistency", good, tested, f"{len(results)} rules."), results


def _timeliness(table: pl.DataFrame, rules: Rules) -> _Part:
    """Score how old the rows, or the delivery, are against the target."""
    rule = rules.timeliness
    if rule is None:
        why = "Not assessed: no as-of column, delivery date or target age."
        return _not_assessed("timeliness", why), []
    now = instant(rules.as_of, "as_of")
    if rule.delivered_at:
        delivered = instant(rule.delivered_at, "timeliness.delivered_at")
        dates = pl.Series([delivered])
        name = "delivered at"
    else:
        _need(table, [rule.column], "timeliness.column")
        dates, name = table[rule.column], rule.column
        if dates.dtype not in (pl.Date, pl.Datetime):
            raise EngineError(
                f"rules.timeliness.column {name!r} holds no dates; choose a column "
                "of dates or times."
            )
    ages = _ages(dates, now)
    # A date after the instant cannot be right, so it earns nothing and is no proof.
    usable = (ages >= 0).fill_null(value=False)
    late = usable & (ages > rule.target_days).fill_null(value=False)
    score = 1 - (ages.filter(usable) - rule.target_days).clip(lower_bound=0) / (
        rule.target_days
    )
    total = float(score.clip(lower_bound=0).sum())
    undated = int(dates.is_null().sum())
    future = int((ages < 0).fill_null(value=False).sum())
    days = f"{rule.target_days:g} days"
    note = (
        f"{plain(int(late.sum()))} older than {days} at {rules.as_of[:10]}; left out: "
        f"{plain(undated)} without a date, {plain(future)} dated later."
    )
    checked = Checked(f"{name} at most {days} old", usable, late)
    result = _result("timeliness", checked)
    return _scored("timeliness", total, int(usable.sum()), note), [result]


def _ages(dates: pl.Series, now: dt.datetime) -> pl.Series:
    """Return ages in days; a date counts whole days, a time fractions."""
    if dates.dtype == pl.Date:
        past = pl.Series([now.date()]) - dates
        return past.dt.total_days().cast(pl.Float64)
    past = pl.Series([now]) - dates.cast(pl.Datetime("us"))
    return past.dt.total_microseconds() / (86_400 * 1_000_000)


def instant(text: str, place: str) -> dt.datetime:
    """Return an ISO 8601 instant as UTC without a zone, as tables keep it.

    Raises
    ------
    EngineError
        If the text is no instant.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise EngineError(
            f"rules.{place} is {text!r}; write an instant as 2024-01-31T12:00:00Z."
        ) from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return moment


def _validity(table: pl.DataFrame, rules: Rules) -> _Part:
    """Score the cells of columns that have a rule; a cell must pass all of them."""
    if not rules.validity:
        return _not_assessed("validity", "Not assessed: no rule for a column."), []
    results: list[RuleResult] = []
    bad: dict[str, pl.Series] = {}
    for rule in rules.validity:
        _need(table, [rule.column], "validity")
        checked = check_validity(table, rule)
        results.append(_result("validity", checked))
        before = bad.get(rule.column)
        bad[rule.column] = (
            checked.violations if before is None else before | checked.violations
        )
    present = sum(table.height - table[column].null_count() for column in bad)
    wrong = sum(int(violations.sum()) for violations in bad.values())
    note = f"{len(results)} rules on {len(bad)} columns."
    return _scored("validity", present - wrong, present, note), results


def _uniqueness(table: pl.DataFrame, rules: Rules) -> _Part:
    """Score the keys."""
    if not rules.key:
        return _not_assessed("uniqueness", "Not assessed: name the key columns."), []
    _need(table, rules.key, "key")
    keys = table.select(rules.key)
    present = ~keys.select(pl.any_horizontal(pl.all().is_null())).to_series()
    first = keys.select(pl.struct(pl.all()).is_first_distinct()).to_series()
    rule = f"{' + '.join(rules.key)} is unique"
    checked = Checked(rule, present, present & ~first)
    result = _result("uniqueness", checked)
    missing = table.height - result.tested
    note = f"{plain(missing)} rows without a key are left out."
    hits = result.tested - result.violating
    return _scored("uniqueness", hits, result.tested, note), [result]
