"""The value cases a project may start from, as data.

The texts are marked for the message catalogue here and translated where they are
shown.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.value.case import Category, Driver, Per, Quantity, ValueCase
from engine.value.distributions import Distribution, pert_from_quantiles


def gettext_noop(message: str) -> str:
    """Return the message: the name makes makemessages collect it."""
    return message


@dataclass(frozen=True)
class Question:
    """One number asked of a person, as low, likely and high.

    `lower`, `upper` and the defaults are in the case's own unit. A share is stored
    as a share and asked in per cent: what is typed times `scale` is stored.
    """

    name: str
    label: str
    why: str
    unit: str
    prefix: str  # "{currency}" stands for the project's currency
    suffix: str
    lower: float
    upper: float
    low: float
    likely: float
    high: float
    refine: bool = False
    scale: float = 1.0
    asks: str = ""  # the whole question, as the form puts it

    def quantity(self, distribution: Distribution | None = None) -> Quantity:
        """Return the quantity with this belief; without one, with the defaults."""
        if distribution is None:
            distribution = pert_from_quantiles(self.low, self.likely, self.high)
        return Quantity(self.name, distribution, self.lower, self.upper)


@dataclass(frozen=True)
class CaseTemplate:
    """A value case without its estimates: the questions and what they mean."""

    key: str
    title: str
    sentence: str  # its {names} are filled with the questions' answers
    questions: tuple[Question, ...]
    drivers: tuple[Driver, ...]
    volume: str | None = None
    prevalence: str | None = None
    assumed: tuple[str, ...] = ()  # a run replaces these by what it measured

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions of the first page."""
        return tuple(q for q in self.questions if not q.refine)

    @property
    def refined(self) -> tuple[Question, ...]:
        """The questions under "refine"."""
        return tuple(q for q in self.questions if q.refine)

    def question(self, name: str) -> Question:
        """Return the question of that name; raises KeyError without one."""
        return {q.name: q for q in self.questions}[name]

    def case(
        self,
        distributions: Mapping[str, Distribution],
        *,
        horizon_years: int = 3,
        discount_rate: float = 0.08,
        ramp_up: tuple[float, ...] = (),
        success_probability: float = 1.0,
    ) -> ValueCase:
        """Return the value case; a missing answer is the question's default."""
        return ValueCase(
            quantities=tuple(
                q.quantity(distributions.get(q.name)) for q in self.questions
            ),
            drivers=self.drivers,
            volume=self.volume,
            prevalence=self.prevalence,
            horizon_years=horizon_years,
            discount_rate=discount_rate,
            ramp_up=ramp_up,
            success_probability=success_probability,
        )


def _share(
    name: str,
    label: str,
    why: str,
    unit: str,
    *,
    asks: str,
    guess: tuple[float, float, float],
    refine: bool = False,
) -> Question:
    low, likely, high = guess
    return Question(
        name=name,
        label=label,
        why=why,
        unit=unit,
        prefix="",
        suffix="%",
        lower=0.0,
        upper=1.0,
        low=low,
        likely=likely,
        high=high,
        refine=refine,
        scale=0.01,
        asks=asks,
    )


def _money(
    name: str,
    label: str,
    why: str,
    unit: str,
    *,
    asks: str,
    suffix: str,
    guess: tuple[float, float, float],
    refine: bool = False,
) -> Question:
    low, likely, high = guess
    return Question(
        name=name,
        label=label,
        why=why,
        unit=unit,
        prefix="{currency}",
        suffix=suffix,
        lower=0.0,
        upper=math.inf,
        low=low,
        likely=likely,
        high=high,
        refine=refine,
        asks=asks,
    )


_PER_YEAR = gettext_noop("per year")
_ONCE = gettext_noop("once")

_BUILD_COST = _money(
    "build_cost",
    gettext_noop("Cost to build"),
    gettext_noop("People and equipment until it first runs, paid once."),
    gettext_noop("money once"),
    asks=gettext_noop("What would it cost to build?"),
    suffix=_ONCE,
    guess=(40_000.0, 60_000.0, 120_000.0),
    refine=True,
)


def _running_cost(*, guess: tuple[float, float, float]) -> Question:
    return _money(
        "running_cost",
        gettext_noop("Running cost"),
        gettext_noop("People, machines and licences that keep it running."),
        gettext_noop("money per year"),
        asks=gettext_noop("What would it cost to run in a year?"),
        suffix=_PER_YEAR,
        guess=guess,
    )


_RUNNING = Driver(
    name="running",
    label=gettext_noop("Running it"),
    category=Category.COST,
    per=Per.YEAR,
    expression="running_cost",
)
_BUILDING = Driver(
    name="building",
    label=gettext_noop("Building it"),
    category=Category.COST,
    per=Per.ONCE,
    expression="build_cost",
)

