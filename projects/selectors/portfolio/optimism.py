"""What came true of past estimates: by how much gains are shrunk before choosing."""

from core.access import Actor
from projects.selectors.portfolio.choice import Optimism


def measured_optimism(actor: Actor) -> Optimism | None:
    """Return the bias ratio over the actor's projects; None if nothing is measured."""
    return None
