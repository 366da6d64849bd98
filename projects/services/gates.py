"""Keeping gates, holding acts back at them, and going past one on the record."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from projects.models import Gate, GateKey, GateOverride, Project
from projects.selectors.gates import GateStanding, gate_of
from projects.selectors.gates.guard import reasons_against
from projects.selectors.value import may_own
from projects.services.evidence import Subject


class GateClosed(ValueError):
    """A closed gate holds an act back; `reasons` are what keeps it closed."""

    def __init__(self, gate: GateStanding, reasons: tuple[str, ...]) -> None:
        self.gate, self.reasons = gate, reasons
        head = _("The %(gate)s is closed.") % {"gate": gate.name}
        super().__init__(" ".join([head, *reasons]))


def check_gate(
    project: Project,
    key: GateKey,
    *,
    action: str,
    subject: Subject,
    actor: Actor,
    override_reason: str = "",
) -> GateOverride | None:
    """Let an act through an open gate, or past a closed one by an owner's word.

    Parameters
    ----------
    action : str
        What the gate guards here, such as ``promote``.
    subject : Subject
        What is nominated, trained on or promoted; the model and the data gate are
        open for what was signed and for nothing else.
    override_reason : str
        Why an owner goes past the gate if it is closed; ignored if it is open.

    Returns
    -------
    GateOverride or None
        The record of going past; None if the gate is open or not in use.

    Raises
    ------
    GateClosed
        If it is closed, and no owner gives a reason to go past.
    """
    gate = gate_of(project, key)
    reasons = reasons_against(
        gate,
        kind=subject.kind,
        subject_id=subject.id,
        label=subject.label,
        digest=subject.digest,
    )
    if not reasons:
        return None
    reason = override_reason.strip()
    if not reason:
        raise GateClosed(gate, reasons)
    if not may_own(project, actor):
        only = _("Only an owner of the project goes past a closed gate.")
        raise GateClosed(gate, (*reasons, only))
    return _override(gate, reasons, action, subject, actor, reason)


@transaction.atomic
def _override(
    gate: GateStanding,
    reasons: tuple[str, ...],
    action: str,
    subject: Subject,
    actor: Actor,
    reason: str,
) -> GateOverride:
    row = GateOverride(
        project=gate.project,
        gate=gate.key,
        action=action,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label,
        subject_url=subject.url,
        blocked_by=list(reasons),
        reason=reason,
        by=actor.user,
    )
    row.full_clean()
    row.save()
    audit.record(
        actor,
        "override gate",
        project_id=gate.project.pk,
        subject=f"{gate.name}: {subject.label}",
        detail={"action": action, "reason": reason, "blocked_by": list(reasons)},
    )
    return row


@transaction.atomic
def set_gate(
    project: Project,
    key: GateKey,
    *,
    actor: Actor,
    is_on: bool,
    capacities: list[str],
    bounds: Mapping[str, Any],
) -> Gate:
    """Switch a gate on or off, and say who signs and within which bounds."""
    row = Gate.objects.filter(project=project, key=key).first() or Gate(
        project=project, key=key
    )
    row.is_on, row.capacities, row.bounds = is_on, capacities, dict(bounds)
    row.full_clean()
    row.save()
    audit.record(
        actor,
        "set gate",
        project_id=project.pk,
        subject=str(key.label),
        detail={"is_on": is_on, "capacities": capacities, "bounds": dict(bounds)},
    )
    return row


@transaction.atomic
def launch_project(
    project: Project, *, actor: Actor, override_reason: str = ""
) -> None:
    """Mark a project as launched, if its launch gate lets it.

    Raises
    ------
    GateClosed
        If the launch gate is in use and closed.
    """
    subject = Subject("project", str(project.pk), project.name, project.slug)
    check_gate(
        project,
        GateKey.LAUNCH,
        action="launch",
        subject=subject,
        actor=actor,
        override_reason=override_reason,
    )
    _set_launched(project, actor, is_launched=True)


def take_back_launch(project: Project, *, actor: Actor) -> None:
    """Say that a project is not launched after all."""
    _set_launched(project, actor, is_launched=False)


def _set_launched(project: Project, actor: Actor, *, is_launched: bool) -> None:
    project.launched_at = timezone.now() if is_launched else None
    project.save(update_fields=["launched_at", "changed_at"])
    audit.record(
        actor,
        "launch" if is_launched else "take back launch",
        project_id=project.pk,
        subject=capfirst(project.name),
    )
