"""Quantities that move together keep what is believed of each."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from engine.digests import digest
from engine.value.case import (
    CaseProblem,
    Category,
    Correlation,
    Driver,
    Per,
    Quantity,
    ValueCase,
)
from engine.value.classifier import Counts, price
from engine.value.distributions import Fixed, LogNormal, Normal, Pert, Triangular
from engine.value.simulate import draw, estimate, uniforms

approx = pytest.approx
DRAWS = 50_000


def case_of(beliefs, *correlations, gain="a", **more):
    return ValueCase(
        quantities=tuple(Quantity(name, belief) for name, belief in beliefs.items()),
        drivers=(Driver("gain", "", Category.REVENUE, Per.YEAR, gain),),
        correlations=tuple(Correlation(*each) for each in correlations),
        **{
            "volume": None,
            "prevalence": None,
            "horizon_years": 1,
            "discount_rate": 0.0,
        }
        | more,
    )


def three(*correlations, **more):
    beliefs = {"a": Normal(0, 1), "b": Normal(0, 1), "c": Normal(0, 1)}
    return case_of(beliefs, *correlations, **more)


@given(rho=st.floats(-0.99, 0.99), seed=st.integers(0, 2**32))
def test_rank_correlation_is_that_of_the_copula(rho, seed):
    case = case_of({"a": Pert(0, 1, 5), "b": LogNormal(0, 1)}, ("a", "b", rho))
    values = draw(case, draws=20_000, seed=seed)
    found = spearmanr(values["a"], values["b"]).statistic
    # The standard error of a rank correlation is below 1.1/√n.
    assert found == approx(6 / math.pi * math.asin(rho / 2), abs=5 * 1.1 / 141)
    assert case.correlations[0].spearman == approx(6 / math.pi * math.asin(rho / 2))


@pytest.mark.parametrize(
    "belief",
    [Pert(20, 50, 110), Triangular(1, 2, 5), Normal(10, 3), LogNormal(3.4, 0.7)],
    ids=repr,
)
def test_quantity_keeps_its_own_distribution(belief):
    case = case_of({"a": belief, "b": Pert(0, 1, 9)}, ("a", "b", -0.8))
    values = draw(case, draws=DRAWS, seed=3)["a"]
    # Kolmogorov's distance passes 1.95/√n once in 1000.
    shares = np.sort(belief.cdf(values))
    assert np.abs(shares - (np.arange(DRAWS) + 0.5) / DRAWS).max() < 1.95 / DRAWS**0.5


def test_difference_of_correlated_lognormals_is_the_closed_form(lognormal_case):
    """P(ROI > 0) with 2ρσ_Bσ_C taken off under the root (VALUE 2.2)."""
    linked = replace(
        lognormal_case(), correlations=(Correlation("benefit", "spending", 0.6),)
    )
    mu = math.log(80 * 400 / (100 * 200)) / 2
    sigmas = math.log(400 / 80) / 3.2897073, math.log(200 / 100) / 3.2897073
    spread = math.sqrt(
        sigmas[0] ** 2 + sigmas[1] ** 2 - 2 * 0.6 * sigmas[0] * sigmas[1]
    )
    exact = 0.5 * math.erfc(-mu / spread / math.sqrt(2))
    assert exact > 0.69  # 0.670 if they were independent
    found = estimate(linked, draws=200_000, seed=1).p_pays_back
    assert found == approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 200_000))


def test_quantity_that_moves_alone_has_todays_draws():
    alone = draw(three(), draws=500, seed=4)
    linked = draw(three(("a", "b", 0.7)), draws=500, seed=4)
    assert (linked["c"] == alone["c"]).all()
    assert not np.allclose(linked["a"], alone["a"])


def test_draws_of_an_uncorrelated_case_are_their_own_uniforms():
    drawn = draw(three(), draws=500, seed=4)["b"]
    assert (drawn == Normal(0, 1).ppf(uniforms("b", draws=500, seed=4))).all()


@given(st.permutations(["a", "b", "c"]), st.permutations([0, 1, 2]))
def test_order_of_quantities_and_pairs_changes_nothing(names, pairs):
    stated = [("a", "b", 0.5), ("c", "b", -0.3), ("a", "c", 0.2)]
    before = draw(three(*stated), draws=200, seed=1)
    case = case_of(
        {name: Normal(0, 1) for name in names}, *(stated[at] for at in pairs)
    )
    after = draw(case, draws=200, seed=1)
    assert all((after[name] == before[name]).all() for name in names)


@given(st.lists(st.floats(-0.99, 0.99), min_size=3, max_size=3))
def test_contradiction_is_what_no_matrix_bears(strengths):
    ab, bc, ac = strengths
    least = np.linalg.eigvalsh([[1, ab, ac], [ab, 1, bc], [ac, bc, 1]]).min()
    case = three(("a", "b", ab), ("b", "c", bc), ("a", "c", ac))
    if abs(least) > 1e-6:
        assert len(case.problems()) == int(least < 0)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ([("a", "d", 0.5)], "'a' and 'd': no quantity is called 'd'"),
        ([("a", "a", 0.5)], "'a' and 'a': a quantity moves with itself"),
        ([("a", "b", 1.0)], "'a' and 'b': 1 is not between -1 and 1"),
        ([("a", "b", math.nan)], "'a' and 'b': nan is not between"),
        ([("a", "b", 0.5), ("b", "a", 0.5)], "'b' and 'a' is stated twice"),
        (
            # With .9 and .9 the third lies between .81 ± .19.
            [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", 0.1)],
            "'a' and 'c': 0.1 contradicts .* it lies between 0.62 and 1.00$",
        ),
        (
            [("a", "b", 0.9), ("b", "c", 0.9)],
            "'b' and 'c': 0.9 contradicts .* between -0.44 and 0.44; or say how 'a' "
            "and 'c' move together, between 0.62 and 1.00",
        ),
    ],
)
def test_impossible_correlation_names_the_pair(pairs, told):
    with pytest.raises(CaseProblem, match=f"correlation of {told}"):
        three(*pairs).check()


def test_knot_that_no_single_pair_loosens_names_all():
    names = "abcd"
    pairs = [(one, two, -0.9) for one, two in itertools.combinations(names, 2)]
    case = case_of({name: Normal(0, 1) for name in names}, *pairs)
    with pytest.raises(CaseProblem, match=r"'a'–'b' and .* 'c'–'d' contradict each"):
        case.check()


def test_matrix_that_can_be_is_accepted():
    assert three(("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", 0.63)).problems() == []


def test_correlations_survive_json_and_none_keep_the_old_content():
    case = three(("a", "b", 0.5), ("c", "a", -0.25))
    again = ValueCase.from_json(json.loads(json.dumps(case.to_json())))
    assert again == case
    assert digest(again.to_json()) != digest(three().to_json())
    assert "correlations" not in three().to_json()


@pytest.mark.parametrize(
    "content",
    [["a"], [{"one": "a", "other": "b"}], [{"one": "a", "other": "b", "rho": "x"}]],
)
def test_correlation_of_another_shape_is_refused(content):
    with pytest.raises(CaseProblem, match="give the names one and other"):
        ValueCase.from_json(three().to_json() | {"correlations": content})


@pytest.mark.parametrize(
    ("gain", "pairs", "exact"),
    [
        ("a * b", [], True),
        ("a * b", [("a", "b", 0.5)], False),
        ("a * b", [("a", "b", 0.0)], True),
        ("a * b", [("a", "c", 0.5)], True),
        ("a * b", [("a", "c", 0.5), ("c", "b", 0.5)], False),
        ("a + b", [("a", "b", 0.5)], True),
        ("c * (a + b)", [("a", "b", 0.5)], True),
        ("a * a", [], False),
    ],
)
def test_mean_is_exact_unless_what_is_multiplied_moves_together(gain, pairs, exact):
    assert three(*pairs, gain=gain).is_multilinear is exact


@pytest.mark.parametrize(("one", "exact"), [("alarm", True), ("cases", False)])
def test_volume_is_multiplied_by_what_a_hit_is_worth(classifier_case, one, exact):
    case = classifier_case(hit=Normal(180, 20))
    linked = replace(case, correlations=(Correlation(one, "hit", 0.4),))
    assert linked.is_multilinear is exact
    assert linked.is_linear_in_each


def test_mean_of_a_correlated_product_holds_the_covariance():
    beliefs = {"a": Normal(10, 2), "b": Normal(5, 1)}
    case = case_of(beliefs, ("a", "b", 0.5), gain="a * b")
    found = estimate(case, draws=200_000, seed=2)
    assert not found.mean_is_exact
    # E[ab] = 10·5 + ρ·2·1
    assert found.annual.mean == approx(51, abs=4 * found.monte_carlo_error)


def test_finding_out_a_correlated_input_tells_of_the_other_too():
    """Of x + y, both N(0, 1) with ρ, x tells (1 + ρ)x: EVPPI (1 + ρ)·φ(0)."""
    beliefs = {"a": Normal(0, 1), "b": Normal(0, 1)}
    case = case_of(beliefs, ("a", "b", 0.5), gain="a + b")
    found = estimate(case, draws=200_000, seed=2)
    assert found.mean_is_exact
    for sway in found.sways:
        assert sway.evppi == approx(1.5 / math.sqrt(2 * math.pi), rel=0.01)
        assert sway.break_even == approx(0, abs=1e-9)


def test_measured_rates_move_with_nothing(classifier_case):
    counts = Counts(tp=160, fn=40, fp=380, tn=3420)
    case = classifier_case(hit=Pert(100, 180, 300), tpr=Pert(0.5, 0.7, 0.9))
    believed = replace(case, correlations=(Correlation("tpr", "hit", 0.8),))
    assert believed.measured.correlations == ()
    one, other = (price(each, counts, seed=1) for each in (case, believed))
    assert (one.mean, one.p5, one.p95) == (other.mean, other.p5, other.p95)


def test_correlation_among_others_stays_when_rates_are_measured(classifier_case):
    case = replace(classifier_case(), correlations=(Correlation("hit", "alarm", 0.3),))
    assert case.measured is case


def test_number_that_is_known_may_be_correlated():
    case = case_of({"a": Fixed(3), "b": Normal(0, 1)}, ("a", "b", 0.5))
    assert set(draw(case, draws=100, seed=1)["a"]) == {3.0}
