"""One unread line a group in each person's inbox, and when it is due by mail."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from core import webhooks
from core.models import NoticeChoice, Notification, User
from core.notices.choices import ways_of
from core.notices.kinds import Way, kind_of

DIGEST_AT = time(7)  # of the reader's own day


def notify(
    users: Iterable[User],
    *,
    kind: str,
    group: str,
    text: str,
    url: str = "",
    project_id: int | None = None,
) -> None:
    """Tell each of `users` once; repeated events of a group count up one unread row.

    `group` names what the events are about, such as ``run:42``; the newest text and
    address win. `text` is a whole sentence, at most 300 characters. Whoever has put a
    kind off gets no row; mail is sent later, by a job, from what is written here.
    """
    people = list(users)
    ways = ways_of(people, kind)
    fresh = Notification(
        kind=kind, group=group, text=text[:300], url=url, project_id=project_id
    )
    for person in people:
        way = ways[person.pk]
        if way != Way.OFF:
            fresh.user, fresh.mail_due_at = person, _mail_due(person, way)
            _count_up(fresh) or _add(fresh)
    if project_id is not None and (topic := kind_of(kind).topic):
        webhooks.queue(
            project_id, webhooks.Event(kind=kind, topic=topic, text=text, url=url)
        )


def _mail_due(person: User, way: NoticeChoice.Way) -> datetime | None:
    """Return when a new line is to be mailed; None for people without mail."""
    if way == Way.PORTAL or person.has_placeholder_address or not mail_goes_out():
        return None
    now = timezone.now()
    return now if way == Way.MAIL else next_digest(now, person.zone)


def mail_goes_out() -> bool:
    """Return whether mail goes anywhere at all, be it to a console."""
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def next_digest(now: datetime, zone: str) -> datetime:
    """Return the next morning at seven in somebody's own zone."""
    local = now.astimezone(ZoneInfo(zone))
    today = datetime.combine(local.date(), DIGEST_AT, tzinfo=local.tzinfo)
    if today > local:
        return today
    tomorrow = local.date() + timedelta(days=1)
    return datetime.combine(tomorrow, DIGEST_AT, tzinfo=local.tzinfo)


def _count_up(fresh: Notification) -> bool:
    unread = Notification.objects.filter(
        user=fresh.user, group=fresh.group, read_at=None
    )
    due = models.Value(fresh.mail_due_at, output_field=models.DateTimeField())
    return bool(
        unread.update(
            count=F("count") + 1,
            text=fresh.text,
            url=fresh.url,
            updated_at=timezone.now(),
            mail_due_at=Coalesce(F("mail_due_at"), due),
        )
    )


def _add(fresh: Notification) -> bool:
    try:
        with transaction.atomic():
            fresh.pk = None
            fresh._state.adding = True
            fresh.save()
    except IntegrityError:
        # Somebody told the same thing at the same moment: theirs is counted up.
        return _count_up(fresh)
    return True


def unread_of(user: User) -> models.QuerySet[Notification]:
    """Return what somebody has not read, the newest first."""
    return Notification.objects.filter(user=user, read_at=None)


def mark_read(notices: models.QuerySet[Notification]) -> int:
    """Put notices behind a person; return how many were unread."""
    return notices.filter(read_at=None).update(read_at=timezone.now())
