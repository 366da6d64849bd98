"""Working time: what is simple is done without people."""

from engine.value.case import Category, Driver, Per
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

TIME_SAVED = CaseTemplate(
    key="time_saved",
    title=gettext_noop("Working time on simple things"),
    sentence=gettext_noop(
        "Each year {items} take {minutes} each, at {hour_cost} an hour. {simple_rate} "
        "of them are simple enough to be done without us, and {used_share} of the time "
        "freed is put to use; one done wrong costs {mistake_cost} and running it "
        "{running_cost} a year."
    ),
    questions=(
        count_question(
            "items",
            gettext_noop("Items"),
            gettext_noop("Documents, orders, questions or cases done in a year."),
            gettext_noop("items per year"),
            asks=gettext_noop("How many items are done in a year?"),
            suffix=gettext_noop("items"),
            formula_unit="items / year",
            guess=(40_000.0, 60_000.0, 90_000.0),
        ),
        count_question(
            "minutes",
            gettext_noop("Minutes for one"),
            gettext_noop("Working time one takes today, waiting not counted."),
            gettext_noop("minutes per item"),
            asks=gettext_noop("How many minutes does one take?"),
            suffix=gettext_noop("minutes"),
            formula_unit="minutes / item",
            guess=(3.0, 6.0, 10.0),
        ),
        money_question(
            "hour_cost",
            gettext_noop("Cost of an hour"),
            gettext_noop("Pay and all that comes with it."),
            gettext_noop("money per hour"),
            asks=gettext_noop("What does an hour of work cost?"),
            suffix=gettext_noop("per hour"),
            formula_unit="money / hour",
            guess=(35.0, 45.0, 60.0),
        ),
        share_question(
            "simple_rate",
            gettext_noop("Simple ones"),
            gettext_noop("Those that could be done without a person."),
            gettext_noop("share of items"),
            asks=gettext_noop("How many are simple enough to need nobody?"),
            guess=(0.3, 0.5, 0.7),
        ),
        share_question(
            "used_share",
            gettext_noop("Freed time put to use"),
            gettext_noop("Minutes here and there are often lost again."),
            gettext_noop("part of the time freed"),
            asks=gettext_noop("How much of the time freed is put to use?"),
            guess=(0.4, 0.6, 0.85),
        ),
        money_question(
            "mistake_cost",
            gettext_noop("Cost of a mistake"),
            gettext_noop("To mend one that was done without a person and is wrong."),
            gettext_noop("money per mistake"),
            asks=gettext_noop("What does it cost if one is done wrong?"),
            suffix=gettext_noop("per mistake"),
            formula_unit="money / item",
            guess=(5.0, 12.0, 30.0),
        ),
        running_cost(guess=(15_000.0, 25_000.0, 45_000.0)),
        share_question(
            "tpr",
            gettext_noop("Simple ones the model takes"),
            gettext_noop("Assumed until a run measures it (recall)."),
            gettext_noop("share of simple items"),
            asks=gettext_noop("How many of the simple ones would it take over?"),
            guess=(0.6, 0.8, 0.92),
            refine=True,
        ),
        share_question(
            "fpr",
            gettext_noop("Difficult ones it takes by mistake"),
            gettext_noop("Assumed until a run measures it (false alarm rate)."),
            gettext_noop("share of difficult items"),
            asks=gettext_noop("How many difficult ones would it take by mistake?"),
            guess=(0.01, 0.04, 0.08),
            refine=True,
        ),
        money_question(
            "sooner_value",
            gettext_noop("Answer that comes at once"),
            gettext_noop("What it is worth that nobody waits for a simple one."),
            gettext_noop("money per simple item"),
            asks=gettext_noop("What is an answer at once worth to a customer?"),
            suffix=gettext_noop("per item"),
            formula_unit="money / item",
            guess=(0.0, 0.2, 1.0),
            refine=True,
        ),
        BUILD_COST,
    ),
    drivers=(
        Driver(
            name="time_freed",
            label=gettext_noop("Working time put to use"),
            category=Category.SAVINGS,
            per=Per.TP,
            expression="minutes / 60 * hour_cost * used_share",
        ),
        Driver(
            name="sooner",
            label=gettext_noop("Answers at once"),
            category=Category.EXPERIENCE,
            per=Per.TP,
            expression="sooner_value",
            counted="proxy",
        ),
        Driver(
            name="mistakes",
            label=gettext_noop("Mistakes to mend"),
            category=Category.COST,
            per=Per.FP,
            expression="mistake_cost",
        ),
        RUNNING,
        BUILDING,
    ),
    volume="items",
    prevalence="simple_rate",
    assumed=("tpr", "fpr"),
)
