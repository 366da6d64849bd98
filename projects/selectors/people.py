"""People with a say: by group, and how far each is with their estimates."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch

from core.models.people import hash_secret
from projects.models import (
    Estimate,
    Invitation,
    MetricAlignment,
    Project,
    Stakeholder,
)


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
    """How far one person is with what they were asked; not what they said."""

    person: Stakeholder
    invitation: Invitation | None
    answered_at: datetime | None

    @property
    def is_answered(self) -> bool:
        """Whether what they said counts."""
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


def followed(
    project: Project, asks: Invitation.Asks = Invitation.Asks.ESTIMATE
) -> list[Followed]:
    """Return how far each stakeholder is with a question, in the order of their names."""
    if asks == Invitation.Asks.METRICS:
        return _followed_metrics(project)
    sent: dict[tuple[int, bool], datetime] = {}
    rows = Estimate.objects.filter(
        quantity__project=project, submitted_at__isnull=False
    ).order_by("submitted_at")
    for person_id, number, when in rows.values_list(
        "stakeholder_id", "round", "submitted_at"
    ):
        if when is not None:
            sent[person_id, number == project.estimate_round] = when
    asking = Invitation.objects.filter(
        asks=Invitation.Asks.ESTIMATE, round=project.estimate_round
    )
    found = []
    people = Stakeholder.objects.filter(project=project).prefetch_related(
        Prefetch("invitations", asking, to_attr="asked")
    )
    for person in people:
        last = person.asked[-1] if person.asked else None
        answered = sent.get((person.pk, True))
        if last is None:  # whom nobody asked again stands by what they said before
            answered = answered or sent.get((person.pk, False))
        found.append(Followed(person, last, answered))
    return found


def _followed_metrics(project: Project) -> list[Followed]:
    """Return how far each is with naming what counts, and agreeing to what it means now.

    Who is asked again after an answer is waited for again.
    """
    said = {
        row.stakeholder_id: row.said_at
        for row in MetricAlignment.objects.filter(
            metric__project=project,
            metric__retired_at=None,
            weight=MetricAlignment.Weight.PRIMARY,
            version=F("metric__version"),
        ).exclude(agreed=MetricAlignment.Agreed.OPEN)
    }
    asking = Invitation.objects.filter(asks=Invitation.Asks.METRICS)
    people = Stakeholder.objects.filter(project=project).prefetch_related(
        Prefetch("invitations", asking, to_attr="asked")
    )
    found = []
    for person in people:
        last = person.asked[-1] if person.asked else None
        is_asked_since = last is not None and last.is_waiting
        found.append(
            Followed(person, last, None if is_asked_since else said.get(person.pk))
        )
    return found


def not_asked(
    project: Project, asks: Invitation.Asks = Invitation.Asks.ESTIMATE
) -> list[Stakeholder]:
    """Return whom nobody has asked and who has not answered either."""
    return [each.person for each in followed(project, asks) if not each.state]


def have_answered(project: Project) -> list[Stakeholder]:
    """Return whose numbers count."""
    return [each.person for each in followed(project) if each.is_answered]


def invitation_by(secret: str) -> Invitation | None:
    """Return the invitation this link opens; None if unknown or its project is gone."""
    return (
        Invitation.objects.filter(
            secret_hash=hash_secret(secret), stakeholder__project__deleted_at=None
        )
        .select_related("stakeholder__project", "created_by")
        .first()
    )
