"""Six scores, each worked out by hand on a handful of rows."""

import datetime as dt
import json

import polars as pl
import pytest

from engine.errors import EngineError
from engine.profile import (
    DIMENSIONS,
    Assessment,
    Rules,
    assess,
    referenced_paths,
    with_tables,
)
from engine.progress import Silent

NOW = "2024-06-30T00:00:00Z"


@pytest.fixture
def scored(tmp_path):
    """Return a function from columns, other tables and rules to an assessment."""

    def run(columns, others=None, **rules):
        paths = {}
        for name, table in {"main": columns, **(others or {})}.items():
            paths[name] = str(tmp_path / f"{name}.parquet")
            pl.DataFrame(table).write_parquet(paths[name])
        content = assess(
            source=paths["main"],
            folder=tmp_path,
            report=Silent(),
            rules=with_tables(rules, paths),
        )
        return Assessment.from_json(json.loads(json.dumps(content)))

    return run


def test_without_rules_nothing_is_assessed_and_no_score_has_a_number(scored):
    result = scored({"a": [1, 2]})
    assert [score.dimension for score in result.scores] == list(DIMENSIONS)
    for score in result.scores:
        assert (score.value, score.n, score.assessed) == (None, 0, False)
        assert score.note.startswith("Not assessed")


def test_completeness_is_present_required_cells_over_required_cells(scored):
    result = scored(
        {"a": [1, None, 3, 4], "b": ["x", None, None, "y"], "c": [None] * 4},
        required=["a", "b"],
    )
    score = result.score("completeness")
    assert (score.value, score.n) == (pytest.approx(5 / 8), 8)
    assert [(r.violating, r.example_rows) for r in result.results] == [
        (1, (2,)),
        (2, (2, 3)),
    ]


def test_completeness_takes_the_smaller_of_cells_and_keys(scored):
    result = scored(
        {"id": [1, 2, 2, 9], "v": [1, 2, 3, None]},
        {"register": {"number": [1, 2, 3, 4, 4, None]}},
        required=["v"],
        key=["id"],
        expected_keys={"path": "register", "key": ["number"]},
    )
    score = result.score("completeness")
    # 3 of 4 cells, but only keys 1 and 2 of the expected 1, 2, 3, 4.
    assert (score.value, score.n) == (0.5, 4)
    assert "3 of 4 required cells" in score.note


def test_accuracy_is_cells_within_tolerance_over_cells_compared(scored):
    result = scored(
        {
            "id": ["a", "b", "c", "d", None],
            "price": [10.0, 20.02, 31.0, 40.0, 1.0],
            "plan": ["x", "y", "z", None, "x"],
        },
        {
            "truth": {
                "id": ["c", "a", "b"],
                "price": [30.0, 10.0, 20.0],
                "plan": ["z", "q", None],
            }
        },
        authority={
            "path": "truth",
            "key": ["id"],
            "tolerances": {"price": 0.02, "plan": 0},
        },
    )
    score = result.score("accuracy")
    # price: a and b within 0.02, c not. plan: a differs, c equal, b not comparable.
    assert (score.value, score.n) == (pytest.approx(3 / 5), 5)
    assert score.note.startswith("3 of 4 rows with a key match the authority (75.0%)")
    assert [r.example_rows for r in result.results] == [(3,), (1,)]


def test_accuracy_without_one_matching_key_is_not_assessed(scored):
    result = scored(
        {"id": [1], "v": [1.0]},
        {"truth": {"id": [2], "v": [1.0]}},
        authority={"path": "truth", "key": ["id"], "tolerances": {"v": 0}},
    )
    score = result.score("accuracy")
    assert (score.value, score.assessed) == (None, False)
    assert "0 of 1 rows" in score.note


def test_authority_that_names_a_key_twice_is_refused(scored):
    with pytest.raises(EngineError, match="1 keys more than once"):
        scored(
            {"id": [1], "v": [1.0]},
            {"truth": {"id": [1, 1], "v": [1.0, 2.0]}},
            authority={"path": "truth", "key": ["id"], "tolerances": {"v": 0}},
        )


def test_consistency_is_one_minus_violating_over_tested(scored):
    result = scored(
        {
            "start": [1, 5, None],
            "end": [2, 3, 4],
            "months": [2, 3, 4],
            "monthly": [10.0, 10.0, 10.0],
            "total": [20.0, 33.0, 80.0],
            "shop": ["A", "B", "Z"],
            "code": ["AB-12", "C-345", "x9"],
        },
        {"shops": {"name": ["A", "B"]}},
        consistency=[
            {"rule": "compare_columns", "left": "start", "op": "<=", "right": "end"},
            {
                "rule": "product_close",
                "total": "total",
                "factors": ["months", "monthly"],
                "relative": 0.1,
            },
            {
                "rule": "foreign_key",
                "column": "shop",
                "path": "shops",
                "reference": "name",
            },
        ],
    )
    score = result.score("consistency")
    # 1 of 2 (a null is not tested), 1 of 3 (33 against 30 ± 3 holds), 1 of 3.
    assert (score.value, score.n) == (pytest.approx(1 - 3 / 8), 8)
    assert [r.example_rows for r in result.results] == [(2,), (3,), (3,)]


