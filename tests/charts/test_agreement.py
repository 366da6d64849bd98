"""Where a rank correlation and its interval stand on the scale from −1 to 1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.agreement import tau_axis, tau_bar


def test_zero_stands_in_the_middle_and_the_ends_are_kept_inside():
    bar = tau_bar(0.5, 0.0, 1.0)
    assert (bar.zero, bar.dot) == ("50%", "73%")
    assert (bar.start, bar.width) == ("50%", "46%")
    assert [tick.x for tick in tau_axis()] == ["4%", "50%", "96%"]


def test_without_an_interval_there_is_only_the_dot():
    bar = tau_bar(-1.0, None, None)
    assert (bar.dot, bar.start) == ("4%", "")


@pytest.mark.parametrize("numbers", [(1.2, 0, 1), (0, -2, 1), (0, 0.5, 0.1)])
def test_what_is_no_correlation_is_refused(numbers):
    with pytest.raises(ValueError, match=r"from"):
        tau_bar(*numbers)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(sorted))
def test_the_dot_stands_within_its_interval(ends):
    low, tau, high = ends
    bar = tau_bar(tau, low, high)
    start, width = float(bar.start[:-1]), float(bar.width[:-1])
    assert start - 0.02 <= float(bar.dot[:-1]) <= start + width + 0.02
