"""The room of decisions, and the page of one gate."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Decision, GateKey, GateOverride, Project
from projects.selectors.gates.standing import (
    GateStanding,
    gates_of,
    overrides_by,
)
from projects.selectors.gates.words import (
    Brief,
    answer,
    blockers,
    brief,
    listed,
)

GUARDS = {
    GateKey.DESIGN: gettext_lazy("It guards the nomination of a candidate."),
    GateKey.DATA: gettext_lazy("It guards training on the data."),
    GateKey.MODEL: gettext_lazy("It guards the promotion to champion."),
    GateKey.LAUNCH: gettext_lazy("It guards marking the project as launched."),
    GateKey.REVIEW: gettext_lazy(
        "It guards nothing; it asks whether the promise came true."
    ),
}


@dataclass(frozen=True)
class GateRow:
    """One gate in the list of gates."""

    gate: GateStanding
    answer: str
    brief: Brief
    guards: str


@dataclass(frozen=True)
class DecisionRow:
    """One decision in the list of decisions."""

    decision: Decision
    state: str  # a glyph
    words: str


@dataclass(frozen=True)
class Room:
    """The page of decisions: gates, decisions, and who went past a closed gate."""

    answer: str
    gates: tuple[GateRow, ...]  # in use
    unused: tuple[GateRow, ...]
    decisions: tuple[DecisionRow, ...]
    overrides: tuple[GateOverride, ...]


def room(project: Project) -> Room:
    """Return the project's gates and decisions, what waits first in the answer."""
    gates = gates_of(project)
    rows = [
        GateRow(each, answer(each), brief(each), str(GUARDS[each.key]))
        for each in gates.values()
    ]
    decisions = Decision.objects.filter(project=project).prefetch_related("signatures")
    return Room(
        answer=_room_answer(list(gates.values())),
        gates=tuple(each for each in rows if each.gate.is_on),
        unused=tuple(each for each in rows if not each.gate.is_on),
        decisions=tuple(_row(each, gates) for each in decisions),
        overrides=tuple(overrides_by([project])[project.pk]),
    )


def _room_answer(gates: list[GateStanding]) -> str:
    in_use = [each for each in gates if each.is_on]
    closed = [each for each in in_use if not each.is_open]
    if not in_use:
        return _("No gate is in use.")
    if closed:
        return answer(closed[0])
    names = listed([each.name for each in in_use])
    if len(in_use) == 1:
        return _("The %(gates)s is open.") % {"gates": names}
    return _("Every gate in use is open: %(gates)s.") % {"gates": names}


def _row(decision: Decision, gates: dict[GateKey, GateStanding]) -> DecisionRow:
    if decision.withdrawn_at:
        return DecisionRow(decision, "unknown", _("withdrawn"))
    if decision.superseded_by_id:
        return DecisionRow(decision, "unknown", _("superseded"))
    if not decision.is_signed:
        return DecisionRow(decision, "waiting", _("waiting for a signature"))
    gate = gates[GateKey(decision.gate)]
    if gate.decision is not None and gate.decision.pk == decision.pk:
        return DecisionRow(decision, *brief(gate))
    return DecisionRow(decision, "unknown", _("superseded"))


@dataclass(frozen=True)
class GatePage:
    """One gate, all of it."""

    gate: GateStanding
    answer: str
    guards: str
    reasons: tuple[str, ...]
    overrides: tuple[GateOverride, ...]


def gate_page(gate: GateStanding) -> GatePage:
    """Return what the page of a gate shows."""
    project = gate.project
    return GatePage(
        gate=gate,
        answer=answer(gate),
        guards=str(GUARDS[gate.key]),
        reasons=blockers(gate),
        overrides=tuple(
            each
            for each in overrides_by([project])[project.pk]
            if each.gate == gate.key
        ),
    )
