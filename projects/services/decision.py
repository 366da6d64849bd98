"""Decisions: proposed with their evidence, frozen by the first signature."""

from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from engine.digests import digest
from projects.models import Decision, Signature, Stakeholder
from projects.selectors.decision import evidence_for
from projects.selectors.value import current_case
from projects.services.project import stakeholder_of
from projects.services.tell import tell_of_proposal
from projects.services.value import cite_case


@transaction.atomic
def propose_decision(decision: Decision, *, actor: Actor) -> Decision:
    """Save a proposal with the evidence as it stands now.

    Until somebody signs, saving again takes the newer evidence.
    """
    if decision.frozen_at:
        raise FrozenError
    is_new = decision.pk is None
    decision.created_by = decision.created_by or actor.user
    decision.content = evidence_for(decision)
    decision.digest = digest(decision.content)
    decision.full_clean()
    decision.save()
    if is_new:
        tell_of_proposal(decision, by=actor.user)
    audit.record(
        actor,
        "propose decision",
        project_id=decision.project_id,
        subject=decision.question,
        detail={"digest": decision.digest},
    )
    return decision


@transaction.atomic
def sign_decision(
    decision: Decision,
    *,
    actor: Actor,
    capacity: str,
    word: str,
    comment: str,
    invented: Stakeholder | None = None,
) -> Signature:
    """Bind a person's word to the decision's digest; the first one freezes it.

    `invented` is somebody of the worked example, who has no account: the record
    says so.
    """
    if actor.user is None:
        raise ValueError("a signature needs a person")
    if decision.frozen_at is None:
        cite_case(current_case(decision.project))
        decision.frozen_at = timezone.now()
        decision.save(update_fields=["frozen_at"])
    signature = Signature(
        decision=decision,
        stakeholder=invented or stakeholder_of(decision.project, actor.user),
        user=None if invented else actor.user,
        name=invented.name if invented else actor.user.display_name,
        capacity=capacity,
        word=word,
        comment=comment,
        method="example" if invented else "signed in",
        digest=decision.digest,
    )
    signature.full_clean()
    signature.save()
    audit.record(
        actor,
        "invent signature" if invented else "sign decision",
        project_id=decision.project_id,
        subject=decision.question,
        detail={"word": word, "capacity": capacity, "digest": decision.digest},
    )
    return signature


class FrozenError(ValueError):
    """A signed decision is not changed; make a new one."""
