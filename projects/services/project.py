"""Projects: made with all a first visit needs."""

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from core import audit
from core.access import Actor
from core.models import Team, User
from engine.training.metrics import specs
from projects.models import Membership, Metric, Project, Role, Stakeholder
from projects.services.value import start_case

# What each project may be judged by besides its task's metrics: (key, title, kind,
# direction, unit, words).
COMMON_METRICS = (
    ("net_value", "Net gain a year", "business", "higher", "money", "money a year"),
    (
        "latency_p99",
        "Latency of one answer, p99",
        "technical",
        "lower",
        "ms",
        "waiting time",
    ),
    ("model_bytes", "Size of the model", "technical", "lower", "MB", "size on disk"),
    (
        "data_age_days",
        "Age of the data",
        "domain",
        "lower",
        "days",
        "how old the data is",
    ),
    (
        "accuracy_score",
        "Data accuracy",
        "domain",
        "higher",
        "share",
        "agreement with the authority",
    ),
    (
        "completeness_score",
        "Data completeness",
        "domain",
        "higher",
        "share",
        "cells that are filled",
    ),
    (
        "consistency_score",
        "Data consistency",
        "domain",
        "higher",
        "share",
        "rules that hold",
    ),
    ("timeliness_score", "Data timeliness", "domain", "higher", "share", "on time"),
)


@transaction.atomic
def create_project(project: Project, *, actor: Actor, seed: int) -> Project:
    """Save a new project with its owner, quantities, metrics and first value case."""
    project.slug = project.slug or free_slug(project.name)
    project.created_by = actor.user
    project.full_clean()
    project.save()
    if actor.user is not None:
        Membership.objects.create(project=project, user=actor.user, role=Role.OWNER)
    _add_metrics(project)
    start_case(project, actor=actor, seed=seed)
    audit.record(actor, "create project", project_id=project.pk, subject=project.name)
    return project


def free_slug(name: str) -> str:
    """Return a short name for addresses that no project has yet."""
    base = slugify(name)[:50].strip("-") or "project"
    slug, number = base, 1
    while Project.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


def _add_metrics(project: Project) -> None:
    rows = [
        (
            spec.key,
            spec.title,
            Metric.Kind.TECHNICAL,
            spec.direction,
            spec.unit,
            spec.plain,
        )
        for spec in specs(project.task).values()
    ]
    Metric.objects.bulk_create(
        Metric(
            project=project,
            key=key,
            title=title,
            kind=kind,
            direction=direction,
            unit=unit,
            words=words,
            position=position,
        )
        for position, (key, title, kind, direction, unit, words) in enumerate(
            [*COMMON_METRICS[:1], *rows, *COMMON_METRICS[1:]]
        )
    )


def archive_project(project: Project, *, actor: Actor) -> None:
    """Put a project aside; nothing of it is lost."""
    _set_archived(project, actor, archived=True)


def unarchive_project(project: Project, *, actor: Actor) -> None:
    """Take a project up again."""
    _set_archived(project, actor, archived=False)


def _set_archived(project: Project, actor: Actor, *, archived: bool) -> None:
    project.archived_at = timezone.now() if archived else None
    project.save(update_fields=["archived_at", "changed_at"])
    audit.record(
        actor,
        "archive project" if archived else "unarchive project",
        project_id=project.pk,
        subject=project.name,
    )


@transaction.atomic
def set_role(
    project: Project,
    *,
    actor: Actor,
    role: str | None,
    user: User | None = None,
    team: Team | None = None,
) -> Membership | None:
    """Give a person or a team a role, change it, or take it away (`role` None).

    Raises
    ------
    LastOwnerError
        If nobody would own the project any more.
    """
    held = Membership.objects.filter(project=project, user=user, team=team)
    if role is None:
        held.delete()
        membership = None
    else:
        membership = held.first() or Membership(project=project, user=user, team=team)
        membership.role = role
        membership.full_clean()
        membership.save()
    owners = Membership.objects.filter(project=project, role=Role.OWNER)
    if not owners.filter(user__is_active=True).exists():
        raise LastOwnerError
    audit.record(
        actor,
        "set role",
        project_id=project.pk,
        subject=str(user or team),
        detail={"role": role},
    )
    return membership


class LastOwnerError(ValueError):
    """A project needs one active owner."""


def nominate_candidate(
    project: Project, *, actor: Actor, kind: str, subject_id: str, label: str
) -> None:
    """Make one subject, such as a run, the one the project's musts are judged by."""
    project.candidate_kind, project.candidate_id = kind, subject_id
    project.save(update_fields=["candidate_kind", "candidate_id", "changed_at"])
    audit.record(
        actor,
        "nominate",
        project_id=project.pk,
        subject=f"{kind} {label}",
        detail={"id": subject_id},
    )


def stakeholder_of(project: Project, user: User | None) -> Stakeholder | None:
    """Return the stakeholder this person is in the project."""
    return (
        Stakeholder.objects.filter(project=project, user=user).first() if user else None
    )
