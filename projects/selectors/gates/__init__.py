"""The gates of a project: checks from evidence, sign-off, what changed since."""

from projects.selectors.gates.changes import Change, material_changes, reworded
from projects.selectors.gates.checks import Check, CheckState
from projects.selectors.gates.evidence import evidence_of
from projects.selectors.gates.rules import GateRules, rules_of
from projects.selectors.gates.standing import (
    GateStanding,
    Signer,
    changes_since,
    decisions_by,
    gate_of,
    gates_by,
    gates_of,
    overrides_by,
)
from projects.selectors.gates.words import answer, blockers, brief

__all__ = [
    "Change",
    "Check",
    "CheckState",
    "GateRules",
    "GateStanding",
    "Signer",
    "answer",
    "blockers",
    "brief",
    "changes_since",
    "decisions_by",
    "evidence_of",
    "gate_of",
    "gates_by",
    "gates_of",
    "material_changes",
    "overrides_by",
    "reworded",
    "rules_of",
]
