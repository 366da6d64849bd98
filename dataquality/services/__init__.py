"""Writes with consequences of data sets, and the way to their tables."""

from dataquality.services.deliveries import (
    OWNER,
    SOURCE,
    TABLE,
    Delivered,
    answer,
    ask,
    begin_reading,
    create_data_set,
    deliver,
    queue,
    refuse,
    restore_data_set,
    source_path,
    table_path,
)
from dataquality.services.findings import (
    Findings,
    RulesInForce,
    record_assessment,
    record_findings,
    rules_for,
)

__all__ = [
    "OWNER",
    "SOURCE",
    "TABLE",
    "Delivered",
    "Findings",
    "RulesInForce",
    "answer",
    "ask",
    "begin_reading",
    "create_data_set",
    "deliver",
    "queue",
    "record_assessment",
    "record_findings",
    "refuse",
    "restore_data_set",
    "rules_for",
    "source_path",
    "table_path",
]
