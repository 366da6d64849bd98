"""Tables of data sets: versions, what was found in them, and what watches over them."""

from dataquality.models.comparing import Baseline, Drift, Reconciliation
from dataquality.models.data_sets import (
    RESERVED_SLUGS,
    Check,
    CheckResult,
    DataSet,
    DataSetVersion,
    OfDataSetQuerySet,
    Profile,
    VersionTag,
)
from dataquality.models.sources import Source, Upload, UploadPart
from dataquality.models.watching import MOST_DAYS, Alert, Mitigation, Monitor

__all__ = [
    "MOST_DAYS",
    "RESERVED_SLUGS",
    "Alert",
    "Baseline",
    "Check",
    "CheckResult",
    "DataSet",
    "DataSetVersion",
    "Drift",
    "Mitigation",
    "Monitor",
    "OfDataSetQuerySet",
    "Profile",
    "Reconciliation",
    "Source",
    "Upload",
    "UploadPart",
    "VersionTag",
]
