"""Drift statistics, against DATA.md's vectors (scipy 1.17.1) and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drift.counts import (
    chi_square,
    goodness_of_fit,
    jensen_shannon,
    population_stability,
    total_variation,
)
from engine.drift.samples import (
    bin_counts,
    decile_edges,
    kolmogorov_smirnov,
    wasserstein,
)
from engine.errors import EngineError

BEFORE, AFTER = np.arange(1.0, 21.0), np.arange(4.0, 24.0)
OLD, NEW = np.array([50, 30, 20]), np.array([40, 30, 30])
counts = st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(any)


def test_deciles_of_one_to_twenty_are_the_published_edges():
    edges = decile_edges(BEFORE)
    assert edges == pytest.approx(np.arange(2.9, 18.2, 1.9))
    assert list(bin_counts(BEFORE, edges)) == [2] * 10
    assert list(bin_counts(AFTER, edges)) == [0, 1, 2, 2, 2, 2, 2, 2, 2, 5]


def test_a_shifted_sample_gives_the_published_figures():
    edges = decile_edges(BEFORE)
    p, q = bin_counts(BEFORE, edges), bin_counts(AFTER, edges)
    assert population_stability(p, q) == pytest.approx(0.862185721179436, rel=1e-12)
    assert jensen_shannon(p, q) == pytest.approx(0.28298712505475027, rel=1e-12)
    tested = kolmogorov_smirnov(BEFORE, AFTER)
    assert tested.statistic == pytest.approx(0.15)
    assert tested.p == pytest.approx(0.9831368772656193, rel=1e-12)
    assert tested.is_exact
    carried = wasserstein(BEFORE, AFTER)
    assert carried == pytest.approx(3.0)
    assert carried / BEFORE.std() == pytest.approx(0.5202659817144719, rel=1e-12)


def test_moved_categories_give_the_published_figures():
    assert population_stability(OLD, NEW) == pytest.approx(0.06286086594223739)
    assert jensen_shannon(OLD, NEW) == pytest.approx(0.10619851439230617)
    assert total_variation(OLD, NEW) == pytest.approx(0.1)
    tested = chi_square(OLD, NEW)
    assert tested.statistic == pytest.approx(3.111111111111111)
    assert tested.p == pytest.approx(0.2110720877910903)
    assert tested.degrees == 2
    assert tested.cramers_v == pytest.approx(0.12472191289246472)
    assert goodness_of_fit(OLD, NEW) == pytest.approx((7.0, 0.0301973834223185))


def test_three_values_are_carried_five_each():
    assert wasserstein(np.array([0.0, 1, 3]), np.array([5.0, 6, 8])) == 5.0


def test_a_new_category_is_floored_and_never_infinite():
    # By hand: q = 1e-4 floored against .5, and .5 against 1e-4.
    moved = (0.5 - 1e-4) * np.log(0.5 / 1e-4)
    found = population_stability(np.array([5, 5, 0]), np.array([5, 0, 5]))
    assert found == pytest.approx(2 * moved)
    assert goodness_of_fit(np.array([5, 0]), np.array([5, 1])) == (float("inf"), 0.0)


def test_large_samples_are_tested_asymptotically_and_say_so():
    tested = kolmogorov_smirnov(np.arange(20_000.0), np.arange(20_000.0) + 100)
    assert not tested.is_exact
    assert tested.statistic == pytest.approx(0.005)


@given(counts, counts)
def test_figures_stay_in_their_bounds_and_are_zero_only_for_equal_shares(one, other):
    p, q = np.array(one), np.array(other)
    assert population_stability(p, q) >= 0
    assert 0 <= jensen_shannon(p, q) <= 1 + 1e-12
    assert 0 <= total_variation(p, q) <= 1 + 1e-12
    assert 0 <= chi_square(p, q).cramers_v <= 1 + 1e-12
    assert population_stability(p, p) == 0
    assert jensen_shannon(p, 3 * p) == pytest.approx(0, abs=1e-7)


def test_nothing_to_compare_is_said():
    with pytest.raises(EngineError, match="at least one value on each side"):
        jensen_shannon(np.array([0, 0]), np.array([1, 2]))
    with pytest.raises(EngineError, match="the same bins"):
        population_stability(np.array([1, 2]), np.array([1, 2, 3]))
    with pytest.raises(EngineError, match="at least one value on each side"):
        wasserstein(np.array([]), BEFORE)
