"""Sorted pages of runs by keyset: no page costs more than the first.

The order is that of MLflow: what has a value first, then NaN, then what has none, in
both directions; then the value; then the newest; then the id.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    FilteredRelation,
    FloatField,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from experiments.models import Run

# Runs with what they are sorted by, which no declared type has.
Rows = QuerySet[Any]
PAGE_SIZE = 50
HAS_VALUE, IS_NAN, HAS_NONE = 0, 1, 2
COLUMNS = {
    "money": "money_mean",
    "musts": "musts_met",
    "age": "start_time",
}
TEXTS = {"name": "name", "family": "family", "status": "status"}


@dataclass(frozen=True)
class Sort:
    """What the table is sorted by: `money`, `name`, … or the key of a metric."""

    key: str = "money"
    descending: bool = True

    @classmethod
    def read(cls, text: str) -> "Sort":
        """Return the sort an address names: `-recall` is falling, `name` rising."""
        key = text.removeprefix("-")[:250]
        return cls(key, text.startswith("-")) if key else cls()

    def __str__(self) -> str:
        return f"-{self.key}" if self.descending else self.key

    @property
    def is_text(self) -> bool:
        """Whether words are compared."""
        return self.key in TEXTS

    @property
    def is_metric(self) -> bool:
        """Whether the narrow table of metrics is read."""
        return not self.is_text and self.key not in {*COLUMNS, "primary"}


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: the row before it, or after it when going back."""

    bucket: int
    value: float | str
    began: int
    pk: str
    rank: int  # of the row named
    goes_back: bool = False

    def __str__(self) -> str:
        row = [self.bucket, self.value, self.began, self.pk, self.rank, self.goes_back]
        return base64.urlsafe_b64encode(json.dumps(row).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, sort: Sort) -> "Cursor | None":
        """Return the cursor of an address; None if it is none of this sort."""
        try:
            padded = text + "=" * (-len(text) % 4)
            row = json.loads(base64.urlsafe_b64decode(padded.encode()))
            bucket, value, began, pk, rank, goes_back = row
        except (ValueError, TypeError, binascii.Error):
            return None
        wanted = str if sort.is_text else (int, float)
        is_sound = (
            all(isinstance(n, int) and abs(n) < 2**62 for n in (bucket, began, rank))
            and isinstance(value, wanted)
            and isinstance(pk, str)
            and "\x00" not in f"{pk}{value}"
        )
        return (
            cls(bucket, value, began, pk, rank, bool(goes_back)) if is_sound else None
        )


@dataclass(frozen=True)
class Page:
    """Some runs in order, and the cursors of the pages beside it."""

    runs: list[Run]
    first_rank: int
    before: Cursor | None
    after: Cursor | None


def page_of(
    rows: Rows, sort: Sort, cursor: Cursor | None, *, size: int = PAGE_SIZE
) -> Page:
    """Return one page of `rows` in the given order."""
    rows = ordered(rows, sort)
    goes_back = bool(cursor and cursor.goes_back)
    if cursor:
        rows = rows.filter(_beyond(cursor, sort))
    if goes_back:
        rows = rows.reverse()
    found = list(rows[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if goes_back:
        found.reverse()
    first = _first_rank(cursor, len(found))
    before = found and (has_more if goes_back else cursor is not None)
    after = found and (goes_back or has_more)
    return Page(
        runs=found,
        first_rank=first,
        before=_cursor(found[0], first, goes_back=True) if before else None,
        after=_cursor(found[-1], first + len(found) - 1) if after else None,
    )


def _first_rank(cursor: Cursor | None, count: int) -> int:
    if cursor is None:
        return 1
    return max(cursor.rank - count, 1) if cursor.goes_back else cursor.rank + 1


def _cursor(run: Run, rank: int, *, goes_back: bool = False) -> Cursor:
    row: Any = run
    return Cursor(row.bucket, row.sort_value, row.began, run.pk, rank, goes_back)


def ordered(rows: Rows, sort: Sort) -> Rows:
    """Return `rows` annotated with what they are sorted by, in that order."""
    rows = _annotated(rows, sort).annotate(
        began=Coalesce("start_time", Value(0), output_field=BigIntegerField())
    )
    value = F("sort_value").desc() if sort.descending else F("sort_value").asc()
    return rows.order_by("bucket", value, "-began", "pk")


def _annotated(rows: Rows, sort: Sort) -> Rows:
    if sort.is_text:
        by_text: Rows = rows.annotate(
            bucket=Value(HAS_VALUE, output_field=IntegerField()),
            sort_value=F(TEXTS[sort.key]),
        )
        return by_text
    if sort.is_metric:
        rows = rows.annotate(
            sorted_by=FilteredRelation("metrics", condition=Q(metrics__key=sort.key))
        )
        return _by_number(rows, "sorted_by__last", Q(sorted_by__is_nan=True))
    if sort.key == "primary":
        return _by_number(rows, "primary_value", Q(primary_is_nan=True))
    return _by_number(rows, COLUMNS[sort.key], None)


def _by_number(rows: Rows, column: str, is_nan: Q | None) -> Rows:
    buckets = [When(**{column: None}, then=Value(HAS_NONE))]
    if is_nan is not None:
        buckets.append(When(is_nan, then=Value(IS_NAN)))
    by_number: Rows = rows.annotate(
        bucket=Case(*buckets, default=Value(HAS_VALUE), output_field=IntegerField()),
        sort_value=Coalesce(column, Value(0.0), output_field=FloatField()),
    )
    return by_number


def _beyond(cursor: Cursor, sort: Sort) -> Q:
    """Return the rows after the cursor, or before it when going back."""
    terms = (
        ("bucket", cursor.bucket, False),
        ("sort_value", cursor.value, sort.descending),
        ("began", cursor.began, True),
        ("pk", cursor.pk, False),
    )
    condition, same = Q(), Q()
    for name, value, descending in terms:
        lookup = "lt" if descending != cursor.goes_back else "gt"
        condition |= same & Q(**{f"{name}__{lookup}": value})
        same &= Q(**{name: value})
    return condition
