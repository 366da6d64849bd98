"""Who may do what in a project; the only place access to rows is decided."""

from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import Actor, Right
from core.models import Team
from core.reading import read_once

M = TypeVar("M", bound=models.Model)


class Role(models.TextChoices):
    """What a member is in a project; there is nothing else."""

    OWNER = "owner", _("owner")
    EDITOR = "editor", _("editor")
    CONTRIBUTOR = "contributor", _("contributor")
    VIEWER = "viewer", _("viewer")


ROLES_WITH = {
    Right.READ: tuple(Role),
    Right.CONTRIBUTE: (Role.OWNER, Role.EDITOR, Role.CONTRIBUTOR),
    Right.EDIT: (Role.OWNER, Role.EDITOR),
    Right.OWN: (Role.OWNER,),
}


class Membership(models.Model):
    """A person or a team holds a role in a project."""

    # By name: the project's own access is decided here, so it is defined later.
    project = models.ForeignKey(
        "projects.Project", on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) ^ Q(team=None),
                name="membership_of_a_person_or_a_team",
                violation_error_message=_("Choose a person or a team, not both."),
            ),
            models.UniqueConstraint(
                fields=["project", "user"],
                condition=Q(team=None),
                name="membership_once_a_person",
                violation_error_message=_("This person is a member already."),
            ),
            models.UniqueConstraint(
                fields=["project", "team"],
                condition=Q(user=None),
                name="membership_once_a_team",
                violation_error_message=_("This team is a member already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.team}: {self.role}"


def project_ids_allowing(
    actor: Actor, right: Right
) -> models.QuerySet[Membership, int]:
    """Return the ids of projects where `actor` holds at least `right`.

    The effective right is the lesser of the membership's role and the token's
    scope; a token bound to one project reaches no other.
    """
    held = Membership.objects.filter(role__in=ROLES_WITH[right])
    if actor.user is None or actor.limit < right:
        held = held.none()
    else:
        held = held.filter(Q(user=actor.user) | Q(team__members=actor.user))
    if actor.only_project_id is not None:
        held = held.filter(project_id=actor.only_project_id)
    return held.values_list("project_id", flat=True)


def holds(actor: Actor, right: Right, *, project_id: int) -> bool:
    """Whether `actor` holds at least `right` in one project; one query a page."""
    is_elsewhere = actor.only_project_id not in {None, project_id}
    if actor.user is None or actor.limit < right or is_elsewhere:
        return False
    return not _roles(project_id, actor.user.pk).isdisjoint(ROLES_WITH[right])


@read_once
def _roles(project_id: int, user_id: int) -> frozenset[str]:
    held = Membership.objects.filter(
        Q(user=user_id) | Q(team__members=user_id), project_id=project_id
    )
    return frozenset(held.values_list("role", flat=True))


class ProjectScopedQuerySet(models.QuerySet[M]):
    """Rows that belong to a project, found along `project_path` (empty: itself)."""

    project_path: ClassVar[str] = "project"

    def _allowing(self, actor: Actor, right: Right) -> Self:
        path = self.project_path
        project = f"{path}__" if path else ""
        rows = self.filter(
            **{
                f"{path or 'pk'}__in": project_ids_allowing(actor, right),
                f"{project}deleted_at": None,
            }
        )
        if path and hasattr(self.model, "deleted_at"):
            rows = rows.filter(deleted_at=None)
        return rows

    def visible_to(self, actor: Actor) -> Self:
        """Return the rows `actor` may see: any role, within the token's limits."""
        return self._allowing(actor, Right.READ)

    def contributable_by(self, actor: Actor) -> Self:
        """Return the rows of projects where `actor` answers, comments and signs."""
        return self._allowing(actor, Right.CONTRIBUTE)

    def editable_by(self, actor: Actor) -> Self:
        """Return the rows `actor` may change."""
        return self._allowing(actor, Right.EDIT)

    def owned_by(self, actor: Actor) -> Self:
        """Return the rows of projects that `actor` owns."""
        return self._allowing(actor, Right.OWN)
