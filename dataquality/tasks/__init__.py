"""Background work on data sets."""

from dataquality.tasks.comparing import (
    drift,
    reconcile,
    start_drift,
    start_drift_from_reference,
    start_reconciling,
)
from dataquality.tasks.fetching import (
    check_source,
    fetch,
    fetch_due,
    start_checking,
    start_fetching,
)
from dataquality.tasks.profiles import (
    assess,
    check_newest,
    follow_target,
    profile,
    profile_again,
    start_assessing,
    start_profiling_again,
    start_reading,
)
from dataquality.tasks.upkeep import expire_uploads, watch_all

__all__ = [
    "assess",
    "check_newest",
    "check_source",
    "drift",
    "expire_uploads",
    "fetch",
    "fetch_due",
    "follow_target",
    "profile",
    "profile_again",
    "reconcile",
    "start_assessing",
    "start_checking",
    "start_drift",
    "start_drift_from_reference",
    "start_fetching",
    "start_profiling_again",
    "start_reading",
    "start_reconciling",
    "watch_all",
]
