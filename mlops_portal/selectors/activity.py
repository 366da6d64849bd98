"""What happened in a project, what runs, and what lies in its trash."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core import topics, trash
from core.models import AuditEntry, Job, User
from core.selectors.activity import ActivityLine, activity
from core.topics import Topic
from core.trash import TrashLine
from projects.models import Project

SHOWN = 50


@dataclass(frozen=True)
class Activity:
    """The page of a project's activity."""

    lines: tuple[ActivityLine, ...]
    before: int | None  # where the next page begins
    topics: tuple[Topic, ...]
    people: tuple[tuple[str, str], ...]  # uuid and name of who acted here
    jobs: tuple[Job, ...]
    trash: tuple[TrashLine, ...]


def project_activity(
    project: Project, *, before: int | None, topic: str = "", who: UUID | None = None
) -> Activity:
    """Return one page of the feed, the newest jobs, and the trash.

    `topic` and `who` leave the acts of one topic or of one person.
    """
    lines = activity([project.pk], limit=SHOWN + 1, before=before, topic=topic, who=who)
    return Activity(
        topics=topics.topics(),
        people=tuple(_who_acted(project)),
        lines=tuple(lines[:SHOWN]),
        before=lines[SHOWN - 1].id if len(lines) > SHOWN else None,
        jobs=tuple(Job.objects.for_projects([project.pk])[:20]),
        trash=tuple(trash.lines(trashed_rows(project))),
    )


def _who_acted(project: Project) -> Iterator[tuple[str, str]]:
    acted = AuditEntry.objects.filter(project_id=project.pk).order_by()
    people = User.objects.filter(uuid__in=acted.values("actor_uuid"))
    for person in people.order_by("name", "email"):
        yield str(person.uuid), person.display_name


def trashed_rows(project: Project) -> list[QuerySet[Any]]:
    """Return the deleted rows of each kind that belong to the project."""
    found = []
    for model in trash.trashable_models():
        rows = trash.every_row(model)
        if path := getattr(rows, "project_path", ""):
            found.append(rows.filter(**{path: project}).exclude(deleted_at=None))
    return found
