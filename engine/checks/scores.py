"""Six scores of a table from what its checks found, and not one number more.

Every score lies in [0, 1] and shows what it was computed from. A dimension without a
check that could be run is not assessed: it has no value, and never a 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.checks.base import DIMENSIONS, Dimension
from engine.checks.result import Found, Score
from engine.numbers import plain
from engine.words import gettext_noop as _
from engine.words import joined

FORMULAS: dict[str, str] = {
    "accuracy": _("cells within tolerance / cells compared on matched keys"),
    "completeness": _(
        "the smaller of present required cells / required cells and found expected "
        "records / expected records"
    ),
    "consistency": _("1 − violating / tested"),
    "timeliness": _(
        "mean of max(0, 1 − max(0, age − target) / target); the smaller of it and "
        "deliveries on time / deliveries due"
    ),
    "validity": _("valid / present cells of the columns that have a check"),
    "uniqueness": _("distinct keys / rows with a key"),
}
_NO_CHECK: dict[str, str] = {
    "accuracy": _("Not assessed: no authority to compare with."),
    "completeness": _("Not assessed: name the required columns or the expected keys."),
    "consistency": _("Not assessed: no check between columns or tables."),
    "timeliness": _("Not assessed: no date of a row or delivery, or no target age."),
    "validity": _("Not assessed: no check of a column."),
    "uniqueness": _("Not assessed: name the key columns."),
}
# What counts records, not cells.
_RECORDS = {"expected_keys", "no_gaps", "row_count"}
# What looks at the table as a whole has no cells to count.
_WHOLE = {"schema", "aggregate"}


@dataclass(frozen=True)
class Share:
    """So much of so many."""

    hits: float
    n: int
    note: str = ""

    @property
    def value(self) -> float:
        """The share; only of something."""
        return self.hits / self.n


def scores_of(
    results: Sequence[Found], cells: Mapping[str, tuple[int, int]]
) -> tuple[Score, ...]:
    """Return the six scores, those that lead first.

    Parameters
    ----------
    results : sequence of Found
        What each check found.
    cells : mapping
        By column with checks of validity: cells tested and cells that break any.
    """
    return tuple(_score(each, results, cells) for each in DIMENSIONS)


def _score(
    dimension: Dimension,
    results: Sequence[Found],
    cells: Mapping[str, tuple[int, int]],
) -> Score:
    own = [each for each in results if each.dimension == dimension]
    run = [each for each in own if each.state != "error"]
    failed = [each.note for each in own if each.state == "error"]
    shares = [each for each in _shares(dimension, run, cells) if each.n]
    if not shares:
        notes = failed or _empty(dimension, run)
        return Score(dimension, None, 0, FORMULAS[dimension], joined(" ", notes), False)  # noqa: FBT003 — the last field
    least = min(shares, key=lambda share: share.value)
    notes = [each.note for each in shares if each.note] + failed
    return Score(
        dimension=dimension,
        value=least.value,
        n=least.n,
        formula=FORMULAS[dimension],
        note=joined(" ", notes),
        assessed=True,
    )


def _empty(dimension: Dimension, run: Sequence[Found]) -> list[str]:
    """Return why there is no score although nothing failed."""
    if not run:
        return [_NO_CHECK[dimension]]
    return [each.note for each in run if each.note] or [
        _("Not assessed: nothing to look at.")
    ]


def _shares(
    dimension: Dimension,
    run: Sequence[Found],
    cells: Mapping[str, tuple[int, int]],
) -> list[Share]:
    if dimension == "completeness":
        return _completeness(run)
    if dimension == "validity":
        return [_validity(run, cells)]
    if dimension == "timeliness":
        fresh = [each for each in run if each.kind != "arrival"]
        due = [each for each in run if each.kind == "arrival"]
        return [_pooled(fresh), _pooled(due)]
    return [_pooled(run)]


def _pooled(run: Sequence[Found]) -> Share:
    """Return what was kept of all that was tested."""
    notes = dict.fromkeys(each.note for each in run if each.note)
    return Share(
        sum(each.earned for each in run),
        sum(each.tested for each in run),
        joined(" ", notes),
    )


def _completeness(run: Sequence[Found]) -> list[Share]:
    """Return the share of cells, and of records for each check that counts them."""
    filled = [each for each in run if each.kind not in _RECORDS]
    tested = sum(each.tested for each in filled)
    present = sum(each.earned for each in filled)
    said = {"present": plain(present), "cells": plain(tested)}
    shares = [
        Share(present, tested, _("%(present)s of %(cells)s required cells.") % said)
    ]
    for each in run:
        if each.kind in _RECORDS:
            said = {"found": plain(each.earned), "expected": plain(each.tested)}
            note = _("%(found)s of %(expected)s expected records.") % said
            shares.append(Share(each.earned, each.tested, note))
    return shares


def _validity(run: Sequence[Found], cells: Mapping[str, tuple[int, int]]) -> Share:
    """Return the share of cells that pass all checks of their column."""
    counted = [each for each in run if each.kind not in _WHOLE]
    others = [each for each in counted if not each.is_cells]
    tested = sum(n for n, _bad in cells.values()) + sum(each.tested for each in others)
    bad = sum(bad for _n, bad in cells.values()) + sum(
        each.violating for each in others
    )
    said = {"checks": len(counted), "columns": len(cells)}
    note = _("Checks: %(checks)s. Columns they are about: %(columns)s.") % said
    return Share(tested - bad, tested, note)
