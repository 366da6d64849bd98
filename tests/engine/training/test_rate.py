"""Rows a year, counted by hand."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import EngineError
from engine.training.rate import yearly_rate


def rate_of(tmp_path, values):
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"at": values}), path)
    return yearly_rate(path, "at")


def daily(days):
    return [dt.date(2025, 1, 1) + dt.timedelta(days=each) for each in range(days)]


def test_a_row_a_day_is_a_year_of_days(tmp_path):
    found = rate_of(tmp_path, [*daily(366), None])
    assert found.rows == 366
    assert found.value == pytest.approx(366 / 365 * 365.25)
    # About 366 ± 1.645 * sqrt(366) in the 365 days.
    assert found.low == pytest.approx(found.value - 31.5, abs=1.5)
    assert found.high == pytest.approx(found.value + 31.5, abs=1.5)


@pytest.mark.parametrize("values", [daily(28), [1, 2, 3], [None, None]])
def test_less_than_four_weeks_or_no_times_say_nothing(tmp_path, values):
    assert rate_of(tmp_path, values) is None


def test_a_column_that_is_not_there_is_named(tmp_path):
    rate_of(tmp_path, daily(30))
    with pytest.raises(EngineError, match="'when'"):
        yearly_rate(tmp_path / "table.parquet", "when")
