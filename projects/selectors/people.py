"""People with a say: by group, and how far each is with their estimates."""

from dataclasses import dataclass
from datetime import datetime

from core.models.people import hash_secret
from projects.models import Estimate, Invitation, Project, Stakeholder


@dataclass(frozen=True)
class GroupOfPeople:
    """The stakeholders of one group."""

    group: Stakeholder.Group
    people: tuple[Stakeholder, ...]


def people_by_group(project: Project) -> list[GroupOfPeople]:
    """Return the project's stakeholders by group; empty groups stay visible."""
    people = list(project.stakeholders.select_related("user"))
    return [
        GroupOfPeople(group, tuple(each for each in people if each.group == group))
        for group in Stakeholder.Group
    ]


@dataclass(frozen=True)
class Followed:
    """How far one person is with the estimates; no numbers."""

    person: Stakeholder
    invitation: Invitation | None
    answered_at: datetime | None

    @property
    def is_answered(self) -> bool:
        """Whether their numbers count."""
        return self.answered_at is not None

    @property
    def state(self) -> str:
        """How far they are, as a key."""
        if self.is_answered:
            return Invitation.State.ANSWERED
        return self.invitation.state if self.invitation else ""

    @property
    def may_be_reminded(self) -> bool:
        """Whether a fresh link would help: not answered, not withdrawn."""
        waiting = {
            Invitation.State.ASKED,
            Invitation.State.OPENED,
            Invitation.State.EXPIRED,
        }
        return self.state in waiting

    @property
    def may_be_revoked(self) -> bool:
        """Whether their link still lets them in."""
        return bool(self.invitation and self.invitation.is_open)

    @property
    def is_late(self) -> bool:
        """Whether the deadline passed without an answer."""
        return self.state == Invitation.State.EXPIRED


def followed(project: Project) -> list[Followed]:
    """Return how far each stakeholder is, in the order of their names."""
    sent: dict[int, datetime] = {}
    rows = Estimate.objects.filter(
        quantity__project=project, submitted_at__isnull=False
    )
    for person_id, when in rows.values_list("stakeholder_id", "submitted_at"):
        if when is not None:
            sent[person_id] = max(when, sent.get(person_id, when))
    found = []
    for person in project.stakeholders.prefetch_related("invitations"):
        invitations = list(person.invitations.all())
        last = invitations[-1] if invitations else None
        found.append(Followed(person, last, sent.get(person.pk)))
    return found


def not_asked(project: Project) -> list[Stakeholder]:
    """Return whom nobody has asked and who has not answered either."""
    return [each.person for each in followed(project) if not each.state]


def invitation_by(secret: str) -> Invitation | None:
    """Return the invitation this link opens; None if unknown or its project is gone."""
    return (
        Invitation.objects.filter(
            secret_hash=hash_secret(secret), stakeholder__project__deleted_at=None
        )
        .select_related("stakeholder__project", "created_by")
        .first()
    )
