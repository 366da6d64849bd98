"""One analysis holds what decides a case, and what the case returns."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.value.analysis import CERTAIN, CORRELATED, Analysis, analyse
from engine.value.case import (
    CaseProblem,
    Category,
    Correlation,
    Driver,
    Per,
    Quantity,
    ValueCase,
)
from engine.value.distributions import Fixed, LogNormal, Normal, Pert
from engine.value.money import cash_flow, irr
from engine.value.simulate import draw, estimate, rates, yearly_net
from engine.value.templates import TEMPLATES
from engine.value.tornado import tornado
from engine.version import ENGINE_VERSION

approx = pytest.approx
DRAWS = 200_000


def invested(earned, *, spent="100", **more) -> ValueCase:
    """Spend once, earn each year."""
    return ValueCase(
        quantities=(Quantity("earned", earned),),
        drivers=(
            Driver("gain", "", Category.REVENUE, Per.YEAR, "earned"),
            Driver("build", "", Category.COST, Per.ONCE, spent),
        ),
        volume=None,
        prevalence=None,
        **{"horizon_years": 3, "discount_rate": 0.1} | more,
    )


@pytest.fixture(scope="module", name="product")
def analysed_product():
    from tests.engine.value.conftest import product_case

    return analyse(product_case(), seed=1)


def test_product_model_is_vectors_4a_4b_and_5e(product):
    assert [each.name for each in product.inputs] == [
        "save",
        "churn",
        "cost",
        "margin",
        "cust",
    ]
    exact = {
        "evppi": [11_192.588, 2_886.348, 1_577.752, 325.759, 19.010],
        "break_even": [0.133101348, 0.106481079, 202_226.852, 169.529086, 42_032.005],
    }
    for name, values in exact.items():
        found = [getattr(each, name) for each in product.inputs]
        assert found == approx(values, rel=1e-6, abs=6e-4)
    first = [0.56552335, 0.19703755, 0.10164835, 0.06845804, 0.03695094]
    total = [0.59229011, 0.21777533, 0.10164835, 0.07715187, 0.04184526]
    assert [each.first_order for each in product.inputs] == approx(first, abs=2e-3)
    assert [each.total for each in product.inputs] == approx(total, abs=2e-3)
    assert product.sobol_note == ""
    assert product.groups == ()
    error = 4 * 14 * math.sqrt(20e6 / 100_000)
    assert product.evpi == approx(16_756, abs=error)


def test_bars_meet_at_the_gain_of_likely_inputs(product, product_case):
    """Vector 4: 20 000 at likely. The save rate's P5 earns .0848·1 200 000 − 160 000."""
    assert product.gain_at_likely == approx(20_000)
    save = product.inputs[0]
    p5, p95 = Pert(0.05, 0.15, 0.30).ppf([0.05, 0.95])
    assert (save.tornado_low, save.tornado_high) == (approx(p5), approx(p95))
    assert save.gain_at_p5 == approx(50_000 * 0.12 * 200 * p5 - 160_000)
    assert save.gain_at_p95 == approx(50_000 * 0.12 * 200 * p95 - 160_000)
    cost = product.inputs[2]
    assert cost.gain_at_p5 > cost.gain_at_p95
    widths = [swing.width for swing in tornado(product_case())]
    assert widths == sorted(widths, reverse=True)


def test_tornado_stays_within_the_bounds():
    case = invested(Normal(50, 100))
    bounded = replace(case.quantities[0], lower=0.0, upper=120.0)
    (swing,) = tornado(replace(case, quantities=(bounded,)))
    assert (swing.low, swing.high) == (0.0, 120.0)


