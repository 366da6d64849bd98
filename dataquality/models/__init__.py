"""Tables of data sets: versions, what was found in them, and what watches over them."""

from dataquality.models.data_sets import (
    RESERVED_SLUGS,
    Check,
    CheckResult,
    DataSet,
    DataSetVersion,
    OfDataSetQuerySet,
    Profile,
    complete,
)
from dataquality.models.watching import MOST_DAYS, Alert, Mitigation, Monitor

__all__ = [
    "MOST_DAYS",
    "RESERVED_SLUGS",
    "Alert",
    "Check",
    "CheckResult",
    "DataSet",
    "DataSetVersion",
    "Mitigation",
    "Monitor",
    "OfDataSetQuerySet",
    "Profile",
    "complete",
]
