"""How far data have moved from what they were."""

from engine.drift.baseline import Baseline, ColumnBaseline
from engine.drift.columns import (
    LARGE,
    LEAST_ROWS,
    MODERATE,
    ClassDrift,
    ColumnDrift,
    NumberDrift,
    column_drift,
)
from engine.drift.tables import (
    BASELINE_NAME,
    DRIFT_NAME,
    WITH_VALUES,
    Drift,
    drift_of_table,
)

__all__ = [
    "BASELINE_NAME",
    "DRIFT_NAME",
    "LARGE",
    "LEAST_ROWS",
    "MODERATE",
    "WITH_VALUES",
    "Baseline",
    "ClassDrift",
    "ColumnBaseline",
    "ColumnDrift",
    "Drift",
    "NumberDrift",
    "column_drift",
    "drift_of_table",
]
