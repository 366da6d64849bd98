import pytest

from charts.value import Swing, VarianceShare, tornado, variance_bars

HOSTILE = '<a href="javascript:alert(1)">margin</a>'
SWINGS = [
    Swing("Margin", "€150", "€260", 10_000.0, 40_000.0),
    Swing(HOSTILE, "5", "30", -80_000.0, 120_000.0),
]


def drawn():
    return tornado(SWINGS, at_likely=20_000.0, currency="EUR", ends=("low", "high"))


def test_the_widest_swing_is_on_top():
    low, _high = drawn().data
    assert low.y[-1].startswith("&lt;a")


def test_each_bar_runs_from_the_gain_at_likely_to_the_gain_at_its_end():
    low, high = drawn().data
    assert low.base == high.base == 20_000.0
    assert [low.base + x for x in low.x] == pytest.approx([10_000.0, -80_000.0])
    assert [high.base + x for x in high.x] == pytest.approx([40_000.0, 120_000.0])


def test_zero_is_on_the_axis_of_the_tornado():
    assert drawn().layout.xaxis.rangemode == "tozero"


def test_names_never_become_markup():
    assert "<a" not in drawn().to_json()


def test_the_input_that_makes_most_of_the_variance_is_on_top():
    shares = [VarianceShare("a", 0.6, 0.7), VarianceShare("b", 0.1, 0.2)]
    total, first = variance_bars(shares, names=("first", "total")).data
    assert list(total.y) == ["b", "a"]
    assert (list(first.x), list(total.x)) == ([0.1, 0.6], [0.2, 0.7])
