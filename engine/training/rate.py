"""How many rows a year a table holds, by the times of its rows."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.special import gammaincinv

from engine.errors import EngineError

LEAST_DAYS = 28  # of a shorter time a year says nothing: weeks differ
_DAY = 86_400e6  # microseconds


@dataclass(frozen=True)
class YearlyRate:
    """Rows a year, and where 9 of 10 such tables would have it."""

    value: float
    low: float
    high: float
    rows: int


def yearly_rate(table: Path, name: str) -> YearlyRate | None:
    """Return how many rows a year there are by a column of times.

    None where the column holds no times, or they span less than four weeks. The range
    is Jeffreys' of a Poisson count: what comes and goes with the seasons is not in it.

    Raises
    ------
    EngineError
        If there is no such column.
    """
    if name not in pq.read_schema(table).names:
        raise EngineError(f"time {name!r}: the table has no such column")
    column = pq.read_table(table, columns=[name])[name].drop_null()
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        return None
    ends = pc.min_max(column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()))
    if not len(column):
        return None
    days = (ends["max"].as_py() - ends["min"].as_py()) / _DAY
    if days < LEAST_DAYS:
        return None
    rows, years = len(column), days / 365.25
    low, high = (float(gammaincinv(rows + 0.5, at)) / years for at in (0.05, 0.95))
    return YearlyRate(rows / years, low, high, rows)
