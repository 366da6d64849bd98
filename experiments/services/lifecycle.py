"""Archive and restore; nothing a decision may cite is ever deleted."""

from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from experiments.models import Experiment, Lifecycle, Run
from projects.models import ProjectScopedQuerySet


@transaction.atomic
def archive_runs(runs: ProjectScopedQuerySet[Run], *, actor: Actor) -> int:
    """Archive runs; return how many were not archived before."""
    return _move(runs, Lifecycle.DELETED, actor=actor)


@transaction.atomic
def restore_runs(runs: ProjectScopedQuerySet[Run], *, actor: Actor) -> int:
    """Take runs out of the archive; return how many were in it."""
    return _move(runs, Lifecycle.ACTIVE, actor=actor)


def _move(runs: ProjectScopedQuerySet[Run], stage: Lifecycle, *, actor: Actor) -> int:
    moving = runs.exclude(lifecycle_stage=stage)
    by_project: dict[int, list[str]] = {}
    for pk, project_id in moving.order_by().values_list("pk", "project_id"):
        by_project.setdefault(project_id, []).append(pk)
    archived_at = timezone.now() if stage == Lifecycle.DELETED else None
    count = 0
    for project_id, ids in by_project.items():
        count += Run.objects.filter(pk__in=ids).update(
            lifecycle_stage=stage, archived_at=archived_at
        )
        audit.record(
            actor,
            "archive runs" if archived_at else "restore runs",
            project_id=project_id,
            subject=f"{len(ids)} runs",
            detail={"runs": ids[:500]},
        )
    return count


@transaction.atomic
def archive_experiment(experiment: Experiment, *, actor: Actor) -> None:
    """Archive an experiment with its runs."""
    archive_runs(Run.objects.filter(experiment=experiment), actor=actor)
    _mark(experiment, Lifecycle.DELETED, actor=actor)


@transaction.atomic
def restore_experiment(experiment: Experiment, *, actor: Actor) -> None:
    """Take an experiment and its runs out of the archive."""
    restore_runs(Run.objects.filter(experiment=experiment), actor=actor)
    _mark(experiment, Lifecycle.ACTIVE, actor=actor)


def _mark(experiment: Experiment, stage: Lifecycle, *, actor: Actor) -> None:
    experiment.lifecycle_stage = stage
    experiment.save(update_fields=["lifecycle_stage", "changed_at"])
    audit.record(
        actor,
        "archive experiment" if stage == Lifecycle.DELETED else "restore experiment",
        project_id=experiment.project_id,
        subject=experiment.name,
    )
