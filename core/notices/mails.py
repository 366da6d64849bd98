"""Mail from the inbox: what is due goes out grouped, a mail a person.

A line that is due is taken by putting its time off, so that two workers never send
it twice; a worker that dies in between leaves it to be taken again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.db.models import Case, F, Value, When
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from core import directory
from core.access import Actor
from core.models import Notification, User

TAKEN_FOR = timedelta(minutes=10)
LINES_A_MAIL = 50
# Waits after each failure; then the line stays in the portal only.
WAITS = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 240, 720, 1440))


def due(now: datetime) -> models.QuerySet[Notification]:
    """Return what is to be mailed by now, and was not read meanwhile."""
    return Notification.objects.filter(mail_due_at__lte=now, read_at=None)


def people_to_mail(now: datetime, *, limit: int = 200) -> list[int]:
    """Return the ids of people who have a mail due."""
    rows = due(now).order_by("user").values_list("user", flat=True).distinct()
    return list(rows[:limit])


@transaction.atomic
def take_due(person: User, now: datetime) -> list[Notification]:
    """Return somebody's lines that are due, and hold them for this attempt.

    What is about a project they may no longer see is not mailed.
    """
    rows = list(
        due(now)
        .filter(user=person)
        .select_for_update()
        .order_by("-updated_at")[:LINES_A_MAIL]
    )
    visible = directory.projects_of(Actor(user=person)) if rows else {}
    may = person.is_active and not person.has_placeholder_address
    kept = [
        row
        for row in rows
        if may and (row.project_id is None or row.project_id in visible)
    ]
    dropped = [row.pk for row in rows if row not in kept]
    Notification.objects.filter(pk__in=dropped).update(mail_due_at=None)
    ids = [row.pk for row in kept]
    Notification.objects.filter(pk__in=ids).update(mail_due_at=now + TAKEN_FOR)
    return kept


def note_mailed(rows: Iterable[Notification], *, now: datetime) -> None:
    """Note that these lines went out; what was added meanwhile is due again."""
    for row in rows:
        Notification.objects.filter(pk=row.pk).update(
            mailed_at=now,
            mail_tries=0,
            mail_due_at=Case(
                When(updated_at__gt=row.updated_at, then=Value(now)), default=None
            ),
        )


def put_off(rows: Iterable[Notification], *, now: datetime) -> None:
    """Try these lines again later; after the last try they stay in the portal."""
    for row in rows:
        wait = WAITS[row.mail_tries] if row.mail_tries < len(WAITS) else None
        Notification.objects.filter(pk=row.pk).update(
            mail_tries=F("mail_tries") + 1,
            mail_due_at=now + wait if wait else None,
        )


@dataclass(frozen=True)
class MailLine:
    """One line of a mail, with the project it is about."""

    text: str
    url: str
    place: str
    count: int


def compose(person: User, rows: list[Notification]) -> EmailMultiAlternatives:
    """Return the mail that tells somebody these lines, in words and in simple HTML."""
    names = directory.projects_of(Actor(user=person))
    lines = [
        MailLine(
            text=" ".join(row.text.split()),
            url=f"{settings.PUBLIC_URL}{row.url}" if row.url else "",
            place=names.get(row.project_id or 0, ""),
            count=row.count,
        )
        for row in rows
    ]
    context = {
        "name": person.display_name,
        "lines": lines,
        "choices_url": f"{settings.PUBLIC_URL}{reverse('core:me')}#notices",
    }
    subject = (
        lines[0].text
        if len(lines) == 1
        else _("%(n)s things on the MLOps Portal") % {"n": len(lines)}
    )
    mail = EmailMultiAlternatives(
        subject,
        render_to_string("core/notices_mail.txt", context),
        to=[person.email],
        headers={"List-Unsubscribe": f"<{context['choices_url']}>"},
    )
    mail.attach_alternative(
        render_to_string("core/notices_mail.html", context), "text/html"
    )
    return mail
