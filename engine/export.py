"""Tables as CSV that a spreadsheet reads as it stands, and runs nothing of."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

BATCH = 2_000  # rows that are in memory at once
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def csv_blocks(table: Path) -> Iterator[str]:
    """Yield the lines of a Parquet table as CSV, many at a time, the header first."""
    with pq.ParquetFile(table) as file:
        yield _lines([[escaped(name) for name in file.schema_arrow.names]])
        for batch in file.iter_batches(batch_size=BATCH):
            columns = (map(_cell, column.to_pylist()) for column in batch.columns)
            yield _lines(zip(*columns, strict=True))


def _lines(rows: Any) -> str:
    block = io.StringIO()
    csv.writer(block).writerows(rows)
    return block.getvalue()


def _cell(value: Any) -> str:
    """Return a value as text; a hole is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return escaped(" | ".join("" if each is None else str(each) for each in value))
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def escaped(text: str) -> str:
    """Return a cell that a spreadsheet takes for text, unless it is a number."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
