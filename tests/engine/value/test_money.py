"""Cash flows give the published numbers of VALUE's vector 2."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.value.money import annuity_factor, cash_flow, irr, npv, payback

FLOW = [-100_000, 30_000, 50_000, 60_000]

approx = pytest.approx


def test_flow_is_vector_2():
    assert npv(FLOW, 0.10) == approx(13_673.929376, rel=1e-9)
    assert irr(FLOW) == approx(0.167949361, rel=1e-8)
    assert npv(FLOW, 0.10) / 100_000 == approx(0.136739294, rel=1e-8)
    assert payback(FLOW) == approx(2.33333, abs=5e-6)
    assert payback(FLOW, 0.10) == approx(2.69667, abs=5e-6)


def test_flow_has_one_off_then_ramped_years():
    flow = cash_flow([-10, -20], 100, years=3, ramp_up=(0.25, 0.5))
    assert flow.tolist() == [[-10, 25, 50, 100], [-20, 25, 50, 100]]


def test_ramp_longer_than_the_horizon_is_cut():
    assert cash_flow(0, 8, years=1, ramp_up=(0.5, 1, 1)).tolist() == [0, 4]


@pytest.mark.parametrize(
    ("flow", "years"),
    [
        ([-100, 10, 10], np.nan),
        ([0, -10, -10], np.nan),
        ([0, 10, 10], 0.0),
        ([-10, 10, 0], 1.0),
        ([-10, 20, -20, 20], 2.5),
        ([5, -10, 10], 1.5),
    ],
)
def test_payback_is_when_the_money_is_back_for_good(flow, years):
    assert payback(flow) == approx(years, nan_ok=True)


def test_payback_of_many_flows_is_that_of_each():
    flows = [FLOW, [-100, 10, 10, 10]]
    assert payback(flows) == approx([2.3333333, np.nan], nan_ok=True)


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
