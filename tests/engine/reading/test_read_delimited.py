"""Every row of the list of what CSV files are really like, and what we do with it."""

import csv
import io
import json
import re
import resource
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.progress import Silent
from engine.reading import ReadError, read_table


@pytest.fixture
def read(tmp_path):
    """Return a function that reads bytes and gives (result, table)."""

    def run(content: bytes, filename: str = "t.csv", **options):
        return _read(tmp_path, content, filename, options)

    return run


def _read(folder: Path, content: bytes, filename: str, options: dict[str, Any]):
    source = folder / "upload"
    source.write_bytes(content)
    result = read_table(
        source=str(source),
        filename=filename,
        folder=folder,
        report=Silent(),
        options=options,
    )
    json.dumps(result, allow_nan=False)
    return result, pl.read_parquet(folder / result["parquet"])


def _kinds(result):
    return {column["name"]: column["kind"] for column in result["columns"]}


ACCEPTED = {
    "byte order mark": (
        b"\xef\xbb\xbfid,v\n1,2\n",
        {"id": [1], "v": [2]},
    ),
    "UTF-16 with a mark": (
        "id,v\n1,é\n".encode("utf-16"),
        {"id": [1], "v": ["é"]},
    ),
    "UTF-16 without a mark": (
        "id,v\n1,abc\n".encode("utf-16-le"),
        {"id": [1], "v": ["abc"]},
    ),
    "UTF-16, big end first": (
        "id,v\n1,abc\n".encode("utf-16-be"),
        {"id": [1], "v": ["abc"]},
    ),
    "embedded quote": (
        b'id,v\n1,"say ""hi"""\n',
        {"id": [1], "v": ['say "hi"']},
    ),
    "embedded line end": (
        b'id,v\n1,"a\nb"\n2,c\n',
        {"id": [1, 2], "v": ["a\nb", "c"]},
    ),
    "stray quote": (
        b'id,v\n1,5" pipe\n2,x\n',
        {"id": [1, 2], "v": ['5" pipe', "x"]},
    ),
    "grouped thousands": (
        b'id,v\n1,"1,234.50"\n',
        {"id": [1], "v": ["1,234.50"]},
    ),
    "European numbers": (
        b"id;v\n1;1.234,50\n2;90,00\n",
        {"id": [1, 2], "v": ["1.234,50", "90,00"]},
    ),
    "semicolon with a comma inside": (
        b"id;v\n1;x, y\n2;z, w\n",
        {"id": [1, 2], "v": ["x, y", "z, w"]},
    ),
    "spellings of missing": (
        b"id,v\n1,NA\n2,N/A\n3,null\n4,-\n5,NaN\n6,7\n7,?\n",
        {"id": [1, 2, 3, 4, 5, 6, 7], "v": [None] * 5 + [7, None]},
    ),
    "duplicate names": (
        b"id,ID,v,\n1,2,3,4\n",
        {"id": [1], "ID_2": [2], "v": [3], "column_4": [4]},
    ),
    "header only": (b"id,v\n", {"id": [], "v": []}),
    "blank lines": (b"\nid,v\n\n1,2\n\n\n3,4\n\n", {"id": [1, 3], "v": [2, 4]}),
    "carriage returns only": (b"id,v\r1,2\r3,4\r", {"id": [1, 3], "v": [2, 4]}),
    "mixed line ends": (
        b"id,v\r\n1,2\n3,4\r\n5,6\r",
        {"id": [1, 3, 5], "v": [2, 4, 6]},
    ),
    "Windows line ends": (b"id,v\r\n1,2\r\n3,4\r\n", {"id": [1, 3], "v": [2, 4]}),
    "one column with a semicolon": (b"c0\nv0\na;b\n", {"c0": ["v0", "a;b"]}),
    "one column with a blank line": (b"c0\nv0\n\nv2\n", {"c0": ["v0", None, "v2"]}),
    "leading zeros": (
        b"zip,v\n01234,1\n98765,2\n",
        {"zip": ["01234", "98765"], "v": [1, 2]},
    ),
    "more than 64 bits": (
        b"id,v\n123456789012345678901,1\n2,2\n",
        {"id": ["123456789012345678901", "2"], "v": [1, 2]},
    ),
    "mixed dates": (
        b"d,v\n2024-01-02,1\n03/04/2024,2\n",
        {"d": ["2024-01-02", "03/04/2024"], "v": [1, 2]},
    ),
    "invalid date": (
        b"d,v\n2024-01-02,1\n2024-02-30,2\n",
        {"d": ["2024-01-02", "2024-02-30"], "v": [1, 2]},
    ),
    "formula": (
        b"v,w\n=cmd|' /C calc'!A0,1\n+1+1,2\n",
        {"v": ["=cmd|' /C calc'!A0", "+1+1"], "w": [1, 2]},
    ),
    "no line end at the end": (b"id,v\n1,2", {"id": [1], "v": [2]}),
    "digits with underscores stay text": (
        b"a,b\n1_000,1\n2,2\n",
        {"a": ["1_000", "2"], "b": [1, 2]},
    ),
    "None is a category": (
        b"a,b\nNone,1\nGold,2\n",
        {"a": ["None", "Gold"], "b": [1, 2]},
    ),
}


