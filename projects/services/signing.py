"""Signing without an account: a link, then a code to the same address."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from projects.models import Decision, Invitation, Signature, Stakeholder
from projects.services.decision import BY_CODE, FrozenError, sign_decision
from projects.services.letters import Letter, can_mail
from projects.services.people import open_invitation

LIVES = timedelta(minutes=15)
BETWEEN_CODES = timedelta(seconds=60)
CODES_AN_HOUR = 5
# Over the life of a link, so that codes asked for again and again give no more.
TRIES = 5


class CodeProblem(ValueError):
    """The code cannot be sent or is not the right one; the message says what to do."""


@transaction.atomic
def ask_for_signature(
    decision: Decision,
    stakeholder: Stakeholder,
    *,
    actor: Actor,
    deadline: datetime,
    message: str = "",
) -> tuple[Invitation, str]:
    """Ask a person to sign by link; return the invitation and the link's secret.

    An open link of the same person for the same decision is revoked.

    Raises
    ------
    FrozenError
        If the decision was withdrawn or superseded.
    ValidationError
        If the person signs for nothing in the project.
    """
    if not decision.is_live:
        raise FrozenError
    if not stakeholder.capacity:
        raise ValidationError(
            _("%(name)s signs for nothing in this project; say so on their page first.")
            % {"name": stakeholder.name}
        )
    stakeholder.invitations.filter(
        decision=decision, revoked_at=None, answered_at=None
    ).update(revoked_at=timezone.now())
    secret, secret_hash = Invitation.new_secret()
    invitation = Invitation(
        stakeholder=stakeholder,
        asks=Invitation.Asks.SIGNATURE,
        decision=decision,
        secret_hash=secret_hash,
        message=message,
        deadline=deadline,
        created_by=actor.user,
    )
    invitation.full_clean()
    invitation.save()
    audit.record(
        actor,
        "ask for signature",
        project_id=decision.project_id,
        subject=f"{stakeholder.name}: {decision.question}",
    )
    return invitation, secret


def letter_to_sign(invitation: Invitation, secret: str) -> Letter:
    """Return the letter that asks a person for their signature."""
    person, decision, asker = (
        invitation.stakeholder,
        _decision(invitation),
        invitation.created_by,
    )
    path = reverse("projects:guest_signing", args=[secret])
    link = f"{settings.PUBLIC_URL}{path}"
    lines = [
        _("Hello %(name)s,") % {"name": person.first_name},
        "",
        _("%(asker)s asks for your signature as %(capacity)s: %(question)s")
        % {
            "asker": asker.display_name if asker else _("The project"),
            "capacity": person.get_capacity_display(),
            "question": decision.question,
        },
        "",
        link,
        "",
        _("It is one page, and needs no account. The link works until %(day)s.")
        % {"day": date_format(localtime(invitation.deadline), "j F")},
    ]
    if invitation.message:
        lines[1:1] = ["", invitation.message]
    return Letter(
        to=person.email,
        name=person.name,
        subject=_("For your signature: %(question)s")
        % {"question": decision.question[:120]},
        text="\n".join(lines),
        link=link,
    )


def can_sign_by_code(invitation: Invitation) -> bool:
    """Whether a code could reach the person: mail goes out, and where to is known."""
    return can_mail() and bool(invitation.stakeholder.email)


@transaction.atomic
def send_code(invitation: Invitation) -> None:
    """Mail a fresh code to the person; the one before ends.

    Raises
    ------
    CodeProblem
        If there is no mail, the tries are used up, or codes were sent too often.
    """
    if not can_sign_by_code(invitation):
        raise CodeProblem(_("No code can be mailed from here; sign in to sign."))
    if invitation.code_tries >= TRIES:
        raise CodeProblem(_no_tries_left(invitation))
    now = timezone.now()
    _slow_down(invitation, now)
    code = f"{secrets.randbelow(10**6):06d}"
    open_invitation(invitation)
    invitation.code_hash, invitation.code_sent_at = _hash(invitation, code), now
    invitation.save(update_fields=["code_hash", "code_sent_at"])
    audit.record(
        Actor(invitation_id=invitation.pk),
        "send signing code",
        project_id=invitation.project.pk,
        subject=invitation.stakeholder.name,
    )
    mail = EmailMessage(
        _("Your code to sign: %(code)s") % {"code": code},
        _(
            "%(code)s signs “%(question)s” in your name, within 15 minutes.\n\n"
            "If you did not ask for it, somebody else has your link: tell %(asker)s."
        )
        % {
            "code": code,
            "question": _decision(invitation).question,
            "asker": invitation.created_by or _("the project"),
        },
        to=[invitation.stakeholder.email],
    )
    transaction.on_commit(mail.send, robust=True)


def _slow_down(invitation: Invitation, now: datetime) -> None:
    if invitation.code_sent_at and now - invitation.code_sent_at < BETWEEN_CODES:
        raise CodeProblem(_("A code was sent a moment ago; look into your mail."))
    key = f"signing-codes:{invitation.pk}"
    sent = int(cache.get(key) or 0)
    if sent >= CODES_AN_HOUR:
        raise CodeProblem(_("Five codes within an hour are enough; try later."))
    cache.set(key, sent + 1, 3600)


def sign_by_code(
    invitation: Invitation, *, code: str, word: str, comment: str, read_digest: str
) -> Signature:
    """Sign in the person's name if the code is right; the code is spent then.

    A wrong code is counted whatever becomes of the request: the caller must not be
    inside a transaction that it rolls back.

    Raises
    ------
    CodeProblem
        If the code is wrong, over, or tried too often.
    ChangedError, FrozenError, ValidationError
        As in `sign_decision`; the code may be used again.
    """
    _spend_try(invitation, code)
    with transaction.atomic():
        signature = sign_decision(
            _decision(invitation),
            actor=Actor(invitation_id=invitation.pk),
            word=word,
            comment=comment,
            read_digest=read_digest,
            stakeholder=invitation.stakeholder,
            method=BY_CODE,
        )
        invitation.answered_at, invitation.code_hash = timezone.now(), ""
        invitation.save(update_fields=["answered_at", "code_hash"])
    return signature


def _spend_try(invitation: Invitation, code: str) -> None:
    """Count a try before it is looked at; give it back if it was right."""
    row = Invitation.objects.filter(pk=invitation.pk)
    if not row.filter(code_tries__lt=TRIES).update(code_tries=F("code_tries") + 1):
        raise CodeProblem(_no_tries_left(invitation))
    invitation.refresh_from_db()
    sent = invitation.code_sent_at
    if not invitation.code_hash or sent is None:
        row.update(code_tries=F("code_tries") - 1)
        raise CodeProblem(_("No code was sent yet. Have one sent first."))
    if timezone.now() - sent > LIVES:
        row.update(code_tries=F("code_tries") - 1)
        raise CodeProblem(_("This code is older than 15 minutes. Have a new one sent."))
    if not constant_time_compare(invitation.code_hash, _hash(invitation, code)):
        left = TRIES - invitation.code_tries
        if not left:
            raise CodeProblem(_no_tries_left(invitation))
        raise CodeProblem(
            _("This is not the code of the newest mail; %(left)s tries are left.")
            % {"left": left}
        )
    row.update(code_tries=F("code_tries") - 1)


def _no_tries_left(invitation: Invitation) -> str:
    return _("This link has had its five tries. Ask %(asker)s for a fresh one.") % {
        "asker": invitation.created_by or _("the project")
    }


def _hash(invitation: Invitation, code: str) -> str:
    # Keyed: six digits alone could be found from a copy of the database.
    return salted_hmac(
        "projects.signing", f"{invitation.pk}:{code}", algorithm="sha256"
    ).hexdigest()


def _decision(invitation: Invitation) -> Decision:
    if invitation.decision is None:
        raise ValueError(f"invitation {invitation.pk} asks for no signature")
    return invitation.decision
