"""Checks of one column, or of the table alone."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from engine.checks.base import Check, Dimension, Severity, Value, bounds_problem, listed
from engine.kinds import Kind
from engine.numbers import plain
from engine.words import gettext_noop as _

_NO_BOUND = _("Give a lower or an upper bound, the lower one not above the other.")
_NO_COUNT = _("Write whole numbers from 0.")
_NO_SHARE = _("A share is given in percent, from 0 to 100.")


@dataclass(frozen=True)
class OnColumn(Check):
    """A check of the values of one column."""

    column: str

    def columns(self) -> tuple[str, ...]:
        """Return the column."""
        return (self.column,)


@dataclass(frozen=True)
class Bounded(Check):
    """A check of a number that has a lower bound, an upper one, or both."""

    minimum: float | None = None
    maximum: float | None = None

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return _NO_BOUND if bounds_problem(self.minimum, self.maximum) else ""

    def bounds(self, *, between: str, above: str, below: str, **said: str) -> str:
        """Return the sentence for the bounds that are given."""
        if self.minimum is not None:
            said["low"] = plain(self.minimum)
        if self.maximum is not None:
            said["high"] = plain(self.maximum)
        if self.maximum is None:
            return above % said
        return (below if self.minimum is None else between) % said


@dataclass(frozen=True)
class Count(Bounded):
    """A check of how many there are of something."""

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        for bound in (self.minimum, self.maximum):
            if bound is not None and (bound < 0 or not bound.is_integer()):
                return _NO_COUNT
        return super().problem()


@dataclass(frozen=True)
class NotNull(OnColumn):
    """Every row has a value, or all but a share of them."""

    kind: ClassVar[str] = "not_null"
    dimension: ClassVar[Dimension] = "completeness"
    max_pct: float = 0.0

    def words(self) -> str:
        """Return the promise as a sentence."""
        if not self.max_pct:
            return _("%(column)s is present") % {"column": self.column}
        said = {"column": self.column, "share": f"{self.max_pct:g}"}
        return _("%(column)s is missing in at most %(share)s %%") % said

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if 0 <= self.max_pct <= 100 else _NO_SHARE

    @property
    def allowed(self) -> float:
        """The share that may break the promise."""
        return self.max_pct / 100


@dataclass(frozen=True)
class NotMissing(NotNull):
    """No row is empty or holds a word for "unknown"."""

    kind: ClassVar[str] = "not_missing"
    tokens: tuple[str, ...] = ("n/a", "unknown", "none", "-", "?")

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {
            "column": self.column,
            "tokens": listed(self.tokens),
            "share": f"{self.max_pct:g}",
        }
        if not self.max_pct:
            return _("%(column)s is present and not %(tokens)s") % said
        return _("%(column)s is empty or %(tokens)s in at most %(share)s %%") % said


@dataclass(frozen=True)
class RowCount(Count):
    """The table has as many rows as it should."""

    kind: ClassVar[str] = "row_count"
    dimension: ClassVar[Dimension] = "completeness"

    def words(self) -> str:
        """Return the promise as a sentence."""
        return self.bounds(
            between=_("from %(low)s to %(high)s rows"),
            above=_("at least %(low)s rows"),
            below=_("at most %(high)s rows"),
        )


Step = Literal["hour", "day", "week", "month", "quarter", "year"]


@dataclass(frozen=True)
class NoGaps(OnColumn):
    """Every step of time between the first and the last has a row."""

    kind: ClassVar[str] = "no_gaps"
    dimension: ClassVar[Dimension] = "completeness"
    severity: ClassVar[Severity] = "warning"
    step: Step = "day"

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"column": self.column, "step": self.step}
        return _("%(column)s has rows in every %(step)s") % said


@dataclass(frozen=True)
class Unique(Check):
    """No two rows have the same values in these columns."""

    kind: ClassVar[str] = "unique"
    dimension: ClassVar[Dimension] = "uniqueness"
    of: tuple[str, ...]

    def words(self) -> str:
        """Return the promise as a sentence."""
        return _("%(columns)s is unique") % {"columns": " + ".join(self.of)}

    def columns(self) -> tuple[str, ...]:
        """Return the key."""
        return self.of

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if self.of else _("Name at least one column.")


@dataclass(frozen=True)
class NoDuplicateRows(Check):
    """No row equals an earlier one in every column."""

    kind: ClassVar[str] = "no_duplicate_rows"
    dimension: ClassVar[Dimension] = "uniqueness"
    severity: ClassVar[Severity] = "warning"

    def words(self) -> str:
        """Return the promise as a sentence."""
        return _("no row stands twice")


@dataclass(frozen=True)
class InSet(OnColumn):
    """Every value is one of these."""

    kind: ClassVar[str] = "in_set"
    dimension: ClassVar[Dimension] = "validity"
    values: tuple[Value, ...]

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"column": self.column, "values": listed(self.values)}
        return _("%(column)s is one of %(values)s") % said

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if self.values else _("Name at least one value.")


@dataclass(frozen=True)
class InRange(Bounded, OnColumn):
    """Every number lies between the bounds, which are allowed themselves."""

    kind: ClassVar[str] = "in_range"
    dimension: ClassVar[Dimension] = "validity"

    def words(self) -> str:
        """Return the promise as a sentence."""
        return self.bounds(
            between=_("%(column)s between %(low)s and %(high)s"),
            above=_("%(column)s at least %(low)s"),
            below=_("%(column)s at most %(high)s"),
            column=self.column,
        )


@dataclass(frozen=True)
class Matches(OnColumn):
    """Every text matches a regular expression (RE2) as a whole."""

    kind: ClassVar[str] = "matches"
    dimension: ClassVar[Dimension] = "validity"
    pattern: str

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"column": self.column, "pattern": self.pattern[:60]}
        return _("%(column)s matches %(pattern)s") % said

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        # What matches nothing needs no database.
        import duckdb

        try:
            duckdb.execute("SELECT regexp_full_match('', ?)", [self.pattern])
        except duckdb.Error as error:
            why = str(error).splitlines()[0].split(": ", 1)[-1][:200]
            return _("The pattern cannot be read: %(why)s") % {"why": why}
        return ""


@dataclass(frozen=True)
class Length(Count, OnColumn):
    """Every text is as long as it should be."""

    kind: ClassVar[str] = "length"
    dimension: ClassVar[Dimension] = "validity"
    severity: ClassVar[Severity] = "warning"

    def words(self) -> str:
        """Return the promise as a sentence."""
        return self.bounds(
            between=_("%(column)s has from %(low)s to %(high)s characters"),
            above=_("%(column)s has at least %(low)s characters"),
            below=_("%(column)s has at most %(high)s characters"),
            column=self.column,
        )


@dataclass(frozen=True)
class TypeIs(OnColumn):
    """Every value can be read as this type."""

    kind: ClassVar[str] = "type_is"
    dimension: ClassVar[Dimension] = "validity"
    type: Kind

    def words(self) -> str:
        """Return the promise as a sentence."""
        return _("%(column)s is %(type)s") % {"column": self.column, "type": self.type}


@dataclass(frozen=True)
class Schema(Check):
    """The table has these columns, each of its type ("" is any)."""

    kind: ClassVar[str] = "schema"
    dimension: ClassVar[Dimension] = "validity"
    takes_filter: ClassVar[bool] = False
    types: dict[str, Kind | Literal[""]]
    others_allowed: bool = True

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"columns": listed(tuple(self.types), 8)}
        if self.others_allowed:
            return _("the table has the columns %(columns)s") % said
        return _("the table has the columns %(columns)s and no others") % said

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if self.types else _("Name at least one column.")


Function = Literal["mean", "median", "min", "max", "sum", "stdev", "distinct"]


@dataclass(frozen=True)
class Aggregate(Bounded, OnColumn):
    """One number of a column lies between bounds."""

    kind: ClassVar[str] = "aggregate"
    dimension: ClassVar[Dimension] = "validity"
    severity: ClassVar[Severity] = "warning"
    function: Function = "mean"

    def words(self) -> str:
        """Return the promise as a sentence."""
        return self.bounds(
            between=_("%(function)s of %(column)s between %(low)s and %(high)s"),
            above=_("%(function)s of %(column)s at least %(low)s"),
            below=_("%(function)s of %(column)s at most %(high)s"),
            column=self.column,
            function=self.function,
        )


@dataclass(frozen=True)
class NoOutliers(OnColumn):
    """No number lies far from the others."""

    kind: ClassVar[str] = "outliers"
    dimension: ClassVar[Dimension] = "validity"
    severity: ClassVar[Severity] = "info"
    method: Literal["iqr", "sd"] = "iqr"
    k: float = 3.0
    max_pct: float = 0.0

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"column": self.column, "k": f"{self.k:g}"}
        if self.method == "iqr":
            return (
                _("%(column)s is within %(k)s quartile ranges of its quartiles") % said
            )
        return _("%(column)s is within %(k)s standard deviations of its mean") % said

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        if self.k <= 0:
            return _("Write a distance above 0, such as 3.")
        return "" if 0 <= self.max_pct <= 100 else _NO_SHARE

    @property
    def allowed(self) -> float:
        """The share that may break the promise."""
        return self.max_pct / 100


@dataclass(frozen=True)
class FormatUniform(OnColumn):
    """Every value of a text column has the same shape, such as Aa9."""

    kind: ClassVar[str] = "format_uniform"
    dimension: ClassVar[Dimension] = "consistency"
    max_pct: float = 0.0  # of values that may have another shape

    def words(self) -> str:
        """Return the promise as a sentence."""
        return _("%(column)s has one format") % {"column": self.column}

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return "" if 0 <= self.max_pct <= 100 else _NO_SHARE

    @property
    def allowed(self) -> float:
        """The share that may break the promise."""
        return self.max_pct / 100


@dataclass(frozen=True)
class Freshness(Check):
    """No row is older than it may be: by its own date, or by that of the delivery."""

    kind: ClassVar[str] = "freshness"
    dimension: ClassVar[Dimension] = "timeliness"
    max_age_days: float
    column: str = ""  # empty: the day of the delivery counts
    at: str = ""  # ISO 8601; empty: ages are measured when the version came

    def words(self) -> str:
        """Return the promise as a sentence."""
        what = self.column or _("the delivery")
        said = {"what": what, "days": f"{self.max_age_days:g}"}
        return _("%(what)s at most %(days)s days old") % said

    def columns(self) -> tuple[str, ...]:
        """Return the column of dates, if there is one."""
        return (self.column,) if self.column else ()

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        if not self.max_age_days > 0:
            return _("Write an age above 0 days, such as 31.")
        return ""


@dataclass(frozen=True)
class Arrival(Check):
    """Deliveries come as often as they should."""

    kind: ClassVar[str] = "arrival"
    dimension: ClassVar[Dimension] = "timeliness"
    severity: ClassVar[Severity] = "warning"
    takes_filter: ClassVar[bool] = False
    every_days: float
    grace_days: float = 0.0

    def words(self) -> str:
        """Return the promise as a sentence."""
        said = {"days": f"{self.every_days:g}", "grace": f"{self.grace_days:g}"}
        return _("a delivery every %(days)s days, %(grace)s days of grace") % said

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        if self.every_days > 0 and self.grace_days >= 0:
            return ""
        return _("Write a number of days above 0.")
