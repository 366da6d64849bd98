"""What an affected row costs, by cases that can be worked out on paper."""

from dataclasses import replace

import pytest

from engine.value.case import Category, Driver, Forecast, Per, Quantity, ValueCase
from engine.value.decisions import NoPriceOfRows, price_of_rows
from engine.value.distributions import Fixed, belief

# A hit saves 90 and costs 10 of effort, as does a false alarm: 80 and −10.
CASE = ValueCase(
    quantities=tuple(
        Quantity(name, Fixed(value))
        for name, value in {
            "cases": 1000.0,
            "share": 0.2,
            "saved": 90.0,
            "effort": 10.0,
            "tpr": 0.5,
            "fpr": 0.1,
        }.items()
    ),
    drivers=(
        Driver("saved", "Saved", Category.REVENUE, Per.TP, "saved"),
        Driver("hits", "Effort on hits", Category.COST, Per.TP, "effort"),
        Driver("alarms", "Effort on alarms", Category.COST, Per.FP, "effort"),
    ),
    volume="cases",
    prevalence="share",
    horizon_years=1,
    discount_rate=0.0,
)


def test_a_row_costs_the_chance_times_a_wrong_decision():
    found = price_of_rows(CASE, Fixed(0.25), draws=100, seed=1)

    # 0.2 · 80 + 0.8 · 10 = 24 a wrong decision.
    assert found.wrong_decision.mid == pytest.approx(24)
    assert found.row.mid == pytest.approx(6)
    assert found.year.mid == pytest.approx(6000)
    assert found.row.times(25).high == pytest.approx(150)


def test_the_range_of_the_chance_is_that_of_the_price():
    found = price_of_rows(CASE, belief("pert", 0.1, 0.2, 0.4), draws=4000, seed=1).row

    assert (found.low, found.high) == pytest.approx((2.4, 9.6), rel=0.05)
    assert found.low < found.mid < found.high


def test_a_spoilt_forecast_loses_what_the_model_spares_over_today():
    too_low = Driver("low", "Sales lost", Category.REVENUE, Per.UNDER, "saved")
    too_high = Driver("high", "Stock kept", Category.SAVINGS, Per.OVER, "effort")
    case = replace(
        CASE,
        drivers=(too_low, too_high),
        prevalence=None,
        tpr=None,
        fpr=None,
        forecast=Forecast("3", "5", "1", "2"),
    )
    found = price_of_rows(case, Fixed(0.25), draws=100, seed=1)

    # (3 − 1) · 90 + (5 − 2) · 10 = 210 a forecast; 1,000 forecasts a year.
    assert found.wrong_decision.mid == pytest.approx(210)
    assert found.row.mid == pytest.approx(52.5)
    assert found.year.mid == pytest.approx(52_500)
    no_better = replace(case, forecast=Forecast("3", "5", "3", "5"))
    with pytest.raises(NoPriceOfRows, match="loses nothing"):
        price_of_rows(no_better, Fixed(0.25), draws=100, seed=1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"volume": None, "prevalence": None}, "no single decisions"),
        (
            {"drivers": (replace(CASE.drivers[0], category=Category.COST),)},
            "loses nothing",
        ),
    ],
)
def test_what_the_case_does_not_say_is_not_priced(change, reason):
    with pytest.raises(NoPriceOfRows, match=reason):
        price_of_rows(replace(CASE, **change), Fixed(0.25), draws=100, seed=1)
