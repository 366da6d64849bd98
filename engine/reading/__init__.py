"""An uploaded file in, one canonical Parquet table out.

Nothing is guessed silently: what the reader is not sure of it refuses, naming the
place and the option that answers the question.
"""

from engine.missing import MISSING_SPELLINGS
from engine.reading.errors import ReadError
from engine.reading.limits import Limits
from engine.reading.result import TABLE_NAME, ColumnRead, Options, TableRead
from engine.reading.table import read_table

__all__ = [
    "MISSING_SPELLINGS",
    "TABLE_NAME",
    "ColumnRead",
    "Limits",
    "Options",
    "ReadError",
    "TableRead",
    "read_table",
]
