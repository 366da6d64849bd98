"""How a project keeps its gates: what is on, who must sign, and the bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.reading import read_together
from projects.models import Gate, GateKey, Project, Stakeholder

Capacity = Stakeholder.Capacity

# Three of the five wait to be switched on.
ON_BY_DEFAULT = frozenset({GateKey.DESIGN, GateKey.MODEL})
SIGNERS: dict[GateKey, tuple[str, ...]] = {
    GateKey.DESIGN: (Capacity.SPONSOR, Capacity.FINANCE),
    GateKey.DATA: (Capacity.DATA,),
    GateKey.MODEL: (Capacity.SPONSOR, Capacity.DATA),
    GateKey.LAUNCH: (Capacity.SPONSOR, Capacity.COMPLIANCE),
    GateKey.REVIEW: (Capacity.SPONSOR, Capacity.FINANCE),
}
# Above it a case is called worth it everywhere in the portal.
LEAST_CHANCE = 0.8
LEAST_SCORE = 0.9


@dataclass(frozen=True)
class GateRules:
    """One gate of a project: its row, or what holds without one."""

    key: GateKey
    is_on: bool
    capacities: tuple[str, ...]  # empty: anybody who signs
    bounds: Mapping[str, Any] = field(default_factory=dict)

    @property
    def least_chance(self) -> float:
        """In which share of futures it has to pay back."""
        return float(self.bounds.get("least_chance", LEAST_CHANCE))

    def most_years(self, horizon: int) -> float:
        """Within how many years the money has to be back."""
        return float(self.bounds.get("most_years", horizon))

    @property
    def cost_of_finding_out(self) -> float | None:
        """What finding out would cost once; None if nobody typed it."""
        cost = self.bounds.get("cost_of_finding_out")
        return None if cost is None else float(cost)

    @property
    def not_needed(self) -> tuple[str, ...]:
        """The kinds of requirement that are stated as not needed."""
        return tuple(self.bounds.get("not_needed", ()))

    def least_score(self, dimension: str, agreed: float | None) -> float:
        """Return the least score of a dimension: its own, else what was required."""
        own = self.bounds.get(f"least_{dimension}")
        if own is not None:
            return float(own)
        return LEAST_SCORE if agreed is None else agreed


def rules_without_a_row(key: GateKey) -> GateRules:
    """Return how a gate is kept that nobody has set."""
    return GateRules(key, key in ON_BY_DEFAULT, SIGNERS[key])


@read_together
def rules_by(projects: Sequence[Project]) -> dict[int, dict[GateKey, GateRules]]:
    """Return how each project keeps its five gates, in one query."""
    found = {
        each.pk: {key: rules_without_a_row(key) for key in GateKey} for each in projects
    }
    for row in Gate.objects.filter(project__in=projects):
        key = GateKey(row.key)
        found[row.project_id][key] = GateRules(
            key, row.is_on, tuple(row.capacities), row.bounds
        )
    return found


def rules_of(project: Project) -> dict[GateKey, GateRules]:
    """Return how a project keeps its five gates."""
    return rules_by([project])[project.pk]
