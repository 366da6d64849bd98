"""Every kind of check finds what it is for, masks what is personal, and has words."""

import datetime as dt

import polars as pl
import pytest

from engine.checks import KINDS, check_of
from engine.checks.base import Check
from engine.checks.catalogue import Declared
from engine.errors import EngineError

TABLE = {
    "id": [1, 2, 3, 4, 4],
    "code": ["A1", "B2", "n/a", "", "B2"],
    "day": [dt.date(2024, 1, d) for d in (1, 2, 5, 5, 6)],
    "x": [1.0, 2.0, 3.0, 2.0, 900.0],
    "email": ["ann@x.org", "bo@x.org", "cy@x.org", "di@x.org", "di@x.org"],
}
TWIN = {**TABLE, "x": [1.0, 2.5, 3.0, 2.0, 900.0]}


@pytest.mark.parametrize(
    ("kind", "params", "tested", "violating", "rows"),
    [
        ("not_missing", {"column": "code", "tokens": ["N/A"]}, 5, 2, (3, 4)),
        ("row_count", {"minimum": 8}, 8, 3, ()),
        ("row_count", {"maximum": 4}, 5, 1, ()),
        ("no_gaps", {"column": "day", "step": "day"}, 6, 2, ()),
        ("no_duplicate_rows", {}, 5, 0, ()),
        ("matches", {"column": "code", "pattern": "[A-Z][0-9]"}, 5, 2, (3, 4)),
        ("length", {"column": "code", "minimum": 1, "maximum": 2}, 5, 2, (3, 4)),
        ("schema", {"types": {"id": "integer", "x": "text", "zip": ""}}, 6, 1, ()),
        ("schema", {"types": {"id": ""}, "others_allowed": False}, 5, 4, ()),
        ("aggregate", {"column": "x", "function": "max", "maximum": 100}, 1, 1, ()),
        ("outliers", {"column": "x", "k": 3}, 5, 1, (5,)),
        ("outliers", {"column": "x", "method": "sd", "k": 3}, 5, 0, ()),
        ("reconcile_aggregate", {"column": "x", "table": "twin"}, 1, 1, ()),
        (
            "reconcile_aggregate",
            {"column": "x", "table": "twin", "tolerance": 0.5},
            1,
            0,
            (),
        ),
        ("reconcile_rows", {"table": "twin", "keys": {"id": "id"}}, 3, 1, ()),
        ("custom_sql", {"query": "SELECT * FROM data WHERE x > 2"}, 5, 2, ()),
        ("custom_sql", {"query": "SELECT sum(x) FROM data", "maximum": 9}, 1, 1, ()),
        ("in_range", {"column": "x", "minimum": 2, "where": "id < 3"}, 2, 1, (1,)),
        ("unique", {"of": ["id"], "where": "x < 900"}, 4, 0, ()),
        (
            "custom_sql",
            {"query": "SELECT id FROM data", "where": "email LIKE 'd%'"},
            2,
            2,
            (),
        ),
        ("drift", {"column": "x"}, 0, 0, ()),
    ],
)
def test_each_kind_counts_what_breaks_it(
    checked, kind, params, tested, violating, rows
):
    (found,) = checked(TABLE, (kind, params), others={"twin": TWIN}).results
    assert found.note == "" or found.state != "error", found.note
    assert (found.tested, found.violating) == (tested, violating)
    assert found.example_rows == rows


def test_drift_is_measured_against_the_version_before(checked, tmp_path):
    before = str(tmp_path / "before.parquet")
    pl.DataFrame({"x": [float(i % 10) for i in range(1000)]}).write_parquet(before)
    (psi, ks) = checked(
        {"x": [float(i % 5) for i in range(1000)]},
        ("drift", {"column": "x"}),
        ("drift", {"column": "x", "statistic": "ks", "threshold": 0.6}),
        previous=before,
    ).results
    assert (psi.state, psi.value > 0.25) == ("failed", True)
    assert (ks.state, ks.value) == ("kept", pytest.approx(0.5))


def test_failing_rows_are_kept_with_personal_values_masked(checked, tmp_path):
    by_row, by_sql, by_key = checked(
        TABLE,
        ("in_range", {"column": "x", "maximum": 100}),
        ("custom_sql", {"query": "SELECT lower(email) AS m, id FROM data WHERE id=1"}),
        ("reconcile_rows", {"table": "twin", "keys": {"email": "email", "id": "id"}}),
        others={"twin": TWIN},
        personal=["email"],
    ).results
    rows = pl.read_parquet(tmp_path / by_row.failing).to_dicts()
    assert rows == [
        {
            "row": 5,
            "id": 4,
            "code": "B2",
            "day": dt.date(2024, 1, 6),
            "x": 900.0,
            "email": "••@•.•••",
        }
    ]
    assert pl.read_parquet(tmp_path / by_sql.failing).to_dicts() == [
        {"m": "•••@•.•••", "id": 1}
    ]
    twice, difference = pl.read_parquet(tmp_path / by_key.failing).to_dicts()
    assert (twice["what"], difference["what"]) == ("duplicate key", "changed")
    assert twice["key"] == difference["key"]
    assert difference["key"] == ["••@•.•••", "•"]
    assert (difference["left_value"], difference["right_value"]) == ("2.0", "2.5")


@pytest.mark.parametrize("name", ["row", "data", "file_row_number", "again", 'a"b'])
def test_a_column_may_have_any_name(checked, name):
    missing, twice, sql = checked(
        {name: [1, None, 1], "Row": [1, 2, 3]}
        if name != "row"
        else {name: [1, None, 1]},
        ("not_null", {"column": name}),
        ("unique", {"of": [name]}),
        ("custom_sql", {"query": "SELECT * FROM data"}),
    ).results
    assert (missing.example_rows, twice.example_rows) == ((2,), (3,))
    assert sql.violating == 3


def test_an_empty_table_breaks_nothing_but_its_row_count(checked):
    empty = {"a": pl.Series([], dtype=pl.Int64), "d": pl.Series([], dtype=pl.Date)}
    results = checked(
        empty,
        ("not_null", {"column": "a"}),
        ("outliers", {"column": "a"}),
        ("no_gaps", {"column": "d"}),
        ("freshness", {"column": "d", "max_age_days": 3}),
        ("row_count", {"minimum": 1}),
    ).results
    assert [each.state for each in results] == ["kept"] * 4 + ["failed"]


def test_every_kind_has_a_dimension_a_severity_and_words():
    assert len(KINDS) == 26
    for kind, made in KINDS.items():
        assert issubclass(made, Check)
        assert made.kind == kind
        assert made.dimension
        assert made.__doc__
    words = check_of("in_range", {"column": "x", "minimum": 0}).words()
    assert (words, words.template) == (
        "x at least 0",
        "%(column)s at least %(low)s",
    )


def test_a_bound_that_no_number_holds_is_told_as_such():
    with pytest.raises(EngineError, match="minimum is larger"):
        Declared(
            id="1", kind="in_range", params={"column": "x", "minimum": 10**400}
        ).check()
