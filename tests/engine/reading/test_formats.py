"""Workbooks, JSON and packed files, sound and hostile; a bomb is small and refused soon."""

import datetime as dt
import gzip
import json

import polars as pl
import pyarrow as pa
import pytest

from engine.progress import Silent
from engine.reading import ReadError, read_as_proposed
from tests.workbooks import DATE, TIME, sheet, workbook


@pytest.fixture
def propose(tmp_path):
    """Return a function that reads bytes as proposed: (proposed, table)."""

    def run(content: bytes, filename: str, **options):
        source = tmp_path / "upload"
        source.write_bytes(content)
        proposed = read_as_proposed(
            source=str(source),
            filename=filename,
            folder=tmp_path,
            report=Silent(),
            options=options,
        )
        json.dumps(proposed.read, allow_nan=False)
        left = sorted(path.name for path in tmp_path.iterdir())
        assert left == ["table.parquet", "upload"]
        return proposed, pl.read_parquet(tmp_path / "table.parquet")

    return run


def zstd(content: bytes) -> bytes:
    packed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return packed


PEOPLE = [
    ["id", "zip", "when", "at", "ok", "x", "far"],
    [1, "007", (45352, DATE), (45352.5, TIME), True, 0.1 + 0.2, 9_007_199_254_740_991],
    [2, "112", (45353, DATE), (45353.25, TIME), False, "#N/A", 3],
    [None],
    [3, None, None, None, None, 1e20, None],
]


def test_a_sheet_keeps_what_it_shows(propose):
    proposed, table = propose(workbook({"People": PEOPLE}), "t.xlsx")
    assert table.to_dict(as_series=False) == {
        "id": [1, 2, 3],
        "zip": ["007", "112", None],  # text in the sheet stays text
        "when": [dt.date(2024, 3, 1), dt.date(2024, 3, 2), None],
        "at": [dt.datetime(2024, 3, 1, 12), dt.datetime(2024, 3, 2, 6), None],  # noqa: DTZ001 — sheets know no zones
        "ok": [True, False, None],
        "x": [0.3, None, 1e20],
        "far": [9_007_199_254_740_990, 3, None],  # fifteen digits, as Excel
    }
    assert proposed.doubts == ()
    assert proposed.read["blank_lines"] == 1
    assert proposed.read["notes"][-1] == "Sheet “People” was read."


def test_a_time_at_midnight_does_not_make_a_column_of_times_text(propose):
    proposed, table = propose(
        workbook({"a": [["when"], [(45000.5, TIME)], [(45001, TIME)]]}), "t.xlsx"
    )
    assert table["when"].dt.hour().to_list() == [12, 0]
    assert "midnight" in proposed.read["columns"][0]["why"]


def test_of_several_sheets_the_first_with_cells_is_proposed(propose):
    sheets = {"Empty": [], "Title": [["2026"]]}
    sheets |= {"A": [["a", "b"], [1, 2]], "B": [["q", "r"], [3, 4]]}
    book = workbook(sheets)
    proposed, table = propose(book, "t.xlsx")
    assert (proposed.doubts[0].option, proposed.doubts[0].proposal) == ("sheet", "A")
    assert table.columns == ["a", "b"]
    assert proposed.read["choices"] == ("Title", "A", "B")
    chosen, table = propose(book, "t.xlsx", sheet="B")
    assert (chosen.doubts, table.columns) == ((), ["q", "r"])


def test_a_title_above_a_sheets_header_is_proposed_to_be_dropped(propose):
    rows = [["Report of March"], [], ["a", "b", "c"], [1, 2, 3], [4, 5, 6]]
    proposed, table = propose(workbook({"R": rows}), "t.xlsx")
    assert (proposed.doubts[0].option, proposed.doubts[0].proposal) == (
        "skip_lines",
        "2",
    )
    assert table.rows() == [(1, 2, 3), (4, 5, 6)]


JSON = {
    "list": (
        b'[{"a": 1, "b": {"c": "007"}}, {"a": 2.50, "d": [1, {"e": "x"}]}]',
        "t.json",
        {
            "a": [1.0, 2.5],
            "b.c": ["007", None],
            "d": [None, '[1, {"e": "x"}]'],
        },
    ),
    "lines": (
        b'{"a": 12345678901234567890, "b": "2024-01-02"}\n\n{"b": null, "c": true}\n',
        "t.jsonl",
        {
            "a": ["12345678901234567890", None],
            "b": [dt.date(2024, 1, 2), None],
            "c": [None, True],
        },
    ),
    "lines named .json": (b'{"a": 1}\n{"a": 2}\n', "t.json", {"a": [1, 2]}),
    "one object": (b'{"a": "5", "b": 5}', "t.json", {"a": ["5"], "b": [5]}),
    "UTF-16": ('[{"a": "é"}]'.encode("utf-16"), "t.json", {"a": ["é"]}),
    "packed": (gzip.compress(b'{"a": 1}\n'), "t.jsonl.gz", {"a": [1]}),
}


