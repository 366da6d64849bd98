"""Triage: find what is urgent at once in what comes in."""

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

TRIAGE = CaseTemplate(
    key="triage",
    title=gettext_noop("Urgent things found late"),
    sentence=gettext_noop(
        "Each year, of our {requests}, {urgent_rate} are urgent and found late, which "
        "costs {late_cost} each. Found at once, {spared_share} of that is spared; a "
        "look costs {look_cost} and running it {running_cost} a year."
    ),
    questions=(
        count_question(
            "requests",
            gettext_noop("Requests"),
            gettext_noop("Mails, tickets, claims or cases that come in within a year."),
            gettext_noop("requests per year"),
            asks=gettext_noop("How many requests come in within a year?"),
            suffix=gettext_noop("requests"),
            formula_unit="requests / year",
            guess=(15_000.0, 20_000.0, 30_000.0),
        ),
        share_question(
            "urgent_rate",
            gettext_noop("Urgent and found late"),
            gettext_noop("What is found in time today is not counted."),
            gettext_noop("share of requests"),
            asks=gettext_noop("How many are urgent and found too late today?"),
            guess=(0.02, 0.05, 0.10),
        ),
        money_question(
            "late_cost",
            gettext_noop("Cost of one found late"),
            gettext_noop("Rework, penalties, goodwill, or what else the delay costs."),
            gettext_noop("money per late request"),
            asks=gettext_noop("What does one that is found too late cost?"),
            suffix=gettext_noop("per late request"),
            formula_unit="money / request",
            guess=(80.0, 180.0, 450.0),
        ),
        share_question(
            "spared_share",
            gettext_noop("Cost spared if found at once"),
            gettext_noop("Some of it would be paid in any case."),
            gettext_noop("part of the cost"),
            asks=gettext_noop("How much of that is spared if it is found at once?"),
            guess=(0.3, 0.55, 0.8),
        ),
        money_question(
            "look_cost",
            gettext_noop("Cost of a look"),
            gettext_noop("Somebody looks at one at once, urgent or not."),
            gettext_noop("money per look"),
            asks=gettext_noop("What does it cost to look at one at once?"),
            suffix=gettext_noop("per look"),
            formula_unit="money / request",
            guess=(4.0, 8.0, 15.0),
        ),
        running_cost(guess=(15_000.0, 30_000.0, 50_000.0)),
        share_question(
            "tpr",
            gettext_noop("Urgent ones the model finds"),
            gettext_noop("Assumed until a run measures it (recall)."),
            gettext_noop("share of urgent requests"),
            asks=gettext_noop("How many of the urgent ones would it find?"),
            guess=(0.55, 0.75, 0.9),
            refine=True,
        ),
        share_question(
            "fpr",
            gettext_noop("Others looked at for nothing"),
            gettext_noop("Assumed until a run measures it (false alarm rate)."),
            gettext_noop("share of other requests"),
            asks=gettext_noop("How many others would it put first for nothing?"),
            guess=(0.03, 0.08, 0.15),
            refine=True,
        ),
        money_question(
            "patience_value",
            gettext_noop("Customer who is helped in time"),
            gettext_noop("What it is worth beyond the cost that is spared."),
            gettext_noop("money per urgent request"),
            asks=gettext_noop("What is it worth that a customer is helped in time?"),
            suffix=gettext_noop("per request"),
            formula_unit="money / request",
            guess=(0.0, 10.0, 40.0),
            refine=True,
        ),
        BUILD_COST,
    ),
    drivers=(
        Driver(
            name="delays_spared",
            label=gettext_noop("Delays spared"),
            category=Category.SAVINGS,
            per=Per.TP,
            expression="spared_share * late_cost",
        ),
        Driver(
            name="helped_in_time",
            label=gettext_noop("Customers helped in time"),
            category=Category.EXPERIENCE,
            per=Per.TP,
            expression="patience_value",
            counted="proxy",
        ),
        Driver(
            name="looks_at_urgent",
            label=gettext_noop("Looks at urgent ones"),
            category=Category.COST,
            per=Per.TP,
            expression="look_cost",
        ),
        Driver(
            name="looks_for_nothing",
            label=gettext_noop("Looks for nothing"),
            category=Category.COST,
            per=Per.FP,
            expression="look_cost",
        ),
        RUNNING,
        BUILDING,
    ),
    volume="requests",
    prevalence="urgent_rate",
    assumed=("tpr", "fpr"),
)
