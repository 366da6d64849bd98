"""Six scores, each worked out by hand on a handful of rows."""

import datetime as dt
import math

import pytest

from engine.checks import DIMENSIONS


def test_without_checks_nothing_is_assessed_and_no_score_has_a_number(checked):
    result = checked({"a": [1, 2]})
    assert [score.dimension for score in result.scores] == list(DIMENSIONS)
    for score in result.scores:
        assert (score.value, score.n, score.assessed) == (None, 0, False)
        assert score.note.startswith("Not assessed")


def test_completeness_is_present_required_cells_over_required_cells(checked):
    result = checked(
        {"a": [1, None, 3, 4], "b": ["x", None, None, "y"], "c": [None] * 4},
        ("not_null", {"column": "a"}),
        ("not_null", {"column": "b", "max_pct": 50}),
    )
    score = result.score("completeness")
    assert (score.value, score.n) == (pytest.approx(5 / 8), 8)
    assert [(r.violating, r.example_rows, r.state) for r in result.results] == [
        (1, (2,), "failed"),
        (2, (2, 3), "kept"),
    ]


def test_completeness_takes_the_smaller_of_cells_and_records(checked):
    result = checked(
        {"id": [1, 2, 2, 9], "v": [1, 2, 3, None]},
        ("not_null", {"column": "v"}),
        ("expected_keys", {"table": "register", "keys": {"id": "number"}}),
        others={"register": {"number": [1, 2, 3, 4, 4, None]}},
    )
    score = result.score("completeness")
    # 3 of 4 cells, but only keys 1 and 2 of the expected 1, 2, 3, 4.
    assert (score.value, score.n) == (0.5, 4)
    assert "3 of 4 required cells" in score.note


def test_accuracy_is_cells_within_tolerance_over_cells_compared(checked):
    tolerances = {"price": 0.02, "plan": 0}
    match = {"table": "truth", "keys": ["id"]}
    tables = (
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
    )
    for checks in (
        [("authority_match", {**match, "tolerances": tolerances})],
        [
            ("authority_match", {**match, "tolerances": {name: slack}})
            for name, slack in tolerances.items()
        ],
    ):
        result = checked(tables[0], *checks, others=tables[1])
        score = result.score("accuracy")
        # price: a and b within 0.02, c not. plan: a differs, c equal, b has no truth.
        assert (score.value, score.n) == (pytest.approx(3 / 5), 5)
        assert score.note.startswith(
            "3 of 4 rows with a key match the authority (75.0%)"
        )
    assert [each.example_rows for each in result.results] == [(3,), (1,)]


def test_accuracy_without_one_matching_key_is_not_assessed(checked):
    result = checked(
        {"id": [1], "v": [1.0]},
        ("authority_match", {"table": "t", "keys": ["id"], "tolerances": {"v": 0}}),
        others={"t": {"id": [2], "v": [1.0]}},
    )
    score = result.score("accuracy")
    assert (score.value, score.assessed) == (None, False)
    assert "0 of 1 rows" in score.note


def test_consistency_is_one_minus_violating_over_tested(checked):
    result = checked(
        {
            "start": [1, 5, None],
            "end": [2, 3, 4],
            "months": [2, 3, 4],
            "monthly": [10.0, 10.0, 10.0],
            "total": [20.0, 33.0, 80.0],
            "shop": ["A", "B", "Z"],
        },
        ("compare_columns", {"left": "start", "op": "<=", "right": "end"}),
        (
            "product_close",
            {"total": "total", "factors": ["months", "monthly"], "relative": 0.1},
        ),
        ("foreign_key", {"column": "shop", "table": "shops", "reference": "name"}),
        others={"shops": {"name": ["A", "B"]}},
    )
    score = result.score("consistency")
    # 1 of 2 (a null is not tested), 1 of 3 (33 against 30 ± 3 holds), 1 of 3.
    assert (score.value, score.n) == (pytest.approx(1 - 3 / 8), 8)
    assert [r.example_rows for r in result.results] == [(2,), (3,), (3,)]


def test_one_format_is_the_most_frequent_one(checked):
    result = checked(
        {"code": ["AB-12", "CD-34", "ef-56", "AB12", None]},
        ("format_uniform", {"column": "code"}),
    )
    (found,) = result.results
    assert found.words == "code has one format (A-99)"
    assert (found.tested, found.example_rows) == (4, (3, 4))


def test_timeliness_falls_from_the_target_age_to_twice_of_it(checked):
    days = [dt.date(2024, 6, 30), dt.date(2024, 6, 20), dt.date(2024, 6, 15)]
    days += [dt.date(2024, 5, 1), None, dt.date(2024, 7, 5)]
    result = checked(
        {"as_of": days}, ("freshness", {"column": "as_of", "max_age_days": 10})
    )
    score = result.score("timeliness")
    # Ages 0, 10, 15, 60 give 1, 1, 0.5, 0; no date and a later date are left out.
    assert (score.value, score.n) == (pytest.approx(2.5 / 4), 4)
    assert "1 without a date, 1 dated later" in score.note
    (found,) = result.results
    assert (found.example_rows, found.value) == ((3, 4), 0)


def test_timeliness_of_one_delivery_counts_fractions_of_days(checked):
    result = checked(
        {"a": [1]},
        ("freshness", {"max_age_days": 1}),
        delivered_at="2024-06-28T14:00:00+02:00",
    )
    # 36 hours old against 24.
    assert result.score("timeliness").value == pytest.approx(0.5)
    assert result.results[0].value == 1.5