@pytest.mark.parametrize("case", JSON)
def test_json_records_become_rows(propose, case):
    content, filename, expected = JSON[case]
    proposed, table = propose(content, filename)
    assert table.to_dict(as_series=False) == expected
    assert proposed.doubts == ()


def test_a_list_longer_than_what_is_held_at_once_is_read_to_its_end(propose):
    content = (
        b"["
        + b",\n".join(b'{"a": %d, "b": "%060d"}' % (i, i) for i in range(15_000))
        + b"]"
    )
    assert len(content) > 2**20
    _, table = propose(content, "t.json")
    assert table["a"].sum() == sum(range(15_000))


def test_records_that_are_no_rows_are_left_out_by_line(propose):
    content = (
        b'{"a": 1}\n{bad}\n{"a": 1, "a": 2}\n[3]\n{"a": "\\u0000"}\n'
        b'{"a": "\\ud800"}\n{"b.c": 1, "b": {"c": 2}}\n'
    )
    proposed, table = propose(content, "t.jsonl")
    assert table.rows() == [(1,)]
    assert [each["line"] for each in proposed.read["rejects"]] == [2, 3, 4, 5, 6, 7]
    assert proposed.doubts[0].sentence.startswith("6 of 7 rows do not fit")


def test_records_under_a_name_are_proposed(propose):
    content = b'{"page": 1, "data": [{"a": 1}, {"a": 2}], "by": [{"z": 1}]}'
    proposed, table = propose(content, "t.json")
    assert (proposed.doubts[0].option, proposed.doubts[0].proposal) == (
        "records",
        "data",
    )
    assert table.rows() == [(1,), (2,)]
    _, table = propose(content, "t.json", records="by")
    assert table.columns == ["z"]


@pytest.mark.parametrize(
    ("pack", "filename"),
    [(gzip.compress, "t.csv.gz"), (zstd, "t.tsv.zst"), (zstd, "T.CSV.ZST")],
)
def test_a_packed_file_is_read_as_what_is_inside(propose, pack, filename):
    proposed, table = propose(pack(b"id\tv\n1\t2\n" * 1), filename)
    assert table.rows() == [(1, 2)]
    assert proposed.read["packing"] in {"gzip", "zstd"}


def test_a_packed_workbook_and_parts_in_a_row_are_read(propose):
    _, table = propose(gzip.compress(workbook({"P": PEOPLE})), "t.xlsx.gz")
    assert table.height == 3
    parts = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert propose(parts, "t.csv.gz")[1].rows() == [(1, 2), (3, 4)]


