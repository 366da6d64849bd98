"""What a table holds, and how good it is by declared rules."""

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
from engine.profile.rules import Rules, referenced_paths, with_tables
from engine.profile.scores import DIMENSIONS, Assessment, RuleResult, Score, assess
from engine.profile.sentences import sentence

__all__ = [
    "DIMENSIONS",
    "PROFILE_NAME",
    "Approximation",
    "Assessment",
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
    "RuleResult",
    "Rules",
    "Score",
    "TargetRelation",
    "TargetSummary",
    "TextSummary",
    "TimeSummary",
    "Together",
    "ValueCount",
    "assess",
    "profile_table",
    "referenced_paths",
    "sentence",
    "with_tables",
]
