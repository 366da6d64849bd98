"""Reads of data sets for pages."""

from dataquality.selectors.overview import (
    DataSummary,
    data_station,
    data_summary,
    has_data,
    have_data,
)
from dataquality.selectors.scores import ScoreShown

__all__ = [
    "DataSummary",
    "ScoreShown",
    "data_station",
    "data_summary",
    "has_data",
    "have_data",
]
