"""Draws of amounts of which quantiles are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.value.futures import futures_of


def test_draws_have_the_given_mean():
    drawn = futures_of([0, 10, 20, 90], mean=100.0, key="a", draws=200_000, seed=1)
    # Standard error of the mean: 35 / √200 000 = 0.08.
    assert drawn.mean() == pytest.approx(100, abs=0.32)


def test_quantiles_come_back_where_the_mean_is_theirs():
    known = [float(at) for at in range(20)]
    drawn = futures_of(known, mean=9.5, key="a", draws=100_000, seed=1)
    shares = (np.arange(20) + 0.5) / 20
    assert np.quantile(drawn, shares) == pytest.approx(known, abs=0.15)


def test_same_key_is_drawn_alike_and_two_keys_independently():
    one = futures_of([0, 1], mean=0.5, key="a", draws=10_000, seed=1)
    again = futures_of([0, 1], mean=0.5, key="a", draws=10_000, seed=1)
    other = futures_of([0, 1], mean=0.5, key="b", draws=10_000, seed=1)
    assert (one == again).all()
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(10_000)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30))
def test_draws_never_leave_the_outer_quantiles(values):
    known = sorted(values)
    mean = float(np.mean(known))
    drawn = futures_of(known, mean=mean, key="a", draws=200, seed=3)
    slack = 1e-6 * max(1.0, abs(known[0]), abs(known[-1]))
    assert drawn.min() >= known[0] - slack
    assert drawn.max() <= known[-1] + slack
