"""Customers who leave: contact those a model finds."""

from engine.value.case import Category, Driver, Per
from engine.value.templates.parts import (
    BUILD_COST,
    BUILDING,
    PER_YEAR,
    RUNNING,
    CaseTemplate,
    count_question,
    money_question,
    running_cost,
    share_question,
)
from engine.words import gettext_noop

CHURN = CaseTemplate(
    key="churn",
    title=gettext_noop("Customers who leave"),
    sentence=gettext_noop(
        "Each year, of our {customers}, {churn_rate} leave. We could keep "
        "{save_rate} of those we reach, each worth {margin} a year; a contact costs "
        "{contact_cost} and running it {running_cost} a year."
    ),
    questions=(
        count_question(
            "customers",
            gettext_noop("Customers"),
            gettext_noop("How many customers are scored in a year."),
            gettext_noop("customers per year"),
            asks=gettext_noop("How many customers could leave?"),
            suffix=gettext_noop("customers"),
            formula_unit="customers / year",
            guess=(40_000.0, 50_000.0, 60_000.0),
        ),
        share_question(
            "churn_rate",
            gettext_noop("Customers who leave"),
            gettext_noop("The share of them that leaves within a year."),
            gettext_noop("share of customers per year"),
            asks=gettext_noop("How many of them leave in a year?"),
            guess=(0.08, 0.12, 0.20),
        ),
        share_question(
            "save_rate",
            gettext_noop("Leavers we could keep"),
            gettext_noop("Of those who would leave and are contacted, who stay."),
            gettext_noop("share of contacted leavers"),
            asks=gettext_noop("How many leavers could your team keep?"),
            guess=(0.05, 0.15, 0.30),
        ),
        money_question(
            "margin",
            gettext_noop("Worth of a kept customer"),
            gettext_noop("The margin that a customer who stays brings in a year."),
            gettext_noop("money per kept customer per year"),
            asks=gettext_noop("What is a kept customer worth in a year?"),
            suffix=PER_YEAR,
            formula_unit="money / customer",
            guess=(150.0, 200.0, 260.0),
        ),
        money_question(
            "contact_cost",
            gettext_noop("Cost of a contact"),
            gettext_noop("A call or an offer, whether or not it was needed."),
            gettext_noop("money per contact"),
            asks=gettext_noop("What does one contact cost?"),
            suffix=gettext_noop("per contact"),
            formula_unit="money / customer",
            guess=(3.0, 5.0, 10.0),
        ),
        running_cost(guess=(25_000.0, 40_000.0, 70_000.0)),
        share_question(
            "tpr",
            gettext_noop("Leavers the model finds"),
            gettext_noop("Assumed until a run measures it (recall)."),
            gettext_noop("share of leavers"),
            asks=gettext_noop("How many leavers would the model find?"),
            guess=(0.50, 0.70, 0.85),
            refine=True,
        ),
        share_question(
            "fpr",
            gettext_noop("Loyal customers bothered"),
            gettext_noop("Assumed until a run measures it (false alarm rate)."),
            gettext_noop("share of loyal customers"),
            asks=gettext_noop("How many loyal customers would it bother?"),
            guess=(0.05, 0.15, 0.30),
            refine=True,
        ),
        BUILD_COST,
    ),
    drivers=(
        Driver(
            name="kept_margin",
            label=gettext_noop("Margin of customers kept"),
            category=Category.REVENUE,
            per=Per.TP,
            expression="save_rate * margin",
        ),
        Driver(
            name="contacts_leavers",
            label=gettext_noop("Contacts with leavers"),
            category=Category.COST,
            per=Per.TP,
            expression="contact_cost",
        ),
        Driver(
            name="contacts_loyal",
            label=gettext_noop("Contacts with loyal customers"),
            category=Category.COST,
            per=Per.FP,
            expression="contact_cost",
        ),
        RUNNING,
        BUILDING,
    ),
    volume="customers",
    prevalence="churn_rate",
    assumed=("tpr", "fpr"),
)
