"""What a table holds."""

from engine.profile.measure import PROFILE_NAME, profile_table
from engine.profile.result import (
    Approximation,
    ColumnProfile,
    Correlation,
    Histogram,
    Missingness,
    MissingPattern,
    NumberSummary,
    Outliers,
    PersonalColumn,
    Problem,
    Profile,
    TargetRelation,
    TargetSummary,
    TextSummary,
    TimeSummary,
    Together,
    ValueCount,
)
from engine.profile.sentences import sentence

__all__ = [
    "PROFILE_NAME",
    "Approximation",
    "ColumnProfile",
    "Correlation",
    "Histogram",
    "MissingPattern",
    "Missingness",
    "NumberSummary",
    "Outliers",
    "PersonalColumn",
    "Problem",
    "Profile",
    "TargetRelation",
    "TargetSummary",
    "TextSummary",
    "TimeSummary",
    "Together",
    "ValueCount",
    "profile_table",
    "sentence",
]
