"""Tables as CSV: nothing of them is run by a spreadsheet, and numbers stay numbers."""

import csv
import datetime as dt
import io

import polars as pl

from engine import export
from engine.export import csv_blocks, escaped


def test_what_a_spreadsheet_would_run_is_escaped_and_numbers_are_not():
    risky = ["=1+1", "+cmd", "-2+3", "@x", "\tx", "\rx", "\t5", "-", "-1_0"]
    assert [escaped(each) for each in risky] == [f"'{each}" for each in risky]
    plain = ["-5", "+1.5e-3", "-.5", "a=b", "", "1,5", "'x"]
    assert [escaped(each) for each in plain] == plain


def test_a_table_is_told_block_by_block_with_its_values_as_they_are(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(export, "BATCH", 1)
    moment = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
    table = pl.DataFrame(
        {
            "=name": ["=cmd", 'say "a, b"\nc', None],
            "n": [-5, 0, None],
            "share": [0.1, -1e-20, None],
            "is": [True, False, None],
            "day": [dt.date(2026, 1, 2), None, None],
            "at": [moment, None, None],
            "key": [["a", "b"], ["=x"], None],
        }
    )
    table.write_parquet(tmp_path / "t.parquet")
    blocks = list(csv_blocks(tmp_path / "t.parquet"))

    assert len(blocks) == 4
    assert list(csv.reader(io.StringIO("".join(blocks)))) == [
        ["'=name", "n", "share", "is", "day", "at", "key"],
        ["'=cmd", "-5", "0.1", "true", "2026-01-02", moment.isoformat(), "a | b"],
        ['say "a, b"\nc', "0", "-1e-20", "false", "", "", "'=x"],
        ["", "", "", "", "", "", ""],
    ]
