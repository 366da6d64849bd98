"""What a table holds, and how good it is by declared rules."""

from engine.profile.measure import PROFILE_NAME, profile_table
from engine.profile.result import (
    ColumnProfile,
    Correlation,
    Histogram,
    NumberSummary,
    PersonalColumn,
    Problem,
    Profile,
    TargetSummary,
    TextSummary,
    TimeSummary,
    ValueCount,
)
from engine.profile.rules import Rules, referenced_paths, with_tables
from engine.profile.scores import DIMENSIONS, Assessment, RuleResult, Score, assess

__all__ = [
    "DIMENSIONS",
    "PROFILE_NAME",
    "Assessment",
    "ColumnProfile",
    "Correlation",
    "Histogram",
    "NumberSummary",
    "PersonalColumn",
    "Problem",
    "Profile",
    "RuleResult",
    "Rules",
    "Score",
    "TargetSummary",
    "TextSummary",
    "TimeSummary",
    "ValueCount",
    "assess",
    "profile_table",
    "referenced_paths",
    "with_tables",
]
