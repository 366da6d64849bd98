"""Checks that a profile suggests: what holds in the data now, and likely is meant to."""

from collections.abc import Iterator

from engine.checks.base import Check
from engine.checks.catalogue import Declared, check_of
from engine.checks.columns import (
    FormatUniform,
    InRange,
    InSet,
    NoDuplicateRows,
    NotNull,
    RowCount,
    Schema,
    Unique,
)
from engine.digests import digest
from engine.errors import EngineError
from engine.profile.result import ColumnProfile, Profile

LEAST_ROWS = 20
FEW = 12  # values of a column that is one of a list
SHARE_OF_ROWS = 0.1  # at most so many different values a row
EMPTY_SHARE = 0.01  # of missing values that are thought to be mistakes


def suggest(profile: Profile, there: list[Declared]) -> list[Declared]:
    """Return checks that the profile suggests and nobody has declared yet.

    The id of each is made of its content, so that a form can name it.
    """
    if profile.rows < LEAST_ROWS:
        return []
    known = {_place(each) for each in there}
    found = [_declared(check) for check in _checks(profile)]
    return [each for each in found if _place(each) not in known]


def _place(declared: Declared) -> tuple[str, tuple[str, ...]]:
    """Return what a check is about: another one of its kind there is not suggested."""
    try:
        check = check_of(declared.kind, declared.params)
    except EngineError:
        return declared.kind, ()
    # A table has one schema and one count of rows, whatever columns they name.
    return declared.kind, tuple(sorted(check.columns()))


def _declared(check: Check) -> Declared:
    params = check.to_json()
    return Declared(
        id=digest({"kind": check.kind, "params": params})[:12],
        kind=check.kind,
        params=params,
        dimension=check.dimension,
        severity=check.severity,
    )


def _checks(profile: Profile) -> Iterator[Check]:
    yield Schema({column.name: column.kind for column in profile.columns})
    yield RowCount(minimum=float(profile.rows // 2))
    if profile.duplicate_rows == 0:
        yield NoDuplicateRows()
    for column in profile.columns:
        yield from _of_column(column, profile.rows)


def _of_column(column: ColumnProfile, rows: int) -> Iterator[Check]:
    if column.missing_share <= EMPTY_SHARE:
        share = 0.0 if not column.missing else 100 * EMPTY_SHARE
        yield NotNull(column.name, share)
    if column.id_like and not column.approximate and _names_rows(column):
        yield Unique((column.name,))
    if _is_listed(column, rows):
        yield InSet(column.name, tuple(each.value for each in column.top))
    numbers = column.numbers
    if numbers and numbers.minimum >= 0 and not column.constant:
        yield InRange(column.name, minimum=0.0)
    if column.text and _has_one_shape(column):
        yield FormatUniform(column.name)


def _names_rows(column: ColumnProfile) -> bool:
    """Whether a column that never repeats is more than a measurement."""
    return column.kind in ("text", "integer")


def _is_listed(column: ColumnProfile, rows: int) -> bool:
    few = 1 < column.distinct <= min(FEW, SHARE_OF_ROWS * rows)
    return column.kind == "text" and few and len(column.top) == column.distinct


def _has_one_shape(column: ColumnProfile) -> bool:
    """Whether all values look alike, and not like words."""
    if column.text is None or column.distinct <= FEW:
        return False
    shapes = column.text.patterns
    return len(shapes) == 1 and any(sign in shapes[0].value for sign in "9-")
