"""How a measured metric moves others: formulas and elasticities, followed in order."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from engine.value.distributions import FloatArray
from engine.value.formula import Values, parse

T = TypeVar("T")


@dataclass(frozen=True)
class Link:
    """How one metric moves another: by a formula, or by an elasticity at a point."""

    cause: str
    effect: str
    formula: str = ""  # over the cause's key and the value case's quantities
    elasticity: float | None = None  # per cent of the effect per per cent of the cause
    at_cause: float | None = None
    at_effect: float | None = None

    def carry(self, values: Values, cause: "float | FloatArray") -> FloatArray:
        """Return the effect's value where the cause has the value `cause`.

        NaN or infinite where it cannot be computed, as for an elasticity at 0.

        Raises
        ------
        FormulaError
            If the formula names a quantity that is gone.
        """
        if self.formula:
            # The measured value goes before a quantity of the same name: a run
            # replaces what the value case only assumes.
            return parse(self.formula).evaluate({**values, self.cause: cause})
        if self.elasticity is None or self.at_cause is None or self.at_effect is None:
            return np.full_like(np.asarray(cause, dtype=np.float64), math.nan)
        with np.errstate(all="ignore"):
            ratio = np.asarray(cause, dtype=np.float64) / self.at_cause
            return np.asarray(self.at_effect * ratio**self.elasticity)


@dataclass(frozen=True)
class Carried:
    """The value of one metric, and the way it came about."""

    values: FloatArray  # of the broadcast shape of the measured values
    path: tuple[str, ...]  # metrics from the measured one to this one


def carry_all(
    links: Iterable[Link],
    measured: Mapping[str, "float | FloatArray"],
    values: Values,
) -> dict[str, Carried]:
    """Return what is measured, and all that the links make of it, by metric.

    What is measured is never replaced by what follows from something else; of
    several links to one metric the first that carries a finite value counts.

    Parameters
    ----------
    measured : mapping of metric to float or array
    values : mapping of quantity to float or array

    Raises
    ------
    FormulaError
        If a formula names a quantity that is gone.
    """
    found = {
        key: Carried(np.asarray(value, dtype=np.float64), (key,))
        for key, value in measured.items()
    }
    waiting = list(links)
    moved = True
    while moved:
        moved = False
        for link in waiting:
            if link.effect in found or link.cause not in found:
                continue
            cause = found[link.cause]
            carried = link.carry(values, cause.values)
            if np.isfinite(carried).all():
                found[link.effect] = Carried(carried, (*cause.path, link.effect))
                moved = True
    return found


def circle_closed_by(link: tuple[T, T], links: Iterable[tuple[T, T]]) -> tuple[T, ...]:
    """Return the circle that one more link would close, its start at both ends.

    Empty if there is none. Each link is a pair (cause, effect).
    """
    start, first = link
    after: dict[T, list[T]] = {}
    for cause, effect in links:
        after.setdefault(cause, []).append(effect)
    came_from: dict[T, T] = {}
    waiting, seen = [first], {first}
    while waiting:
        here = waiting.pop()
        if here == start:
            return _way_back(start, first, came_from)
        for effect in after.get(here, ()):
            if effect not in seen:
                seen.add(effect)
                came_from[effect] = here
                waiting.append(effect)
    return ()


def _way_back(start: T, first: T, came_from: Mapping[T, T]) -> tuple[T, ...]:
    path = [start]
    while path[-1] != first:
        path.append(came_from[path[-1]])
    return (start, *reversed(path))