ROWS = [["a", "b"], [1, 2]]
FAR = sheet(ROWS).replace(
    "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
)
ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><styleSheet/>'
FIRST = "xl/worksheets/sheet1.xml"
BOMBS = {
    "gzip": (gzip.compress(bytes(25_000_000)), "t.csv.gz", "200 times its size"),
    "zstd": (zstd(bytes(25_000_000)), "t.csv.zst", "200 times its size"),
    "one sheet": (
        workbook({"R": ROWS}, extra={FIRST: " " * 25_000_000}),
        "t.xlsx",
        "200 times its size",
    ),
    "one sheet that lies about its size": (
        workbook({"R": ROWS}, extra={FIRST: " " * 25_000_000}).replace(
            (25_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
        ),
        "t.xlsx",
        "damaged",
    ),
    "two cells far apart": (
        workbook({"R": ROWS}, extra={FIRST: FAR}),
        "t.xlsx",
        "spans 1,048,576 rows and 16,384 columns.*Delete",
    ),
    "entities": (
        workbook({"R": ROWS}, extra={"xl/styles.xml": ENTITY}),
        "t.xlsx",
        "entities of its own",
    ),
    "entities in UTF-16": (
        workbook({"R": ROWS}, extra={"xl/styles.xml": ENTITY.encode("utf-16")}),
        "t.xlsx",
        "entities of its own",
    ),
    "an archive in an archive": (
        workbook({"R": ROWS}, extra={"xl/media/a.bin": b"PK\x03\x04" + bytes(9)}),
        "t.xlsx",
        "another archive inside.*without embedded files",
    ),
    "links elsewhere": (
        workbook({"R": ROWS}, extra={"xl/externalLinks/externalLink1.xml": "<a/>"}),
        "t.xlsx",
        "links to other workbooks.*Break",
    ),
    "JSON 200,000 deep": (b"[" * 200_000, "t.json", "more than 64 deep on line 1"),
    "JSON 65 deep": (
        b'[\n{"a": ' + b"[" * 65 + b"]" * 65 + b"}]",
        "t.json",
        "more than 64 deep on line 2.*Flatten",
    ),
    "objects 65 deep": (
        b'{"a":' * 65 + b"1" + b"}" * 65,
        "t.jsonl",
        "64 deep on line 1",
    ),
    "JSON with one long record": (
        b'[{"a": "' + b"x" * 4_000_000 + b'"}]',
        "t.json",
        "record on line 1 of t.json is longer than 2.0 MiB",
    ),
    "JSON with 6,000 columns": (
        json.dumps([{f"c{i}": 1 for i in range(6_000)}]).encode(),
        "t.json",
        "at least 6,000 columns; 5,000 are allowed",
    ),
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(propose, case):
    content, filename, sentence = BOMBS[case]
    with pytest.raises(ReadError, match=sentence):
        propose(content, filename)


LIMITS = {
    "inflated": (gzip.compress(b"a,b\n" + b"1,2\n" * 99), "t.csv.gz", "max_inflated"),
    "workbook": (workbook({"R": ROWS}), "t.xlsx", "max_workbook"),
    "parts": (workbook({"R": ROWS}), "t.xlsx", "max_entries"),
    "cells": (workbook({"R": ROWS}), "t.xlsx", "max_cells"),
    "sheet columns": (workbook({"R": ROWS}), "t.xlsx", "max_columns"),
    "records": (b'{"a": 1}\n{"a": 2}\n', "t.jsonl", "max_rows"),
    "document": (b'{"data": [{"a": 1}]}', "t.json", "max_document"),
}


@pytest.mark.parametrize("case", LIMITS)
def test_each_limit_is_kept_and_named(propose, case):
    content, filename, limit = LIMITS[case]
    with pytest.raises(ReadError, match=r"allowed|more than|too many"):
        propose(content, filename, limits={limit: 1})


WHOLE = workbook({"R": ROWS})
DAMAGED = {
    "cut gzip": (gzip.compress(b"a,b\n" * 5_000)[:-9], "t.csv.gz", "cut off"),
    "cut zstd": (zstd(b"a,b\n" * 5_000)[:-4], "t.csv.zst", "cut off"),
    "more behind gzip": (gzip.compress(b"a,b\n1,2\n") + b"x", "t.csv.gz", "damaged"),
    "gzip in gzip": (gzip.compress(gzip.compress(b"a")), "t.csv.gz", "a gzip file"),
    "not packed": (b"a,b\n1,2\n", "t.csv.gz", "upload it as t.csv"),
    "packed without saying so": (gzip.compress(b"a"), "t.csv", "Name it t.csv.gz"),
    "cut workbook": (WHOLE[: len(WHOLE) // 2], "t.xlsx", "cut off"),
    "flipped workbook": (
        WHOLE[:60] + bytes(20) + WHOLE[80:],
        "t.xlsx",
        "damaged or cut off",
    ),
    "no workbook": (b"a,b\n1,2\n", "t.xlsx", "name it .csv"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + bytes(99), "t.xlsx", "without a password"),
    "workbook named .csv": (WHOLE, "t.csv", "name it .xlsx"),
    "no cells": (workbook({"R": []}), "t.xlsx", "no sheet with cells"),
    "JSON named .csv": (b'[{"a": 1}]', "t.csv", "Name it .json"),
    "text named .json": (b"a,b\n", "t.json", "line 1"),
    "cut list": (b'[{"a": 1},\n{"a": 2', "t.json", "line 2.*whole file"),
    "cut line": (b'{"a": 1}\n{"a": 2', "t.jsonl", "line 2.*cut off"),
    "more behind the list": (b'[{"a": 1}] x', "t.json", "something follows"),
    "columns": (b'{"a": [1, 2]}', "t.json", "one object for each row"),
    "lists": (b"[[1, 2], [3, 4]]", "t.json", "one object of names and values"),
    "nothing": (b"[]", "t.json", "no records"),
    "empty objects": (b"[{}, {}]", "t.json", "no records"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_damaged_or_misnamed_is_refused_with_a_remedy(propose, case):
    content, filename, sentence = DAMAGED[case]
    with pytest.raises(ReadError, match=sentence):
        propose(content, filename)


def test_unknown_sheets_and_names_are_said_with_those_there_are(propose):
    with pytest.raises(ReadError, match="no sheet 'X'; it has 'R'"):
        propose(WHOLE, "t.xlsx", sheet="X")
    with pytest.raises(ReadError, match="under 'x'; it has them under 'data'"):
        propose(b'{"data": [{"a": 1}]}', "t.json", records="x")
