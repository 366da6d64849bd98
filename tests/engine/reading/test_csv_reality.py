"""Every row of the list of what CSV files are really like: read right, asked, or refused.

The list is of files on which the readers that people use fail without a word.
"""

import datetime as dt
import re

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.progress import Silent
from engine.reading import ReadError, read_as_proposed


@pytest.fixture
def propose(tmp_path):
    """Return a function that reads bytes as proposed: (proposed, table)."""

    def run(content: bytes, filename: str = "t.csv", **options):
        source = tmp_path / "upload"
        source.write_bytes(content)
        proposed = read_as_proposed(
            source=str(source),
            filename=filename,
            folder=tmp_path,
            report=Silent(),
            options=options,
        )
        read = proposed.read
        assert read["rows_read"] == read["rows_kept"] + read["rows_rejected"]
        return proposed, pl.read_parquet(tmp_path / read["parquet"])

    return run


# Nothing to ask: the table is this one.
CERTAIN = {
    "BOM": (b"\xef\xbb\xbfid,v\n1,2\n", {"id": [1], "v": [2]}),
    "UTF-16": ("id,v\n1,é\n".encode("utf-16"), {"id": [1], "v": ["é"]}),
    "UTF-16 without a mark": (
        "id,v\n1,abc\n".encode("utf-16-be"),
        {"id": [1], "v": ["abc"]},
    ),
    "embedded quote and newline": (
        b'id,v\n1,"a ""b""\nc"\n',
        {"id": [1], "v": ['a "b"\nc']},
    ),
    "stray quote": (b'id,v\n1,5" pipe\n', {"id": [1], "v": ['5" pipe']}),
    "semicolon with comma inside": (
        b"id;v\n1;x, y\n2;z, w\n",
        {"id": [1, 2], "v": ["x, y", "z, w"]},
    ),
    "NA spellings": (
        b"id,v\n1,NA\n2,N/A\n3,null\n4,-\n5,7\n",
        {"id": [1, 2, 3, 4, 5], "v": [None] * 4 + [7]},
    ),
    "duplicate names": (
        b"id,v,id,V,\n1,2,3,4,5\n",
        {"id": [1], "v": [2], "id_2": [3], "V_2": [4], "column_5": [5]},
    ),
    "header only": (b"id,v\n", {"id": [], "v": []}),
    "blank lines": (b"id,v\n\n1,2\n\n3,4\n\n", {"id": [1, 3], "v": [2, 4]}),
    "CR-only line ends": (b"id,v\r1,2\r3,4\r", {"id": [1, 3], "v": [2, 4]}),
    "mixed line ends": (
        b"id,v\r\n1,2\n3,4\r5,6\n",
        {"id": [1, 3, 5], "v": [2, 4, 6]},
    ),
    "lines c0, v0, a;b": (b"c0\nv0\na;b\n", {"c0": ["v0", "a;b"]}),
    "leading zeros": (b"zip,v\n01234,1\n9,2\n", {"zip": ["01234", "9"], "v": [1, 2]}),
    "integers beyond 64 bits": (
        b"id,v\n123456789012345678901,1\n2,2\n",
        {"id": ["123456789012345678901", "2"], "v": [1, 2]},
    ),
    "the largest integer of 64 bits": (
        b"id,v\n9223372036854775807,1\n",
        {"id": [2**63 - 1], "v": [1]},
    ),
    "an integer that decimals would round": (
        b"id,v\n9007199254740993,1\n1.5,2\n",
        {"id": ["9007199254740993", "1.5"], "v": [1, 2]},
    ),
    "numbers past what a float holds": (
        b"x,v\n1e400,1\n1,2\n",
        {"x": ["1e400", "1"], "v": [1, 2]},
    ),
    "a year that no calendar knows": (
        b"d,v\n0000-02-28,1\n2024-02-28,2\n",
        {"d": ["0000-02-28", "2024-02-28"], "v": [1, 2]},
    ),
    "mixed and invalid dates": (
        b"d,e,v\n2024-01-02,2024-02-30,1\n03/04/2024,2024-01-01,2\n",
        {
            "d": ["2024-01-02", "03/04/2024"],
            "e": ["2024-02-30", "2024-01-01"],
            "v": [1, 2],
        },
    ),
    "times with zones": (
        b"t,v\n2024-01-01T10:00:00+02:00,1\n2024-01-01T10:00:00Z,2\n",
        {"t": [dt.datetime(2024, 1, 1, h) for h in (8, 10)], "v": [1, 2]},  # noqa: DTZ001 — stored in UTC without a zone
    ),
    "formulas": (
        b"v,w\n=cmd|' /C calc'!A0,1\n@x,2\n",
        {"v": ["=cmd|' /C calc'!A0", "@x"], "w": [1, 2]},
    ),
}


@pytest.mark.parametrize("case", CERTAIN)
def test_a_file_without_doubt_is_read_right(propose, case):
    content, expected = CERTAIN[case]
    proposed, table = propose(content)
    assert table.to_dict(as_series=False) == expected
    assert proposed.doubts == ()


