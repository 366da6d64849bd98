"""How far data have moved from what they were."""

from engine.drift.baseline import Baseline, ColumnBaseline, baseline_of
from engine.drift.columns import ClassDrift, ColumnDrift, NumberDrift, column_drift
from engine.drift.tables import DRIFT_NAME, Drift, drift_from_baseline, drift_of_tables

__all__ = [
    "DRIFT_NAME",
    "Baseline",
    "ClassDrift",
    "ColumnBaseline",
    "ColumnDrift",
    "Drift",
    "NumberDrift",
    "baseline_of",
    "column_drift",
    "drift_from_baseline",
    "drift_of_tables",
]
