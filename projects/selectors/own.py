"""What a case is worth by one person's numbers, blind to everybody else's."""

from collections.abc import Mapping

from engine.value.distributions import Distribution
from engine.value.simulate import ValueEstimate, estimate
from projects.models import Project, Quantity, Reconciliation, ValueCase
from projects.selectors.value import belief_of, default_belief, engine_case

DRAWS = 10_000


def own_estimate(
    project: Project,
    case: ValueCase,
    believed: Mapping[str, Distribution],
    quantities: list[Quantity],
) -> ValueEstimate:
    """Return the estimate by these beliefs; the settled range or the default elsewhere.

    Others' answers stay out of it, so that nobody reads them off the picture.

    Raises
    ------
    EngineError
        If the value case cannot be computed.
    """
    settled = {
        row.quantity_id: row
        for row in Reconciliation.objects.filter(quantity__project=project)
    }
    beliefs = {
        each.name: believed.get(each.name) or _without_people(each, settled)
        for each in quantities
    }
    engine = engine_case(project, case, beliefs=beliefs)
    return estimate(engine, draws=DRAWS, seed=case.seed)


def _without_people(
    quantity: Quantity, settled: Mapping[int, Reconciliation]
) -> Distribution:
    if row := settled.get(quantity.pk):
        return belief_of(quantity, row.low, row.likely, row.high)
    return default_belief(quantity)
