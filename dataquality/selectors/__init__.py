"""Reads of data sets for pages."""

from dataquality.selectors.overview import (
    DataSummary,
    ScoreShown,
    data_station,
    data_summary,
    has_data,
)

__all__ = ["DataSummary", "ScoreShown", "data_station", "data_summary", "has_data"]