@pytest.mark.parametrize("case", ACCEPTED, ids=list(ACCEPTED))
def test_accepted_file_becomes_exactly_this_table(read, case):
    content, expected = ACCEPTED[case]
    result, table = read(content)
    assert table.to_dict(as_series=False) == expected
    assert result["rows_read"] == result["rows_kept"] == table.height
    assert result["rejects"] == ()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
REFUSED = {
    "web page": (b"<!DOCTYPE html><p>Sign in</p>\n", "a web page"),
    "JSON": (b'{"a": 1}\n', "is JSON"),
    "Latin-1": (b"id,v\n1,caf\xe9\n", r"byte 10 on line 2.*cp1252"),
    "unclosed quote": (b'id,v\n1,"x\n2,y\n', "line 2 of t.csv is never closed"),
    "empty": (b"", "empty \\(0 bytes\\)"),
    "blank lines only": (b"\n\n\n", "only blank lines"),
    "preamble": (b"Sales report\n\nid,v\n1,2\n3,4\n5,6\n7,8\n", "skip_lines"),
    "no header": (b"1,a\n2,b\n3,c\n", "may be data: '1'"),
    "NUL character": (b"id,v\n1,a\0b\n2,c\n", "NUL character on line 2"),
    "PNG named .csv": (PNG, "PNG picture"),
    "pickle": (b"\x80\x04\x95\x10", "pickle"),
    "unknown binary": (bytes(range(256)) * 20, "NUL|not be text"),
    "UTF-32": ("id,v\n1,2\n".encode("utf-32"), "UTF-32"),
    "cut off in the last line": (b"id,name,v\n1,a,2\n2,b", "cut off"),
    "no record fits": (b"id,v\n1,2,3\n", "None of the 1 records"),
    "two delimiters fit": (b"a,b;c\n1,2;3\n4,5;6\n", "comma or semicolon"),
    "field too long": (b'id,v\n1,"' + b"x" * 2**20 + b'y"\n', "longer than 1.0 MiB"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_refused_file_is_told_place_and_remedy(read, case):
    content, message = REFUSED[case]
    with pytest.raises(ReadError, match=message):
        read(content)


@pytest.mark.parametrize(
    ("head", "what"),
    [(b"\x1f\x8b\x08\x00", "gzip"), (b"PK\x03\x04", "zip archive")],
)
def test_two_gigabytes_of_packed_zeros_are_refused_by_their_first_bytes(
    tmp_path, head, what
):
    source = tmp_path / "bomb"
    with source.open("wb") as file:
        file.write(head)
        file.truncate(2**31)
    with pytest.raises(ReadError, match=what):
        read_table(
            source=str(source), filename="t.csv", folder=tmp_path, report=Silent()
        )


def test_two_gigabytes_of_zeros_named_csv_are_refused_by_their_first_bytes(tmp_path):
    source = tmp_path / "zeros"
    with source.open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(ReadError, match="zero bytes"):
        read_table(
            source=str(source), filename="t.csv", folder=tmp_path, report=Silent()
        )


def test_300_000_columns_are_refused_before_parsing(read):
    header = ",".join(f"c{i}" for i in range(300_000)).encode()
    with pytest.raises(ReadError, match=r"at least 276,\d+ columns"):
        read(header + b"\n")


def test_a_quoted_field_of_100_mb_is_refused_in_bounded_memory(tmp_path):
    source = tmp_path / "wide"
    with source.open("wb") as file:
        file.write(b'id,v\n1,"')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ReadError, match=r"Line 2 of t\.csv is longer than 2\.0 MiB"):
        read_table(
            source=str(source), filename="t.csv", folder=tmp_path, report=Silent()
        )
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 40_000


def test_ragged_rows_are_reported_with_the_lines_of_the_file(read):
    result, table = read(
        b'id,name,v\n1,"a\nb",2\n2,b\n\n3,c,4\n4,d,5,6\n5,"e"x,7\n6,f,8\n'
    )
    assert table["id"].to_list() == [1, 3, 6]
    assert (result["rows_read"], result["rows_kept"], result["rows_rejected"]) == (
        6,
        3,
        3,
    )
    assert [reject["line"] for reject in result["rejects"]] == [4, 7, 8]
    assert result["rejects"][0]["reason"] == "2 fields where the header has 3"
    assert result["rejects"][1]["reason"] == "more fields than the 3 of the header"
    assert "quote" in result["rejects"][2]["reason"]
    assert result["blank_lines"] == 1


def test_long_row_far_down_is_reported_by_its_line(read):
    rows = b"".join(b"%d,x\n" % i for i in range(30_000))
    result, _ = read(b"id,v\n" + rows + b"1,2,3\n" + b"2,y\n")
    assert result["rejects"] == (
        {
            "line": 30_002,
            "reason": "more fields than the 2 of the header",
            "text": "1,2,3",
        },
    )
    assert result["rows_kept"] == 30_001


def test_text_far_down_a_number_column_is_a_counted_failure(read):
    rows = b"".join(b"%d,1\n" % i for i in range(20_000))
    result, table = read(b"id,v\n" + rows + b"oops,1\n")
    column = result["columns"][0]
    assert (column["kind"], column["cast_failures"]) == ("integer", 1)
    assert column["failed_examples"] == ("oops",)
    assert column["missing"] == 1
    assert table["id"].null_count() == 1


def test_too_many_failures_leave_a_column_text(read):
    rows = b"".join(b"%d,1\n" % i for i in range(2_000))
    result, table = read(b"id,v\n" + rows + b"oops,1\n" * 100)
    assert _kinds(result)["id"] == "text"
    assert table["id"].null_count() == 0


def test_a_leading_zero_far_down_keeps_the_column_text(read):
    rows = b"".join(b"%d,1\n" % i for i in range(1, 5_000))
    result, table = read(b"zip,v\n" + rows + b"00123,1\n")
    assert _kinds(result)["zip"] == "text"
    assert table["zip"][-1] == "00123"
    assert "leading zeros" in result["columns"][0]["proposal"]


@pytest.mark.parametrize(
    ("content", "decimal", "expected", "question"),
    [
        (b'v,w\n"1,234.50",a\n"9,000.00",b\n', ".", [1234.5, 9000.0], "decimal = \\."),
        (b"v;w\n1.234,50;a\n90,00;b\n", ",", [1234.5, 90.0], "decimal = ,"),
        (b"v;w\n1,234;a\n2,345;b\n", ",", [1.234, 2.345], "say decimal"),
    ],
)
def test_grouped_numbers_are_proposed_and_cast_when_confirmed(
    read, content, decimal, expected, question
):
    result, _ = read(content)
    assert _kinds(result)["v"] == "text"
    assert re.search(question, result["columns"][0]["proposal"])
    result, table = read(content, decimal=decimal)
    assert _kinds(result)["v"] == "number"
    assert table["v"].to_list() == expected


def test_confirmed_windows_encoding_is_read(read):
    result, table = read(b"id,v\n1,caf\xe9 \x80\n", encoding="cp1252")
    assert table["v"].to_list() == ["café €"]
    assert result["encoding"] == "cp1252"


def test_a_question_carries_the_option_that_answers_it(read):
    with pytest.raises(ReadError) as refusal:
        read(b"id,v\n1,caf\xe9\n")
    assert (refusal.value.option, refusal.value.proposal) == ("encoding", "cp1252")


def test_bad_byte_past_the_first_chunk_is_named_by_its_offset_and_line(read):
    good = b"id,v\n" + b"1,abcdefgh\n" * 200_000
    with pytest.raises(ReadError, match=f"byte {len(good) + 2} on line 200002"):
        read(good + b"1,\xff\n")


def test_lines_above_the_header_are_dropped_when_told(read):
    content = b"Sales report\n\nid,v\n1,2\n3,4\n5,6\n7\n8,9\n"
    result, table = read(content, skip_lines=2)
    assert table["id"].to_list() == [1, 3, 5, 8]
    assert result["rejects"][0]["line"] == 7


def test_file_without_header_is_numbered_when_told(read):
    result, table = read(b"1,a\n2,b\n", header=False)
    assert table.to_dict(as_series=False) == {
        "column_1": [1, 2],
        "column_2": ["a", "b"],
    }
    assert result["rows_read"] == 2


def test_years_as_header_are_kept_when_told(read):
    _, table = read(b"2019,2020\n1,2\n", header=True)
    assert table.columns == ["2019", "2020"]


def test_renames_are_shown(read):
    result, _ = read(b" id ,ID,,v\n1,2,3,x\n")
    assert [(r["original"], r["name"]) for r in result["renames"]] == [
        ("id ", "id"),
        ("ID", "ID_2"),
        ("", "column_3"),
    ]


def test_dates_times_and_booleans_are_typed(read):
    result, table = read(
        b"d,t,b\n2024-02-29,2024-01-01T10:00:00+02:00,TRUE\n"
        b"2024-03-01,2024-01-01 10:00,false\n"
    )
    assert _kinds(result) == {"d": "date", "t": "datetime", "b": "boolean"}
    assert [str(v) for v in table["d"]] == ["2024-02-29", "2024-03-01"]
    assert [v.hour for v in table["t"]] == [8, 10]
    assert table["b"].to_list() == [True, False]


def test_a_chosen_kind_wins_and_counts_its_failures(read):
    result, table = read(b"a,b\n1,x\n2,y\n", kinds={"a": "text", "b": "integer"})
    assert _kinds(result) == {"a": "text", "b": "integer"}
    assert table["a"].to_list() == ["1", "2"]
    assert result["columns"][1]["cast_failures"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": "red"}, "'colour' is unknown"),
        ({"decimal": "'"}, "decimal"),
        ({"delimiter": "x"}, "Delimiter 'x'"),
        ({"delimiter": "::"}, "Delimiter '::'"),
        ({"quote": "`"}, "Quote '`'"),
        ({"encoding": "ebcdic"}, "Encoding 'ebcdic'"),
        ({"kinds": {"zz": "text"}}, "no such column"),
        ({"kinds": {"id": "blob"}}, "Kind 'blob'"),
        ({"limits": {"max_rows": 0}}, "max_rows"),
        ({"limits": {"max_bytes": 3}}, "are allowed"),
        ({"limits": {"max_rows": 1}}, "more than 1 rows"),
        ({"limits": {"max_columns": 1}}, "1 are"),
    ],
)
def test_bad_options_and_broken_limits_are_named(read, options, message):
    with pytest.raises(ReadError, match=message):
        read(b"id,v\n1,2\n3,4\n", **options)


