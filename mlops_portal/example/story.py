"""Who says what in the worked example. The people are invented; the data is real."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.checks import Declared
from engine.checks.documents import read_document
from engine.numbers import money
from engine.training.protocol import Protocol as Rules
from experiments.models import Run
from projects.models import (
    GateKey,
    Platform,
    Project,
    RealisedValue,
    Signature,
    Stakeholder,
)
from projects.services import RangeGiven

Group, Capacity = Stakeholder.Group, Stakeholder.Capacity
SEED = 20261123
Ranges = dict[str, tuple[float, float, float, str]]  # low, likely, high, source

NAME = "Keeping customers from leaving"
PROBLEM = (
    "Every year about one customer in five cancels their contract. We notice when they "
    "are gone. A call in time keeps some of them, but calls and offers cost money, and "
    "calling a loyal customer may even wake them up.\n"
    "The data is a public sample of a telecom company; the people are invented."
)
DECISION = "Whom the service team calls this week"


@dataclass(frozen=True)
class Person:
    """An invented person; no account, so nobody can sign in as them."""

    name: str
    title: str
    group: Stakeholder.Group
    capacity: Stakeholder.Capacity | None
    ranges: Ranges
    primary: str
    secondary: tuple[str, ...]
    disagrees: tuple[str, ...] = ()
    # What they say otherwise when they are asked again.
    again: Ranges = field(default_factory=dict)


PEOPLE = (
    Person(
        "Ruth Adler (invented)",
        "head of customer service",
        Group.BUSINESS,
        Capacity.SPONSOR,
        {
            "customers": (64_000, 70_000, 76_000, "measured"),
            "churn_rate": (0.16, 0.21, 0.28, "measured"),
            "save_rate": (0.12, 0.20, 0.32, "experience"),
            "margin": (220, 280, 360, "experience"),
            "contact_cost": (5, 8, 14, "experience"),
            "running_cost": (30_000, 45_000, 70_000, "guess"),
        },
        primary="net_value",
        secondary=("recall",),
        again={"save_rate": (0.12, 0.18, 0.27, "measured")},
    ),
    Person(
        "Jonas Weber (invented)",
        "finance",
        Group.BUSINESS,
        Capacity.FINANCE,
        {
            "customers": (66_000, 70_000, 74_000, "measured"),
            "churn_rate": (0.14, 0.18, 0.24, "measured"),
            "save_rate": (0.05, 0.10, 0.18, "similar"),
            "margin": (180, 230, 290, "measured"),
            "contact_cost": (8, 12, 18, "measured"),
            "running_cost": (45_000, 60_000, 90_000, "similar"),
        },
        primary="net_value",
        secondary=("precision",),
        again={"save_rate": (0.09, 0.15, 0.22, "measured")},
    ),
    Person(
        "Mei Tanaka (invented)",
        "data science",
        Group.DATA_SCIENTIST,
        Capacity.DATA,
        {
            "customers": (60_000, 68_000, 80_000, "guess"),
            "churn_rate": (0.20, 0.25, 0.30, "measured"),
            "save_rate": (0.10, 0.16, 0.26, "guess"),
            "margin": (190, 260, 350, "guess"),
            "contact_cost": (6, 9, 15, "guess"),
            "running_cost": (35_000, 50_000, 80_000, "experience"),
        },
        primary="average_precision",
        secondary=("recall", "log_loss"),
        disagrees=("precision",),
        again={
            "customers": (65_000, 69_500, 74_000, "measured"),
            "save_rate": (0.11, 0.17, 0.25, "measured"),
        },
    ),
    Person(
        "Iris Novak (invented)",
        "retention calls, fifteen years",
        Group.EXPERT,
        Capacity.EXPERT,
        {},
        primary="customers_kept",
        secondary=("recall", "calls_in_vain"),
    ),
)


@dataclass(frozen=True)
class Counted:
    """A metric of the domain, and the formula that a technical one leads to it by."""

    key: str
    title: str
    direction: str
    unit: str
    words: str
    cause: str
    formula: str
    note: str


COUNTED = (
    Counted(
        "customers_kept",
        "Customers kept",
        "higher",
        "customers",
        "keeps {x} customers a year",
        "recall",
        "recall * customers * churn_rate * save_rate",
        "who leaves and is found is called; the pilot kept 17 of 100",
    ),
    Counted(
        "calls_in_vain",
        "Calls to loyal customers",
        "lower",
        "calls",
        "makes {x} calls to loyal customers a year",
        "fpr",
        "fpr * customers * (1 - churn_rate)",
        "a false alarm is a call, by how the service team works",
    ),
)
# How the two become money; a run's own price is the value function's.
TO_MONEY = (
    (
        "customers_kept",
        "customers_kept * margin",
        "what customers who stay bring in, before the calls are paid",
    ),
    (
        "calls_in_vain",
        "-calls_in_vain * contact_cost",
        "what the calls in vain cost",
    ),
)

# Three people differ on the share they could keep; a pilot brought them together.
ASKED_AGAIN = (
    "The pilot of last spring has been counted: 17 of 100 who were called stayed. "
    "Would you say the same, knowing that?"
)
SETTLED = (
    "save_rate",
    RangeGiven(low=0.11, likely=0.17, high=0.25),
    "What the pilot counted; the second answers lie around it.",
)

# The false alarm rate the service team can bear; the recall that pays follows.
BEARABLE_FPR = 0.20


@dataclass(frozen=True)
class Wish:
    """One requirement, as somebody asked for it."""

    title: str
    kind: str
    source: str
    metric_key: str = ""
    comparison: str = "ge"
    threshold: float | None = None
    unit: str = ""
    priority: str = "must"
    test: str = "computed"
    details: dict[str, Any] = field(default_factory=dict)


# The impact assessment is still to be made: an open question counts as not met.
GDPR_ANSWERS: dict[str, dict[str, str]] = {
    **{
        key: {"answer": "yes"}
        for key in (
            "personal_data",
            "purpose",
            "minimisation",
            "storage_limit",
            "informed",
            "rights",
            "security",
            "records",
            "slices_compared",
            "retention_kept",
        )
    },
    **{
        key: {"answer": "no"}
        for key in ("special", "automated", "processor", "transfer")
    },
    "lawful_basis": {
        "answer": "yes",
        "note": "Legitimate interest in keeping customers; weighed in writing.",
    },
}

WISHES = (
    Wish(
        "Bothers at most 35 of 100 loyal customers",
        "accuracy",
        "Iris Novak: more calls than that and the team stops believing the list",
        "fpr",
        "le",
        0.35,
        "share",
        priority="should",
    ),
    Wish(
        "Answers while the customer is on the phone",
        "deployment",
        "Ruth Adler",
        details={"platform": "server", "latency_p99_ms": 200},
    ),
    Wish(
        "Fits on the service team’s server",
        "deployment",
        "operations",
        priority="should",
        details={"platform": "server", "model_mb": 50},
    ),
    Wish(
        "Trained on data no older than a month",
        "frequency",
        "scores are made on the first of each month",
        details={"mode": "batch", "every": 1, "period": "month"},
    ),
    Wish(
        "The data agrees with billing",
        "compliance",
        "Jonas Weber",
        "accuracy_score",
        "ge",
        0.95,
        "share",
    ),
    Wish(
        "Does not use age or gender",
        "compliance",
        "equal treatment policy, section 4",
        test="attested",
    ),
    Wish(
        "Each score comes with its three strongest reasons",
        "transparency",
        "Iris Novak",
        priority="should",
        details={
            "level": "explained",
            "explanations": ["importance", "reasons"],
            "audience": "staff",
        },
    ),
    Wish(
        "Keeps to the GDPR",
        "compliance",
        "data protection officer",
        priority="should",
        details={
            "template": "gdpr",
            "pii_columns": ["customer_id", "female", "senior_citizen"],
            "slices": ["female", "senior_citizen"],
            "retention_days": 730,
            "answers": GDPR_ANSWERS,
        },
    ),
)

HYPOTHESIS = (
    "Contract, tenure and charges tell who is about to leave well enough to pay for "
    "the calls."
)
MOTIVATION = "Everything else in the project rests on this; a linear model may suffice."


def project() -> Project:
    """Return the example's project, not saved yet."""
    return Project(
        name=NAME,
        slug="churn-example",
        problem=PROBLEM,
        decision_supported=DECISION,
        task=Project.Task.BINARY,
        template=Project.Template.CHURN,
        currency="EUR",
        horizon_years=3,
        is_example=True,
    )


