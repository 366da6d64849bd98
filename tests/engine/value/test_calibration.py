"""VALUE's vectors 9a and 9b, and what scores must do."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.value.calibration import (
    NotScored,
    Stated,
    bias_ratio,
    brier,
    calibrate,
    coverage,
    crps,
    crps_ensemble,
    crps_lognormal,
    crps_normal,
    interval_score,
    mean_interval_score,
    widening,
)
from engine.value.distributions import Fixed, LogNormal, Normal, Triangular

approx = pytest.approx

TEN = [
    Stated(low, (low + high) / 2, high, realised)
    for low, high, realised in (
        (10, 30, 25),
        (100, 180, 190),
        (5, 9, 6),
        (40, 70, 71),
        (1, 4, 2.5),
        (200, 320, 260),
        (15, 22, 30),
        (50, 90, 55),
        (8, 12, 11),
        (60, 75, 50),
    )
]


def test_vector_9a():
    found = coverage(TEN)
    assert (found.inside, found.total, found.share) == (6, 10, 0.6)
    assert found.tail == approx(0.0127951984)
    assert mean_interval_score(TEN) == approx(90.3)
    assert widening(TEN) == approx(2.428571, rel=1e-6)
    assert found.verdict == "too_narrow"


def test_vector_9b():
    belief = LogNormal.from_interval(10, 90)
    assert crps_lognormal(belief.mu, belief.sigma, 60) == approx(17.5975369)
    normal = Normal.from_interval(-5, 25)
    assert crps_normal(normal.mean, normal.sd, 20) == approx(6.11500010)
    assert crps_ensemble([1, 2, 4, 7], 3) == approx(0.75)


def test_ranges_widened_by_the_factor_hold_what_was_stated():
    factor = widening(TEN)
    wider = [
        Stated(m - factor * h, m, m + factor * h, each.realised)
        for each in TEN
        for m, h in [((each.low + each.high) / 2, (each.high - each.low) / 2)]
    ]
    assert coverage(wider).inside == 9


@pytest.mark.parametrize(
    ("inside", "total", "verdict"),
    [
        (0, 1, "too_few"),
        (1, 1, "too_few"),
        (0, 2, "too_narrow"),
        (9, 10, "as_said"),
        (10, 10, "as_said"),
        # .9²⁹ = .0471
        (29, 29, "too_wide"),
        (28, 28, "as_said"),
    ],
)
def test_verdict_waits_for_a_surprise(inside, total, verdict):
    hits = [Stated(0, 1, 2, 1)] * inside + [Stated(0, 1, 2, 3)] * (total - inside)
    assert coverage(hits).verdict == verdict


def test_coverage_of_another_stated_share():
    # Binomial(10, .5): P(≤6) = 848/1024.
    assert coverage(TEN, stated=0.5).tail == approx(848 / 1024)
    low, high = coverage(TEN).low, coverage(TEN).high
    assert low < 0.6 < high < 0.9


def test_interval_score_charges_for_width_and_misses():
    assert interval_score(Stated(10, 15, 20, 15)) == 10
    # Two outside at 2/.1 each
    assert interval_score(Stated(10, 15, 20, 22)) == approx(10 + 20 * 2)
    assert interval_score(Stated(10, 15, 20, 8)) == approx(10 + 20 * 2)


def test_scores_on_other_scales_do_not_know_the_unit():
    cents = [
        Stated(100 * s.low, 100 * s.likely, 100 * s.high, 100 * s.realised) for s in TEN
    ]
    for scale in ("width", "log"):
        assert mean_interval_score(cents, scale=scale) == approx(
            mean_interval_score(TEN, scale=scale)
        )
    assert mean_interval_score([Stated(1, 2, math.e, 2)], scale="log") == approx(1)


def test_score_of_a_belief_is_closed_or_by_quantiles():
    assert crps(Normal.from_interval(-5, 25), 20) == approx(6.11500010)
    assert crps(LogNormal.from_interval(10, 90), 60) == approx(17.5975369)
    assert crps(Fixed(4), 7) == approx(3)
    # Uniform-like check: triangular(0, 0.5, 1) at its middle:
    # E|X − ½| − ½·E|X − X′| = 1/6 − 7/60.
    assert crps(Triangular(0, 0.5, 1), 0.5) == approx(1 / 6 - 7 / 60, abs=1e-5)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20), st.floats(-60, 60))
def test_ensemble_score_is_the_double_sum(values, realised):
    x = np.array(values)
    direct = np.abs(x - realised).mean() - np.abs(x[:, None] - x).mean() / 2
    assert crps_ensemble(values, realised) == approx(direct, abs=1e-9)
    assert direct >= -1e-9


@given(st.floats(-3, 3))
def test_honest_belief_scores_best_on_average(shift):
    # Against outcomes of N(0, 1), the belief N(0, 1) has the least mean score.
    outcomes = Normal(0, 1).ppf((np.arange(200) + 0.5) / 200)
    honest = np.mean([crps_normal(0, 1, y) for y in outcomes])
    other = np.mean([crps_normal(shift, 1, y) for y in outcomes])
    assert honest <= other + 1e-12


def test_lognormal_score_of_an_outcome_below_zero():
    # All of the belief lies above: E X − y − ½E|X − X′|.
    belief = LogNormal(0, 1)
    near = crps_lognormal(0, 1, 1e-12)
    assert crps_lognormal(0, 1, -2) == approx(near + 2)
    assert crps(belief, 0) == approx(near)


def test_brier_and_its_skill_by_hand():
    found = brier([0.9, 0.6, 0.2, 0.5], [1, 1, 0, 0])
    # A quarter of .01, .16, .04 and .25 together.
    assert found.score == approx(0.115)
    assert (found.base_rate, found.skill) == (0.5, approx(1 - 0.115 / 0.25))
    assert brier([0.9], [1]).skill is None


def test_bias_ratio_by_hand():
    found = bias_ratio([100, 100, 100], [50, 100, 80])
    # ln .5, 0, ln .8: mean −.305430, sd .353824; t(2; .95) = 2.919986.
    assert found.ratio == approx(0.736806, rel=1e-6)
    reach = 2.919986 * 0.3538240 / math.sqrt(3)
    assert found.low == approx(0.736806 * math.exp(-reach), rel=1e-5)
    assert found.high == approx(0.736806 * math.exp(reach), rel=1e-5)
    assert not found.is_clear
    assert bias_ratio([100] * 20, [50, 60] * 10).is_clear
    one = bias_ratio([100], [80])
    assert (one.ratio, one.low, one.is_clear) == (approx(0.8), None, False)


def test_calibration_says_all_of_it():
    found = calibrate(TEN)
    assert (found.verdict, found.coverage.inside) == ("too_narrow", 6)
    assert found.widening == approx(2.428571, rel=1e-6)
    assert found.bias is not None
    assert found.bias.total == 10
    assert json.loads(json.dumps(found.to_json()))["digest"] == found.digest
    assert calibrate(TEN[:9]).digest != found.digest


def test_calibration_leaves_out_what_has_no_meaning():
    found = calibrate([Stated(5, 5, 5, 0), Stated(-3, -2, -1, -2)])
    assert (found.widening, found.interval_score, found.bias) == (None, None, None)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: coverage([]), "nothing has come true"),
        (lambda: widening([]), "nothing has come true"),
        (lambda: coverage(TEN, stated=90), "stated share 90"),
        (lambda: Stated(3, 2, 1, 2), "low 3 is above high 1"),
        (lambda: Stated(1, 2, math.inf, 2), "finite numbers"),
        (
            lambda: mean_interval_score([Stated(-1, 0, 1, 1)], scale="log"),
            "above 0 have logarithms",
        ),
        (
            lambda: mean_interval_score([Stated(-1, 0, 1, 0)], scale="width"),
            "truth of 0",
        ),
        (lambda: crps_ensemble([], 1), "no values"),
        (lambda: brier([0.1, 0.2], [1]), "give one for one"),
        (lambda: brier([1.2], [1]), "no share"),
        (lambda: brier([0.2], [2]), "neither 0 nor 1"),
        (lambda: bias_ratio([1], [1, 2]), "give one for one"),
        (lambda: bias_ratio([1], [-2]), "leave losses out"),
    ],
)
def test_what_cannot_be_scored_is_said(ask, said):
    with pytest.raises(NotScored, match=said):
        ask()
