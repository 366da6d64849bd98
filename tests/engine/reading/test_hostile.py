"""Files that invite a reader to change or to lose something without a word."""

from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.progress import Silent
from engine.reading import ReadError, read_as_proposed
from tests.workbooks import HEAD, MAIN, workbook


@pytest.fixture
def propose(tmp_path):
    """Read bytes or an Arrow table as proposed: the table, and what was done."""

    def propose(content, filename="t.csv", **options):
        source, folder = tmp_path / "upload", tmp_path / "read"
        folder.mkdir(exist_ok=True)
        if isinstance(content, pa.Table):
            filename = "t.parquet"
            pq.write_table(content, source)
        else:
            source.write_bytes(content)
        read = read_as_proposed(
            source=str(source),
            filename=filename,
            folder=folder,
            report=Silent(),
            options=options,
        )
        return pl.read_parquet(folder / "table.parquet"), read

    return propose


def test_a_decimal_comma_leaves_alone_what_it_does_not_part(propose):
    rows = b"".join(b"%d,5;%d.25;1.2.%d\n" % (i, i, i) for i in range(9))
    table, read = propose(b"comma;point;release\n" + rows)
    assert read.options["decimal"] == ","
    assert table.row(3) == (3.5, 3.25, "1.2.3")


def test_a_whole_number_among_fractions_keeps_its_digits(propose):
    table, _read = propose(b"id,v\n9007199254740993,1\n1.5,2\n")
    assert table["id"].to_list() == ["9007199254740993", "1.5"]


def test_numbers_too_large_are_text_and_ask_nothing(propose):
    table, read = propose(b"a,b\n1,1e400\n2,5\n")
    assert (table["b"].to_list(), read.doubts) == (["1e400", "5"], ())


def test_a_year_that_no_calendar_shows_is_a_counted_failure(propose):
    days = b"2024-01-01T00:00:00Z\n" * 300
    table, read = propose(b"t\n" + days + b"9999-12-31T23:30:00-01:00\n")
    assert read.read["columns"][0]["cast_failures"] == table["t"].null_count() == 1
    far = {
        "day": pa.array([2**31 - 1, -(10**6), 0], pa.date32()),
        "time": pa.array([2**62, -(2**62), 0], pa.timestamp("ms")),
    }
    table, read = propose(pa.table(far))
    assert [each["cast_failures"] for each in read.read["columns"]] == [2, 2]
    assert [each.isoformat()[:10] for each in table.row(2)] == ["1970-01-01"] * 2


def test_what_excel_is_told_is_no_header(propose):
    table, read = propose(b"sep=;\na;b\n1;2\n3;4\n")
    assert (table.columns, read.options["skip_lines"]) == (["a", "b"], 1)


def test_a_header_longer_than_a_parsers_limit_is_read(propose):
    table, _read = propose(b"x" * 150_000 + b",b\n1,2\n")
    assert table.columns == ["x" * 100, "b"]


def test_decimals_keep_whole_numbers_and_note_what_they_round(propose):
    decimals = {
        "id": pa.array([Decimal(2**63 - 1), Decimal(2**63)], pa.decimal128(38, 0)),
        "kept": pa.array([Decimal("0.10"), Decimal("1.5")], pa.decimal128(38, 18)),
        "lost": pa.array([Decimal("12345678901234567.89")] * 2, pa.decimal128(38, 2)),
        "time": pa.array([1, 1_000], pa.timestamp("ns")),
    }
    table, read = propose(pa.table(decimals))
    assert table["id"].to_list() == [2**63 - 1, None]
    assert table["kept"].to_list() == [0.1, 1.5]
    times, numbers = read.read["notes"]
    assert (times[-5:], numbers[-11:]) == ("time.", "kept, lost.")


def test_text_that_is_none_is_refused(propose):
    ends, letters = pa.array([0, 2], pa.int32()), pa.py_buffer(b"\xff\xfe")
    text = pa.Array.from_buffers(pa.string(), 1, [None, ends.buffers()[1], letters])
    with pytest.raises(ReadError, match="UTF8"):
        propose(pa.table({"s": text}))
    with pytest.raises(ReadError, match=r"'s'.*NUL"):
        propose(pa.table({"s": ["a\0b"]}))


def test_a_formula_without_a_value_is_told(propose):
    cells = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><f>A1+1</f></c></row>'
        '<row r="3"><c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="4"><c r="A4"><f>A1+2</f><v>3</v></c></row>'
    )
    part = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    file = workbook({"S": [["a"]]}, extra={"xl/worksheets/sheet1.xml": part})
    _table, read = propose(file, "t.xlsx", header=True)
    (doubt,) = read.doubts
    assert "count as missing: 2 in this workbook" in doubt.sentence


@pytest.mark.parametrize("option", [{"delimiter": 5}, {"kinds": ["a"]}])
def test_an_option_of_another_type_is_named(propose, option):
    with pytest.raises(ReadError, match=f"Option {next(iter(option))}"):
        propose(b"a,b\n1,2\n", **option)
