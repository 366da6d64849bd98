"""An uploaded file in, one canonical Parquet table out.

Nothing is guessed silently: what the reader is not sure of it asks, naming the place
and the option that answers; `read_as_proposed` takes its own proposals and tells them.
"""

from engine.missing import MISSING_SPELLINGS
from engine.reading.errors import ReadError
from engine.reading.kinds import KIND_WORDS
from engine.reading.limits import Limits
from engine.reading.proposals import Doubt, Proposed, read_as_proposed
from engine.reading.result import (
    TABLE_NAME,
    ColumnRead,
    Options,
    TableRead,
    answer_of,
)
from engine.reading.table import read_table

__all__ = [
    "KIND_WORDS",
    "MISSING_SPELLINGS",
    "TABLE_NAME",
    "ColumnRead",
    "Doubt",
    "Limits",
    "Options",
    "Proposed",
    "ReadError",
    "TableRead",
    "answer_of",
    "read_as_proposed",
    "read_table",
]