def test_deliveries_on_time_count_as_timeliness_where_they_are_the_smaller(checked):
    result = checked(
        {"a": [1]},
        ("freshness", {"max_age_days": 90}),
        ("arrival", {"every_days": 7, "grace_days": 1}),
        delivered_at="2024-06-20T00:00:00Z",
        deliveries=["2024-06-01", "2024-06-08", "2024-06-20", "2024-06-28"],
    )
    # Gaps of 7, 12 and 8 days: one is late.
    assert result.score("timeliness").value == pytest.approx(2 / 3)


def test_validity_is_valid_cells_over_present_cells_of_checked_columns(checked):
    result = checked(
        {
            "x": [1, -1, None, 500],
            "plan": ["a", "b", "Q", None],
            "n": ["1", "2.5", "z", None],
        },
        ("in_range", {"column": "x", "minimum": 0}),
        ("in_range", {"column": "x", "maximum": 100}),
        ("in_set", {"column": "plan", "values": ["a", "b"]}),
        ("type_is", {"column": "n", "type": "number"}),
    )
    score = result.score("validity")
    # x: 1 of 3 valid; plan: 2 of 3; n: 2 of 3.
    assert (score.value, score.n) == (pytest.approx(5 / 9), 9)


def test_a_cell_that_breaks_two_checks_counts_once(checked):
    result = checked(
        {"x": [5, 1]},
        ("in_range", {"column": "x", "maximum": 2}),
        ("in_set", {"column": "x", "values": [1]}),
    )
    assert result.score("validity").value == 0.5


def test_uniqueness_is_distinct_keys_over_rows_with_a_key(checked):
    result = checked(
        {"a": [1, 1, 1, 2, None], "b": ["x", "x", "y", "x", "x"]},
        ("unique", {"of": ["a", "b"]}),
    )
    score = result.score("uniqueness")
    assert (score.value, score.n) == (0.75, 4)
    assert result.results[0].example_rows == (2,)


def test_at_most_twenty_example_rows_are_kept(checked):
    result = checked({"a": [None] * 30}, ("not_null", {"column": "a"}))
    (found,) = result.results
    assert found.example_rows == tuple(range(1, 21))
    assert found.failing_rows == 30


def test_a_check_that_cannot_be_run_is_an_error_and_the_others_count(checked):
    result = checked(
        {"a": [1, None], "s": ["x", "y"]},
        ("not_null", {"column": "zz"}),
        ("not_null", {"column": "a"}),
        ("freshness", {"max_age_days": 3}),
    )
    assert [each.state for each in result.results] == ["error", "failed", "error"]
    assert "no column “zz”" in result.results[0].note
    assert "Nothing says how old" in result.results[2].note
    assert result.score("completeness").value == 0.5
    assert result.score("timeliness").value is None
    assert "Nothing says how old" in result.score("timeliness").note


@pytest.mark.parametrize(
    ("kind", "params", "message"),
    [
        ("unique", {"of": "a"}, "give a list"),
        ("unique", {"of": []}, "at least one column"),
        ("magic", {"column": "a"}, "no check “magic”"),
        ("not_null", {"colour": 1}, "'colour'"),
        ("in_set", {"column": "a", "values": ["x"]}, "cannot be “x”"),
        ("in_range", {"column": "s", "minimum": 1}, "no numbers"),
        ("in_range", {"column": "a"}, "a lower or an upper bound"),
        ("freshness", {"column": "a", "max_age_days": 1}, "no dates"),
        ("freshness", {"column": "a", "max_age_days": 0}, "above 0"),
        ("freshness", {"max_age_days": 1, "at": "x"}, "“x”"),
        ("compare_columns", {"left": "a", "op": "<", "right": "s"}, "be compared"),
        ("foreign_key", {"column": "a", "table": "t", "reference": "b"}, "“t”"),
        ("matches", {"column": "s", "pattern": "("}, "cannot be read: missing )"),
        ("matches", {"column": "s", "pattern": "(?=x)"}, "cannot be read"),
        ("not_null", {}, "lacks 'column'"),
        ("in_set", {"column": "a", "values": [None]}, "a str, or give a int, or"),
        ("schema", {"types": {"a": "colour"}}, "'integer', 'number'"),
        ("in_range", {"column": "a", "minimum": math.nan}, "give a finite number"),
        ("in_range", {"column": "a", "minimum": 10**400}, "give a finite number"),
        ("row_count", {"minimum": 1.5}, "whole numbers from 0"),
        ("length", {"column": "s", "maximum": -1}, "whole numbers from 0"),
        ("type_is", {"column": "a", "type": "colour"}, "use one of"),
        ("schema", {"types": {"a": ""}, "where": "a > 1"}, "take the filter out"),
        ("custom_sql", {"query": "SELECT INTERVAL 1 DAY"}, "Cast it to VARCHAR"),
    ],
)
def test_a_bad_check_says_what_is_wrong(checked, kind, params, message):
    (found,) = checked({"a": [1, 2], "s": ["x", "y"]}, (kind, params)).results
    assert found.state == "error"
    assert message in found.note


def test_an_authority_that_names_a_key_twice_is_no_authority(checked):
    match = {"table": "t", "keys": ["id"], "tolerances": {"v": 0}}
    (found,) = checked(
        {"id": [1], "v": [1.0]},
        ("authority_match", match),
        others={"t": {"id": [1, 1], "v": [1.0, 2.0]}},
    ).results
    assert "1 keys more than once" in found.note