CHURN = CaseTemplate(
    key="churn",
    title=gettext_noop("Customers who leave"),
    sentence=gettext_noop(
        "Each year, of our {customers}, {churn_rate} leave. We could keep "
        "{save_rate} of those we reach, each worth {margin} a year; a contact costs "
        "{contact_cost} and running it {running_cost} a year."
    ),
    questions=(
        Question(
            name="customers",
            label=gettext_noop("Customers"),
            why=gettext_noop("How many customers are scored in a year."),
            unit=gettext_noop("customers per year"),
            prefix="",
            suffix=gettext_noop("customers"),
            lower=0.0,
            upper=math.inf,
            low=40_000.0,
            likely=50_000.0,
            high=60_000.0,
            asks=gettext_noop("How many customers could leave?"),
        ),
        _share(
            "churn_rate",
            gettext_noop("Customers who leave"),
            gettext_noop("The share of them that leaves within a year."),
            gettext_noop("share of customers per year"),
            asks=gettext_noop("How many of them leave in a year?"),
            guess=(0.08, 0.12, 0.20),
        ),
        _share(
            "save_rate",
            gettext_noop("Leavers we could keep"),
            gettext_noop("Of those who would leave and are contacted, who stay."),
            gettext_noop("share of contacted leavers"),
            asks=gettext_noop("How many leavers could your team keep?"),
            guess=(0.05, 0.15, 0.30),
        ),
        _money(
            "margin",
            gettext_noop("Worth of a kept customer"),
            gettext_noop("The margin that a customer who stays brings in a year."),
            gettext_noop("money per kept customer per year"),
            asks=gettext_noop("What is a kept customer worth in a year?"),
            suffix=_PER_YEAR,
            guess=(150.0, 200.0, 260.0),
        ),
        _money(
            "contact_cost",
            gettext_noop("Cost of a contact"),
            gettext_noop("A call or an offer, whether or not it was needed."),
            gettext_noop("money per contact"),
            asks=gettext_noop("What does one contact cost?"),
            suffix=gettext_noop("per contact"),
            guess=(3.0, 5.0, 10.0),
        ),
        _running_cost(guess=(25_000.0, 40_000.0, 70_000.0)),
        _share(
            "tpr",
            gettext_noop("Leavers the model finds"),
            gettext_noop("Assumed until a run measures it (recall)."),
            gettext_noop("share of leavers"),
            asks=gettext_noop("How many leavers would the model find?"),
            guess=(0.50, 0.70, 0.85),
            refine=True,
        ),
        _share(
            "fpr",
            gettext_noop("Loyal customers bothered"),
            gettext_noop("Assumed until a run measures it (false alarm rate)."),
            gettext_noop("share of loyal customers"),
            asks=gettext_noop("How many loyal customers would it bother?"),
            guess=(0.05, 0.15, 0.30),
            refine=True,
        ),
        _BUILD_COST,
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
        _RUNNING,
        _BUILDING,
    ),
    volume="customers",
    prevalence="churn_rate",
    assumed=("tpr", "fpr"),
)

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
        _money(
            "extra_revenue",
            gettext_noop("Direct revenue"),
            gettext_noop("What we would sell on top, less what it costs to deliver."),
            gettext_noop("money per year"),
            asks=gettext_noop("What would we sell on top in a year?"),
            suffix=_PER_YEAR,
            guess=(20_000.0, 60_000.0, 150_000.0),
        ),
        _money(
            "cost_saved",
            gettext_noop("Cost savings"),
            gettext_noop("What we would no longer spend."),
            gettext_noop("money per year"),
            asks=gettext_noop("What would we no longer spend in a year?"),
            suffix=_PER_YEAR,
            guess=(10_000.0, 40_000.0, 100_000.0),
        ),
        _money(
            "experience_value",
            gettext_noop("Customer experience"),
            gettext_noop("Hours or complaints spared, times what one is worth."),
            gettext_noop("money per year"),
            asks=gettext_noop("What is the better experience worth in a year?"),
            suffix=_PER_YEAR,
            guess=(0.0, 10_000.0, 40_000.0),
        ),
        _money(
            "advantage_value",
            gettext_noop("Competitive advantage"),
            gettext_noop("Business we would otherwise lose to others."),
            gettext_noop("money per year"),
            asks=gettext_noop("What business would we otherwise lose in a year?"),
            suffix=_PER_YEAR,
            guess=(0.0, 10_000.0, 50_000.0),
        ),
        _running_cost(guess=(20_000.0, 40_000.0, 80_000.0)),
        replace(_BUILD_COST, refine=False),
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
        _RUNNING,
        _BUILDING,
    ),
)

TEMPLATES: dict[str, CaseTemplate] = {
    template.key: template for template in (CHURN, PLAIN)
}
