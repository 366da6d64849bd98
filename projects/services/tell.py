"""Whom the design phase tells what: editors, signers; each once, grouped."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import Right
from core.models import User
from core.notices import notify
from projects.models import Decision, Invitation, Membership, Project, Requirement
from projects.models.access import ROLES_WITH
from projects.selectors.requirements import Standing, standings


def editors_of(project: Project, *, but: User | None = None) -> list[User]:
    """Return who may change a project, themselves or by a team, except `but`."""
    roles = ROLES_WITH[Right.EDIT]
    held = Membership.objects.filter(project=project, role__in=roles)
    rows = User.objects.filter(
        Q(pk__in=held.values("user"))
        | Q(teams__in=held.exclude(team=None).values("team")),
        is_active=True,
    ).distinct()
    return [each for each in rows if each != but]


# What is said of each question: once answered, once declined, and where it is read.
_ANSWERED: dict[Invitation.Asks, tuple[Promise | str, Promise | str, str]] = {
    Invitation.Asks.ESTIMATE: (
        gettext_lazy("%(name)s answered: estimates for “%(project)s”."),
        gettext_lazy("%(name)s would rather not estimate “%(project)s”."),
        "projects:value",
    ),
    Invitation.Asks.METRICS: (
        gettext_lazy("%(name)s answered: what counts in “%(project)s”."),
        gettext_lazy("%(name)s would rather not say what counts in “%(project)s”."),
        "projects:metrics",
    ),
}


def tell_of_answer(invitation: Invitation) -> None:
    """Tell the editors that somebody who was asked has answered, or declined."""
    project, name = invitation.project, invitation.stakeholder.name
    answered, declined, route = _ANSWERED[Invitation.Asks(invitation.asks)]
    said = declined if invitation.declined_at else answered
    notify(
        editors_of(project),
        kind="answer",
        group=f"invitation:{invitation.pk}",
        text=said % {"name": name, "project": project.name},
        url=project.url(route),
        project_id=project.pk,
    )


def tell_of_proposal(decision: Decision, *, by: User | None) -> None:
    """Tell those who sign that a decision is proposed."""
    project = decision.project
    signers = project.stakeholders.exclude(capacity="").exclude(user=None)
    people = User.objects.filter(pk__in=signers.values("user"), is_active=True)
    notify(
        [each for each in people if each != by],
        kind="decision",
        group=f"decision:{decision.pk}",
        text=_("Proposed and waiting for your signature: %(question)s")
        % {"question": decision.question},
        url=decision.get_absolute_url(),
        project_id=project.pk,
    )


@contextmanager
def musts_watched(project: Project) -> Iterator[None]:
    """Tell the editors of each must that stood and does not, once all is stored.

    A new version of the data turns its musts stale and judges them again in one
    transaction: only what comes out at its end is worth telling.
    """
    stood = {each.requirement.pk for each in standings(project) if not each.is_loud}
    yield
    transaction.on_commit(partial(_tell_of_musts, project.pk, stood), robust=True)


def _tell_of_musts(project_id: int, stood: set[int]) -> None:
    project = Project.objects.get(pk=project_id)
    for each in standings(project):
        is_must = each.requirement.priority == Requirement.Priority.MUST
        if is_must and each.is_loud and each.requirement.pk in stood:
            _tell_of_must(project, each)


def _tell_of_must(project: Project, must: Standing) -> None:
    notify(
        editors_of(project),
        kind="must",
        group=f"must:{must.requirement.pk}",
        text=_("A must of “%(project)s” is %(state)s: %(title)s")
        % {"project": project.name, "state": must.words, "title": must.version.title},
        url=must.requirement.get_absolute_url(),
        project_id=project.pk,
    )
