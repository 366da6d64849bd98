"""Checks between columns, between tables, and in SQL."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from engine.checks.base import Check, Dimension, Severity, bounds_problem, listed
from engine.checks.columns import Function, OnColumn
from engine.words import gettext_noop as _

Operator = Literal["<", "<=", "==", "!=", ">=", ">"]


@dataclass(frozen=True)
class CompareColumns(Check):
    """`left` op `right`, in every row where both are present."""

    kind: ClassVar[str] = "compare_columns"
    dimension: ClassVar[Dimension] = "consistency"
    left: str
    op: Operator
    right: str

    def words(self) -> str:
        """Return the promise as a sentence."""
        return f"{self.left} {self.op} {self.right}"

    def columns(self) -> tuple[str, ...]:
        """Return both columns."""
        return (self.left, self.right)


@dataclass(frozen=True)
class ProductClose(Check):
    """`total` is the product of `factors`, within the larger of two tolerances."""

    kind: ClassVar[str] = "product_close"
    dimension: ClassVar[Dimension] = "consistency"
    total: str
    factors: tuple[str, ...]
    relative: float = 0.0  # of the product
    absolute: float = 0.0

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {
            "total": self.total,
            "product": " × ".join(self.factors),
            "share": f"{100 * self.relative:.0f}",
            "absolute": f"{self.absolute:g}",
        }
        return _("%(total)s ≈ %(product)s within %(share)s %% or %(absolute)s") % said

    def columns(self) -> tuple[str, ...]:
        """Return the total and its factors."""
        return (self.total, *self.factors)

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        if not self.factors:
            return _("Name at least one column.")
        return "" if min(self.relative, self.absolute) >= 0 else _TOLERANCE


_TOLERANCE = _("A tolerance is 0 or above.")


@dataclass(frozen=True)
class ForeignKey(OnColumn):
    """Every value of `column` occurs in `reference` of another table."""

    kind: ClassVar[str] = "foreign_key"
    dimension: ClassVar[Dimension] = "consistency"
    table: str
    reference: str

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {
            "column": self.column,
            "reference": self.reference,
            "table": self.table,
        }
        return _("%(column)s occurs in %(reference)s of “%(table)s”") % said

    def tables(self) -> tuple[str, ...]:
        """Return the table referred to."""
        return (self.table,)


@dataclass(frozen=True)
class ExpectedKeys(Check):
    """Every key of another table is there."""

    kind: ClassVar[str] = "expected_keys"
    dimension: ClassVar[Dimension] = "completeness"
    table: str
    keys: dict[str, str]  # own column to the other table's

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"columns": " + ".join(self.keys), "table": self.table}
        return _("every %(columns)s of “%(table)s” is there") % said

    def columns(self) -> tuple[str, ...]:
        """Return the own key."""
        return tuple(self.keys)

    def tables(self) -> tuple[str, ...]:
        """Return the table that is complete."""
        return (self.table,)

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if self.keys else _("Name at least one column.")


@dataclass(frozen=True)
class AuthorityMatch(Check):
    """Cells agree with a table that is right, where the key is known to it."""

    kind: ClassVar[str] = "authority_match"
    dimension: ClassVar[Dimension] = "accuracy"
    table: str
    keys: tuple[str, ...]  # columns named alike in both tables
    tolerances: dict[str, float]  # column to the largest absolute difference allowed

    def words(self) -> str:
        """Return the promise as a sentence."""
        cells = [f"{name} (± {slack:g})" for name, slack in self.tolerances.items()]
        said = {"columns": listed(cells), "table": self.table}
        return _("%(columns)s as in “%(table)s”") % said

    def columns(self) -> tuple[str, ...]:
        """Return the key and what is compared."""
        return (*self.keys, *self.tolerances)

    def tables(self) -> tuple[str, ...]:
        """Return the authority."""
        return (self.table,)

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        if not self.keys or not self.tolerances:
            return _("Name the key and at least one column to compare.")
        return "" if min(self.tolerances.values()) >= 0 else _TOLERANCE


@dataclass(frozen=True)
class ReconcileAggregate(OnColumn):
    """One number of a column is the same in another table."""

    kind: ClassVar[str] = "reconcile_aggregate"
    dimension: ClassVar[Dimension] = "consistency"
    table: str
    other_column: str = ""  # empty: named alike
    function: Function = "sum"
    tolerance: float = 0.0  # the largest absolute difference allowed

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {
            "function": self.function,
            "column": self.column,
            "table": self.table,
            "tolerance": f"{self.tolerance:g}",
        }
        return (
            _("%(function)s of %(column)s within %(tolerance)s of that in “%(table)s”")
            % said
        )

    def tables(self) -> tuple[str, ...]:
        """Return the other table."""
        return (self.table,)

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if self.tolerance >= 0 else _TOLERANCE


@dataclass(frozen=True)
class ReconcileRows(Check):
    """Two tables tell the same, row by row."""

    kind: ClassVar[str] = "reconcile_rows"
    dimension: ClassVar[Dimension] = "consistency"
    takes_filter: ClassVar[bool] = False
    table: str
    keys: dict[str, str]  # own column to the other table's
    compare: dict[str, str] = field(default_factory=dict)  # empty: all named alike
    tolerances: dict[str, float] = field(default_factory=dict)

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"table": self.table, "columns": " + ".join(self.keys)}
        return _("the same rows as “%(table)s”, matched by %(columns)s") % said

    def columns(self) -> tuple[str, ...]:
        """Return the key and what is compared."""
        return (*self.keys, *self.compare)

    def tables(self) -> tuple[str, ...]:
        """Return the other table."""
        return (self.table,)

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if self.keys else _("Name at least one column.")


@dataclass(frozen=True)
class Drift(OnColumn):
    """A column has not moved far from the version before."""

    kind: ClassVar[str] = "drift"
    dimension: ClassVar[Dimension] = "consistency"
    severity: ClassVar[Severity] = "warning"
    takes_filter: ClassVar[bool] = False
    statistic: Literal["psi", "js", "ks"] = "psi"
    threshold: float = 0.25

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {
            "column": self.column,
            "statistic": self.statistic.upper(),
            "threshold": f"{self.threshold:g}",
        }
        return (
            _(
                "%(column)s moved by at most %(statistic)s %(threshold)s since the "
                "version before"
            )
            % said
        )

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if self.threshold > 0 else _("Write a threshold above 0.")


@dataclass(frozen=True)
class CustomSql(Check):
    """A SELECT on the table `data`: it finds no row, or one number within bounds."""

    kind: ClassVar[str] = "custom_sql"
    dimension: ClassVar[Dimension] = "consistency"
    query: str
    minimum: float | None = None
    maximum: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether the query gives a number; else every row it finds is a problem."""
        return self.minimum is not None or self.maximum is not None

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"query": " ".join(self.query.split())[:80]}
        if self.is_number:
            return _("within its bounds: %(query)s") % said
        return _("no row in: %(query)s") % said

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        if self.is_number and bounds_problem(self.minimum, self.maximum):
            return _(
                "Give a lower or an upper bound, the lower one not above the other."
            )
        # What reads no SQL needs no parser.
        from engine.checks.guard import query_problem

        return query_problem(self.query)