CUSTOMERS: dict[str, Any] = {
    "name": "customers",
    "description": (
        "7,043 customers of a telecom company, a public sample. Version 2 is made from "
        "it, with known defects: examples/churn/README.md lists them."
    ),
    "target": "churn",
    "owner": "Customer care",
    "purpose": "To learn who is likely to leave, and to decide whom to call.",
    "licence": "A public sample; examples/churn/SOURCE.md says which.",
    "personal_data": "yes",
    "retention_days": 730,
    "notes": (
        "The customer numbers of version 2 are invented, and so is that fiber optic "
        "costs 15 % more there."
    ),
}
# Which columns name a customer, and how far a value may be from what billing has.
MATCHING = {
    "keys": {"customer_id": "customer_id"},
    "columns": {"monthly_charges": "monthly_charges", "tenure": "tenure"},
    "tolerances": {"monthly_charges": 0.01},
}
# Invented: how often a missing or wrong value turns whom to call from right to wrong.
MONITOR = {
    "affects_low": 0.05,
    "affects_likely": 0.15,
    "affects_high": 0.4,
    "affects_source": "Invented for the example; ask those who call.",
}
IMPUTATION: dict[str, Any] = {
    "column": "monthly_charges",
    "kind": "impute",
    "strategy": "median",
    "note": "Until the export is mended; billing has them.",
}
BILLING: dict[str, Any] = {
    "name": "billing",
    "description": "Made: what a billing system would say of 3,025 customers.",
}


