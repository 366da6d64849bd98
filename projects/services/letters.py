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
    return settings.MAIL_CONFIGURED and not _is_loopback(settings.PUBLIC_URL)


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def letter_for(invitation: Invitation, secret: str) -> Letter:
    """Return the letter that asks a person for their estimates."""
    person, project = invitation.stakeholder, invitation.project
    asker = invitation.created_by
    count = len(asked_quantities(project))
    path = reverse("projects:invitation", args=[secret])
    link = f"{settings.PUBLIC_URL}{path}"
    lines = [
        _("Hello %(name)s,") % {"name": person.first_name},
        "",
        _("%(asker)s asks what you think about “%(project)s”: %(questions)s.")
        % {
            "asker": asker.display_name if asker else _("The project"),
            "project": project.name,
            "questions": ngettext("%(n)s number", "%(n)s numbers", count)
            % {"n": count},
        },
        _("It takes about %(minutes)s minutes and needs no account:")
        % {"minutes": minutes_for(count)},
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
        subject=_("Your view on “%(project)s”") % {"project": project.name},
        text="\n".join(lines),
        link=link,
    )


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
