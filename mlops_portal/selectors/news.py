"""What happened in somebody's projects since they were last here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from core.access import Actor
from core.selectors.activity import acts_since
from experiments.selectors.news import TOLD, runs_between
from projects.models import Project

MOST_LINES = 10
# What runs is shown beside, and what came of it tells itself.
UNTOLD = (TOLD, "start job", "cancel job")
# Who was never here before is told what happened lately, their own acts among it.
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class NewsLine:
    """What one person did of one kind in one project."""

    at: datetime
    who: str
    words: str
    project: Project


@dataclass(frozen=True)
class News:
    """The lines, the newest first; `since` is None in a first visit."""

    since: datetime | None
    lines: tuple[NewsLine, ...]


def news(actor: Actor, project_ids: Collection[int], *, now: datetime) -> News:
    """Return what others, and one's own scripts, did since one's last visit."""
    since = actor.user.away_since(now) if actor.user else None
    reader = actor.user if since else None
    begin = since or now - LATELY
    told = sorted(
        chain(
            acts_since(
                project_ids,
                since=begin,
                limit=MOST_LINES,
                unless_by=reader,
                unless=UNTOLD,
            ),
            runs_between(begin, now, project_ids=project_ids, unless_by=reader),
        ),
        key=lambda line: line.at,
        reverse=True,
    )[:MOST_LINES]
    found = Project.objects.in_bulk({each.project_id for each in told})
    lines = tuple(
        NewsLine(
            at=each.at,
            who=each.who,
            words=each.words,
            project=found[each.project_id],
        )
        for each in told
    )
    return News(since=since, lines=lines)
