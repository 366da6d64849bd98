"""Charts of a profile: what the traces hold and what the sentences say."""

import dataclasses
import json

import pytest

from charts.profile import (
    column_chart,
    correlation_chart,
    describe_column,
    describe_correlation,
    describe_missing,
    describe_stretches,
    describe_together,
    missing_chart,
    stretches_chart,
    together_chart,
)
from charts.theme import DARK, LIGHT, labels
from engine.profile import (
    ColumnProfile,
    Correlation,
    Histogram,
    Missingness,
    MissingPattern,
    NumberSummary,
    Profile,
    TimeSummary,
    Together,
    ValueCount,
)

NUMBERS = NumberSummary(
    minimum=0.0,
    maximum=4.0,
    mean=2.0,
    sd=1.0,
    q05=0.0,
    q25=1.0,
    median=2.0,
    q75=3.0,
    q95=4.0,
    skewness=0.0,
    kurtosis=0.0,
    zeros=1,
    negatives=0,
    infinite=0,
)


def _column(name="age", kind="integer", **changes) -> ColumnProfile:
    plain = ColumnProfile(
        name=name,
        kind=kind,
        count=8,
        missing=2,
        missing_share=0.2,
        distinct=5,
        constant=False,
        id_like=False,
        numbers=None,
        text=None,
        times=None,
        histogram=None,
        top=(),
    )
    return dataclasses.replace(plain, **changes)


def _profile(*columns) -> Profile:
    return Profile(1, "0", 10, columns, 0, (), None, (), ())


def test_histogram_bars_fill_their_bins():
    column = _column(numbers=NUMBERS, histogram=Histogram((0.0, 2.0, 4.0), (3, 5)))
    bar = column_chart(column).data[0]
    assert list(bar.x) == [1.0, 3.0]
    assert list(bar.y) == [3, 5]
    assert list(bar.width) == [2.0, 2.0]
    assert describe_column(column) == (
        "age runs from 0 to 4; half of the values lie between 1 and 3."
    )


def test_times_are_drawn_in_milliseconds_on_a_date_axis():
    times = TimeSummary("2024-01-01", "2024-01-03", 2.0, 2, 1, 1)
    column = _column(
        kind="date", times=times, histogram=Histogram((0.0, 86_400.0), (8,))
    )
    chart = column_chart(column)
    assert list(chart.data[0].x) == [43_200_000.0]
    assert chart.layout.xaxis.type == "date"
    assert "1 day without" in describe_column(column)


def test_top_values_are_words_even_if_they_look_like_numbers_or_markup():
    top = (ValueCount("1", 5), ValueCount("<b>x</b>", 3))
    column = _column(kind="text", distinct=2, top=top)
    chart = column_chart(column)
    assert list(chart.data[0].y) == ["1", "&lt;b&gt;x&lt;/b&gt;"]
    assert chart.layout.yaxis.type == "category"
    assert describe_column(column) == (
        "age has 2 different values; the most frequent, 1, is 62.5% of them."
    )


def test_labels_that_shorten_alike_stay_apart():
    long = "x" * 50
    assert len(set(labels([long + "a", long + "b"]))) == 2


def test_missing_chart_holds_only_columns_with_gaps_most_first():
    profile = _profile(
        _column("a", missing=1, missing_share=0.1),
        _column("b", missing=0, missing_share=0.0),
        _column("c", missing=9, missing_share=0.9),
    )
    assert list(missing_chart(profile).data[0].y) == ["c", "a"]
    assert describe_missing(profile) == (
        "2 of 3 columns lack values; c most, 9 (90.0%)."
    )
    assert describe_missing(_profile(_column(missing=0))) == (
        "No value is missing in 1 column."
    )


def test_correlation_names_its_strongest_pair():
    matrix = Correlation(
        method="pearson",
        names=("a", "b", "c"),
        values=((1.0, 0.2, None), (0.2, 1.0, -0.9), (None, -0.9, 1.0)),
        rows=10,
        exact=True,
        note="",
    )
    heat = correlation_chart(matrix).data[0]
    assert (heat.zmin, heat.zmax) == (0, 1)
    assert (heat.z[1][2], heat.customdata[1][2], heat.text[1][2]) == (0.9, -0.9, "−")
    assert heat.z[0][2] is None
    assert "strongest pair is c and b, −0.90." in describe_correlation(matrix)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_chart_uses_only_colours_of_the_palette(palette):
    profile = _profile(_column(numbers=NUMBERS, histogram=Histogram((0.0, 1.0), (8,))))
    matrix = Correlation("pearson", ("a", "b"), ((1.0, 0.1), (0.1, 1.0)), 9, True, "")
    charts = [
        column_chart(profile.columns[0], palette),
        missing_chart(profile, palette),
        correlation_chart(matrix, palette),
    ]
    allowed = set(dataclasses.asdict(palette).values())
    for chart in charts:
        used = set(_hex(json.loads(chart.to_json())))
        assert used
        assert used <= allowed


def _hex(node):
    """Yield every hex colour in a figure's JSON."""
    if isinstance(node, dict):
        for value in node.values():
            yield from _hex(value)
    elif isinstance(node, list):
        for value in node:
            yield from _hex(value)
    elif isinstance(node, str) and node.startswith("#"):
        yield node


def test_gaps_and_pairs_are_drawn_in_ink_and_said_in_words():
    missing = Missingness(
        columns=("age", "fee"),
        patterns=(MissingPattern(("age",), 3),),
        n_patterns=1,
        stretches=((0.0, 0.1), (0.5, 0.0)),
    )
    trace = json.loads(stretches_chart(missing).to_json())["data"][0]
    assert trace["z"] == [[0.0, 0.5], [0.1, 0.0]]
    assert "The worst is age about 75% of the way" in describe_stretches(missing)
    pair = Together(
        "x", "y", (0.0, 1.0, 2.0), (0.0, 5.0), ((3, 0),), 0.5, 3, exact=False
    )
    trace = json.loads(together_chart(pair).to_json())["data"][0]
    assert (trace["x"], trace["y"]) == ([0.5, 1.5], [2.5])
    assert "a random sample of 3 rows" in describe_together(pair)
