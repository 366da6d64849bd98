"""Reconciliations in words: their classes, their columns, what may be chosen."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dataquality.models import DataSet, DataSetVersion, Reconciliation
from engine.numbers import plain
from engine.reconcile import ColumnDifference, Example
from engine.reconcile import Reconciliation as Reconciled

CHOICES = 500
WHAT = {
    "missing left": gettext_lazy("missing left"),
    "missing right": gettext_lazy("missing right"),
    "duplicate key": gettext_lazy("key of several rows"),
    "changed": gettext_lazy("changed"),
}


@dataclass(frozen=True)
class RowClass:
    """How many rows came out so."""

    title: str
    n: int
    words: str


@dataclass(frozen=True)
class ColumnShown:
    """One compared column."""

    name: str
    right: str
    changed: int
    share: str
    largest: str
    tolerance: str


@dataclass(frozen=True)
class DifferenceShown:
    """One difference, in words."""

    what: str
    key: str
    column: str
    left: str | None
    right: str | None


@dataclass(frozen=True)
class ReconciliationShown:
    """A reconciliation from its answer to its first differences."""

    row: Reconciliation
    finding: str
    is_equal: bool
    classes: tuple[RowClass, ...]
    duplicates: str
    without_key: str
    columns: tuple[ColumnShown, ...]
    differences: tuple[DifferenceShown, ...]
    all_differences: int
    masked: tuple[str, ...]


def reconciliations_of(data_set: DataSet) -> "QuerySet[Reconciliation]":
    """Return the reconciliations a data set is a side of, the newest first."""
    rows = Reconciliation.objects.alive().filter(deleted_at=None)
    mine = rows.filter(left__data_set=data_set) | rows.filter(right__data_set=data_set)
    return mine.select_related(
        "data_set__project",
        "left__data_set__project",
        "right__data_set__project",
        "created_by",
        "job",
    )


def versions_to_choose(data_set: DataSet) -> list[DataSetVersion]:
    """Return the ready versions of the project, this data set's own first."""
    ready = DataSetVersion.objects.filter(
        data_set__project=data_set.project_id,
        data_set__deleted_at=None,
        state=DataSetVersion.State.READY,
    ).select_related("data_set")
    found = list(ready.order_by("data_set__name", "-number")[:CHOICES])
    return sorted(found, key=lambda each: each.data_set_id != data_set.pk)


def finding_of(row: Reconciliation) -> str:
    """Return the answer in one sentence."""
    if not row.is_done:
        return row.problem or _("Under way")
    return _finding(row.found())


def _finding(found: Reconciled) -> str:
    if not found.tested:
        return _("No key of one table is in the other, or none can be told apart")
    if not found.violating:
        return _("All %(n)s rows that could be matched agree") % {
            "n": plain(found.matched)
        }
    words = ngettext(
        "%(differ)s of %(n)s row does not agree",
        "%(differ)s of %(n)s rows do not agree",
        found.tested,
    )
    return words % {"differ": plain(found.violating), "n": plain(found.tested)}


def shown_reconciliation(row: Reconciliation) -> ReconciliationShown | None:
    """Return a reconciliation in words; None until there is a result."""
    if not row.is_done:
        return None
    found = row.found()
    changed = sum(each.changed for each in found.columns)
    return ReconciliationShown(
        row=row,
        finding=_finding(found),
        is_equal=not found.violating and not found.is_ambiguous,
        classes=_classes(found),
        duplicates=_duplicates(found),
        without_key=_without_key(found),
        columns=tuple(_column(row, each) for each in found.columns),
        # What changed needs a look; what is missing is a key alone, and comes after.
        differences=tuple(
            sorted(map(_difference, found.examples), key=lambda each: not each.column)
        ),
        all_differences=found.missing_left + found.missing_right + changed,
        masked=tuple(row.matching.get("masked", ())),
    )


def _classes(found: Reconciled) -> tuple[RowClass, ...]:
    return (
        RowClass(_("Matched and equal"), found.equal, _("within the tolerances")),
        RowClass(_("Matched and changed"), found.changed_rows, _("a cell differs")),
        RowClass(_("Missing left"), found.missing_left, _("only the right has it")),
        RowClass(_("Missing right"), found.missing_right, _("only the left has it")),
    )


def _duplicates(found: Reconciled) -> str:
    """Return what is said of keys that stand more than once; nothing without them."""
    if not found.is_ambiguous:
        return ""
    left, right = found.ambiguous
    return _(
        "%(left)s rows on the left and %(right)s on the right have a key that stands more "
        "than once. Nobody can say which of them belong together, so they are counted "
        "here and not compared. Choose one more column that tells them apart, or drop "
        "the duplicates."
    ) % {"left": plain(left), "right": plain(right)}


def _without_key(found: Reconciled) -> str:
    if not any(found.without_key):
        return ""
    left, right = found.without_key
    return _(
        "%(left)s rows on the left and %(right)s on the right have no key; they match "
        "nothing."
    ) % {"left": plain(left), "right": plain(right)}


def _column(row: Reconciliation, column: ColumnDifference) -> ColumnShown:
    absolute = row.matching.get("tolerances", {}).get(column.name, 0)
    relative = row.matching.get("relative", {}).get(column.name, 0)
    allowed = [f"± {absolute:g}"] if absolute else []
    allowed += [f"± {100 * relative:.4g} %"] if relative else []
    return ColumnShown(
        name=column.name,
        right=column.right if column.right != column.name else "",
        changed=column.changed,
        share=f"{column.changed / column.compared:.1%}" if column.compared else "–",
        largest="–" if column.largest is None else f"{column.largest:.4g}",
        tolerance=", ".join(allowed) or _("exact"),
    )


def _difference(example: Example) -> DifferenceShown:
    left, right = example.left, example.right
    if example.what == "duplicate key":
        left, right = (
            _("%(n)s rows") % {"n": each or 0} for each in (example.left, example.right)
        )
    return DifferenceShown(
        what=str(WHAT[example.what]),
        key=" · ".join(example.key),
        column=example.column,
        left=left,
        right=right,
    )