def test_roi_is_vector_3(lognormal_case):
    found = analyse(lognormal_case(), draws=DRAWS, seed=20260101).roi
    mu = math.log(1.26491106)
    sigma = math.log(3.03793696 / 1.26491106) / 1.6448536
    # A quantile's standard error is √(p(1 − p)/N) over the density there.
    for got, exact, z, p in (
        (found.p5, -0.47332679, -1.6448536, 0.05),
        (found.p50, 0.26491106, 0.0, 0.5),
        (found.p95, 2.03793696, 1.6448536, 0.95),
    ):
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        density /= sigma * math.exp(mu + sigma * z)
        error = math.sqrt(p * (1 - p) / DRAWS) / density
        assert got == approx(exact, abs=4 * error)
    assert (found.share, found.why_not) == (1, "")


def test_known_investment_is_vector_2():
    case = invested(Fixed(60_000), spent="100000", ramp_up=(1 / 2, 5 / 6))
    found = analyse(case, draws=1000, seed=1)
    for name, exact in (
        ("irr", 0.167949361),
        ("payback", 2.3333333),
        ("payback_discounted", 2.6966667),
        ("roi", 0.136739294),
    ):
        measure = getattr(found, name)
        assert (measure.p5, measure.p50, measure.p95) == approx((exact,) * 3, rel=1e-6)
        assert (measure.share, measure.why_not) == (1, "")
    assert found.sobol_note == CERTAIN
    assert found.inputs[0].first_order is None
    assert found.evpi == approx(0, abs=1e-9)


def test_rates_are_those_of_each_future():
    case = invested(Normal(60, 20), ramp_up=(0.5,))
    found = analyse(case, draws=500, seed=3).irr
    earned = draw(case, draws=500, seed=3)["earned"]
    each = [irr(cash_flow(-100, one, years=3, ramp_up=(0.5,))) for one in earned]
    known = np.array([rate for rate in each if rate is not None])
    assert found.share == len(known) / 500
    # Between two neighbours a line in years is not one in rates.
    assert (found.p5, found.p50, found.p95) == approx(
        np.quantile(known, [0.05, 0.5, 0.95]), rel=2e-3
    )


def test_future_without_a_rate_says_why():
    found = analyse(invested(Normal(0, 40)), draws=10_000, seed=1)
    assert found.irr.share == approx(0.5, abs=0.02)
    told = r"in \d+ of 100 futures nothing comes back of what is spent first"
    assert_matches(told, found.irr.why_not)
    assert_matches(r"in 8\d of 100 futures the money is not", found.payback.why_not)
    assert found.payback_discounted.share < found.payback.share + 1e-12
    free = analyse(invested(Normal(10, 1), spent="0"), draws=1000, seed=1)
    assert free.irr.p50 is None
    assert free.irr.why_not == "in every future nothing is spent first"
    assert free.roi.why_not == "in every future nothing is spent"
    assert free.payback.p95 == 0


def assert_matches(pattern, text):
    with pytest.raises(ValueError, match=pattern):
        raise ValueError(text)


def test_payback_is_that_of_the_estimate():
    case = invested(Normal(60, 30), success_probability=0.8)
    found, told = analyse(case, draws=5000, seed=2), estimate(case, draws=5000, seed=2)
    assert found.payback.p50 == told.payback_years
    assert found.payback.share == told.p_pays_back
    assert found.payback_discounted.p50 > found.payback.p50
    assert found.evpi == approx(told.evpi)


@pytest.mark.parametrize("formula", ["earned / other", "other ** 0.5"])
def test_undefined_quantiles_are_a_result_with_its_reason(formula):
    case = invested(Fixed(60))
    case = replace(
        case,
        quantities=(*case.quantities, Quantity("other", Normal(0, 1))),
        drivers=(Driver("gain", "", Category.REVENUE, Per.YEAR, formula),),
    )
    found = analyse(case, draws=1000, seed=1)
    assert_matches("driver 'gain': .*other", found.undefined)
    assert found.inputs == ()
    assert found.evpi is None
    for measure in (found.irr, found.payback, found.payback_discounted, found.roi):
        assert measure.p50 is None
        assert measure.why_not == found.undefined
    assert Analysis.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_divisor_kept_away_from_zero_is_defined():
    case = invested(Fixed(60))
    case = replace(
        case,
        quantities=(*case.quantities, Quantity("other", Normal(0, 1), lower=0.5)),
        drivers=(Driver("gain", "", Category.REVENUE, Per.YEAR, "earned / other"),),
    )
    assert analyse(case, draws=1000, seed=1).undefined == ""


