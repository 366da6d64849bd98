"""Knowing several inputs is worth what vector 5e says, and more than each of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.value.case import Correlation
from engine.value.distributions import Normal, Pert
from engine.value.information import InformationProblem, evpi, evpi_of_normal
from engine.value.joint import JointWorth, joint_digest, joint_worth
from engine.value.simulate import draw
from tests.engine.value.conftest import PRODUCT_INPUTS, product_case, yearly_case

approx = pytest.approx


def test_churn_and_save_together_are_vector_5e():
    found = joint_worth(product_case(), ["save", "churn"], draws=1000, seed=1)
    assert found.evppi == approx(13_726.649, rel=1e-6)
    assert found.alone == approx({"churn": 2_886.348, "save": 11_192.588}, rel=1e-6)
    assert found.is_exact
    assert sum(found.alone.values()) > found.evppi + 100  # trap 3


def test_two_terms_of_a_sum_are_the_normal_of_both():
    """As vector 5b: together X₁ + X₂ has the sd 100, so EVPI of N(50, 100)."""
    inputs = {"x1": Normal(60, 80), "x2": Normal(20, 60)}
    found = joint_worth(
        yearly_case(inputs, "x1 + x2", "30"), inputs, draws=1000, seed=1
    )
    assert found.evppi == approx(19.7796557, rel=1e-5)
    assert found.alone["x1"] == approx(12.9536010, rel=1e-8)


@pytest.mark.parametrize("n", [3, 4])
def test_more_terms_are_still_the_normal_of_all(n):
    inputs = {f"x{at}": Normal(50 / n, 100 / math.sqrt(n)) for at in range(n)}
    case = yearly_case(inputs, " + ".join(inputs), "0")
    found = joint_worth(case, inputs, draws=1000, seed=1)
    assert found.evppi == approx(evpi_of_normal(50, 100), rel=4e-3)


def test_inputs_that_move_together_are_regressed():
    """Against the truth: the others are independent, so they stand at their means."""
    case = product_case(correlations=(Correlation("churn", "save", 0.6),))
    found = joint_worth(case, ["churn", "save"], seed=3)
    values, means = draw(case, draws=400_000, seed=4), case.means()
    known = means["cust"] * means["margin"] * values["churn"] * values["save"]
    exact = evpi(known - means["cost"])
    assert not found.is_exact
    assert found.evppi == approx(exact, abs=4 * 79_525.6 / math.sqrt(100_000))


def test_a_curve_is_regressed_on_both():
    case = yearly_case(PRODUCT_INPUTS, "cust * max(churn * save, .02) * margin", "cost")
    found = joint_worth(case, ["churn", "save"], seed=3)
    values, means = draw(case, draws=400_000, seed=4), case.means()
    floored = np.maximum(values["churn"] * values["save"], 0.02)
    exact = evpi(means["cust"] * means["margin"] * floored - means["cost"])
    assert found.evppi == approx(exact, abs=4 * 79_525.6 / math.sqrt(100_000))


@settings(max_examples=8, deadline=None)
@given(
    names=st.sets(st.sampled_from(sorted(PRODUCT_INPUTS)), min_size=2, max_size=4),
    cost=st.integers(100_000, 400_000),
    rho=st.sampled_from([0.0, -0.5]),
)
def test_jointly_is_no_less_than_one_and_no_more_than_everything(names, cost, rho):
    beliefs = PRODUCT_INPUTS | {"cost": Pert(0.8 * cost, cost, 1.3 * cost)}
    case = yearly_case(beliefs, "cust * churn * save * margin", "cost")
    linked = replace(case, correlations=(Correlation("save", "margin", rho),))
    found = joint_worth(linked, names, draws=2000, seed=1)
    assert max(found.alone.values()) <= found.evppi <= found.evpi


def test_it_is_kept_as_json_under_a_digest_that_is_known_before():
    case = product_case()
    found = joint_worth(case, ["save", "cost"], draws=1000, seed=1)
    assert JointWorth.from_json(found.to_json()) == found
    asked = {"draws": 1000, "seed": 1}
    assert found.digest == joint_digest(case.to_json(), ["cost", "save"], **asked)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["save", "wages"], "'wages' is no quantity of this case"),
        (["save", "save"], "1 quantities: choose 2 to 4"),
    ],
)
def test_a_senseless_question_names_the_remedy(names, told):
    with pytest.raises(InformationProblem, match=told):
        joint_worth(product_case(), names, seed=1)
