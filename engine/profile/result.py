"""The one schema of a profile, whatever engine made it."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.kinds import Kind
from engine.profile.records import from_json, to_json

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
    q01: float | None = None
    q99: float | None = None


@dataclass(frozen=True)
class TextSummary:
    """Lengths in characters, and shapes: A a capital, a a letter, 9 a digit."""

    shortest: int
    longest: int
    mean_length: float
    patterns: tuple[ValueCount, ...]  # the five most frequent
    lengths: Histogram | None = None


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
class Outliers:
    """Finite values further than 1.5 times the middle half's width outside of it."""

    low: float  # below it lies an outlier
    high: float
    below: int
    above: int


@dataclass(frozen=True)
class Approximation:
    """How far a figure that was not counted exactly may be off."""

    field: str  # such as "distinct"
    error: float  # holds in 99 of 100 cases
    unit: Literal["of the value", "of the ranks", "of the rows"]


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
    errors: tuple[Approximation, ...] = ()  # of the fields in `approximate`
    outliers: Outliers | None = None  # of numbers


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
class Together:
    """Counts of two columns in a grid of bins."""

    x: str
    y: str
    x_edges: tuple[float, ...]
    y_edges: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]  # one row for each bin of y
    strength: float  # the larger of |Pearson's r| and |Spearman's r|
    rows: int  # looked at
    exact: bool


@dataclass(frozen=True)
class MissingPattern:
    """Columns that are missing together, and in how many rows."""

    columns: tuple[str, ...]  # empty: nothing is missing
    rows: int


@dataclass(frozen=True)
class Missingness:
    """Where values are missing: which together, and in which part of the table."""

    columns: tuple[str, ...]  # those with gaps, at most forty, in the table's order
    patterns: tuple[MissingPattern, ...]  # the thirty most frequent
    n_patterns: int
    # For each of at most fifty stretches of rows: the share missing of each column.
    stretches: tuple[tuple[float, ...], ...]
    exact: bool = True


@dataclass(frozen=True)
class TargetRelation:
    """How much one column says about the target by itself."""

    column: str
    method: Literal["cramers_v", "spearman", "correlation_ratio"]
    strength: float  # 0 to 1
    rows: int  # where both are present
    suspicion: Literal["", "determines", "missing"]  # why it may leak the answer


@dataclass(frozen=True)
class TargetSummary:
    """The column to be predicted."""

    name: str
    kind: Literal["classes", "quantity"]
    classes: tuple[ValueCount, ...]  # most frequent first; empty for a quantity
    missing: int
    # What says most comes first; a sample's where `sampled_rows` of Profile is not 0.
    relations: tuple[TargetRelation, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something a reader should look at."""

    code: str  # stable name of the rule, for translation
    severity: Severity
    column: str  # "" if it concerns the table
    rows: int  # affected
    sentence: str  # English; engine.profile.sentences says it from code and values
    values: dict[str, Any] = field(default_factory=dict)


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
    scheme: str = ""  # the country whose checksum the numbers keep, such as DE


@dataclass(frozen=True)
class Profile:
    """Everything that one pass over a table found."""

    schema: int
    engine_version: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    # Rows equal in every column to an earlier one, exactly; None if not counted.
    duplicate_rows: int | None
    correlations: tuple[Correlation, ...]
    target: TargetSummary | None
    problems: tuple[Problem, ...]  # worst first
    notes: tuple[str, ...]  # methods, samples, limits
    # Columns that look personal; None in a profile made before they were looked for.
    personal: tuple[PersonalColumn, ...] | None = None
    missingness: Missingness | None = None
    together: tuple[Together, ...] = ()  # of the most related pairs of numbers
    sampled_rows: int = 0  # that relations rest on; 0: all of them
    method: Literal["memory", "streamed", "spilled"] = "memory"

    @property
    def exact(self) -> bool:
        """Whether no figure of any column is approximate."""
        return not any(column.approximate for column in self.columns)

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
