"""Information is worth what VALUE's vectors 5a, 5b and 5e say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from engine.value.case import Category, Driver, Per, Quantity
from engine.value.distributions import LogNormal, Normal, Triangular
from engine.value.information import (
    break_even,
    evpi,
    evpi_of_normal,
    evppi,
    evppi_of_line,
)
from engine.value.simulate import draw, estimate, yearly_net

approx = pytest.approx
DRAWS = 200_000


def test_evpi_of_a_normal_is_vector_5a():
    assert evpi_of_normal(50, 100) == approx(19.7796557, rel=1e-8)
    assert ndtr(-50 / 100) == approx(0.30853754, rel=1e-7)
    # Dropping a loss is as safe as funding a gain.
    assert evpi_of_normal(-50, 100) == approx(19.7796557, rel=1e-8)


def test_evppi_of_two_normals_is_vector_5b():
    assert evpi_of_normal(50, 80) == approx(12.9536010, rel=1e-8)
    assert evpi_of_normal(50, 60) == approx(6.79829348, rel=1e-8)


def test_line_through_a_normal_is_vector_5b():
    x1 = Quantity("x1", Normal(60, 80))
    x2 = Quantity("x2", Normal(20, 60))
    assert evppi_of_line(x1, level=-10, slope=1) == approx(12.9536010, rel=1e-8)
    assert evppi_of_line(x2, level=30, slope=1) == approx(6.79829348, rel=1e-8)
    # The same, written as what x1 costs.
    mirrored = Quantity("x1", Normal(-60, 80))
    assert evppi_of_line(mirrored, level=-10, slope=-1) == approx(12.9536010, rel=1e-8)


def test_evpi_of_draws_is_that_of_the_normal():
    x = Normal(50, 100).ppf((np.arange(DRAWS) + 0.5) / DRAWS)
    assert evpi(x) == approx(19.7796557, rel=1e-4)


@pytest.fixture
def product_draws(product_case):
    case = product_case()
    values = draw(case, draws=DRAWS, seed=5)
    return values, yearly_net(case, values, 0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "exact"),
    [("save", 11_192.588), ("churn", 2_886.348), ("cost", 1_577.752)],
)
def test_regression_finds_the_exact_evppi_of_vector_5e(product_draws, name, exact):
    values, net = product_draws
    # The mean of `net` itself is off by up to 4 SE, and so is what is gained on it.
    error = 4 * 79_525.6 / math.sqrt(DRAWS)
    assert evppi(values[name], net) == approx(exact, abs=error)


def test_evppis_do_not_add_up(product_draws):
    """Trap 3: churn and save jointly are worth 13 726.649."""
    values, net = product_draws
    error = 4 * 79_525.6 / math.sqrt(DRAWS)
    # The net depends on the two through their product alone.
    jointly = evppi(values["churn"] * values["save"], net)
    assert jointly == approx(13_726.649, abs=error)
    singly = evppi(values["churn"], net) + evppi(values["save"], net)
    assert singly > jointly + 100


def test_order_of_the_draws_does_not_matter(product_draws):
    values, net = product_draws
    turned = evppi(values["save"][::-1], net[::-1])
    assert turned == approx(evppi(values["save"], net), rel=1e-6)


def test_number_that_is_known_is_worth_nothing_to_find_out():
    net = np.linspace(-1, 2, 100)
    assert evppi(np.full(100, 3.0), net) == 0
    assert evppi_of_line(Quantity("x", Normal(0, 1)), level=5, slope=0) == 0


@pytest.mark.parametrize(
    "belief", [Normal(0.4, 0.5), LogNormal(-1, 1), Triangular(-1, 0.2, 2)], ids=repr
)
@pytest.mark.parametrize("slope", [3.0, -3.0])
def test_worth_of_a_bounded_input_is_that_of_its_clipped_draws(belief, slope):
    share = Quantity("x", belief, lower=0.0, upper=1.0)
    x = share.clip(belief.ppf((np.arange(DRAWS) + 0.5) / DRAWS))
    level = -slope * 0.45
    found = evppi_of_line(share, level=level, slope=slope)
    assert found == approx(evpi(level + slope * x), abs=1e-4)


def test_break_even_beyond_the_bounds_is_none():
    share = Quantity("x", Normal(0.5, 0.1), lower=0.0, upper=1.0)
    assert break_even(lambda x: x - 2, share, is_linear=True) is None
    assert break_even(lambda x: x - 0.9, share, is_linear=True) == approx(0.9)
    assert break_even(lambda _: 5.0, share, is_linear=True) is None
    assert break_even(lambda _: 5.0, share, is_linear=False) is None


def test_break_even_of_a_curve_is_the_one_near_the_middle():
    x = Quantity("x", Normal(2, 2))
    assert break_even(lambda at: at**2 - 4, x, is_linear=False) == approx(2)


def test_worth_of_finding_out_is_least_where_the_choice_is_clear(product_case):
    case = product_case()
    grant = Driver("grant", "", Category.REVENUE, Per.YEAR, "1000000")
    clear = estimate(replace(case, drivers=(*case.drivers, grant)), seed=1)
    assert clear.evpi == 0
    assert max(sway.evppi for sway in clear.sways) == approx(0, abs=1e-6)
