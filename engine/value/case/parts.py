"""What a value case is made of: quantities, drivers, and how far forecasts miss."""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal

import numpy as np

from engine.errors import EngineError
from engine.value.distributions import Distribution, FloatArray
from engine.value.formula import Expression, parse

Counted = Literal["money", "proxy", "not_in_money"]
COUNTED: tuple[Counted, ...] = ("money", "proxy", "not_in_money")


class CaseProblem(EngineError):
    """A value case that cannot be computed; lists what to mend."""


class Category(StrEnum):
    """The source of a driver's money."""

    REVENUE = "revenue"
    SAVINGS = "savings"
    EXPERIENCE = "customer_experience"
    ADVANTAGE = "competitive_advantage"
    COST = "cost"


class Per(StrEnum):
    """What a driver's amount is counted for."""

    TP = "tp"
    FN = "fn"
    FP = "fp"
    TN = "tn"
    UNDER = "under"
    OVER = "over"
    YEAR = "year"
    ONCE = "once"


CELLS = (Per.TP, Per.FN, Per.FP, Per.TN)
MISSES = (Per.UNDER, Per.OVER)


@dataclass(frozen=True)
class Driver:
    """A source of value or cost, as an increment over today's process.

    The expression is a positive amount: a driver of category COST is subtracted,
    every other one is added, in the cells of the benefit matrix, per year and
    once alike. A driver per UNDER or OVER is what one unit less too low or too high
    than today is worth. A driver that is "not_in_money" is shown beside and never
    added.
    """

    name: str
    label: str
    category: Category
    per: Per
    expression: str
    counted: Counted = "money"

    @cached_property
    def formula(self) -> Expression:
        """The expression, read; raises FormulaError if it cannot be."""
        return parse(self.expression)

    @property
    def is_counted(self) -> bool:
        """Whether the driver enters any sum."""
        return self.counted != "not_in_money"

    @property
    def sign(self) -> int:
        """-1 for a cost, else 1."""
        return -1 if self.category is Category.COST else 1


@dataclass(frozen=True)
class Quantity:
    """A named input and what is believed about it.

    Draws below `lower` or above `upper` are set to that bound (a PERT through P5
    and P95 of a share may reach below 0). What lay outside then weighs on the
    bound, so the mean moves inwards: `mean` is that of the clipped draws, and
    `distribution.mean` that of the belief before clipping.
    """

    name: str
    distribution: Distribution
    lower: float = -math.inf
    upper: float = math.inf

    @cached_property
    def mean(self) -> float:
        """The exact mean after clipping."""
        mean = self.distribution.mean
        if math.isfinite(self.lower):
            mean += self.distribution.shortfall(self.lower)
        if math.isfinite(self.upper):
            mean -= self.distribution.mean - self.upper
            mean -= self.distribution.shortfall(self.upper)
        return min(max(mean, self.lower), self.upper)

    @property
    def likely(self) -> float:
        """The most likely value, within the bounds."""
        return min(max(self.distribution.likely, self.lower), self.upper)

    def shortfall(self, x: float) -> float:
        """Return E[max(x - X, 0)] of the clipped draws, for x within the bounds."""
        shortfall = self.distribution.shortfall(x)
        if math.isfinite(self.lower):
            shortfall -= self.distribution.shortfall(self.lower)
        return shortfall

    def excess(self, x: float) -> float:
        """Return E[max(X - x, 0)] of the clipped draws, for x within the bounds."""
        return self.mean - x + self.shortfall(x)

    def clip(self, draws: FloatArray) -> FloatArray:
        """Return the draws moved into the bounds."""
        if math.isinf(self.lower) and math.isinf(self.upper):
            return draws
        return np.clip(draws, self.lower, self.upper)


@dataclass(frozen=True)
class Forecast:
    """How far forecasts miss, in units per forecast, as expressions.

    Averaged over all forecasts, so the mean absolute error is the sum of the two.
    `under` and `over` are assumed until a run replaces them.
    """

    under_today: str  # mean of max(truth - forecast, 0)
    over_today: str  # mean of max(forecast - truth, 0)
    under: str
    over: str

    def items(self) -> tuple[tuple[str, str], ...]:
        """Return each expression with what it is of."""
        return tuple(vars(self).items())
