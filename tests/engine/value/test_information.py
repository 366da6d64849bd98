"""Information is worth what VALUE's vectors 5a, 5b and 5e say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from engine.value.case import Category, Driver, Per, Quantity
from engine.value.distributions import LogNormal, Normal, Triangular
from engine.value.information import (
    InformationProblem,
    break_even,
    evpi,
    evpi_of_normal,
    evppi,
    evppi_of_line,
    evsi_of_normal,
    staged_bet,
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


def test_sample_of_four_is_worked_out_by_hand():
    # s = 80, e = 120, n = 4: 6400/√(6400 + 14400/4) = 6400/100 = 64.
    # z = 50/64 = .78125: φ = .294019 and Φ(−z) = .217328, so 18.8172 − 10.8664.
    found = evsi_of_normal(50, sd=80, observations=4, noise_sd=120)
    assert found == approx(7.9508, abs=2e-4)


def test_sample_is_worth_what_choosing_by_it_gains():
    """The same from 400,000 futures: a truth, a sample of it, the choice, the gain."""
    rng = np.random.default_rng(7)
    truth = rng.normal(50, 80, 400_000)
    told = truth + rng.normal(0, 120 / 2, truth.size)
    believed = (50 / 80**2 + told / 60**2) / (1 / 80**2 + 1 / 60**2)
    gained = np.where(believed > 0, truth, 0.0) - truth
    error = 4 * float(gained.std()) / math.sqrt(truth.size)
    found = evsi_of_normal(50, sd=80, observations=4, noise_sd=120)
    assert gained.mean() == approx(found, abs=error)


@given(
    mean=st.floats(-1e3, 1e3),
    sd=st.floats(1, 1e3),
    noise_sd=st.floats(1, 1e3),
    observations=st.integers(1, 1000),
)
def test_more_observations_are_worth_more_and_never_more_than_the_truth(
    mean, sd, noise_sd, observations
):
    one, more = (
        evsi_of_normal(mean, sd=sd, observations=n, noise_sd=noise_sd)
        for n in (observations, 2 * observations)
    )
    assert -1e-9 <= one <= more + 1e-9
    assert more <= evpi_of_normal(mean, sd) + 1e-9


def test_sample_without_noise_is_the_truth_and_none_is_worth_nothing():
    truth = evpi_of_normal(50, 80)
    assert evsi_of_normal(50, sd=80, observations=1, noise_sd=0) == approx(truth)
    assert evsi_of_normal(50, sd=80, observations=0, noise_sd=5) == 0
    assert evsi_of_normal(50, sd=0, observations=9, noise_sd=5) == 0


def test_pilot_of_a_long_shot_is_worked_out_by_hand():
    # Commit: .3·500 + .7·20 − 200 = −36. Staged: −15 + .3·300 + 0 = 75.
    found = staged_bet(0.3, win=500, lose=20, build=200, pilot=15)
    assert (found.commit, found.staged) == (approx(-36), approx(75))
    # 480p = 180, and 300p = 15.
    assert found.commit_from == approx(0.375)
    assert found.staged_from == approx(0.05)
    assert found.best == "staged"
    assert found.worth_of_pilot == approx(75)


def test_pilot_of_a_safe_bet_only_costs():
    # Commit: .9·500 + .1·250 − 200 = 275. Staged: −15 + .9·300 + .1·50 = 260.
    found = staged_bet(0.9, win=500, lose=250, build=200, pilot=15)
    assert (found.commit, found.staged) == (approx(275), approx(260))
    assert (found.commit_from, found.staged_from) == (0, 0)
    assert found.best == "commit"
    assert found.worth_of_pilot == approx(-15)


def test_bet_that_cannot_pay_is_dropped():
    found = staged_bet(0.5, win=100, lose=0, build=200, pilot=15)
    assert (found.commit_from, found.staged_from) == (None, None)
    assert found.best == "drop"


@given(
    p=st.floats(0, 1),
    lose=st.floats(-1e3, 1e3),
    more=st.floats(0, 1e3),
    build=st.floats(0, 1e3),
    pilot=st.floats(0, 1e3),
)
def test_free_pilot_never_loses_and_each_pays_from_its_chance(
    p, lose, more, build, pilot
):
    given_amounts = {"win": lose + more, "lose": lose, "build": build}
    free = staged_bet(p, **given_amounts, pilot=0)
    assert free.worth_of_pilot >= -1e-9
    found = staged_bet(p, **given_amounts, pilot=pilot)
    for worth, least in (
        (found.commit, found.commit_from),
        (found.staged, found.staged_from),
    ):
        if least is None or p < least:
            assert worth <= 1e-9
        else:
            assert worth >= -1e-9


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"p": 1.2}, "p is 1.2: give a share from 0 to 1"),
        ({"lose": 900}, "lose 900 is above win 500: swap them"),
        ({"pilot": -1}, "pilot is -1: it must be 0 or more"),
        ({"win": math.inf}, "win is inf: give a finite number"),
    ],
)
def test_senseless_bet_names_the_number(change, told):
    bet = {"p": 0.5, "win": 500, "lose": 20, "build": 200, "pilot": 15} | change
    with pytest.raises(InformationProblem, match=told):
        staged_bet(bet.pop("p"), **bet)


def test_senseless_sample_names_the_number():
    with pytest.raises(InformationProblem, match="observations is -1"):
        evsi_of_normal(1, sd=1, observations=-1, noise_sd=1)
    with pytest.raises(InformationProblem, match="noise_sd is nan"):
        evsi_of_normal(1, sd=1, observations=1, noise_sd=math.nan)
