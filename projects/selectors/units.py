"""Whether the units of a project's formulas come out."""

from collections.abc import Sequence

from engine.errors import EngineError
from engine.value.case import ValueCase as EngineCase
from engine.value.units import UnitProblem, check_units
from projects.models import Project


class UnitsDoNotAdd(EngineError):
    """Formulas whose units do not come out: money of two currencies, or no money."""

    def __init__(self, problems: Sequence[UnitProblem]) -> None:
        super().__init__(" ".join(each.message for each in problems))
        self.problems = problems


def unit_problems(project: Project, engine: EngineCase) -> list[UnitProblem]:
    """Return where the units of a case do not come out; none where none is given."""
    units = {
        each.name: each.formula_unit
        for each in project.quantities.all()
        if each.formula_unit
    }
    return check_units(engine, units, project.currency) if units else []


def hold_units(project: Project, engine: EngineCase) -> None:
    """Refuse a case whose units do not come out; raises UnitsDoNotAdd."""
    if found := unit_problems(project, engine):
        raise UnitsDoNotAdd(found)