def checks(folder: Path) -> tuple[Declared, ...]:
    """Return what the customers are promised to be."""
    return read_document((folder / "checks.yaml").read_text()).checks


TRIAL_SEED = 1
FAMILIES = ("baseline", "linear", "tree", "boosting", "neural")


def rules_of_the_trial() -> Rules:
    """Return the protocol: five folds, a fifth held out, no age and no gender."""
    return Rules(
        task="binary",
        target="churn",
        positive="Yes",
        data_digest="",
        primary_metric="average_precision",
        excluded=("customer_id", "as_of", "female", "senior_citizen"),
        holdout_share=0.2,
        holdout_seed=TRIAL_SEED,
        folds=5,
        fold_seed=TRIAL_SEED,
        seeds=(TRIAL_SEED,),
        impute={IMPUTATION["column"]: IMPUTATION["strategy"]},
    )


def conclusion(best: Run) -> str:
    """Return what the data scientist would write under the leaderboard."""
    worth = money(best.money_mean or 0.0, "EUR")
    return (
        f"The hypothesis holds: {best.name} is worth about {worth} a year. Runs that are "
        "tied with it cannot be told apart on this holdout; the simplest of them is the "
        "one to keep. The recall that the value case asks for is the must to watch."
    )


@dataclass(frozen=True)
class Proposal:
    """What is proposed at one gate, and who says what of it."""

    gate: GateKey
    question: str
    rationale: str
    signatures: tuple[tuple[str, Signature.Word, str], ...]  # name, word, comment


DESIGN = Proposal(
    GateKey.DESIGN,
    "Shall we build a model that names the customers who are about to leave?",
    "It pays in more than four of five futures, and the share of leavers the team keeps "
    "decides it. Nothing is spent on calls until a model has shown what it finds.",
    (
        (
            "Jonas Weber (invented)",
            Signature.Word.CONDITIONS,
            "One team first; the second when a quarter has shown it.",
        ),
        ("Ruth Adler (invented)", Signature.Word.APPROVE, ""),
    ),
)
MODEL = Proposal(
    GateKey.MODEL,
    "Shall the service team call the customers this model names, from January?",
    "It is worth most of all that were tried. Start with one team, count who stays, and "
    "compare after a quarter.",
    (("Mei Tanaka (invented)", Signature.Word.APPROVE, ""),),
)


@dataclass(frozen=True)
class Remark:
    """What somebody says of a thing of the project, and who answers what."""

    kind: str
    about: str  # its name among those of its kind
    name: str
    text: str  # `{owner}` is who loads the example
    answers: tuple[tuple[str, str], ...] = ()  # name, text


REMARKS = (
    Remark(
        "quantity",
        "save_rate",
        "Jonas Weber (invented)",
        "One team for one spring: I went up to 15 of 100, not to 17.",
        answers=(
            (
                "Ruth Adler (invented)",
                "Fair. The second team starts a quarter later; then we know.",
            ),
        ),
    ),
    Remark(
        "requirement",
        "recall",
        "Mei Tanaka (invented)",
        "@{owner}, with some 1,400 customers held out no model here can show this for "
        "sure. Shall we wait for another quarter of data?",
    ),
    Remark(
        "value",
        "",
        "Ruth Adler (invented)",
        "Calls also tell us why people leave. That is in none of these numbers.",
    ),
)


def platform() -> Platform:
    """Return the platform of the example, not saved yet."""
    return Platform(
        name="Call list and offers (invented)",
        purpose="Puts before the service team whom to call today, with the offer.",
        currency="EUR",
        cost_once=60_000,
        cost_yearly=18_000,
    )


WITHOUT_PLATFORM = 25_000  # a year: lists by mail, offers by hand


@dataclass(frozen=True)
class CameTrue:
    """What was measured in one of the quarters before; None is the net money."""

    quantity: str | None
    quarters_ago: int
    value: float
    method: str
    low: float | None = None
    high: float | None = None
    note: str = "Invented, as if the calls had begun then."


METHOD = RealisedValue.Method
CAME_TRUE = (
    CameTrue(
        None,
        2,
        21_000,
        METHOD.EXPERIMENT,
        8_000,
        34_000,
        "Invented: one team called every second name of the list.",
    ),
    CameTrue(
        None,
        1,
        39_000,
        METHOD.EXPERIMENT,
        24_000,
        55_000,
        "Invented: two teams called nine of ten names of the list.",
    ),
    CameTrue("save_rate", 1, 0.14, METHOD.EXPERIMENT, 0.11, 0.18),
    CameTrue("customers", 1, 71_200, METHOD.BOOKS),
    CameTrue("churn_rate", 1, 0.20, METHOD.BOOKS),
    CameTrue("margin", 1, 245, METHOD.BEFORE_AFTER),
    CameTrue("contact_cost", 1, 10.5, METHOD.BOOKS),
    CameTrue("running_cost", 1, 72_000, METHOD.BOOKS),
)
