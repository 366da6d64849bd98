"""Forecast errors in money: closed forms against integrals, bands against resamples."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from engine.value.case import (
    CaseProblem,
    Category,
    Driver,
    Forecast,
    Per,
    Quantity,
    ValueCase,
)
from engine.value.classifier import NotPriced, price, required
from engine.value.classifier.pricing import Counts
from engine.value.distributions import Distribution, Fixed, Normal, Pert
from engine.value.regression import (
    Misses,
    best_quantile,
    misses_json,
    misses_of,
    newsvendor_cost,
    newsvendor_gain,
    price_at_errors,
    price_errors,
    quadratic_gain,
    required_mae,
    symmetric_gain,
    tolerance_gain,
    worth_of_units,
)
from engine.value.simulate import estimate, yearly_net
from engine.value.templates import CHURN, FORECAST

approx = pytest.approx


def forecast_case(**inputs: Distribution) -> ValueCase:
    """1,000 forecasts that miss by 10 today, 4 too low; a unit costs 3 and 1."""
    beliefs = {
        "count": Fixed(1_000),
        "today": Fixed(10),
        "model": Fixed(8),
        "few": Fixed(3),
        "many": Fixed(1),
        "fixed": Fixed(2_000),
    } | inputs
    return ValueCase(
        quantities=tuple(Quantity(name, belief) for name, belief in beliefs.items()),
        drivers=(
            Driver("sales", "", Category.REVENUE, Per.UNDER, "few"),
            Driver("stock", "", Category.SAVINGS, Per.OVER, "many"),
            Driver("running", "", Category.COST, Per.YEAR, "fixed"),
        ),
        volume="count",
        prevalence=None,
        horizon_years=1,
        discount_rate=0.0,
        forecast=Forecast("today * 0.4", "today * 0.6", "model * 0.4", "model * 0.6"),
    )


def expected_loss(offer: float, *, sd: float, under: float, over: float) -> float:
    """The mean cost of offering so much against a demand of N(0, sd)."""
    few, _ = quad(lambda x: (x - offer) * norm.pdf(x, 0, sd), offer, 12 * sd)
    many, _ = quad(lambda x: (offer - x) * norm.pdf(x, 0, sd), -12 * sd, offer)
    return under * few + over * many


@pytest.mark.parametrize(("under", "over"), [(3.0, 1.0), (1.0, 4.0), (2.0, 2.0)])
def test_newsvendor_is_the_least_of_the_integral(under, over):
    best = minimize_scalar(
        lambda offer: expected_loss(offer, sd=5, under=under, over=over),
        bounds=(-15, 15),
        method="bounded",
    )
    assert newsvendor_cost(5, under_cost=under, over_cost=over) == approx(
        best.fun, rel=1e-6
    )
    share = best_quantile(under_cost=under, over_cost=over)
    assert share == under / (under + over)
    assert norm.ppf(share) * 5 == approx(best.x, abs=1e-3)


def test_gains_by_hand():
    # φ(0.6744898) = 0.3177766: four times that for each unit of sd.
    gain = newsvendor_gain(10, 8, under_cost=3, over_cost=1, volume=1_000)
    assert gain == approx(4 * 0.3177766 * 2 * 1_000, rel=1e-6)
    # Alike on both sides: the mean absolute error of N(0, σ) is σ·√(2/π).
    assert symmetric_gain(10, 8, cost=3, volume=1_000) == approx(
        newsvendor_gain(10, 8, under_cost=3, over_cost=3, volume=1_000)
    )
    assert symmetric_gain(10, 8, cost=3, volume=1) == approx(
        3 * 2 * 0.7978846, rel=1e-6
    )
    assert quadratic_gain(10, 8, cost=2, volume=5) == 5 * 2 * 36
    # 2Φ(−1) − 2Φ(−1.25) = .3173105 − .2112995
    assert tolerance_gain(10, 8, tolerance=10, penalty=7, volume=100) == approx(
        700 * 0.1060110, rel=1e-5
    )
    assert tolerance_gain(10, 0, tolerance=10, penalty=1, volume=1) == approx(0.3173105)


def test_one_sided_cost_needs_no_forecast_at_all():
    # With nothing to lose on one side, offering endlessly costs nothing.
    assert newsvendor_cost(5, under_cost=3, over_cost=0) == 0
    for costs in ((0, 0), (-1, 3)):
        with pytest.raises(CaseProblem, match="give amounts, one above 0"):
            best_quantile(under_cost=costs[0], over_cost=costs[1])


def test_net_is_units_spared_times_their_worth():
    case = forecast_case()
    # 1,000 · [3·(4 − 3) + 1·(6 − 5)] − 2,000
    assert yearly_net(case, case.means(), 3, 5) == approx(2_000)
    # As wrong as today: only the running cost.
    assert yearly_net(case, case.means(), 4, 6) == approx(-2_000)
    # Assumed before a run: 8 instead of 10, split alike.
    assert estimate(case, seed=1).annual.mean == approx(1_000 * (3 * 0.8 + 1.2) - 2_000)


def test_mean_is_exact_and_that_of_the_draws():
    case = forecast_case(
        today=Pert(8, 10, 14),
        model=Pert(5, 8, 11),
        few=Pert(1, 3, 6),
        count=Pert(500, 1_000, 2_000),
    )
    found = estimate(case, draws=200_000, seed=3)
    assert found.mean_is_exact
    by_hand = case.means()["count"] * (case.means()["today"] - case.means()["model"])
    by_hand *= 0.4 * case.means()["few"] + 0.6
    assert found.annual.mean == approx(by_hand - 2_000)
    assert found.npv.p50 != found.npv.mean
    # A quantity on both sides of a product is not independent of itself.
    twice = replace(case, volume="count * few")
    assert not estimate(twice, seed=3).mean_is_exact


def test_known_business_and_endless_forecasts_have_no_band():
    endless = Misses(n=10**12, under=3, over=5, under_sd=4, over_sd=6)
    found = price_errors(forecast_case(), endless, seed=1)
    assert (found.mean, found.observed) == (approx(2_000), approx(2_000))
    assert found.p95 - found.p5 < 1
    assert not found.too_little_evidence


def residuals(n: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.gamma(4, 10, n)
    return truth, truth + rng.normal(0.5, 6, n) * rng.lognormal(0, 0.5, n)


def test_band_is_that_of_a_bootstrap_of_the_residuals():
    case = forecast_case()
    truth, forecast = residuals(400)
    found = price_errors(case, Misses.of(truth, forecast), draws=50_000, seed=1)
    rng = np.random.default_rng(9)
    under, over = np.maximum(truth - forecast, 0), np.maximum(forecast - truth, 0)
    picks = rng.integers(0, 400, (4_000, 400))
    nets = yearly_net(
        case, case.means(), under[picks].mean(axis=1), over[picks].mean(axis=1)
    )
    p5, p95 = np.quantile(nets, (0.05, 0.95))
    width = p95 - p5
    assert (found.sampling_p5, found.sampling_p95) == approx(
        (p5, p95), abs=0.04 * width
    )
    assert found.observed == approx(
        yearly_net(case, case.means(), under.mean(), over.mean())
    )
    # Nothing else is unknown here, so the whole band is the sampling band.
    assert (found.p5, found.p95) == approx((found.sampling_p5, found.sampling_p95))


def test_misses_are_never_both_so_their_covariance_is_known():
    truth, forecast = residuals(300)
    found = Misses.of(truth, forecast)
    under, over = np.maximum(truth - forecast, 0), np.maximum(forecast - truth, 0)
    assert found.correlation == approx(np.corrcoef(under, over)[0, 1])
    assert found.mae == approx(np.abs(truth - forecast).mean())
    drawn = found.means(draws=100_000, seed=2)
    assert np.corrcoef(*drawn)[0, 1] == approx(found.correlation, abs=0.02)
    assert drawn[0].std() == approx(under.std() / math.sqrt(300), rel=0.02)


def test_uncertain_business_widens_the_band_but_not_the_sampling_band():
    truth, forecast = residuals(400)
    misses = Misses.of(truth, forecast)
    sure = price_errors(forecast_case(), misses, seed=1)
    unsure = price_errors(forecast_case(few=Normal(3, 1)), misses, seed=1)
    assert unsure.p95 - unsure.p5 > 1.2 * (sure.p95 - sure.p5)
    assert unsure.sampling_p5 == approx(sure.sampling_p5)
    assert unsure.mean_is_exact


def test_runs_share_their_random_numbers():
    truth, forecast = residuals(400)
    misses = Misses.of(truth, forecast)
    worse = replace(misses, under=misses.under + 0.1)
    case = forecast_case(few=Normal(3, 1))
    one, other = (price_errors(case, each, seed=1) for each in (misses, worse))
    # 1,000 · 3 · 0.1 less; far inside the bands, and yet seen.
    assert one.mean - other.mean == approx(300)
    assert one.digest != other.digest
    assert one == price_errors(case, misses, seed=1)


@pytest.mark.parametrize(
    ("n", "is_little"), [(10, True), (29, True), (100, True), (200, False)]
)
def test_too_few_forecasts_are_said(n, is_little):
    # Normal errors: half of N(0, 1) is its mean .3989 and sd .5838 on each side.
    normal = Misses(n, 0.398942, 0.398942, 0.583794, 0.583794)
    assert normal.too_little_evidence is is_little
    assert normal.correlation == approx(-0.159155 / 0.340845, rel=1e-4)


def test_means_alone_give_a_point_that_is_never_evidence():
    case = forecast_case(few=Normal(3, 0.5))
    found = price_at_errors(case, under=3, over=5, seed=1)
    assert found.too_little_evidence
    assert found.sampling_p5 == found.sampling_p95 == approx(2_000)
    assert found.p5 < found.mean < found.p95


def test_logged_numbers_are_taken_as_fully_as_they_go():
    truth, forecast = residuals(50)
    misses = Misses.of(truth, forecast)
    full = misses_json(misses)
    assert misses_of(full) == misses
    assert json.loads(json.dumps(full)) == full
    errors = forecast - truth
    means = misses_of({"mae": np.abs(errors).mean(), "bias": errors.mean()})
    assert means == approx((misses.under, misses.over))
    assert misses_of({"under": 3.0, "over": 5.0, "mae": 99.0, "bias": 0.0}) == (3, 5)
    assert misses_of({"rmse": 3.0, "mae": 2.0}) is None
    with pytest.raises(NotPriced, match="bias 3 is larger than mae 2"):
        misses_of({"mae": 2.0, "bias": 3.0})


def test_required_mae_breaks_even():
    # 2,000 = 1,000 · [3·(4 − .4·m) + 6 − .6·m]: m = 16/1.8.
    found = required_mae(forecast_case(), seed=1)
    assert found.threshold == approx(16 / 1.8)
    assert (found.comparison, found.at) == ("at_most", approx(0.4))
    # All of it too low costs three times as much: 16/3.
    assert required_mae(forecast_case(), low_share=1, seed=1).threshold == approx(
        16 / 3
    )


def test_required_mae_pays_as_often_as_said():
    case = forecast_case(few=Normal(3, 0.5), today=Normal(10, 1))
    found = required_mae(case, draws=20_000, confidence=0.8, seed=1)
    assert found.p50 > found.p80 == found.threshold > found.p90
    held = price_at_errors(
        case,
        under=0.4 * found.threshold - 1e-9,
        over=0.6 * found.threshold,
        draws=20_000,
        seed=1,
    )
    assert held.p_positive == approx(0.8, abs=0.001)


def test_business_no_forecast_can_save_has_no_threshold():
    found = required_mae(forecast_case(fixed=Fixed(1e6)), seed=1)
    assert (found.threshold, found.note) == (None, "no mae pays at this confidence")
    with pytest.raises(NotPriced, match="costs nothing in some futures"):
        required_mae(forecast_case(few=Fixed(0), many=Fixed(0)), seed=1)
    with pytest.raises(NotPriced, match="low share 2"):
        required_mae(forecast_case(), low_share=2, seed=1)


def test_classifier_and_forecast_are_not_priced_by_each_others_case():
    with pytest.raises(NotPriced, match="counts no errors of forecasts"):
        price_at_errors(CHURN.case({}), under=1, over=1, seed=1)
    with pytest.raises(NotPriced, match="prices regressions, and no classifier"):
        price(forecast_case(), Counts(1, 1, 1, 1), seed=1)
    with pytest.raises(NotPriced, match="prices regressions, and no classifier"):
        required(forecast_case(), metric="auc", seed=1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"volume": None}, "a forecast needs a volume"),
        (
            {"forecast": Forecast("today", "todya", "model", "model")},
            "forecast, over_today.*'today'",
        ),
        ({"forecast": None, "prevalence": "few"}, r"driver 'sales' counts per unit of"),
        (
            {"drivers": (Driver("hit", "", Category.REVENUE, Per.TP, "few"),)},
            "driver 'hit' counts per case",
        ),
    ],
)
def test_case_that_mixes_forecasts_and_cases_is_named(change, said):
    with pytest.raises(CaseProblem, match=said):
        replace(forecast_case(), **change).check()


def test_forecast_survives_json_and_changes_the_digest():
    case = forecast_case()
    content = json.loads(json.dumps(case.to_json()))
    assert ValueCase.from_json(content) == case
    # A case without one keeps the content it always had.
    assert "forecast" not in CHURN.case({}).to_json()
    with pytest.raises(CaseProblem, match="'under_today'"):
        ValueCase.from_json({**content, "forecast": {"over": "model"}})


def test_template_values_a_run_by_hand():
    beliefs = {
        "forecasts": Fixed(50_000),
        "error_today": Fixed(12),
        "error_cut": Fixed(0.25),
        "under_cost": Fixed(2),
        "over_cost": Fixed(0.5),
        "running_cost": Fixed(60_000),
        "low_share": Fixed(0.5),
        "shelf_value": Fixed(0.2),
        "build_cost": Fixed(60_000),
    }
    case = FORECAST.case(beliefs, horizon_years=3, discount_rate=0.0)
    # 1.5 units spared on each side: 50 000 · 1.5 · (2 + .2 + .5) − 60 000
    assert estimate(case, seed=1).npv.mean == approx(3 * 142_500 - 60_000)
    # A run that misses by 4 and 5 spares 2 and 1.
    found = price_at_errors(case, under=4, over=5, seed=1)
    assert found.mean == approx(50_000 * (2 * 2.2 + 0.5) - 60_000)


@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=30),
    st.floats(-5, 5),
)
def test_misses_ignore_a_shift_of_both(errors, level):
    truth = np.full(len(errors), level)
    one = Misses.of(truth, truth + errors)
    other = Misses.of(np.zeros(len(errors)), np.array(errors))
    assert (one.under, one.over) == approx((other.under, other.over), abs=1e-9)
    assert one.over - one.under == approx(np.mean(errors), abs=1e-9)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: Misses.of([1, 2], [1]), "give one for one"),
        (lambda: Misses.of([], []), "give one for one"),
        (lambda: Misses.of([1.0], [math.nan]), "is not finite"),
        (lambda: Misses(0, 1, 1, 1, 1), "0 forecasts"),
        (lambda: Misses(9, -1, 1, 1, 1), "under is -1"),
        (
            lambda: price_at_errors(forecast_case(), under=-1, over=0, seed=1),
            "under is -1",
        ),
    ],
)
def test_senseless_misses_are_refused(ask, said):
    with pytest.raises(NotPriced, match=said):
        ask()


def test_unit_of_error_less_is_worth_its_cost_in_all_forecasts():
    assert worth_of_units(forecast_case()) == approx((3_000, 1_000))
    # At the means: 1,000 · 2 and 1,000 · 1.
    assert worth_of_units(forecast_case(few=Normal(2, 1))) == approx((2_000, 1_000))
    with pytest.raises(NotPriced, match="counts no errors of forecasts"):
        worth_of_units(CHURN.case({}))
