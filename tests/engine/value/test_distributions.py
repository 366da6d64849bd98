"""Distributions give the published numbers of VALUE's vectors 1 and 10."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from engine.value.distributions import (
    SHAPES,
    Beta,
    DistributionProblem,
    Fixed,
    LogNormal,
    Mixture,
    Normal,
    Pert,
    Triangular,
    belief,
    distribution_from_json,
    pert_from_quantiles,
    triangular_from_quantiles,
)

approx = pytest.approx
EVERY = [
    Fixed(3.0),
    Beta(2.5, 7.0),
    Beta(150.5, 50.5),
    Pert(20, 50, 110),
    Pert(0, 0, 10),
    Pert(0, 10, 10),
    Triangular(1, 2, 5),
    Triangular(1, 1, 5),
    Triangular(1, 5, 5),
    Normal(10, 3),
    LogNormal(3.4, 0.7),
    Mixture((LogNormal(3.4, 0.7), Pert(20, 50, 110), Fixed(40))),
]


def test_pert_between_ends_is_vector_1a():
    pert = Pert(20, 50, 110)
    assert pert.shape.alpha == approx(2.3333333, rel=1e-6)
    assert pert.shape.beta == approx(3.6666667, rel=1e-6)
    assert pert.mean == approx(55)
    assert pert.sd == approx(16.5831240, rel=1e-8)
    quantiles = pert.ppf([0.05, 0.5, 0.95])
    assert quantiles == approx([29.8549153, 53.8231256, 84.1958648], rel=1e-8)
    assert pert.cdf(60) == approx(0.62821288, rel=1e-7)


def test_lognormal_of_an_interval_is_vector_1c():
    lognormal = LogNormal.from_interval(10, 90)
    assert lognormal.mu == approx(3.40119738, rel=1e-8)
    assert lognormal.sigma == approx(0.66790885, rel=1e-7)
    assert lognormal.ppf(0.5) == approx(30)
    assert lognormal.mean == approx(37.4965337, rel=1e-8)
    assert lognormal.sd == approx(28.1151790, rel=1e-8)
    assert lognormal.ppf(0.99) == approx(141.880578, rel=1e-8)


def test_pert_through_p5_and_p95_is_vector_1e():
    pert = pert_from_quantiles(20, 50, 110)
    assert isinstance(pert, Pert)
    assert pert.low == approx(6.14377523, rel=1e-8)
    assert pert.high == approx(157.951603, rel=1e-8)
    assert pert.mean == approx(60.6825631, rel=1e-8)
    assert pert.sd == approx(27.5290380, rel=1e-8)


def test_normal_of_an_interval_has_its_p5_and_p95():
    normal = Normal.from_interval(-5, 25)
    assert normal.mean == 10
    assert normal.ppf([0.05, 0.95]) == approx([-5, 25])


def test_triangle_has_its_published_moments():
    triangle = Triangular(1, 2, 6)
    assert triangle.mean == approx(3)
    assert triangle.sd == approx(math.sqrt(21 / 18))
    assert triangle.cdf([1, 2, 6]) == approx([0, 0.2, 1])


@given(
    low=st.floats(-1e6, 1e6),
    width=st.floats(1e-3, 1e6),
    place=st.floats(0, 1),
)
def test_pert_through_quantiles_has_them(low, width, place):
    high = low + width
    likely = min(low + place * width, high)
    pert = pert_from_quantiles(low, likely, high)
    assert pert.cdf([low, high]) == approx([0.05, 0.95], abs=1e-5)
    assert pert.likely == likely


def test_three_equal_numbers_are_a_known_number():
    assert pert_from_quantiles(5, 5, 5) == Fixed(5)


def test_triangle_through_p5_and_p95_is_worked_out_by_hand():
    # With ends 0 and 20 and peak 5: P5 = √(.05·20·5), P95 = 20 − √(.05·20·15).
    triangle = triangular_from_quantiles(math.sqrt(5), 5, 20 - math.sqrt(15))
    assert isinstance(triangle, Triangular)
    assert (triangle.low, triangle.likely) == (approx(0, abs=1e-9), 5)
    assert triangle.high == approx(20)


@given(
    shape=st.sampled_from(SHAPES),
    low=st.floats(1e-2, 1e6),
    width=st.floats(1e-2, 1e6),
    place=st.floats(0, 1),
)
def test_nine_times_in_ten_the_truth_lies_between_low_and_high(
    shape, low, width, place
):
    high = low + width
    likely = min(low + place * width, high)
    believed = belief(shape, low, likely, high)
    assert believed.cdf([low, high]) == approx([0.05, 0.95], abs=1e-5)
    assert distribution_from_json(believed.to_json()) == believed


@pytest.mark.parametrize("shape", SHAPES)
def test_one_number_three_times_is_known_in_every_shape(shape):
    assert belief(shape, 5, 5, 5) == Fixed(5)


def test_shapes_are_what_their_names_say():
    assert belief("pert", 20, 50, 110) == pert_from_quantiles(20, 50, 110)
    assert belief("triangular", 2, 5, 9) == triangular_from_quantiles(2, 5, 9)
    assert belief("normal", -5, 3, 25) == Normal.from_interval(-5, 25)
    assert belief("lognormal", 10, 20, 90) == LogNormal.from_interval(10, 90)


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        (("lognormal", 0, 5, 9), "low is 0: a lognormal range .* raise low above 0"),
        (("lognormal", -3, 5, 9), "low is -3: a lognormal range"),
        (("cauchy", 1, 5, 9), "shape 'cauchy' is unknown: use one of pert, triang"),
        (("normal", 9, 5, 1), "low 9 is above high 1: swap them"),
        (("triangular", 1, 0, 9), "likely 0 lies outside 1 to 9"),
        (("normal", 1, 99, 9), "likely 99 lies outside 1 to 9"),
    ],
)
def test_bad_belief_names_the_number_and_the_remedy(said, remedy):
    with pytest.raises(DistributionProblem, match=remedy):
        belief(*said)


@pytest.mark.parametrize(
    ("numbers", "remedy"),
    [
        ((10, 7, 5), "low 10 is above high 5: swap them"),
        ((1, 0, 3), "likely 0 lies outside 1 to 3: choose"),
        ((1, 4, 3), "likely 4 lies outside 1 to 3: choose"),
        ((math.nan, 2, 3), "low is nan: give a finite number"),
        ((1, math.inf, 3), "likely is inf: give a finite number"),
        ((1, 2, math.inf), "high is inf: give a finite number"),
        ((-1e308, 0, 1e308), "give a finite number"),
    ],
)
def test_bad_range_names_the_number_and_the_remedy(numbers, remedy):
    with pytest.raises(DistributionProblem, match=remedy):
        pert_from_quantiles(*numbers)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Fixed(math.nan),
        lambda: Pert(1, 1, 1),
        lambda: Pert(3, 2, 1),
        lambda: Triangular(2, 2, 2),
        lambda: Triangular(1, 9, 2),
        lambda: Normal(0, 0),
        lambda: Normal(math.inf, 1),
        lambda: Normal.from_interval(3, 3),
        lambda: LogNormal(0, -1),
        lambda: LogNormal.from_interval(0, 5),
        lambda: LogNormal.from_interval(5, 2),
        lambda: Beta(0, 1),
        lambda: Mixture(()),
    ],
)
def test_impossible_distribution_is_refused(make):
    with pytest.raises(DistributionProblem):
        make()


@pytest.mark.parametrize("distribution", EVERY, ids=repr)
def test_table_is_the_exact_inverse(distribution):
    shares = np.linspace(0.0005, 0.9995, 1999)
    exact = distribution.ppf(shares)
    span = float(exact[-1] - exact[0]) or 1.0
    assert np.abs(distribution.table()(shares) - exact).max() < 1e-4 * span


@pytest.mark.parametrize("distribution", EVERY, ids=repr)
def test_moments_are_those_of_the_quantiles(distribution):
    shares = (np.arange(200_000) + 0.5) / 200_000
    draws = distribution.table()(shares)
    assert draws.mean() == approx(distribution.mean, rel=1e-4)
    assert draws.std() == approx(distribution.sd, rel=2e-3, abs=1e-9)


@pytest.mark.parametrize("distribution", EVERY, ids=repr)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.97])
def test_shortfall_is_the_area_under_the_cdf(distribution, share):
    x = float(distribution.ppf(share)) + 0.01
    low = min(float(distribution.grid()[0]), x)
    # 40 is where the mixture jumps: an integrator must be told.
    jumps = [at for at in (3.0, 40.0) if low < at < x] or None
    area, _ = quad(
        lambda at: float(distribution.cdf(at)), low, x, points=jumps, limit=400
    )
    assert distribution.shortfall(x) == approx(area, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("distribution", EVERY, ids=repr)
def test_distribution_survives_json(distribution):
    assert distribution_from_json(distribution.to_json()) == distribution


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"kind": "cauchy"},
        {"kind": "pert", "low": 1},
        {"kind": "normal"},
        {"kind": "fixed", "value": "x"},
        {"kind": "mixture"},
    ],
)
def test_unknown_json_is_refused(content):
    with pytest.raises(DistributionProblem):
        distribution_from_json(content)
