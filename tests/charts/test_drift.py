"""Charts of drift: what the traces hold and what the sentence says."""

from charts.drift import describe_drift, histograms_chart, shares_chart
from engine.drift import ColumnDrift
from engine.profile import Histogram

NAMES = ("version 1", "version 2")


def moved(kind="text", labels=("a", "<b>b</b>"), edges=(), **counts):
    return ColumnDrift(
        name="plan",
        kind=kind,
        present=(100, 200),
        missing=(0.0, 0.0),
        verdict="moderate",
        psi=0.2,
        js=0.2,
        numbers=None,
        classes=None,
        labels=labels,
        edges=edges,
        before=counts.get("before", (70, 30, 0)),
        after=counts.get("after", (100, 80, 20)),
    )


def test_shares_of_both_sides_stand_beside_each_other_and_names_are_no_html():
    chart = shares_chart(moved(), NAMES)
    before, after = chart.data
    assert (before.name, after.name) == NAMES
    assert list(before.x) == [0.7, 0.3, 0.0]
    assert list(after.x) == [0.5, 0.4, 0.1]
    assert list(after.y) == ["a", "&lt;b&gt;b&lt;/b&gt;", "all others"]
    assert describe_drift(moved()) == (
        "plan moved most at “a”: 70.0% of the rows, now 50.0%."
    )


def test_a_class_that_neither_side_has_takes_no_place():
    chart = shares_chart(moved(after=(100, 100, 0)), NAMES)
    assert list(chart.data[0].y) == ["a", "&lt;b&gt;b&lt;/b&gt;"]


def test_bins_are_named_by_their_edges_and_days_by_their_date():
    numbers = moved("number", (), (-1.5, 10.0))
    assert list(shares_chart(numbers, NAMES).data[0].y) == [
        "below −1.5",
        "−1.5 to 10",
        "10 and more",
    ]
    days = moved("date", (), (0.0, 86_400_000_000.0))
    assert "below 1970-01-01" in describe_drift(days)
    assert describe_drift(moved(after=(70, 30, 0))) == "plan lies as it did."


def test_histograms_of_other_bins_cover_the_same_area():
    chart = histograms_chart(
        Histogram((0.0, 1.0, 3.0), (5, 5)), Histogram((2.0, 2.0), (4,)), NAMES
    )
    before, after = chart.data
    assert list(before.x) == [0.0, 0.0, 1.0, 3.0]
    assert list(before.y) == [0.0, 0.5, 0.25, 0.0]
    assert list(before.customdata) == [0.0, 0.5, 0.5, 0.0]
    assert (before.fill, after.fill) == ("tozeroy", None)
    assert list(after.y) == [0.0, 1.0, 0.0]
