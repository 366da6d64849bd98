"""Slices: how they are written, which rows they hold, and what is measured of them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.slices import Slice, SliceError, read_slice
from engine.training.predictions import Predictions
from engine.training.slices import Sample, measure_slices

# 200 cases: of the north 100, all positive, 80 found; of the south 60 positive, 30
# found, and 40 negative, 10 flagged.
REGION = ["north"] * 100 + ["south"] * 100
LABELS = np.array([1] * 100 + [1] * 60 + [0] * 40)
SCORES = np.array(
    [0.9] * 80 + [0.1] * 20 + [0.9] * 30 + [0.1] * 30 + [0.9] * 10 + [0.1] * 30
)


def measured(tmp_path, columns=None, *, named=(), compared=(), metrics=("recall",)):
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table(columns or {"region": REGION}), path)
    rows = np.arange(200)
    predictions = Predictions(rows, LABELS, SCORES, np.zeros(200, np.int64))
    sample = Sample(predictions, "binary", metrics, 0.5, seed=1)
    return measure_slices(sample, path, named=named, compared=compared)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("region", Slice("region")),
        ("region=north", Slice("region", "=", "north")),
        ("monthly charge  <=  30", Slice("monthly charge", "<=", "30")),
        ("age != 18..29", Slice("age", "!=", "18..29")),
        ("size = a=b", Slice("size", "=", "a=b")),
    ],
)
def test_a_slice_is_a_column_or_a_column_and_a_value(text, found):
    assert read_slice(text) == found
    assert read_slice(str(found)) == found


@pytest.mark.parametrize(
    ("text", "said"), [("= 3", "names no column"), ("age <", "names no value of 'age'")]
)
def test_a_slice_that_lacks_a_part_says_which(text, said):
    with pytest.raises(SliceError, match=said):
        read_slice(text)


def test_the_recall_of_each_group_is_counted_on_its_own_cases(tmp_path):
    found = measured(tmp_path, named=["region"], metrics=("recall", "fpr"))
    north, south = found.groups
    assert (north.slice, north.rows) == ("region = north", 100)
    assert (north.metrics["recall"].value, north.metrics["recall"].n) == (0.8, 100)
    assert (south.metrics["recall"].value, south.metrics["recall"].n) == (0.5, 60)
    assert (south.metrics["fpr"].value, south.metrics["fpr"].n) == (0.25, 40)
    assert found.cases == {"recall": 160, "fpr": 40}
    # Nobody of the north stays, so nothing can be said of false alarms there.
    assert (north.metrics["fpr"].value, north.metrics["fpr"].n) == (None, 0)
    low, high = south.metrics["recall"].low, south.metrics["recall"].high
    # The normal interval is 0.5 ± 1.96·√(0.25/60) = 0.37 to 0.63.
    assert (low, high) == (pytest.approx(0.37, abs=0.02), pytest.approx(0.63, abs=0.02))


def test_a_column_holds_as_far_as_its_worst_group(tmp_path):
    (worst,) = measured(tmp_path, named=["region"]).worst
    assert (worst.value, worst.n, worst.groups) == (0.5, 60, ("region = south",))


def test_the_gap_is_that_of_the_furthest_groups_with_its_interval(tmp_path):
    (gap,) = measured(tmp_path, compared=["region"]).gaps
    assert gap.value == pytest.approx(0.3)
    assert gap.groups == ("region = south", "region = north")
    # √(0.25/60 + 0.16/100) = 0.076, so 0.3 ± 0.149.
    assert gap.low == pytest.approx(0.151, abs=0.03)
    assert gap.high == pytest.approx(0.449, abs=0.03)


def test_one_group_is_compared_with_everybody_else(tmp_path):
    found = measured(tmp_path, compared=["region = north"])
    assert [each.slice for each in found.groups] == [
        "region = north",
        "region != north",
    ]
    assert found.gaps[0].value == pytest.approx(0.3)
    assert found.worst == ()


def test_groups_with_too_few_cases_are_shown_and_not_compared(tmp_path):
    regions = ["north"] * 100 + ["south"] * 20 + ["east"] * 80
    found = measured(tmp_path, {"region": regions}, compared=["region"])
    assert {each.slice: each.metrics["recall"].n for each in found.groups} == {
        "region = north": 100,
        "region = east": 40,
        "region = south": 20,
    }
    assert (found.gaps[0].value, found.gaps[0].n) == (None, 20)


def test_many_numbers_become_four_bands_and_many_words_twelve_groups(tmp_path):
    columns = {
        "age": list(range(200)),
        "town": [f"t{n % 20:02}" for n in range(200)],
        "vip": [None, *[n % 2 == 0 for n in range(199)]],
    }
    found = measured(tmp_path, columns, named=["age", "town", "vip"])
    by = {of: [g for g in found.groups if g.of == of] for of in columns}
    assert [each.slice for each in by["age"]] == [
        "age = 0..49",
        "age = 50..99",
        "age = 100..149",
        "age = 150..199",
    ]
    assert len(by["town"]) == 12
    assert (by["town"][-1].slice, by["town"][-1].rows) == ("town = (others)", 90)
    assert [each.slice for each in by["vip"]] == [
        "vip = true",
        "vip = false",
        "vip = (missing)",
    ]


def test_comparisons_of_numbers_leave_out_who_has_none(tmp_path):
    columns = {"age": [*[10.0] * 60, *[40.0] * 130, *[None] * 10]}
    asked = ["age < 30", "age >= 30", "age = 5..10", "age != 10", "age = (missing)"]
    found = measured(tmp_path, columns, named=asked)
    assert [each.rows for each in found.groups] == [60, 130, 60, 140, 10]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gender", "no column 'gender', only region, age, name, answer; correct"),
        ("region = west", "no row .* choose one of its 2, such as 'north', 'south'"),
        ("answer = YES", "could be 'yes' or 'Yes' of column 'answer'; write it as"),
        ("region < 3", "holds no numbers"),
        ("age = old", "'old' is none; write one, or two such as 18..29"),
        ("age > 500", "none of the 200 cases .* choose a larger group"),
        ("name", "200 different values .* no groups; name a column with fewer"),
        ("= 3", "names no column"),
    ],
)
def test_a_slice_that_cannot_be_measured_says_why_and_the_rest_is(tmp_path, text, said):
    columns = {
        "region": REGION,
        "age": list(range(200)),
        "name": [f"n{n}" for n in range(200)],
        "answer": ["yes", "Yes"] * 100,
    }
    found = measured(tmp_path, columns, named=[text, "region = NORTH"])
    (problem,) = found.problems
    assert problem.slice == text
    with pytest.raises(SliceError, match=said):
        raise SliceError(problem.sentence)
    assert [(each.slice, each.rows) for each in found.groups] == [
        ("region = NORTH", 100)
    ]


def test_the_same_predictions_give_the_same_intervals(tmp_path):
    asked = {"named": ["region"], "compared": ["region"]}
    assert measured(tmp_path, **asked) == measured(tmp_path, **asked)
