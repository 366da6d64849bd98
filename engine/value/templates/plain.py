"""Gains and costs per year, for what no other template fits."""

from dataclasses import replace

from engine.value.case import Category, Driver, Per
from engine.value.templates.parts import (
    BUILD_COST,
    BUILDING,
    PER_YEAR,
    RUNNING,
    CaseTemplate,
    money_question,
    running_cost,
)
from engine.words import gettext_noop

PLAIN = CaseTemplate(
    key="plain",
    title=gettext_noop("Gains and costs per year"),
    sentence=gettext_noop(
        "Each year it brings {extra_revenue} of revenue, saves {cost_saved}, is worth "
        "{experience_value} to our customers and {advantage_value} against "
        "competitors; running it costs {running_cost} a year and building it "
        "{build_cost} once."
    ),
    questions=(
        money_question(
            "extra_revenue",
            gettext_noop("Direct revenue"),
            gettext_noop("What we would sell on top, less what it costs to deliver."),
            gettext_noop("money per year"),
            asks=gettext_noop("What would we sell on top in a year?"),
            suffix=PER_YEAR,
            formula_unit="money / year",
            guess=(20_000.0, 60_000.0, 150_000.0),
        ),
        money_question(
            "cost_saved",
            gettext_noop("Cost savings"),
            gettext_noop("What we would no longer spend."),
            gettext_noop("money per year"),
            asks=gettext_noop("What would we no longer spend in a year?"),
            suffix=PER_YEAR,
            formula_unit="money / year",
            guess=(10_000.0, 40_000.0, 100_000.0),
        ),
        money_question(
            "experience_value",
            gettext_noop("Customer experience"),
            gettext_noop("Hours or complaints spared, times what one is worth."),
            gettext_noop("money per year"),
            asks=gettext_noop("What is the better experience worth in a year?"),
            suffix=PER_YEAR,
            formula_unit="money / year",
            guess=(0.0, 10_000.0, 40_000.0),
        ),
        money_question(
            "advantage_value",
            gettext_noop("Competitive advantage"),
            gettext_noop("Business we would otherwise lose to others."),
            gettext_noop("money per year"),
            asks=gettext_noop("What business would we otherwise lose in a year?"),
            suffix=PER_YEAR,
            formula_unit="money / year",
            guess=(0.0, 10_000.0, 50_000.0),
        ),
        running_cost(guess=(20_000.0, 40_000.0, 80_000.0)),
        replace(BUILD_COST, refine=False),
    ),
    drivers=(
        Driver(
            name="revenue",
            label=gettext_noop("Direct revenue"),
            category=Category.REVENUE,
            per=Per.YEAR,
            expression="extra_revenue",
        ),
        Driver(
            name="savings",
            label=gettext_noop("Cost savings"),
            category=Category.SAVINGS,
            per=Per.YEAR,
            expression="cost_saved",
        ),
        Driver(
            name="experience",
            label=gettext_noop("Customer experience"),
            category=Category.EXPERIENCE,
            per=Per.YEAR,
            expression="experience_value",
            counted="proxy",
        ),
        Driver(
            name="advantage",
            label=gettext_noop("Competitive advantage"),
            category=Category.ADVANTAGE,
            per=Per.YEAR,
            expression="advantage_value",
            counted="proxy",
        ),
        RUNNING,
        BUILDING,
    ),
    tasks=("binary", "multiclass", "regression"),
)