@pytest.mark.parametrize("name", ["t.xlsx", "t.dat", "t"])
def test_other_endings_are_refused(read, name):
    with pytest.raises(ReadError, match=r"\.csv"):
        read(b"id,v\n1,2\n", filename=name)


def test_tab_separated_file_is_read(read):
    result, table = read(b"id\tv\n1\ta, b\n", filename="t.tsv")
    assert result["delimiter"] == "\t"
    assert table["v"].to_list() == ["a, b"]


def test_only_the_table_is_left_in_the_folder(read, tmp_path):
    read("id,v\r\n1,é\r\n".encode("utf-16"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["table.parquet", "upload"]


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8
).map(lambda s: "x" + s) | st.sampled_from(['x"y', "x,y", "x\ny", "x;y", 'x""'])


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8))
def test_whatever_a_standard_writer_writes_is_read_back(tmp_path_factory, rows):
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("a", "b", "c"), *rows])
    folder = tmp_path_factory.mktemp("read")
    result, table = _read(folder, out.getvalue().encode(), "t.csv", {"delimiter": ","})
    assert table.rows() == rows
    assert result["rows_rejected"] == 0


def test_a_table_too_wide_for_the_memory_allowed_is_refused_cleanly(tmp_path):
    header = ",".join(f"c{i}" for i in range(3_000))
    row = ",".join(["1.5"] * 3_000)
    content = "\n".join([header, *[row] * 20]).encode()
    with pytest.raises(ReadError, match="needs more than 64 MiB"):
        _read(tmp_path, content, "t.csv", {"limits": {"memory_mb": 64}})
    assert [p.name for p in tmp_path.iterdir()] == ["upload"]


