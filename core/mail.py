"""Mail, when it is configured; never a claim that something was sent otherwise."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from core.models import User

logger = logging.getLogger(__name__)


def mail_link(person: User, link: str, *, sender: str) -> bool:
    """Mail somebody their one-time link; return whether it went out."""
    if not settings.MAIL_CONFIGURED or person.has_placeholder_address:
        return False
    body = _(
        "%(sender)s gave you an account on the MLOps Portal.\n\n"
        "Open this link within a day and choose a password:\n%(link)s\n"
    ) % {"sender": sender, "link": link}
    try:
        send_mail(_("Your account on the MLOps Portal"), body, None, [person.email])
    except (OSError, smtplib.SMTPException):
        logger.exception("the mail with a sign-in link could not be sent")
        return False
    return True
