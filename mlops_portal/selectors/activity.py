"""What happened in a project, what runs, and what lies in its trash."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core import trash
from core.models import Job
from core.selectors.activity import ActivityLine, activity
from core.trash import TrashLine
from projects.models import Project

SHOWN = 50


@dataclass(frozen=True)
class Activity:
    """The page of a project's activity."""

    lines: tuple[ActivityLine, ...]
    before: int | None  # where the next page begins
    jobs: tuple[Job, ...]
    trash: tuple[TrashLine, ...]


def project_activity(project: Project, *, before: int | None) -> Activity:
    """Return one page of the feed, the newest jobs, and the trash."""
    lines = activity([project.pk], limit=SHOWN + 1, before=before)
    return Activity(
        lines=tuple(lines[:SHOWN]),
        before=lines[SHOWN - 1].id if len(lines) > SHOWN else None,
        jobs=tuple(Job.objects.for_projects([project.pk])[:20]),
        trash=tuple(trash.lines(trashed_rows(project))),
    )


def trashed_rows(project: Project) -> list[QuerySet[Any]]:
    """Return the deleted rows of each kind that belong to the project."""
    return [
        QuerySet[Any](model).filter(project=project).exclude(deleted_at=None)
        for model in trash.trashable_models()
        if any(field.name == "project" for field in model._meta.get_fields())
    ]