FIRST_OK = b"id,v\n" + b"".join(b"%d,x\n" % i for i in range(2_000))
LONG = b"id,v\n" + b"1,2\n" * 199_999
# What is proposed, in a sentence with place and remedy; and the table that it gives.
ASKED = {
    "latin-1": (
        b"id,v\n1,caf\xe9\n",
        ("encoding", "cp1252", r"byte 10 on line 2.*save it as UTF-8"),
        {"id": [1], "v": ["café"]},
    ),
    "short row": (
        b"id,name,v\n1,a,2\n3,b\n4,c,5\n",
        ("", "", "1 of 3 rows"),
        {"id": [1, 4], "name": ["a", "c"], "v": [2, 5]},
    ),
    "long row, early": (
        b"id,v\n1,2\n3,4,5\n6,7\n",
        ("", "", "1 of 3 rows"),
        {"id": [1, 6], "v": [2, 7]},
    ),
    'thousands "1,234.50"': (
        b'id,v\n1,"1,234.50"\n2,"9,000.00"\n',
        ("decimal", ".", "v: a point before the decimals"),
        {"id": [1, 2], "v": [1234.5, 9000.0]},
    ),
    "EU numbers": (
        b"id;v\n1;1.234,50\n2;90,00\n",
        ("decimal", ",", "v: a comma before the decimals"),
        {"id": [1, 2], "v": [1234.5, 90.0]},
    ),
    "thousands or decimals": (
        b"id;v\n1;1,234\n2;2,345\n",
        ("decimal", "", "v: numbers, if you say"),
        {"id": [1, 2], "v": ["1,234", "2,345"]},
    ),
    "preamble": (
        b"Sales report\n\nid,v\n1,2\n3,4\n5,6\n7,8\n",
        ("skip_lines", "1", r"Line 1 of t\.csv.*skip_lines"),
        {"id": [1, 3, 5, 7], "v": [2, 4, 6, 8]},
    ),
    "no header": (
        b"1,a\n2,b\n3,c\n",
        ("header", "no", r"Line 1 of t\.csv may be data"),
        {"column_1": [1, 2, 3], "column_2": ["a", "b", "c"]},
    ),
    "a hint to Excel above the header": (
        b"sep=;\na;b\n1;2\n",
        ("skip_lines", "1", r"Line 1 .*\(sep=;\) tells Excel"),
        {"a": [1], "b": [2]},
    ),
    "two delimiters fit": (
        b"a,b;c\n1,2;3\n4,5;6\n",
        ("delimiter", ",", "comma or semicolon"),
        {"a": [1, 4], "b;c": ["2;3", "5;6"]},
    ),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_is_not_certain_is_proposed_in_a_sentence(propose, case):
    content, (option, proposal, sentence), expected = ASKED[case]
    proposed, table = propose(content)
    doubt = proposed.doubts[0]
    assert (doubt.option, doubt.proposal) == (option, proposal)
    assert table.to_dict(as_series=False) == expected
    assert re.search(sentence, doubt.sentence)
    # Whoever accepts is not asked again, nor reads another table.
    accepted, again = propose(content, **proposed.options)
    assert again.equals(table)
    assert [each for each in accepted.doubts if each.option not in {"", "kinds"}] == []


def test_a_long_row_far_down_is_shown_with_its_line_and_how_it_begins(propose):
    proposed, table = propose(FIRST_OK + b"7,y,z\n8,w\n")
    assert proposed.read["rejects"][0] == {
        "line": 2_002,
        "reason": "more fields than the 2 of the header",
        "text": "7,y,z",
    }
    assert table.height == 2_001


def test_text_at_row_200_001_is_one_counted_failure(propose):
    proposed, table = propose(LONG + b"7,2\noops,3\n")
    column = proposed.read["columns"][0]
    assert (column["kind"], column["cast_failures"]) == ("integer", 1)
    assert column["why"] == "all but 1 of 200,001 values fit"
    assert proposed.doubts[0].option == "kinds"
    assert "no whole number would count as missing (1: oops)" in str(
        proposed.doubts[0].sentence
    )
    assert table.height == 200_001


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("2024-01-01T10:00:00Z", "times with an offset, now in UTC"),
        (
            "2024-01-01",
            "times in UTC; those without an offset were taken as UTC",
        ),
        (
            "2024-01-01T10:00:00",
            "times in UTC; those without an offset were taken as UTC",
        ),
    ],
)
def test_what_becomes_of_a_time_zone_is_said(propose, second, why):
    proposed, _ = propose(f"t,v\n2024-01-01T10:00:00+02:00,1\n{second},2\n".encode())
    assert proposed.read["columns"][0]["why"] == why


def test_a_question_whose_answer_would_not_do_is_asked_without_a_preview(propose):
    content = b"Caf\xe9 report\nid,v\n" + b"1,2\n" * 5 + b'3,"4\n'
    with pytest.raises(ReadError, match="byte 3 on line 1") as asked:
        propose(content)
    assert (asked.value.option, asked.value.proposal) == ("encoding", "cp1252")


def truncated_parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": range(1_000)}), sink)
    return bytes(sink.getvalue())[:-30]


REFUSED = {
    "unclosed quote": (b'id,v\n1,"x\n2,y\n', "t.csv", "line 2 .*double the quote"),
    "empty": (b"", "t.csv", r"empty \(0 bytes\)\. Upload"),
    "blanks only": (b"   \n  \n", "t.csv", "only blank lines"),
    "NUL byte": (b"id,v\n1,a\0b\n", "t.csv", "NUL character on line 2.*Remove it"),
    "binary": (b"\x89PNG\r\n\x1a\n" + bytes(200), "t.csv", "PNG picture.*Upload"),
    "5 MB field": (
        b'id,v\n1,"' + b"x" * 5_000_000 + b'"\n',
        "t.csv",
        "Line 2 of t.csv is longer.*shorten",
    ),
    "truncated parquet": (truncated_parquet(), "t.parquet", "cut off.*whole file"),
    "no parquet named so": (b"id,v\n1,2\n", "t.parquet", "PAR1.*name it .csv"),
    "every record rejected": (b"id,v\n1,2,3\n", "t.csv", "None of the 1.*Check"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_with_place_and_remedy(propose, case):
    content, filename, sentence = REFUSED[case]
    with pytest.raises(ReadError, match=sentence):
        propose(content, filename)
