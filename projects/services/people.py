"""Asking people, and what they do with the question."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from projects.models import Invitation, Stakeholder
from projects.services.estimates import close_round
from projects.services.tell import tell_of_answer
from projects.services.value import follow_answers

# How the feed names each question.
ACTS = {
    Invitation.Asks.ESTIMATE: "invite",
    Invitation.Asks.METRICS: "ask for metrics",
}


def invite(
    stakeholder: Stakeholder,
    *,
    actor: Actor,
    deadline: datetime,
    asks: Invitation.Asks = Invitation.Asks.ESTIMATE,
    message: str = "",
) -> tuple[Invitation, str]:
    """Ask a person for numbers or metrics; return the invitation and the link's secret.

    Their open invitation to the same question is revoked: one link, one person.
    """
    open_ones = stakeholder.invitations.filter(
        asks=asks, revoked_at=None, answered_at=None
    )
    open_ones.update(revoked_at=timezone.now())
    secret, secret_hash = Invitation.new_secret()
    invitation = Invitation(
        stakeholder=stakeholder,
        asks=asks,
        round=stakeholder.project.estimate_round,
        secret_hash=secret_hash,
        message=message,
        deadline=deadline,
        created_by=actor.user,
    )
    invitation.full_clean()
    invitation.save()
    _note(actor, ACTS[asks], invitation)
    return invitation, secret


def renew_invitation(
    invitation: Invitation, *, actor: Actor, deadline: datetime
) -> str:
    """Give an invitation a later deadline and a fresh link; return its secret."""
    secret, invitation.secret_hash = Invitation.new_secret()
    invitation.deadline, invitation.revoked_at = deadline, None
    invitation.save(update_fields=["secret_hash", "deadline", "revoked_at"])
    _note(actor, "renew invitation", invitation)
    return secret


def revoke_invitation(invitation: Invitation, *, actor: Actor) -> None:
    """Close a link for good; an answer that was sent stays."""
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    _note(actor, "revoke invitation", invitation)
    close_round(invitation.project, actor=actor)


def open_invitation(invitation: Invitation) -> None:
    """Note that the person has come; mail scanners only GET and are not noted."""
    if invitation.opened_at is None:
        invitation.opened_at = timezone.now()
        invitation.save(update_fields=["opened_at"])


def answer_invitation(invitation: Invitation) -> None:
    """Note the first answer; a repeated one changes nothing here."""
    open_invitation(invitation)
    is_first = invitation.answered_at is None
    if is_first:
        invitation.answered_at = timezone.now()
    invitation.declined_at = None
    invitation.save(update_fields=["answered_at", "declined_at"])
    if is_first:
        tell_of_answer(invitation)
    _note(Actor(invitation_id=invitation.pk), "answer", invitation)


def decline_invitation(invitation: Invitation, *, reason: str) -> None:
    """Note that the person would rather not answer, or knows who should."""
    open_invitation(invitation)
    invitation.declined_at, invitation.decline_reason = timezone.now(), reason
    invitation.save(update_fields=["declined_at", "decline_reason"])
    tell_of_answer(invitation)
    actor = Actor(invitation_id=invitation.pk)
    _note(actor, "decline", invitation)
    close_round(invitation.project, actor=actor)


@transaction.atomic
def remove_stakeholder(stakeholder: Stakeholder, *, actor: Actor) -> None:
    """Take somebody off the list with their ranges; their signatures stay."""
    project, name = stakeholder.project, stakeholder.name
    stakeholder.delete()
    audit.record(actor, "remove stakeholder", project_id=project.pk, subject=name)
    follow_answers(project, actor=actor)


def _note(actor: Actor, action: str, invitation: Invitation) -> None:
    audit.record(
        actor,
        action,
        project_id=invitation.stakeholder.project_id,
        subject=f"invitation {invitation.pk} of {invitation.stakeholder}",
    )
