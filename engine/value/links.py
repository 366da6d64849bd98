"""How a measured metric moves others: formulas and elasticities, followed in order."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.special import ndtri

from engine.value.case import ValueCase
from engine.value.distributions import FloatArray
from engine.value.formula import Values, parse
from engine.value.simulate import draw, uniforms

_Z_975 = float(ndtri(0.975))

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

    def missing(self, quantities: Collection[str]) -> tuple[str, ...]:
        """Return the names in the formula that are neither the cause nor known."""
        if not self.formula:
            return ()
        known = {self.cause, *quantities}
        return tuple(sorted(parse(self.formula).names - known))

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
    several links to one metric the first that carries any finite value counts.

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
            if np.isfinite(carried).any():
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


@dataclass(frozen=True)
class Measured:
    """One metric as a run has it, with its 95 % interval where there is one."""

    value: float
    low: float | None = None
    high: float | None = None
    is_share: bool = False


@dataclass(frozen=True)
class Reading:
    """The value of one metric of a run, measured or carried there by links."""

    value: float
    low: float | None  # 5th percentile, or the measured interval's lower end
    high: float | None
    path: tuple[str, ...]  # metrics from the measured one to this one


def readings(
    links: Iterable[Link],
    measured: Mapping[str, Measured],
    case: ValueCase,
    *,
    replaced: Mapping[str, str],
    draws: int,
    seed: int,
) -> dict[str, Reading]:
    """Return what a run's measurements mean for each metric that links lead to.

    The value is that at the means of the quantities. The range of a carried one
    runs from its 5th to its 95th percentile over the futures of the value case and
    the error of the measurement, taken as normal.

    Parameters
    ----------
    replaced : mapping of quantity to metric
        What the case only assumes until a run has measured it, such as the recall.

    Raises
    ------
    EngineError
        If the case cannot be drawn.
    """
    links = _known(links, case)
    points = {key: each.value for key, each in measured.items()}
    drawn = {
        key: _belief(each, uniforms(f"metric {key}", draws=draws, seed=seed))
        for key, each in measured.items()
    }
    at_means = carry_all(links, points, _replace(case.means(), points, replaced))
    in_futures = carry_all(
        links, drawn, _replace(draw(case, draws=draws, seed=seed), drawn, replaced)
    )
    return {
        key: _reading(carried, measured.get(key), in_futures.get(key))
        for key, carried in at_means.items()
    }


def carried_points(
    links: Iterable[Link],
    measured: Mapping[str, "float | FloatArray"],
    case: ValueCase,
    *,
    replaced: Mapping[str, str],
) -> dict[str, FloatArray]:
    """Return the values of each metric that is measured or that links lead to.

    Parameters
    ----------
    measured : mapping of metric to float or ndarray of shape (runs,)
        NaN where a run has no such metric.

    Returns
    -------
    dict of metric to ndarray
        At the means of the quantities; NaN or infinite where nothing is carried.
    """
    values = _replace(case.means(), measured, replaced)
    found = carry_all(_known(links, case), measured, values)
    return {key: each.values for key, each in found.items()}


def _known(links: Iterable[Link], case: ValueCase) -> list[Link]:
    """Return the links whose formulas name only what there is still."""
    return [each for each in links if not each.missing(case.by_name)]


def _replace(
    values: Values,
    measured: Mapping[str, "float | FloatArray"],
    replaced: Mapping[str, str],
) -> Values:
    found = {q: measured[m] for q, m in replaced.items() if m in measured}
    return {**values, **found}


def _belief(measured: Measured, uniform: FloatArray) -> FloatArray:
    if measured.low is None or measured.high is None:
        return np.full_like(uniform, measured.value)
    sd = (measured.high - measured.low) / (2 * _Z_975)
    drawn = measured.value + sd * ndtri(uniform)
    return np.clip(drawn, 0.0, 1.0) if measured.is_share else np.asarray(drawn)


def _reading(
    carried: Carried, measured: Measured | None, futures: Carried | None
) -> Reading:
    value = float(carried.values)
    if measured is not None:
        return Reading(value, measured.low, measured.high, carried.path)
    # Another way would be another number: its range is not this one's.
    is_same = futures is not None and futures.path == carried.path
    if futures is None or not is_same or not np.isfinite(futures.values).all():
        return Reading(value, None, None, carried.path)
    low, high = np.quantile(futures.values, [0.05, 0.95]).tolist()
    return Reading(value, low, high, carried.path)