def test_confirmed_encoding_wins_over_a_mark_that_lies(read):
    _, table = read(b"\xef\xbb\xbfid,v\n1,caf\xe9\n", encoding="cp1252")
    assert table["v"].to_list() == ["café"]


def test_a_wide_table_is_typed_in_parts_and_joined_in_order(read, tmp_path):
    names = [f"c{i}" for i in range(420)]
    rows = [",".join(str(r * 1000 + i) for i in range(420)) for r in range(30)]
    result, table = read("\n".join([",".join(names), *rows]).encode())
    assert table.columns == names
    assert table.row(29) == tuple(29_000 + i for i in range(420))
    assert {c["kind"] for c in result["columns"]} == {"integer"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["table.parquet", "upload"]


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (b"id,v\n1,'a, b'\n2,'it''s'\n", {"quote": "'"}, ["a, b", "it's"]),
        (b'id,v\n1,"a\n2,b"\n', {"quote": "none"}, ['"a', 'b"']),
        (b"id:v\n1:a, b\n2:c\n", {"delimiter": ":"}, ["a, b", "c"]),
        (b"id v\n1 a\n2 b\n", {"delimiter": " "}, ["a", "b"]),
        (b"id^v\n1^a\n2^b\n", {"delimiter": "^"}, ["a", "b"]),
    ],
)
def test_any_dialect_is_read_when_told(read, content, options, expected):
    _, table = read(content, **options)
    assert table["v"].to_list() == expected
