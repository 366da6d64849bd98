"""What came true of past estimates: by how much gains are shrunk before choosing."""

from core.access import Actor
from engine.value.calibration import BiasRatio
from projects.models import Project
from projects.selectors.calibration import bias_ratio


def measured_optimism(actor: Actor) -> BiasRatio | None:
    """Return realised over signed money of the actor's projects; None if unmeasured.

    The worked example says nothing of how people here estimate.
    """
    measured = Project.objects.visible_to(actor).filter(
        realised_values__quantity=None,
        realised_values__superseded_by=None,
        realised_values__isnull=False,
        is_example=False,
    )
    found = list(measured.distinct())
    return bias_ratio(found) if found else None
