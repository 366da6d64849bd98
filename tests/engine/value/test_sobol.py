"""Indices of Sobol' give the exact shares of VALUE's vectors 4a and 4b."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.value.case import Category, Correlation, Driver, Per, Quantity, ValueCase
from engine.value.distributions import Fixed, LogNormal, Normal, Pert
from engine.value.sobol import points, sobol_indices

approx = pytest.approx
DRAWS = 100_000


def gains_by(formula, beliefs, **more):
    """A case of one driver per year."""
    return ValueCase(
        quantities=tuple(Quantity(name, belief) for name, belief in beliefs.items()),
        drivers=(Driver("gain", "", Category.REVENUE, Per.YEAR, formula),),
        volume=None,
        prevalence=None,
        horizon_years=1,
        discount_rate=0.0,
        **more,
    )


def by_name(case, **more):
    found = sobol_indices(case, **{"draws": DRAWS, "seed": 1} | more)
    return {index.names: index for index in found}


@pytest.mark.parametrize("seed", [1, 2, 12345])
def test_product_model_is_vectors_4a_and_4b(product_case, seed):
    first = [0.03695094, 0.19703755, 0.56552335, 0.06845804, 0.10164835]
    total = [0.04184526, 0.21777533, 0.59229011, 0.07715187, 0.10164835]
    names = ["cust", "churn", "save", "margin", "cost"]
    found = by_name(product_case(), seed=seed)
    for name, alone, every in zip(names, first, total, strict=True):
        index = found[(name,)]
        # Within 4 standard errors of plain draws, 0.004 to 0.011; even points are
        # ten times as near.
        assert index.first_order == approx(alone, abs=1e-3)
        assert index.total == approx(every, abs=1e-3)
    together = sum(found[(name,)].first_order for name in names)
    assert together == approx(0.96961822, abs=2e-3)


def test_indices_of_a_case_with_its_chance_of_success_are_the_same(product_case):
    """The chance scales every gain alike, as nothing is paid once."""
    more = {"success_probability": 0.4, "horizon_years": 4}
    found = by_name(product_case(**more), draws=1000)
    plain = by_name(product_case(), draws=1000)
    for names, index in plain.items():
        assert found[names].total == approx(index.total)


@settings(max_examples=25)
@given(
    sds=st.lists(st.floats(0.1, 10), min_size=1, max_size=5),
    seed=st.integers(0, 2**63),
)
def test_indices_of_an_independent_sum_are_its_variances_and_add_to_one(sds, seed):
    names = [f"x{at}" for at in range(len(sds))]
    beliefs = {name: Normal(3, sd) for name, sd in zip(names, sds, strict=True)}
    found = by_name(gains_by(" + ".join(names), beliefs), draws=20_000, seed=seed)
    whole = sum(sd * sd for sd in sds)
    for name, sd in zip(names, sds, strict=True):
        assert found[(name,)].first_order == approx(sd * sd / whole, abs=0.02)
        assert found[(name,)].total == approx(sd * sd / whole, abs=0.02)
    assert sum(index.first_order for index in found.values()) == approx(1, abs=0.02)


@settings(max_examples=25)
@given(
    formula=st.sampled_from(
        ["a * b * c", "a * (b - c)", "max(a, b) - c", "a ** 2 + b * c", "a / c + b"]
    ),
    seed=st.integers(0, 2**63),
)
def test_first_order_never_passes_the_total(formula, seed):
    beliefs = {"a": Pert(-1, 0, 4), "b": Normal(1, 2), "c": LogNormal(0, 0.4)}
    found = by_name(gains_by(formula, beliefs), draws=5000, seed=seed)
    assert len(found) == 3
    assert all(0 <= index.first_order <= index.total for index in found.values())
    # What inputs do together is in every total, so the totals reach 1 or more.
    assert sum(index.total for index in found.values()) > 0.95
    assert sum(index.first_order for index in found.values()) < 1.05


def test_difference_of_products_has_its_closed_form():
    # Var(ab) = 1·1, no first order at all: only together do the two matter.
    found = by_name(gains_by("a * b", {"a": Normal(0, 1), "b": Normal(0, 1)}))
    for index in found.values():
        assert index.first_order == approx(0, abs=0.01)
        assert index.total == approx(1, abs=0.01)


def test_input_of_several_drivers_is_attributed_once(product_case):
    """VALUE 7.6: x + y less 0.5·x is 0.5·x + y, whatever the lines."""
    case = gains_by("x + y", {"x": Normal(0, 1), "y": Normal(0, 1)})
    cost = Driver("cost", "", Category.COST, Per.YEAR, "0.5 * x")
    found = by_name(replace(case, drivers=(*case.drivers, cost)))
    assert found[("x",)].total == approx(0.2, abs=0.005)
    assert found[("y",)].total == approx(0.8, abs=0.005)


def test_order_of_quantities_changes_nothing(product_case):
    case = product_case()
    turned = replace(case, quantities=case.quantities[::-1])
    assert by_name(turned, draws=5000) == by_name(case, draws=5000)


def test_inputs_that_move_together_have_the_index_of_their_block():
    case = gains_by(
        "a + b + c",
        {name: Normal(0, 1) for name in "abc"},
        correlations=(Correlation("a", "b", 0.5),),
    )
    found = by_name(case)
    # Var(a + b) = 1 + 1 + 2·.5 = 3 of 4.
    assert found.keys() == {("a", "b"), ("c",)}
    assert found[("a", "b")].first_order == approx(0.75, abs=0.005)
    assert found[("a", "b")].total == approx(0.75, abs=0.005)
    assert found[("c",)].total == approx(0.25, abs=0.005)


def test_number_that_is_known_explains_nothing():
    found = by_name(gains_by("a * b", {"a": Fixed(3), "b": Normal(0, 1)}))
    assert (found[("a",)].first_order, found[("a",)].total) == (0, 0)
    assert found[("b",)].total == approx(1, abs=0.005)


def test_case_without_uncertainty_has_no_indices():
    assert by_name(gains_by("a", {"a": Fixed(3)})) == {}
    assert by_name(gains_by("7", {"a": Normal(0, 1)})) == {}


@pytest.mark.parametrize(
    ("draws", "power"), [(100, 10), (1025, 11), (100_000, 17), (1_000_000, 17)]
)
def test_points_are_a_power_of_two_within_bounds(draws, power):
    assert points(draws) == 2**power


def test_large_gain_far_from_zero_keeps_its_digits():
    beliefs = {"a": Normal(1e9, 1), "b": Normal(0, 2)}
    found = by_name(gains_by("a + b", beliefs))
    assert found[("a",)].total == approx(0.2, abs=0.005)


def test_points_are_not_taken_twice():
    """Half of the points alone would tell other indices."""
    case = gains_by("a * b", {"a": Pert(0, 1, 9), "b": LogNormal(0, 1)})
    few, many = by_name(case, draws=2**14), by_name(case, draws=2**15)
    assert few != many
    exact = np.array([few[("a",)].total, many[("a",)].total])
    assert exact[0] == approx(exact[1], abs=0.05)
