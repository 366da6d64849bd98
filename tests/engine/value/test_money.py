"""Cash flows give the published numbers of VALUE's vector 2."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.value.money import (
    annuity_factor,
    cash_flow,
    discount_factors,
    irr,
    npv,
    payback,
)

FLOW = [-100_000, 30_000, 50_000, 60_000]

approx = pytest.approx


def test_flow_is_vector_2():
    assert npv(FLOW, 0.10) == approx(13_673.929376, rel=1e-9)
    assert irr(FLOW) == approx(0.167949361, rel=1e-8)
    assert npv(FLOW, 0.10) / 100_000 == approx(0.136739294, rel=1e-8)
    # The same flow as a full year of 60 000, reached by a ramp.
    ramped = {"years": 3, "ramp_up": (1 / 2, 5 / 6)}
    assert cash_flow(-100_000, 60_000, **ramped).tolist() == approx(FLOW)
    found = payback(-100_000, 60_000, **ramped)
    assert found == approx(2.33333, abs=5e-6)
    found = payback(-100_000, 60_000, **ramped, rate=0.10)
    assert found == approx(2.69667, abs=5e-6)


def test_flow_has_one_off_then_ramped_years():
    flow = cash_flow([-10, -20], 100, years=3, ramp_up=(0.25, 0.5))
    assert flow.tolist() == [[-10, 25, 50, 100], [-20, 25, 50, 100]]


def test_ramp_longer_than_the_horizon_is_cut():
    assert cash_flow(0, 8, years=1, ramp_up=(0.5, 1, 1)).tolist() == [0, 4]


@pytest.mark.parametrize(
    ("once", "yearly", "waited"),
    [
        (-100, 10, np.nan),
        (0, -10, np.nan),
        (-10, -10, np.nan),
        (0, 10, 0.0),
        (5, 10, 0.0),
        (-10, 10, 1.0),
        (-15, 10, 1.5),
        (-20, 10, 2.0),
        (10, -5, 0.0),  # paid back in the end, but never below 0
        (10, -6, np.nan),
        (0, 0, 0.0),
        (-1, 0, np.nan),
    ],
)
def test_payback_is_when_the_money_is_back(once, yearly, waited):
    assert payback(once, yearly, years=2) == approx(waited, nan_ok=True)


def test_year_without_gain_is_waited_for():
    found = payback([-5, -15], 10, years=3, ramp_up=(0.0,))
    assert found == approx([1.5, 2.5])


@given(
    once=st.floats(-1e6, -1),
    yearly=st.floats(1, 1e6),
    rate=st.floats(0, 0.5),
    ramp_up=st.lists(st.floats(0, 1), max_size=4),
)
def test_flow_up_to_its_payback_is_worth_nothing(once, yearly, rate, ramp_up):
    waited = float(payback(once, yearly, years=5, ramp_up=ramp_up, rate=rate))
    flow = cash_flow(once, yearly, years=5, ramp_up=ramp_up)
    discounted = np.cumsum(flow * discount_factors(rate, years=5))
    if np.isnan(waited):
        assert discounted[-1] < 0
    else:
        reached = np.interp(waited, np.arange(6), discounted)
        assert reached == approx(0, abs=1e-6 * (yearly - once))


@pytest.mark.parametrize("flow", [[1, 2, 3], [-1, -2], [-100, 230, -132], [0, 0]])
def test_flow_without_one_rate_has_no_irr(flow):
    assert irr(flow) is None


def test_annuity_spreads_an_npv_evenly():
    even = 1000 / annuity_factor(0.08, years=3)
    assert npv([0, even, even, even], 0.08) == approx(1000)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8),
    st.floats(0, 0.5),
)
def test_npv_of_the_mirrored_flow_has_the_other_sign(flow, rate):
    mirrored = [-amount for amount in flow]
    assert npv(mirrored, rate) == approx(-npv(flow, rate))