def test_case_with_problems_is_not_analysed():
    with pytest.raises(CaseProblem, match="horizon of 0 years"):
        analyse(invested(Fixed(1), horizon_years=0), seed=1)


def test_correlated_inputs_have_the_indices_of_their_group(product_case):
    linked = replace(product_case(), correlations=(Correlation("churn", "save", -0.5),))
    found = analyse(linked, draws=20_000, seed=1)
    assert found.sobol_note == CORRELATED
    groups = [index.names for index in found.groups]
    assert groups == [("churn", "save"), ("cost",), ("cust",), ("margin",)]
    inputs = {each.name: each for each in found.inputs}
    assert inputs["churn"].total is None
    assert inputs["save"].first_order is None
    assert inputs["cost"].total == found.groups[1].total
    assert inputs["save"].evppi > 0


def test_analysis_survives_json_and_keeps_what_it_takes_to_compute_it_again(
    product_case,
):
    linked = replace(product_case(), correlations=(Correlation("churn", "save", -0.5),))
    found = analyse(linked, draws=2000, seed=9)
    assert Analysis.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert (found.draws, found.seed) == (2000, 9)
    assert found.engine_version == ENGINE_VERSION
    assert analyse(linked, draws=2000, seed=9) == found
    digests = {
        found.digest,
        estimate(linked, draws=2000, seed=9).digest,
        analyse(linked, draws=2001, seed=9).digest,
        analyse(linked, draws=2000, seed=8).digest,
        analyse(product_case(), draws=2000, seed=9).digest,
    }
    assert len(digests) == 5


@settings(max_examples=20)
@given(
    formula=st.sampled_from(
        ["a * b - c", "max(a, b) - c", "a ** 2 - b * c", "a - b - c", "a * b * c - 2"]
    ),
    rho=st.floats(-0.9, 0.9),
    seed=st.integers(0, 2**32),
)
def test_one_input_is_never_worth_more_than_all(formula, rho, seed):
    beliefs = {"a": Pert(0, 1, 4), "b": Normal(1, 2), "c": LogNormal(0, 0.6)}
    case = ValueCase(
        quantities=tuple(Quantity(name, belief) for name, belief in beliefs.items()),
        drivers=(Driver("gain", "", Category.REVENUE, Per.YEAR, formula),),
        volume=None,
        prevalence=None,
        horizon_years=2,
        discount_rate=0.05,
        correlations=(Correlation("a", "c", rho),),
    )
    found = analyse(case, draws=3000, seed=seed)
    assert all(0 <= each.evppi <= found.evpi for each in found.inputs)
    turned = replace(case, quantities=case.quantities[::-1])
    again = analyse(turned, draws=3000, seed=seed)
    assert replace(again, digest=found.digest) == found


def test_churn_template_is_the_one_value_function(classifier_case):
    case = classifier_case(hit=Pert(100, 180, 300), tpr=Pert(0.5, 0.7, 0.9))
    found = analyse(case, draws=5000, seed=1)
    values = draw(case, draws=5000, seed=1)
    net = yearly_net(case, values, *rates(case, values))
    assert found.evpi == approx(np.maximum(net, 0).mean() - max(net.mean(), 0))
    shares = {each.name: each.total for each in found.inputs}
    assert shares["hit"] + shares["tpr"] > 0.99
    assert shares["cases"] == 0


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_every_template_can_be_analysed(template):
    found = analyse(template.case({}), draws=2000, seed=1)
    assert found.undefined == ""
    assert {each.name for each in found.inputs} == {q.name for q in template.questions}
    # Independent inputs explain all of the variance together, each at least its own.
    assert sum(each.first_order for each in found.inputs) < 1.02
    assert sum(each.total for each in found.inputs) > 0.98
    assert all(each.tornado_low < each.tornado_high for each in found.inputs)
