"""Pictures of a portfolio: what is drawn, and what is said of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.portfolio import (
    LARGEST,
    SMALLEST,
    Bubble,
    Step,
    bubble_chart,
    bubble_text,
    diameter,
    frontier_chart,
    frontier_text,
)

FRAUD = Bubble("Card fraud", effort=100_000, gain=460_000, at_risk=10_000)
INVOICES = Bubble("Invoices", effort=20_000, gain=-48_000, at_risk=90_000)


def test_gains_are_solid_and_losses_hollow():
    gains, losses = bubble_chart([FRAUD, INVOICES], currency="EUR").data
    assert list(gains.x) == [100_000]
    assert list(losses.y) == [-48_000]
    assert gains.marker.color == "var(--gain)"
    assert losses.marker.color == "var(--loss-fill)"


def test_area_grows_as_what_is_at_risk():
    assert diameter(100.0, most=100.0) == LARGEST
    assert diameter(25.0, most=100.0) == pytest.approx(LARGEST / 2)


@given(st.floats(0, 1e12, allow_nan=False), st.floats(0, 1e12, allow_nan=False))
def test_bubble_is_never_too_small_to_see_nor_too_large(one, other):
    size = diameter(min(one, other), most=max(one, other))
    assert SMALLEST <= size <= LARGEST
    assert math.isfinite(size)


def test_words_name_what_brings_most_and_where_most_is_at_risk():
    words = bubble_text([FRAUD, INVOICES], currency="EUR")
    assert "Card fraud brings most, €460k a year for €100k" in words
    assert "Most is at risk in Invoices: €90k a year" in words


def test_no_projects_are_said_so():
    assert bubble_text([], currency="EUR") == (
        "No project has both a gain and a cost yet."
    )


def test_names_cannot_write_html_into_the_picture():
    evil = Bubble("<b>x</b>", effort=1, gain=1, at_risk=0)
    (gains, _losses) = bubble_chart([evil], currency="EUR").data
    assert gains.text == ("&lt;b&gt;x&lt;/b&gt;",)


def test_frontier_says_where_nine_tenths_are_reached():
    steps = [Step(0, 0, 0), Step(100, 95, 3), Step(200, 100, 4)]
    assert list(frontier_chart(steps, currency="EUR").data[0].y) == [0, 95, 100]
    assert "€100 bring nine tenths of what €200 can" in frontier_text(
        steps, currency="EUR"
    )
