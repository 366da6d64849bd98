"""Estimates give the published numbers of VALUE's vectors 3, 4 and 5e."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.value.case import CaseProblem, Category, Driver, Per, Quantity, ValueCase
from engine.value.distributions import Fixed, LogNormal, Normal, Pert
from engine.value.simulate import (
    Undefined,
    draw,
    estimate,
    yearly_amounts,
    yearly_net,
)
from engine.version import ENGINE_VERSION

approx = pytest.approx
DRAWS = 200_000


def sampling_error(p, draws=DRAWS):
    return math.sqrt(p * (1 - p) / draws)


def published(value, *, se_at_20_million):
    """The 4·SE tolerance at our own number of draws."""
    return approx(value, abs=4 * se_at_20_million * math.sqrt(20e6 / DRAWS))


def test_value_function_is_volume_times_ev_less_fixed_cost(classifier_case):
    case = classifier_case()
    assert yearly_net(case, case.means(), 0.8, 0.1) == approx(460_000)
    assert (yearly_net(case, case.means(), 0.8, 0.1) + 600_000) / 200_000 == approx(5.3)
    # Acting on everybody: -10 a case.
    assert yearly_net(case, case.means(), 1.0, 1.0) == approx(-10 * 200_000 - 600_000)


def test_value_function_counts_all_four_cells(classifier_case):
    case = classifier_case()
    cells = (Per.TP, Per.FN, Per.FP, Per.TN)
    amounts = {"tp": 100.0, "fn": -40.0, "fp": -7.0, "tn": 3.0}
    drivers = tuple(
        Driver(per, per, Category.SAVINGS, per, f"{amounts[per]}") for per in cells
    )
    case = replace(case, drivers=drivers)
    # .05(.6·100 − .4·40) + .95(−.2·7 + .8·3) = 2.2 + .95 = 3.15 a case
    assert yearly_net(case, case.means(), 0.6, 0.2) == approx(3.15 * 200_000)


def test_cost_subtracts_and_what_is_not_money_is_left_out(product_case):
    case = product_case()
    extra = Driver("calm", "", Category.EXPERIENCE, Per.YEAR, "cost", "not_in_money")
    proxy = Driver("joy", "", Category.EXPERIENCE, Per.YEAR, "7", "proxy")
    more = replace(case, drivers=(*case.drivers, extra, proxy))
    means = case.means()
    assert yearly_net(more, means, 0, 0) == approx(yearly_net(case, means, 0, 0) + 7)
    assert yearly_amounts(more, means, 0, 0)["cost"] == approx(-170_000)
    assert "calm" not in yearly_amounts(more, means, 0, 0)


def test_value_at_likely_inputs_is_not_the_expected_value(product_case):
    """Trap 1."""
    case = product_case()
    likely = {quantity.name: quantity.likely for quantity in case.quantities}
    assert yearly_net(case, likely, 0, 0) == approx(20_000)
    assert estimate(case, seed=1).annual.mean == approx(32_226.85185, rel=1e-9)


def test_product_model_is_vector_4(product_case):
    found = estimate(product_case(), draws=DRAWS, seed=12345)
    annual = found.annual
    assert annual.p_positive == approx(0.62271, abs=4 * sampling_error(0.62271))
    assert annual.p5 == published(-82_810, se_at_20_million=22)
    assert annual.p50 == published(23_796, se_at_20_million=21)
    assert annual.p95 == published(176_171, se_at_20_million=55)
    assert found.evpi == published(16_756, se_at_20_million=14)
    error = 79_525.6206 / math.sqrt(DRAWS)
    assert found.monte_carlo_error == approx(error, rel=0.01)
    assert found.mean_is_exact
    # One undiscounted year: the annual gain is the NPV.
    assert found.npv == annual
    assert found.p_pays_back == annual.p_positive


def test_what_sways_the_product_model_is_vector_5e(product_case):
    sways = estimate(product_case(), seed=1).sways
    assert [sway.name for sway in sways] == ["save", "churn", "cost", "margin", "cust"]
    exact = [11_192.588, 2_886.348, 1_577.752, 325.759, 19.010]
    assert [sway.evppi for sway in sways] == approx(exact, rel=1e-6, abs=6e-4)
    breaks = [0.133101348, 0.106481079, 202_226.852, 169.529086, 42_032.005]
    assert [sway.break_even for sway in sways] == approx(breaks, rel=1e-8)
    sides = ["above", "above", "below", "above", "above"]
    assert [sway.direction for sway in sways] == sides
    assert sways[0].likely == 0.15
    assert sways[0].mean == approx(0.1583333333)


def test_lognormal_benefit_and_cost_are_vector_3(lognormal_case):
    found = estimate(lognormal_case(), draws=DRAWS, seed=20260101)
    assert found.p_pays_back == approx(0.670455304, abs=4 * sampling_error(0.670455304))
    assert found.annual.mean == approx(57_031.583, rel=1e-6)
    # ROI + 1 is lognormal: log-mean .235, log-sd .53.
    mu, sigma = math.log(1.26491106), math.sqrt(2 * math.log(1.45772147 / 1.26491106))
    spread = 1.45772147 * math.sqrt(math.expm1(sigma**2))
    assert found.roi_mean == approx(0.45772147, abs=4 * spread / math.sqrt(DRAWS))
    error = math.exp(mu) * sigma * math.sqrt(math.pi / 2 / DRAWS)
    assert found.roi_median == approx(0.26491106, abs=4 * error)


def test_mean_roi_is_not_the_roi_of_means(lognormal_case):
    """Trap 2."""
    case = lognormal_case()
    means = case.means()
    of_means = means["benefit"] / means["spending"] - 1
    assert estimate(case, seed=1).roi_mean - of_means > 0.03


def test_same_seed_gives_the_same_estimate(product_case):
    assert estimate(product_case(), seed=7) == estimate(product_case(), seed=7)
    other = estimate(product_case(), seed=8)
    assert other.annual.p50 != estimate(product_case(), seed=7).annual.p50


def test_estimate_keeps_what_it_takes_to_compute_it_again(product_case):
    found = estimate(product_case(), draws=500, seed=7)
    assert (found.draws, found.seed) == (500, 7)
    assert found.engine_version == ENGINE_VERSION
    digests = {
        found.digest,
        estimate(product_case(), draws=501, seed=7).digest,
        estimate(product_case(), draws=500, seed=8).digest,
        estimate(product_case(horizon_years=2), draws=500, seed=7).digest,
    }
    assert len(digests) == 4


def test_estimate_becomes_json(product_case):
    content = json.loads(json.dumps(estimate(product_case(), seed=7).to_json()))
    assert content["by_category"]["cost"] == approx(-170_000, rel=0.01)
    assert len(content["dots"]) == 20


def test_dots_are_ascending_quantiles(product_case):
    found = estimate(product_case(), seed=3)
    assert list(found.dots) == sorted(found.dots)
    # 62 % of futures pay: 12 of 20 dots.
    assert sum(dot > 0 for dot in found.dots) == 12


def test_categories_add_up_to_the_yearly_net(product_case):
    found = estimate(product_case(), seed=3)
    net = sum(found.by_category.values())
    assert net == approx(32_226.85, abs=4 * found.monte_carlo_error)


def test_one_off_cost_and_ramp_are_spread_over_the_horizon(product_case):
    case = replace(
        product_case(horizon_years=3, discount_rate=0.1, ramp_up=(0.5,)),
        quantities=(Quantity("gain", Fixed(60_000)),),
        drivers=(
            Driver("gain", "", Category.SAVINGS, Per.YEAR, "gain"),
            Driver("build", "", Category.COST, Per.ONCE, "100000"),
            Driver("grant", "", Category.REVENUE, Per.ONCE, "10000"),
        ),
    )
    found = estimate(case, seed=1)
    npv = -90_000 + 30_000 / 1.1 + 60_000 / 1.1**2 + 60_000 / 1.1**3
    assert found.npv.mean == approx(npv)
    assert found.npv.p5 == approx(npv)
    annuity = 1 / 1.1 + 1 / 1.1**2 + 1 / 1.1**3
    assert found.annual.mean == approx(npv / annuity)
    assert found.roi_mean == approx(npv / 100_000)
    assert found.payback_years == approx(2.0)
    assert found.evpi == 0
    assert found.monte_carlo_error == approx(0, abs=1e-6)


def test_failure_loses_the_one_off_cost_alone(product_case):
    case = replace(
        product_case(horizon_years=2, success_probability=0.7),
        drivers=(
            Driver("gain", "", Category.SAVINGS, Per.YEAR, "100"),
            Driver("build", "", Category.COST, Per.ONCE, "50"),
        ),
    )
    found = estimate(case, draws=20_000, seed=1)
    assert found.p_pays_back == approx(0.7, abs=4 * sampling_error(0.7, 20_000))
    assert found.npv.mean == approx(0.7 * 200 - 50)
    assert found.npv.p5 == approx(-50)
    assert found.payback_years == approx(0.5)
    assert found.by_category[Category.SAVINGS] == approx(100)


def test_future_that_never_pays_has_no_payback(product_case):
    loss = product_case()
    loss = replace(loss, drivers=loss.drivers[1:])
    found = estimate(loss, seed=1)
    assert found.p_pays_back == 0
    assert found.payback_years is None
    assert found.payback_p5 is None
    assert found.roi_mean == approx(-1)


def test_case_without_costs_has_no_roi(product_case):
    case = product_case()
    found = estimate(replace(case, drivers=case.drivers[:1]), seed=1)
    assert found.roi_mean is None
    assert found.roi_median is None
    assert found.payback_years == 0


def test_curved_case_has_a_simulated_mean_and_its_break_even(product_case):
    gain = Driver("gain", "", Category.REVENUE, Per.YEAR, "x ** 2 - 4")
    case = replace(
        product_case(), quantities=(Quantity("x", Normal(3, 1)),), drivers=(gain,)
    )
    found = estimate(case, draws=DRAWS, seed=1)
    assert not found.mean_is_exact
    # E[x²] = 9 + 1.
    assert found.annual.mean == approx(6, abs=4 * found.monte_carlo_error)
    assert found.sways[0].break_even == approx(2)
    # Only x is uncertain, so finding it out is finding all out.
    assert found.sways[0].evppi == approx(found.evpi, rel=0.02)


def test_order_of_quantities_does_not_matter(product_case):
    case = product_case()
    turned = replace(case, quantities=case.quantities[::-1])
    assert estimate(turned, seed=5).annual == estimate(case, seed=5).annual
    assert estimate(turned, seed=5).sways == estimate(case, seed=5).sways


@given(
    name=st.from_regex(r"[a-z]{1,8}_new", fullmatch=True),
    seed=st.integers(0, 2**64),
    mean=st.floats(-10, 10),
)
def test_new_quantity_leaves_the_draws_of_others(name, seed, mean):
    kept = (Quantity("a", LogNormal(0, 1)), Quantity("b", Pert(0, 1, 3)))
    before = draw(_case_of(kept), draws=100, seed=seed)
    new = Quantity(name, Normal(mean, 1))
    after = draw(_case_of((kept[0], new, kept[1])), draws=100, seed=seed)
    assert (after["a"] == before["a"]).all()
    assert (after["b"] == before["b"]).all()


def test_wider_belief_keeps_the_order_of_futures():
    narrow = draw(_case_of((Quantity("a", Normal(0, 1)),)), draws=500, seed=1)["a"]
    wide = draw(_case_of((Quantity("a", Normal(5, 9)),)), draws=500, seed=1)["a"]
    assert np.allclose(wide, 5 + 9 * narrow)


def test_draws_stay_within_the_bounds():
    share = Quantity("a", Normal(0.5, 2), lower=0.0, upper=1.0)
    draws = draw(_case_of((share,)), draws=500, seed=1)["a"]
    assert draws.min() == 0
    assert draws.max() == 1


@given(
    centre=st.floats(-100, 100),
    sd=st.floats(0.1, 50),
    rate=st.floats(-0.5, 0.5),
    years=st.integers(1, 6),
)
def test_mirrored_case_has_the_mirrored_gain(centre, sd, rate, years):
    belief = (Quantity("a", Normal(centre, sd)),)
    gain, loss = (
        estimate(
            _case_of(belief, category, discount_rate=rate, horizon_years=years),
            draws=200,
            seed=1,
        )
        for category in (Category.SAVINGS, Category.COST)
    )
    assert gain.annual.mean == approx(-loss.annual.mean)
    assert gain.annual.p5 == approx(-loss.annual.p95)
    assert gain.annual.p50 == approx(-loss.annual.p50)
    assert gain.sways[0].direction == "above"
    assert loss.sways[0].direction == "below"
    for found in (gain, loss):
        assert 0 <= found.p_pays_back <= 1
        assert found.evpi >= 0
        assert found.sways[0].evppi >= 0


def _case_of(quantities, category=Category.REVENUE, **more):
    drivers = (Driver("gain", "", category, Per.YEAR, quantities[0].name),)
    return _plain(quantities, drivers, **more)


def _plain(quantities, drivers, **more):
    given_years = {"horizon_years": 1, "discount_rate": 0.0} | more
    return ValueCase(quantities, drivers, volume=None, prevalence=None, **given_years)


def test_case_with_problems_is_not_estimated(product_case):
    with pytest.raises(CaseProblem, match="horizon of 0 years"):
        estimate(product_case(horizon_years=0), seed=1)


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("margin / (cust - cust)", r"divides by 'cust - cust', which is 0: its quant"),
        ("cost / (save - 0.15)", r"'save - 0\.15', which goes from -0\..* to 0\.1.*:"),
        ("1 - cost / margin / (churn - 0.1)", r"divides by 'churn - 0\.1'"),
    ],
)
def test_divisor_that_may_be_zero_leaves_the_quantiles_undefined(
    product_case, formula, told
):
    case = product_case()
    bad = Driver("ratio", "", Category.REVENUE, Per.YEAR, formula)
    with pytest.raises(Undefined, match=f"driver 'ratio': .*{told}"):
        estimate(replace(case, drivers=(bad,)), draws=100, seed=1)


def test_volume_may_not_be_divided_by_what_may_be_zero(classifier_case):
    case = replace(classifier_case(hit=Normal(0, 5)), volume="cases / hit")
    with pytest.raises(Undefined, match="volume: 'cases / hit' divides by 'hit'"):
        estimate(case, draws=100, seed=1)


def test_amount_that_is_no_number_names_the_driver(product_case):
    case = product_case()
    bad = Driver("root", "", Category.REVENUE, Per.YEAR, "(save - 10) ** 0.5")
    with pytest.raises(Undefined, match=r"'root': .* not finite in 100 of 100 futures"):
        estimate(replace(case, drivers=(bad,)), draws=100, seed=1)


@pytest.mark.parametrize(("draws", "seed"), [(99, 1), (1_000_001, 1), (100, -1)])
def test_senseless_draws_and_seeds_are_refused(product_case, draws, seed):
    with pytest.raises(CaseProblem, match="choose"):
        estimate(product_case(), draws=draws, seed=seed)
