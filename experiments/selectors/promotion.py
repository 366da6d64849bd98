"""What stands between a run and its use: the gates that guard it."""

from dataclasses import dataclass

from experiments.models import ModelVersion, Run
from projects.models import GateKey
from projects.selectors.gates import GateStanding, gates_of
from projects.selectors.gates.guard import reasons_against

CHAMPION = "champion"


@dataclass(frozen=True)
class Guarded:
    """One act on a run, the gate that guards it, and what keeps it closed."""

    gate: GateStanding
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Promotion:
    """How far a run is on its way into use."""

    version: ModelVersion | None  # the registered version it became
    is_champion: bool
    is_candidate: bool
    nominate: Guarded
    promote: Guarded


def promotion(run: Run) -> Promotion:
    """Return what a run became, and what keeps it from becoming more."""
    version = (
        ModelVersion.objects.filter(run=run)
        .select_related("model")
        .prefetch_related("aliases")
        .first()
    )
    gates = gates_of(run.project)
    design, model = gates[GateKey.DESIGN], gates[GateKey.MODEL]
    aliases = version.aliases.all() if version else ()
    return Promotion(
        version=version,
        is_champion=any(each.name == CHAMPION for each in aliases),
        is_candidate=(run.project.candidate_kind, run.project.candidate_id)
        == ("run", run.pk),
        nominate=_guarded(design, run),
        promote=_guarded(model, run),
    )


def _guarded(gate: GateStanding, run: Run) -> Guarded:
    found = reasons_against(gate, kind="run", subject_id=run.pk, label=run.name)
    return Guarded(gate, found)
