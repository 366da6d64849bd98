"""Whether the units of a project's formulas come out."""

import re
from collections.abc import Sequence

from engine.errors import EngineError
from engine.value.case import Driver
from engine.value.case import ValueCase as EngineCase
from engine.value.units import UnitProblem, check_units
from engine.words import joined
from projects.models import Project
from projects.selectors.measured import unit_of

_NUMBER = re.compile(r"(?<![\w.])\d")


class UnitsDoNotAdd(EngineError):
    """Formulas whose units do not come out: money of two currencies, or no money."""

    def __init__(self, problems: Sequence[UnitProblem]) -> None:
        super().__init__(joined("; ", (each.message for each in problems)))
        self.problems = problems


def unit_problems(project: Project, engine: EngineCase) -> list[UnitProblem]:
    """Return where the units of a case do not come out; none where none is given."""
    units = {
        each.name: each.formula_unit
        for each in project.quantities.all()
        if each.formula_unit
    }
    measured = project.metrics.filter(key__in=engine.metrics)
    units = {m.key: unit for m in measured if (unit := unit_of(m))} | units
    if not units:
        return []
    unpriced = {each.name for each in engine.drivers if _states_money(each)}
    found = check_units(engine, units, project.currency)
    return [each for each in found if each.driver not in unpriced]


def _states_money(driver: Driver) -> bool:
    """Whether a proxy's worth of one is a bare number: its unit is in its source."""
    return driver.counted == "proxy" and bool(_NUMBER.search(driver.expression))


def hold_units(project: Project, engine: EngineCase) -> None:
    """Refuse a case whose units do not come out; raises UnitsDoNotAdd."""
    if found := unit_problems(project, engine):
        raise UnitsDoNotAdd(found)
