"""Metrics carried along links, by numbers worked out by hand."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.value.case import Category, Driver, Per, Quantity, ValueCase
from engine.value.distributions import Fixed, pert_from_quantiles
from engine.value.formula import FormulaError
from engine.value.links import (
    Link,
    Measured,
    carried_points,
    carry_all,
    circle_closed_by,
    readings,
)

KEPT = Link("recall", "kept", "recall * customers * churn * save")
WORTH = Link("kept", "worth", "kept * margin")
QUANTITIES = {"customers": 10_000.0, "churn": 0.2, "save": 0.25, "margin": 200.0}


def a_case(**changed):
    values = {**QUANTITIES, "tpr": 0.5, "fpr": 0.1}
    fixed = {name: Fixed(value) for name, value in values.items()} | changed
    return ValueCase(
        quantities=tuple(Quantity(name, each) for name, each in fixed.items()),
        drivers=(Driver("kept", "Kept", Category.REVENUE, Per.TP, "save * margin"),),
        volume="customers",
        prevalence="churn",
        horizon_years=1,
        discount_rate=0.0,
    )


def test_a_formula_carries_what_was_measured_through_two_links():
    found = carry_all([WORTH, KEPT], {"recall": 0.8}, QUANTITIES)
    # 0.8 of the 2 000 who leave are found, a quarter of them stays.
    assert float(found["kept"].values) == pytest.approx(400)
    assert float(found["worth"].values) == pytest.approx(80_000)
    assert found["worth"].path == ("recall", "kept", "worth")


def test_an_elasticity_is_a_power_of_the_ratio_to_its_point():
    link = Link("f1", "calls", elasticity=2.0, at_cause=0.5, at_effect=100.0)
    assert float(link.carry({}, 0.6)) == pytest.approx(144)
    assert float(link.carry({}, 0.5)) == pytest.approx(100)


def test_an_elasticity_without_a_point_carries_nothing():
    assert "calls" not in carry_all(
        [Link("f1", "calls", elasticity=2.0)], {"f1": 1}, {}
    )


def test_what_was_measured_is_not_replaced_by_what_would_follow():
    found = carry_all([KEPT], {"recall": 0.8, "kept": 390.0}, QUANTITIES)
    assert float(found["kept"].values) == 390


def test_a_division_by_zero_carries_nothing_on():
    link = Link("recall", "ratio", "1 / recall")
    assert set(carry_all([link], {"recall": 0.0}, {})) == {"recall"}


def test_a_measured_rate_goes_before_the_one_the_case_assumes():
    link = Link("recall", "calls", "recall * 100 + fpr * 1000")
    case = a_case()
    of_run = carried_points(
        [link], {"recall": 0.8, "fpr": 0.3}, case, replaced={"fpr": "fpr"}
    )
    assert of_run["calls"] == pytest.approx(380)
    without = carried_points([link], {"recall": 0.8}, case, replaced={"fpr": "fpr"})
    assert without["calls"] == pytest.approx(180)


def test_a_link_to_a_quantity_that_is_gone_is_left_out_and_says_which():
    link = Link("recall", "kept", "recall * clients")
    assert link.missing(QUANTITIES) == ("clients",)
    case = a_case()
    assert set(carried_points([link], {"recall": 0.8}, case, replaced={})) == {"recall"}
    with pytest.raises(FormulaError, match="clients"):
        link.carry(QUANTITIES, 0.8)


def test_the_range_holds_the_measurement_and_the_business():
    case = a_case(save=pert_from_quantiles(0.1, 0.25, 0.4))
    measured = {"recall": Measured(0.8, 0.75, 0.85, is_share=True)}
    found = readings([KEPT], measured, case, replaced={}, draws=20_000, seed=3)
    assert (found["recall"].low, found["recall"].high) == (0.75, 0.85)
    mean = case.by_name["save"].mean
    assert found["kept"].value == pytest.approx(1600 * mean)
    # The business alone would give 160 to 640; the small error widens it little.
    assert found["kept"].low == pytest.approx(160, rel=0.05)
    assert found["kept"].high == pytest.approx(640, rel=0.05)


def test_the_range_of_a_measurement_alone_is_that_of_its_normal():
    measured = {"recall": Measured(0.8, 0.7, 0.9, is_share=True)}
    found = readings([KEPT], measured, a_case(), replaced={}, draws=50_000, seed=3)
    sd = 0.2 / (2 * 1.959964)
    assert found["kept"].low == pytest.approx(500 * (0.8 - 1.644854 * sd), rel=0.005)
    assert found["kept"].high == pytest.approx(500 * (0.8 + 1.644854 * sd), rel=0.005)


def test_the_same_seed_gives_the_same_range():
    measured = {"recall": Measured(0.8, 0.7, 0.9)}
    first, second = (
        readings([KEPT], measured, a_case(), replaced={}, draws=500, seed=9)
        for _ in range(2)
    )
    assert first == second


def test_a_circle_is_named_from_start_to_start():
    links = [("a", "b"), ("b", "c"), ("a", "c")]
    assert circle_closed_by(("c", "a"), links) == ("c", "a", "b", "c") or (
        circle_closed_by(("c", "a"), links) == ("c", "a", "c")
    )
    assert circle_closed_by(("c", "d"), links) == ()
    assert circle_closed_by(("a", "a"), []) == ("a", "a")


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_links_kept_one_by_one_never_close_a_circle(pairs):
    kept = []
    for pair in pairs:
        circle = circle_closed_by(pair, kept)
        if circle:
            assert circle[0] == circle[-1] == pair[0]
            steps = pairwise(circle)
            assert all(step in [*kept, pair] for step in steps)
        else:
            kept.append(pair)
    # Kept links have an order in which each cause comes before its effect.
    order, waiting = set(), {n for pair in kept for n in pair}
    while waiting:
        free = {n for n in waiting if not any(e == n and c in waiting for c, e in kept)}
        assert free
        order |= free
        waiting -= free


@given(
    st.floats(0.01, 1.0),
    st.floats(-3, 3),
    st.floats(0.01, 1.0),
    st.floats(1.0, 1e6),
)
def test_one_per_cent_more_moves_the_effect_by_the_elasticity(cause, e, at, effect):
    link = Link("a", "b", elasticity=e, at_cause=at, at_effect=effect)
    before, after = link.carry({}, np.array([cause, cause * 1.0001]))
    assert math.log(after / before) == pytest.approx(e * math.log(1.0001), abs=1e-9)
