"""Decisions: proposed with their evidence, frozen by the first signature."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from engine.digests import digest
from projects.models import Decision, GateKey, Invitation, Signature, Stakeholder
from projects.selectors.decision import evidence_for
from projects.selectors.gates import (
    Change,
    changes_since,
    material_changes,
    reworded,
)
from projects.selectors.value import current_case
from projects.services.project import stakeholder_of
from projects.services.tell import tell_of_proposal
from projects.services.value import cite_case

BY_CODE, INVENTED = "code by mail", "example"


class FrozenError(ValueError):
    """A signed or withdrawn decision is not changed; make a new one."""


class ChangedError(ValidationError):
    """A signature was meant for evidence or words that are no longer the same."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = tuple(changes)
        head = _("This has changed since; read it again before you sign.")
        super().__init__([head, *(f"{each}" for each in changes)])


@transaction.atomic
def propose_decision(decision: Decision, *, actor: Actor) -> Decision:
    """Save a proposal with the evidence as it stands now.

    Until somebody signs, saving again takes the newer evidence, and notes in what it
    differs, so that nobody signs what they have not read.

    Raises
    ------
    FrozenError
        If it is signed or withdrawn.
    """
    if decision.frozen_at or decision.withdrawn_at:
        raise FrozenError
    is_new = decision.pk is None
    before, before_digest = decision.content, decision.digest
    decision.created_by = decision.created_by or actor.user
    decision.content = evidence_for(decision)
    decision.digest = digest(decision.content)
    if before and before_digest != decision.digest:
        changed = (
            *reworded(before, decision.content),
            *material_changes(before, decision.content, gate=GateKey(decision.gate)),
        )
        decision.revisions = [
            *decision.revisions,
            {
                "digest": before_digest,
                "at": timezone.now().isoformat(),
                "changed": [each.to_json() for each in changed],
            },
        ]
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
def withdraw_decision(decision: Decision, *, actor: Actor) -> None:
    """Take back a proposal that nobody has signed; its links close.

    Raises
    ------
    FrozenError
        If it is signed: a new one takes its place instead.
    """
    row = _locked(decision)
    if row.frozen_at or row.withdrawn_at:
        raise FrozenError
    now = timezone.now()
    Decision.objects.filter(pk=row.pk).update(withdrawn_at=now)
    Invitation.objects.filter(decision=row, revoked_at=None).update(revoked_at=now)
    decision.withdrawn_at = now
    audit.record(
        actor,
        "withdraw decision",
        project_id=decision.project_id,
        subject=decision.question,
    )


@transaction.atomic
def sign_decision(
    decision: Decision,
    *,
    actor: Actor,
    word: str,
    comment: str,
    capacity: str = "",
    read_digest: str = "",
    stakeholder: Stakeholder | None = None,
    method: str = "signed in",
) -> Signature:
    """Bind a person's word to the decision's digest; the first one freezes it.

    The first signature also supersedes what was decided at this gate before.

    Parameters
    ----------
    capacity : str
        In what capacity; empty: the one the project gives the person.
    read_digest : str
        The digest of what the person has read; empty: not known.
    stakeholder : Stakeholder, optional
        Who signs, where that is not an account: a guest whose code was right, or
        somebody of the worked example. `method` says which.

    Raises
    ------
    ChangedError
        If what was read, or the evidence it rests on, has changed since.
    FrozenError
        If it was withdrawn or superseded.
    ValidationError
        If the person does not sign in this capacity, has signed already, or gives
        no comment where one is needed.
    """
    row = _locked(decision)
    if not row.is_live:
        raise FrozenError
    _refuse_changed(row, read_digest)
    who = stakeholder or stakeholder_of(row.project, actor.user)
    signature = Signature(
        decision=row,
        stakeholder=who,
        user=None if stakeholder else actor.user,
        name=who.name if who else "",
        capacity=_capacity_of(who, capacity),
        word=word,
        comment=comment,
        method=method,
        digest=row.digest,
    )
    if actor.user and not stakeholder:
        signature.name = actor.user.display_name
    signature.full_clean()
    signature.save()
    if row.frozen_at is None:
        _freeze(row)
    decision.frozen_at = row.frozen_at
    is_invented = method == INVENTED
    audit.record(
        actor,
        "invent signature" if is_invented else "sign decision",
        project_id=row.project_id,
        subject=row.question,
        detail={
            "word": word,
            "capacity": signature.capacity,
            "method": method,
            "digest": row.digest,
        },
    )
    return signature


def _locked(decision: Decision) -> Decision:
    """Return the row as it is now; nobody changes it until the transaction ends."""
    rows = Decision.objects.select_for_update().select_related("project")
    return rows.get(pk=decision.pk)


def _refuse_changed(row: Decision, read_digest: str) -> None:
    if read_digest and read_digest != row.digest:
        known = [each["digest"] for each in row.revisions]
        since = known.index(read_digest) if read_digest in known else 0
        raise ChangedError(
            [
                Change(**each)
                for revision in row.revisions[since:]
                for each in revision["changed"]
            ]
        )
    if changes := changes_since(row):
        raise ChangedError(changes)


def _capacity_of(who: Stakeholder | None, asked: str) -> str:
    held = who.capacity if who else ""
    if not held:
        raise ValidationError(
            {
                "capacity": _(
                    "You sign for nothing in this project. An editor says on its page "
                    "of people who signs as what."
                )
            }
        )
    if asked and asked != held:
        raise ValidationError(
            {
                "capacity": _("You sign as %(held)s here, not as %(asked)s.")
                % {
                    "held": Stakeholder.Capacity(held).label,
                    "asked": Stakeholder.Capacity(asked).label,
                }
            }
        )
    return held


def _freeze(row: Decision) -> None:
    cite_case(current_case(row.project))
    row.frozen_at = timezone.now()
    row.save(update_fields=["frozen_at"])
    older = Decision.objects.filter(
        project=row.project_id, gate=row.gate, withdrawn_at=None, superseded_by=None
    ).exclude(pk=row.pk)
    older.update(superseded_by=row)
