"""What somebody who is asked gets to read, by mail or by hand."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import User
from projects.models import Invitation
from projects.selectors.value import asked_quantities


@dataclass(frozen=True)
class Letter:
    """A link with the words around it."""

    to: str
    name: str
    subject: str
    text: str
    link: str


def can_mail() -> bool:
    """Return whether mail goes out and its links lead back here from elsewhere."""
    return settings.MAIL_CONFIGURED and not is_local()


def is_local() -> bool:
    """Return whether the portal's own address opens on this machine alone."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def letter_for(invitation: Invitation, secret: str) -> Letter:
    """Return the letter that asks a person for their numbers, or their metrics."""
    person, project = invitation.stakeholder, invitation.project
    question = _QUESTIONS[Invitation.Asks(invitation.asks)](invitation)
    link = link_to(secret)
    lines = [
        _("Hello %(name)s,") % {"name": person.first_name},
        "",
        question.asks,
        _("It takes about %(minutes)s minutes and needs no account:")
        % {"minutes": question.minutes},
        "",
        link,
        "",
        _("Please answer by %(day)s. The link is for you alone.")
        % {"day": date_format(localtime(invitation.deadline), "j F")},
    ]
    if invitation.message:
        lines[1:1] = ["", invitation.message]
    return Letter(
        to=person.email,
        name=person.name,
        subject=question.subject % {"project": project.name},
        text="\n".join(lines),
        link=link,
    )


def link_to(secret: str) -> str:
    """Return the whole address of a person's own pages."""
    return f"{settings.PUBLIC_URL}{reverse('projects:invitation', args=[secret])}"


@dataclass(frozen=True)
class _Question:
    """What a letter asks, and how long it takes."""

    subject: str
    asks: str
    minutes: int


def _numbers(invitation: Invitation) -> _Question:
    count = len(asked_quantities(invitation.project))
    questions = ngettext("%(n)s number", "%(n)s numbers", count) % {"n": count}
    return _Question(
        subject=_("Your view on “%(project)s”"),
        asks=_("%(asker)s asks what you think about “%(project)s”: %(questions)s.")
        % {**_who_and_what(invitation), "questions": questions},
        minutes=minutes_for(count),
    )


def _metrics(invitation: Invitation) -> _Question:
    return _Question(
        subject=_("What counts for you in “%(project)s”"),
        asks=_(
            "%(asker)s asks what counts for you in “%(project)s”: by which figure you "
            "would judge it, and whether you agree with what it means."
        )
        % _who_and_what(invitation),
        minutes=MINUTES_FOR_METRICS,
    )


def _who_and_what(invitation: Invitation) -> dict[str, str]:
    asker = invitation.created_by
    return {
        "asker": asker.display_name if asker else _("The project"),
        "project": invitation.project.name,
    }


_QUESTIONS = {
    Invitation.Asks.ESTIMATE: _numbers,
    Invitation.Asks.METRICS: _metrics,
}
MINUTES_FOR_METRICS = 3


def minutes_for(count: int) -> int:
    """Return about how long so many ranges take: a minute each, and one to read."""
    return count + 1


def post(letter: Letter, *, sender: User | None) -> None:
    """Mail a letter once the invitation is sure to exist."""
    mail = EmailMessage(
        letter.subject,
        letter.text,
        to=[letter.to],
        reply_to=[sender.email] if sender else None,
    )
    transaction.on_commit(mail.send, robust=True)
