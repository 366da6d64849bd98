"""What a template of a value case is made of.

The texts are marked for the message catalogue here and translated where they are
shown.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.value.case import Category, Driver, Forecast, Per, Quantity, ValueCase
from engine.value.distributions import Distribution, pert_from_quantiles
from engine.words import gettext_noop


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
    formula_unit: str = ""  # what formulas are checked with; "money" is the currency

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
    forecast: Forecast | None = None
    # The kinds of task whose runs can be priced by it, the usual one first.
    tasks: tuple[str, ...] = ("binary",)

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
            forecast=self.forecast,
        )


def count_question(
    name: str,
    label: str,
    why: str,
    unit: str,
    *,
    asks: str,
    suffix: str,
    formula_unit: str,
    guess: tuple[float, float, float],
    refine: bool = False,
) -> Question:
    """Return a question for a number that is neither money nor a share."""
    low, likely, high = guess
    return Question(
        name=name,
        label=label,
        why=why,
        unit=unit,
        prefix="",
        suffix=suffix,
        lower=0.0,
        upper=math.inf,
        low=low,
        likely=likely,
        high=high,
        refine=refine,
        asks=asks,
        formula_unit=formula_unit,
    )


def share_question(
    name: str,
    label: str,
    why: str,
    unit: str,
    *,
    asks: str,
    guess: tuple[float, float, float],
    refine: bool = False,
) -> Question:
    """Return a question for a share, asked in per cent."""
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
        formula_unit="share",
    )


def money_question(
    name: str,
    label: str,
    why: str,
    unit: str,
    *,
    asks: str,
    suffix: str,
    formula_unit: str,
    guess: tuple[float, float, float],
    refine: bool = False,
) -> Question:
    """Return a question for an amount of the project's currency."""
    asked = count_question(
        name,
        label,
        why,
        unit,
        asks=asks,
        suffix=suffix,
        formula_unit=formula_unit,
        guess=guess,
        refine=refine,
    )
    return replace(asked, prefix="{currency}")


PER_YEAR = gettext_noop("per year")
ONCE = gettext_noop("once")

BUILD_COST = money_question(
    "build_cost",
    gettext_noop("Cost to build"),
    gettext_noop("People and equipment until it first runs, paid once."),
    gettext_noop("money once"),
    asks=gettext_noop("What would it cost to build?"),
    suffix=ONCE,
    formula_unit="money",
    guess=(40_000.0, 60_000.0, 120_000.0),
    refine=True,
)


def running_cost(*, guess: tuple[float, float, float]) -> Question:
    """Return the question for what it costs to run in a year."""
    return money_question(
        "running_cost",
        gettext_noop("Running cost"),
        gettext_noop("People, machines and licences that keep it running."),
        gettext_noop("money per year"),
        asks=gettext_noop("What would it cost to run in a year?"),
        suffix=PER_YEAR,
        formula_unit="money / year",
        guess=guess,
    )


RUNNING = Driver(
    name="running",
    label=gettext_noop("Running it"),
    category=Category.COST,
    per=Per.YEAR,
    expression="running_cost",
)
BUILDING = Driver(
    name="building",
    label=gettext_noop("Building it"),
    category=Category.COST,
    per=Per.ONCE,
    expression="build_cost",
)