def test_one_format_is_the_most_frequent_one(scored):
    result = scored(
        {"code": ["AB-12", "CD-34", "ef-56", "AB12", None]},
        consistency=[{"rule": "format_uniform", "column": "code"}],
    )
    assert result.results[0].rule == "code has one format (A-99)"
    assert (result.results[0].tested, result.results[0].example_rows) == (4, (3, 4))


def test_timeliness_falls_from_the_target_age_to_twice_of_it(scored):
    days = [dt.date(2024, 6, 30), dt.date(2024, 6, 20), dt.date(2024, 6, 15)]
    days += [dt.date(2024, 5, 1), None, dt.date(2024, 7, 5)]
    result = scored(
        {"as_of": days},
        timeliness={"column": "as_of", "target_days": 10},
        as_of=NOW,
    )
    score = result.score("timeliness")
    # Ages 0, 10, 15, 60 give 1, 1, 0.5, 0; no date and a later date are left out.
    assert (score.value, score.n) == (pytest.approx(2.5 / 4), 4)
    assert "1 without a date, 1 dated later" in score.note
    assert result.results[0].example_rows == (3, 4)


def test_timeliness_of_one_delivery_counts_fractions_of_days(scored):
    result = scored(
        {"a": [1]},
        timeliness={"delivered_at": "2024-06-28T14:00:00+02:00", "target_days": 1},
        as_of=NOW,
    )
    # 36 hours old against 24.
    assert result.score("timeliness").value == pytest.approx(0.5)


def test_validity_is_valid_cells_over_present_cells_of_ruled_columns(scored):
    result = scored(
        {
            "x": [1, -1, None, 500],
            "plan": ["a", "b", "Q", None],
            "n": ["1", "2.5", "z", None],
        },
        validity=[
            {"rule": "in_range", "column": "x", "minimum": 0},
            {"rule": "in_range", "column": "x", "maximum": 100},
            {"rule": "in_set", "column": "plan", "values": ["a", "b"]},
            {"rule": "type_is", "column": "n", "kind": "number"},
        ],
    )
    score = result.score("validity")
    # x: 1 of 3 valid; plan: 2 of 3; n: 2 of 3.
    assert (score.value, score.n) == (pytest.approx(5 / 9), 9)


def test_a_cell_that_breaks_two_rules_counts_once(scored):
    result = scored(
        {"x": [5, 1]},
        validity=[
            {"rule": "in_range", "column": "x", "maximum": 2},
            {"rule": "in_set", "column": "x", "values": [1]},
        ],
    )
    assert result.score("validity").value == 0.5


def test_uniqueness_is_distinct_keys_over_rows_with_a_key(scored):
    result = scored(
        {"a": [1, 1, 1, 2, None], "b": ["x", "x", "y", "x", "x"]}, key=["a", "b"]
    )
    score = result.score("uniqueness")
    assert (score.value, score.n) == (0.75, 4)
    assert result.results[0].example_rows == (2,)


def test_at_most_twenty_example_rows_are_kept(scored):
    result = scored({"a": [None] * 30}, required=["a"])
    assert result.results[0].example_rows == tuple(range(1, 21))


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"required": ["zz"]}, "'zz'"),
        ({"key": "a"}, "give a list"),
        ({"colour": 1}, "'colour'"),
        ({"consistency": [{"rule": "magic", "column": "a"}]}, "use one of"),
        ({"validity": [{"rule": "in_set", "column": "a", "values": ["x"]}]}, "in_set"),
        (
            {"validity": [{"rule": "in_range", "column": "s", "minimum": 1}]},
            "no numbers",
        ),
        ({"timeliness": {"column": "a", "target_days": 1}}, "as_of"),
        ({"timeliness": {"column": "a", "target_days": 1}, "as_of": NOW}, "no dates"),
        ({"timeliness": {"column": "a", "target_days": 0}, "as_of": NOW}, "above 0"),
        ({"timeliness": {"target_days": 1}, "as_of": NOW}, "either"),
        ({"timeliness": {"delivered_at": "x", "target_days": 1}, "as_of": NOW}, "'x'"),
        (
            {
                "consistency": [
                    {"rule": "compare_columns", "left": "a", "op": "<", "right": "s"}
                ]
            },
            "cannot be compared",
        ),
    ],
)
def test_a_bad_rule_is_refused_by_its_place(scored, rules, message):
    with pytest.raises(EngineError, match=message):
        scored({"a": [1, 2], "s": ["x", "y"]}, **rules)


def test_paths_in_rules_are_found_and_replaced():
    content = {
        "key": ["id"],
        "expected_keys": {"path": "b.csv", "key": ["id"]},
        "authority": {"path": "b.csv", "key": ["id"], "tolerances": {"v": 0}},
        "consistency": [
            {"rule": "foreign_key", "column": "s", "path": "c.csv", "reference": "n"}
        ],
    }
    assert referenced_paths(Rules.from_json(content)) == ("b.csv", "c.csv")
    replaced = with_tables(content, {"b.csv": "/b", "c.csv": "/c"})
    assert referenced_paths(Rules.from_json(replaced)) == ("/b", "/c")
    assert content["authority"]["path"] == "b.csv"
