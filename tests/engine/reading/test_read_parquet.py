"""Parquet files, sound and hostile."""

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.progress import Silent
from engine.reading import ReadError, read_table


@pytest.fixture
def read(tmp_path):
    """Return a function that writes an Arrow table and reads it back."""

    def run(table, *, write=None, filename="t.parquet", **limits):
        source = tmp_path / "upload"
        if isinstance(table, bytes):
            source.write_bytes(table)
        else:
            pq.write_table(table, source, **(write or {}))
        result = read_table(
            source=str(source),
            filename=filename,
            folder=tmp_path,
            report=Silent(),
            options={"limits": limits},
        )
        return result, pl.read_parquet(tmp_path / result["parquet"])

    return run


def test_every_plain_type_has_its_canonical_kind(read):
    when = dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC)
    table = pa.table(
        {
            "i": pa.array([1, None], pa.int16()),
            "u": pa.array([1, 2**64 - 1], pa.uint64()),
            "f": pa.array([1.5, float("nan")], pa.float32()),
            "m": pa.array([Decimal("1.25"), None], pa.decimal128(9, 2)),
            "b": pa.array([True, None]),
            "d": pa.array([dt.date(2024, 2, 29), None]),
            "t": pa.array([when, None], pa.timestamp("ns", "Europe/Berlin")),
            "s": pa.array(["a", None], pa.large_string()),
            "c": pa.array(["x", "y"]).dictionary_encode(),
            "n": pa.nulls(2),
        }
    )
    result, read_back = read(table)
    assert {c["name"]: c["kind"] for c in result["columns"]} == {
        "i": "integer",
        "u": "integer",
        "f": "number",
        "m": "number",
        "b": "boolean",
        "d": "date",
        "t": "datetime",
        "s": "text",
        "c": "text",
        "n": "text",
    }
    assert read_back.row(0) == (
        1,
        1,
        1.5,
        1.25,
        True,
        dt.date(2024, 2, 29),
        dt.datetime(2024, 1, 1, 10),  # noqa: DTZ001 — stored in UTC without a zone
        "a",
        "x",
        None,
    )
    missing = {c["name"]: c["missing"] for c in result["columns"]}
    assert (missing["f"], missing["u"], missing["n"]) == (1, 1, 2)


def test_names_differ_by_more_than_case(read):
    _, table = read(pa.table({"v": [1], "V": [2]}))
    assert table.columns == ["v", "V_2"]


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (pa.array([[1], [2]]), "nested"),
        (pa.array([{"a": 1}, {"a": 2}]), "nested"),
        (pa.array([b"\xff", b"\x00"]), "binary"),
    ],
)
def test_what_no_cell_can_hold_is_refused_by_name(read, column, what):
    with pytest.raises(ReadError, match=f"'odd'.*{what}"):
        read(pa.table({"odd": column}))


def test_extension_types_are_read_as_what_they_store(read):
    storage = pa.array(["a", "b"])
    array = pa.ExtensionArray.from_storage(pa.json_(), storage)
    _, table = read(pa.table({"j": array}))
    assert table["j"].to_list() == ["a", "b"]


def test_truncated_file_is_told_so(read, tmp_path):
    pq.write_table(pa.table({"a": range(1000)}), tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    with pytest.raises(ReadError, match="cut off"):
        read(whole[: len(whole) // 2])


def test_damaged_footer_is_told_so(read):
    with pytest.raises(ReadError, match="damaged"):
        read(b"PAR1" + b"\x15" * 100 + (80).to_bytes(4, "little") + b"PAR1")


def test_damaged_page_is_told_so(read, tmp_path):
    pq.write_table(pa.table({"a": np.arange(10_000)}), tmp_path / "whole")
    whole = bytearray((tmp_path / "whole").read_bytes())
    whole[4:2_000] = b"\xff" * 1_996
    with pytest.raises(ReadError, match="damaged"):
        read(bytes(whole))


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        ({"max_rows": 9}, "10 rows"),
        ({"max_columns": 1}, "2 columns"),
        ({"max_uncompressed": 10}, "unpacks to"),
    ],
)
def test_footer_past_a_limit_is_refused(read, limits, what):
    with pytest.raises(ReadError, match=what):
        read(pa.table({"a": range(10), "b": range(10)}), **limits)


def test_dictionary_bomb_is_refused_before_it_unpacks(read):
    # One cell of 512 KiB, repeated 60,000 times: 30 GB from a file of a few KB.
    indices = pa.array(np.zeros(60_000, np.int32))
    array = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * 2**19]))
    with pytest.raises(ReadError, match="unpacks to 29"):
        read(pa.table({"a": array}))


def test_cell_past_the_limit_is_refused(read):
    with pytest.raises(ReadError, match="a cell of"):
        read(pa.table({"a": ["x" * (2**20 + 1)]}))


def test_names_and_bytes_must_agree(read, tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "whole")
    with pytest.raises(ReadError, match=r"Name it \.parquet"):
        read((tmp_path / "whole").read_bytes(), filename="t.csv")
    with pytest.raises(ReadError, match="does not begin with PAR1"):
        read(b"id,v\n1,2\n", filename="t.parquet")


def test_empty_table_is_kept_and_noted(read):
    result, table = read(pa.table({"a": pa.array([], pa.int64())}))
    assert (table.height, result["rows_kept"]) == (0, 0)
    assert "no rows" in result["notes"][0]


def test_rows_past_one_batch_are_all_copied(read):
    result, table = read(pa.table({"a": np.arange(150_000)}))
    assert result["rows_kept"] == 150_000
    assert table["a"].sum() == 149_999 * 150_000 // 2


def test_times_outside_the_calendar_are_counted_failures_and_not_other_times(read):
    far = 2**62  # milliseconds; as microseconds it would wrap to 1970
    table = pa.table(
        {
            "when": pa.array([far, 0], pa.timestamp("ms")),
            "day": pa.array([2**31 - 1, 0], pa.date32()),
            "other": pa.array([-far, 0], pa.date64()),
            "fine": pa.array([2**63 - 1, 0], pa.timestamp("ns")),
        }
    )
    result, table = read(table)
    assert [c["cast_failures"] for c in result["columns"]] == [1, 1, 1, 0]
    epoch = dt.date(1970, 1, 1)
    for name in ("when", "day", "other"):
        assert table[name].cast(pl.Date).to_list() == [None, epoch]
    assert table["fine"][0].year == 2262


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"a": ["x\0y"]}), "Column 'a' of t.parquet holds a NUL character"),
        (pa.table({"a\0": [1]}), "Column 'a\\x00' of t.parquet holds a NUL character"),
        (
            pa.table(
                {
                    "a": pa.Array.from_buffers(
                        pa.string(), 1, pa.array([b"\xff"]).buffers()
                    )
                }
            ),
            "damaged: Invalid UTF8",
        ),
    ],
)
def test_text_that_no_database_stores_is_refused(read, table, message):
    with pytest.raises(ReadError) as caught:
        read(table)
    assert message in str(caught.value)


def test_what_a_table_keeps_in_part_is_noted(read):
    table = pa.table(
        {
            "when": pa.array([1], pa.timestamp("ns", "Europe/Paris")),
            "price": pa.array([Decimal("1.5")], pa.decimal128(20, 2)),
            "small": pa.array([Decimal("1.5")], pa.decimal128(9, 2)),
        }
    )
    assert list(read(table)[0]["notes"]) == [
        "Times were stored in UTC, without their zone: when.",
        "Times were rounded down to microseconds: when.",
        "Decimals keep some 15 digits: price.",
    ]
