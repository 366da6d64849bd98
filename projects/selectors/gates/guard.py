"""What keeps a gate closed for one thing it guards."""

from typing import Any

from django.utils.translation import gettext as _

from projects.models import GateKey
from projects.selectors.gates.standing import GateStanding
from projects.selectors.gates.words import blockers


def reasons_against(
    gate: GateStanding, *, kind: str, subject_id: str, label: str, digest: str = ""
) -> tuple[str, ...]:
    """Return what keeps a gate closed for a subject; nothing if it lets it through.

    The model and the data gate are open for what was signed and for nothing else.
    """
    if not gate.is_on:
        return ()
    content: dict[str, Any] = gate.decision.content if gate.decision else {}
    is_signed_for = {
        GateKey.MODEL: _names(content, kind, subject_id),
        GateKey.DATA: _holds(content, digest),
    }.get(gate.key, True)
    found = blockers(gate)
    if gate.decision is not None and not is_signed_for:
        words = _("It was signed for something else than %(label)s.")
        found = (*found, words % {"label": label})
    return found


def _names(content: dict[str, Any], kind: str, subject_id: str) -> bool:
    candidate = content.get("candidate") or {}
    return (candidate.get("kind"), candidate.get("id")) == (kind, subject_id)


def _holds(content: dict[str, Any], digest: str) -> bool:
    return digest in {each["digest"] for each in content.get("data", {}).values()}
