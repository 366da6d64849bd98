"""What happened in somebody's projects since they were last here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.access import Actor
from core.selectors.activity import ActivityLine, acts_since
from experiments.selectors.news import TOLD, RunsBegun, runs_between
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


def news(
    actor: Actor,
    project_ids: Collection[int],
    *,
    now: datetime,
    known: Iterable[Project] = (),
) -> News:
    """Return what others, and one's own scripts, did since one's last visit.

    Projects that are `known` already are not read again.
    """
    since = actor.user.away_since(now) if actor.user else None
    reader = actor.user if since else None
    begin = since or now - LATELY
    lines: list[ActivityLine | RunsBegun] = [
        *acts_since(
            project_ids,
            since=begin,
            limit=MOST_LINES,
            unless_by=reader,
            unless=UNTOLD,
        ),
        *runs_between(begin, now, project_ids=project_ids, unless_by=reader),
    ]
    told = sorted(lines, key=lambda line: line.at, reverse=True)[:MOST_LINES]
    found = {each.pk: each for each in known}
    if missing := {each.project_id for each in told} - found.keys():
        found |= Project.objects.in_bulk(missing)
    return News(
        since=since,
        lines=tuple(
            NewsLine(
                at=each.at,
                who=each.who,
                words=each.words,
                project=found[each.project_id],
            )
            for each in told
            if each.project_id is not None
        ),
    )
