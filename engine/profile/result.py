"""The one schema of a profile, whatever engine made it."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from engine.profile.records import from_json, to_json
from engine.reading.kinds import Kind

SCHEMA = 1
PersonalKind = Literal[
    "email",
    "iban",
    "card",
    "ip",
    "phone",
    "name",
    "address",
    "national_id",
    "person_id",
    "birth_date",
    "gender",
    "age",
    "origin",
    "belief",
    "health",
    "family",
]
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Histogram:
    """Counts in bins that touch; bins are closed on the left, the last on both."""

    edges: tuple[float, ...]  # (n_bins + 1,); times in seconds since 1970 UTC
    counts: tuple[int, ...]  # (n_bins,)


@dataclass(frozen=True)
class ValueCount:
    """How often one value occurs."""

    value: str  # at most 80 characters
    count: int


@dataclass(frozen=True)
class NumberSummary:
    """Moments and quantiles of the finite values of a column.

    Standard deviation, skewness and excess kurtosis are bias-corrected, as pandas
    computes them; quantiles interpolate linearly. None where too few values exist.
    """

    minimum: float
    maximum: float
    mean: float
    sd: float | None
    q05: float
    q25: float
    median: float
    q75: float
    q95: float
    skewness: float | None
    kurtosis: float | None
    zeros: int
    negatives: int
    infinite: int  # counted here and left out of everything else


@dataclass(frozen=True)
class TextSummary:
    """Lengths in characters, and shapes: A a capital, a a letter, 9 a digit."""

    shortest: int
    longest: int
    mean_length: float
    patterns: tuple[ValueCount, ...]  # the five most frequent


@dataclass(frozen=True)
class TimeSummary:
    """What period a date column covers."""

    first: str  # ISO 8601, UTC
    last: str
    span_days: float
    days_present: int  # calendar days with at least one row
    days_absent: int  # calendar days without one, between first and last
    longest_gap_days: int  # most calendar days in a row without one


@dataclass(frozen=True)
class ColumnProfile:
    """One column; every field is exact unless `approximate` names it."""

    name: str
    kind: Kind
    count: int  # values present
    missing: int  # nulls and the recognised spellings of missing
    missing_share: float
    distinct: int
    constant: bool
    id_like: bool  # every row present and different, and not a fraction
    numbers: NumberSummary | None
    text: TextSummary | None
    times: TimeSummary | None
    histogram: Histogram | None
    top: tuple[ValueCount, ...]  # the twenty most frequent values
    approximate: tuple[str, ...] = ()


@dataclass(frozen=True)
class Correlation:
    """One square matrix of pairwise association."""

    method: Literal["pearson", "spearman", "cramers_v", "missingness"]
    names: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]  # None where it is not defined
    rows: int  # rows it was computed on
    exact: bool
    note: str


@dataclass(frozen=True)
class TargetSummary:
    """The column to be predicted."""

    name: str
    kind: Literal["classes", "quantity"]
    classes: tuple[ValueCount, ...]  # most frequent first; empty for a quantity
    missing: int


@dataclass(frozen=True)
class Problem:
    """Something a reader should look at."""

    code: str  # stable name of the rule, for translation
    severity: Severity
    column: str  # "" if it concerns the table
    rows: int  # affected
    sentence: str


@dataclass(frozen=True)
class PersonalColumn:
    """One column that looks personal, and how that was seen."""

    column: str
    kind: PersonalKind
    by_values: bool  # else its name suggests it, and its values do not speak against it
    share: float | None  # of the values tested that match; None where none can be
    tested: int  # different values
    exact: bool  # whether these were all different values
    examples: tuple[str, ...]  # shapes: each letter and digit a dot


@dataclass(frozen=True)
class Profile:
    """Everything that one pass over a table found."""

    schema: int
    engine_version: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicate_rows: int  # rows equal in every column to an earlier one; exact
    correlations: tuple[Correlation, ...]
    target: TargetSummary | None
    problems: tuple[Problem, ...]  # worst first
    notes: tuple[str, ...]  # methods, samples, limits
    # Columns that look personal; None in a profile made before they were looked for.
    personal: tuple[PersonalColumn, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the profile as a JSON-able dictionary."""
        return to_json(self)

    @classmethod
    def from_json(cls, content: Any) -> "Profile":
        """Return the profile that a dictionary, or its JSON text, describes.

        Raises
        ------
        EngineError
            If it does not have this schema.
        """
        if isinstance(content, (str, bytes)):
            content = json.loads(content)
        return from_json(cls, content)

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of one column.

        Raises
        ------
        KeyError
            If the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
