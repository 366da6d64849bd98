"""The audit trail as sentences: who did what, when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import models
from django.db.models import Count, Max
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import topics
from core.models import AuditEntry, User

# So much of the one that is named must leave room for how many more there are.
NAMED = 60

# What follows the name of who acted. %(subject)s is the thing, %(person)s whom it
# was about. Apps add theirs with `say`.
_sentences: dict[str, Promise | str] = {
    "create person": gettext_lazy("invited %(person)s to the portal"),
    "issue sign-in link": gettext_lazy("made a sign-in link for %(person)s"),
    "sign in by link": gettext_lazy("signed in by link"),
    "deactivate person": gettext_lazy("deactivated %(person)s"),
    "reactivate person": gettext_lazy("let %(person)s in again"),
    "make admin": gettext_lazy("made %(person)s an admin"),
    "unmake admin": gettext_lazy("took the admin’s rights from %(person)s"),
    "set password": gettext_lazy("chose a password"),
    "change password": gettext_lazy("changed the password"),
    "change address": gettext_lazy("changed the e-mail address"),
    "sign out everywhere": gettext_lazy("signed out everywhere"),
    "create team": gettext_lazy("made the team %(subject)s"),
    "rename team": gettext_lazy("renamed a team to %(subject)s"),
    "delete team": gettext_lazy("deleted the team %(subject)s"),
    "add to team": gettext_lazy("put %(person)s into the team %(subject)s"),
    "remove from team": gettext_lazy("took %(person)s out of the team %(subject)s"),
    "create token": gettext_lazy("made the token %(subject)s"),
    "revoke token": gettext_lazy("revoked the token %(subject)s"),
    "add webhook": gettext_lazy("has %(subject)s told what happens"),
    "change webhook": gettext_lazy("changed what %(subject)s is told"),
    "renew webhook secret": gettext_lazy("made a new secret for %(subject)s"),
    "remove webhook": gettext_lazy("no longer has %(subject)s told what happens"),
    "delete": gettext_lazy("deleted %(subject)s"),
    "restore": gettext_lazy("restored %(subject)s"),
    "start job": gettext_lazy("started %(subject)s"),
    "cancel job": gettext_lazy("cancelled %(subject)s"),
}


def say(sentences: dict[str, Promise | str]) -> None:
    """Add an app's actions and how each is told, after the name of who acted."""
    _sentences.update(sentences)


def words_for(action: str, subject: str, person: str = "") -> str:
    """Return what follows the name of who acted."""
    sentence = _sentences.get(action)
    if sentence is None:
        return f"{action} {subject}".strip()
    return str(sentence) % {"subject": subject, "person": person}


@dataclass(frozen=True)
class ActivityLine:
    """One act, told: “Mei” “uploaded version 2 of customers”, on Tuesday."""

    id: int  # the oldest audit entry it tells, and the place to page from
    at: datetime
    who: str
    words: str
    action: str
    subject: str
    project_id: int | None


def activity(
    project_ids: Iterable[int],
    *,
    limit: int = 50,
    before: int | None = None,
    topic: str = "",
    who: UUID | None = None,
) -> list[ActivityLine]:
    """Return the newest acts in these projects; the caller knows who may see them.

    `before` is the id of the last line of the page before: pages never shift when
    something new happens. `topic` and `who` leave the acts of one topic or person.
    """
    entries = AuditEntry.objects.filter(project_id__in=list(project_ids))
    if topic == topics.OTHER.key:
        entries = entries.exclude(action__in=topics.sorted_actions())
    elif topic:
        entries = entries.filter(action__in=topics.actions_of(topic))
    if who is not None:
        entries = entries.filter(actor_uuid=who)
    return _told(entries, limit=limit, before=before)


def acts_since(
    project_ids: Iterable[int],
    *,
    since: datetime,
    limit: int,
    unless_by: User | None = None,
    unless: Collection[str] = (),
) -> list[ActivityLine]:
    """Return what was done in these projects, a line for each person and kind of act.

    What `unless_by` did on pages is left out, what their scripts did is not; so are the
    actions in `unless`.
    """
    entries = AuditEntry.objects.filter(project_id__in=list(project_ids), at__gt=since)
    if unless_by is not None:
        entries = entries.exclude(actor_uuid=unless_by.uuid, via="")
    groups = list(
        entries.exclude(action__in=unless)
        .order_by()
        .values("project_id", "actor_uuid", "action")
        .annotate(
            last=Max("pk"), acts=Count("pk"), subjects=Count("subject", distinct=True)
        )
        .order_by("-last")[:limit]
    )
    newest = AuditEntry.objects.in_bulk([each["last"] for each in groups])
    names = _names(newest.values())
    return [
        _of_a_group(newest[each["last"]], names, each["acts"], each["subjects"])
        for each in groups
    ]


def _of_a_group(
    newest: AuditEntry, names: dict[str, str], acts: int, subjects: int
) -> ActivityLine:
    if subjects == 1:
        return _often(_line(newest, names), acts)
    others = subjects - 1
    more = ngettext("%(subject)s and %(n)s more", "%(subject)s and %(n)s more", others)
    named = Truncator(newest.subject).chars(NAMED)
    newest.subject = more % {"subject": named, "n": others}
    return _line(newest, names)


def portal_activity(
    *, limit: int = 50, before: int | None = None
) -> list[ActivityLine]:
    """Return the newest acts that belong to no project: people, teams, tokens."""
    return _told(AuditEntry.objects.filter(project_id=None), limit=limit, before=before)


def _told(
    entries: models.QuerySet[AuditEntry], *, limit: int, before: int | None
) -> list[ActivityLine]:
    if before is not None:
        entries = entries.filter(pk__lt=before)
    rows = list(entries.order_by("-pk")[:limit])
    names = _names(rows)
    lines = [_line(row, names) for row in rows]
    same = groupby(lines, key=lambda line: (line.who, line.words, line.project_id))
    return [_as_one(list(group)) for _key, group in same]


def _as_one(lines: list[ActivityLine]) -> ActivityLine:
    """Return one line for an act done several times in a row, newest first."""
    return replace(_often(lines[0], len(lines)), id=lines[-1].id)


def _often(line: ActivityLine, times: int) -> ActivityLine:
    if times == 1:
        return line
    words = _("%(words)s (%(n)s times)") % {"words": line.words, "n": times}
    return replace(line, words=words)


def _names(rows: Collection[AuditEntry]) -> dict[str, str]:
    wanted = {str(row.actor_uuid) for row in rows if row.actor_uuid}
    wanted |= {str(row.detail["person"]) for row in rows if "person" in row.detail}
    people = User.objects.filter(uuid__in=[UUID(each) for each in wanted])
    return {str(person.uuid): person.display_name for person in people}


def _line(row: AuditEntry, names: dict[str, str]) -> ActivityLine:
    gone = _("somebody who left")
    if row.actor_uuid:
        who = names.get(str(row.actor_uuid), gone)
    else:
        who = _("A guest") if row.via.startswith("invitation") else _("The portal")
    person = names.get(str(row.detail.get("person")), gone)
    words = words_for(row.action, row.subject, person)
    return ActivityLine(
        id=row.pk,
        at=row.at,
        who=who,
        words=words,
        action=row.action,
        subject=row.subject,
        project_id=row.project_id,
    )
