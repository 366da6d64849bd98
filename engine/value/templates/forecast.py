"""Demand forecasts: a unit too few and a unit too many cost differently."""

from engine.value.case import Category, Driver, Forecast, Per
from engine.value.templates.parts import (
    BUILD_COST,
    BUILDING,
    RUNNING,
    CaseTemplate,
    count_question,
    money_question,
    running_cost,
    share_question,
)
from engine.words import gettext_noop

FORECAST = CaseTemplate(
    key="forecast",
    title=gettext_noop("Demand that is forecast"),
    sentence=gettext_noop(
        "Each year we make {forecasts}; they miss by {error_today} on average, and a "
        "model could take {error_cut} off that. A unit too few costs {under_cost}, a "
        "unit too many {over_cost}, and running it {running_cost} a year."
    ),
    questions=(
        count_question(
            "forecasts",
            gettext_noop("Forecasts"),
            gettext_noop("Products × places × orders a year: one number each."),
            gettext_noop("forecasts per year"),
            asks=gettext_noop("How many forecasts are made in a year?"),
            suffix=gettext_noop("forecasts"),
            formula_unit="forecasts / year",
            guess=(30_000.0, 50_000.0, 80_000.0),
        ),
        count_question(
            "error_today",
            gettext_noop("Error of a forecast today"),
            gettext_noop("Units between forecast and demand, either way (MAE)."),
            gettext_noop("units per forecast"),
            asks=gettext_noop("How far off is a forecast today, on average?"),
            suffix=gettext_noop("units"),
            formula_unit="units / forecast",
            guess=(8.0, 12.0, 20.0),
        ),
        share_question(
            "error_cut",
            gettext_noop("Error a model takes off"),
            gettext_noop("Assumed until a run measures its own error."),
            gettext_noop("part of the error"),
            asks=gettext_noop("How much of the error could a model take off?"),
            guess=(0.05, 0.2, 0.35),
        ),
        money_question(
            "under_cost",
            gettext_noop("Cost of a unit too few"),
            gettext_noop("The margin of a sale that is lost for want of stock."),
            gettext_noop("money per unit too few"),
            asks=gettext_noop("What does a unit too few cost?"),
            suffix=gettext_noop("per unit"),
            formula_unit="money / unit",
            guess=(1.0, 2.0, 4.0),
        ),
        money_question(
            "over_cost",
            gettext_noop("Cost of a unit too many"),
            gettext_noop("Storing it, marking it down or throwing it away."),
            gettext_noop("money per unit too many"),
            asks=gettext_noop("What does a unit too many cost?"),
            suffix=gettext_noop("per unit"),
            formula_unit="money / unit",
            guess=(0.3, 0.8, 2.0),
        ),
        running_cost(guess=(30_000.0, 60_000.0, 100_000.0)),
        share_question(
            "low_share",
            gettext_noop("Error that is too low"),
            gettext_noop("50 % where forecasts are too low as much as too high."),
            gettext_noop("part of the error"),
            asks=gettext_noop("How much of the error is too few, not too many?"),
            guess=(0.4, 0.5, 0.6),
            refine=True,
        ),
        money_question(
            "shelf_value",
            gettext_noop("Customer who finds it in stock"),
            gettext_noop("What it is worth beyond the sale that comes back."),
            gettext_noop("money per unit too few"),
            asks=gettext_noop("What is it worth that customers find it in stock?"),
            suffix=gettext_noop("per unit"),
            formula_unit="money / unit",
            guess=(0.0, 0.3, 1.0),
            refine=True,
        ),
        BUILD_COST,
    ),
    drivers=(
        Driver(
            name="sales_kept",
            label=gettext_noop("Sales no longer lost"),
            category=Category.REVENUE,
            per=Per.UNDER,
            expression="under_cost",
        ),
        Driver(
            name="stock_spared",
            label=gettext_noop("Stock no longer left over"),
            category=Category.SAVINGS,
            per=Per.OVER,
            expression="over_cost",
        ),
        Driver(
            name="full_shelves",
            label=gettext_noop("Customers who find it in stock"),
            category=Category.EXPERIENCE,
            per=Per.UNDER,
            expression="shelf_value",
            counted="proxy",
        ),
        RUNNING,
        BUILDING,
    ),
    volume="forecasts",
    assumed=("error_cut",),
    forecast=Forecast(
        under_today="error_today * low_share",
        over_today="error_today * (1 - low_share)",
        under="error_today * (1 - error_cut) * low_share",
        over="error_today * (1 - error_cut) * (1 - low_share)",
    ),
    tasks=("regression",),
)
