"""Telling people what they should know or do, in their inbox."""

from collections.abc import Iterable

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from core.models import Notification, User


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
    address win. `text` is a whole sentence, at most 300 characters.
    """
    for user in users:
        if not _count_up(user, group, text, url):
            _add(user, kind, group, text, url, project_id)


def _count_up(user: User, group: str, text: str, url: str) -> bool:
    unread = Notification.objects.filter(user=user, group=group, read_at=None)
    return bool(
        unread.update(
            count=F("count") + 1,
            text=text[:300],
            url=url,
            updated_at=timezone.now(),
        )
    )


def _add(
    user: User, kind: str, group: str, text: str, url: str, project_id: int | None
) -> None:
    try:
        with transaction.atomic():
            Notification.objects.create(
                user=user,
                kind=kind,
                group=group,
                text=text[:300],
                url=url,
                project_id=project_id,
            )
    except IntegrityError:
        # Somebody told the same thing at the same moment: theirs is counted up.
        _count_up(user, group, text, url)


def unread_of(user: User) -> models.QuerySet[Notification]:
    """Return what somebody has not read, the newest first."""
    return Notification.objects.filter(user=user, read_at=None)


def mark_read(notices: models.QuerySet[Notification]) -> int:
    """Put notices behind a person; return how many were unread."""
    return notices.filter(read_at=None).update(read_at=timezone.now())
