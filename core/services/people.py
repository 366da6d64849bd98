"""People come in by link, are made admins, leave, and what ends with that.

In the audit trail a person is named by uuid alone, so that erasing somebody later
does not break the chain.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from core.models import ApiToken, SignInLink, User


class LastAdminError(ValueError):
    """The portal would be left without anybody who may manage it."""


def _note(actor: Actor, action: str, person: User) -> None:
    audit.record(actor, action, detail={"person": str(person.uuid)})


@transaction.atomic
def create_person(
    *, actor: Actor, email: str, name: str = "", is_portal_admin: bool = False
) -> User:
    """Return a new person without a password; they first come in by link."""
    person = User.objects.create_user(email, name=name, is_portal_admin=is_portal_admin)
    _note(actor, "create person", person)
    return person


@transaction.atomic
def hand_over_link(person: User, *, actor: Actor) -> str:
    """Return the address of a fresh one-time link; the older ones are used up."""
    person.sign_in_links.filter(used_at=None).update(used_at=timezone.now())
    secret = SignInLink.issue(person)
    _note(actor, "issue sign-in link", person)
    return f"{settings.PUBLIC_URL}{reverse('sign_in_link', args=[secret])}"


def note_seen(person: User, *, now: datetime) -> None:
    """Keep that somebody saw a page now, and when the visit before this one ended.

    Of two pages at once the slower changes nothing.
    """
    User.objects.filter(pk=person.pk, seen_at=person.seen_at).update(
        seen_at=now, last_visit_at=person.away_since(now)
    )


@transaction.atomic
def use_link(link: SignInLink) -> bool:
    """Use a link up; return whether this call was the one that did."""
    if not link.use():
        return False
    _note(Actor(user=link.user), "sign in by link", link.user)
    return True


@transaction.atomic
def deactivate_person(person: User, *, actor: Actor) -> None:
    """Shut somebody out: sessions, tokens and links end; what they wrote stays.

    Raises
    ------
    LastAdminError
        If no other active admin would be left.
    """
    _keep_an_admin(without=person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person)
    _end_tokens(person)
    person.sign_in_links.filter(used_at=None).update(used_at=timezone.now())
    _note(actor, "deactivate person", person)


@transaction.atomic
def reactivate_person(person: User, *, actor: Actor) -> None:
    """Let somebody in again; they sign in anew and make new tokens."""
    person.is_active = True
    person.save(update_fields=["is_active"])
    _note(actor, "reactivate person", person)


@transaction.atomic
def set_admin(person: User, *, actor: Actor, is_admin: bool) -> None:
    """Let somebody manage people and jobs, or no longer.

    Raises
    ------
    LastAdminError
        If no other active admin would be left.
    """
    if not is_admin:
        _keep_an_admin(without=person)
    person.is_portal_admin = is_admin
    person.save(update_fields=["is_portal_admin"])
    _note(actor, "make admin" if is_admin else "unmake admin", person)


def _keep_an_admin(*, without: User) -> None:
    # All admins are locked, or two could demote each other at the same moment.
    admins = User.objects.select_for_update().filter(
        is_portal_admin=True, is_active=True
    )
    ids = {admin.pk for admin in admins.order_by("pk")}
    if ids and ids <= {without.pk}:
        raise LastAdminError(
            _("%(name)s is the only admin. Make somebody else an admin first.")
            % {"name": without.display_name}
        )


def end_sessions(person: User) -> None:
    """Sign somebody out everywhere: no session made before now is accepted."""
    User.objects.filter(pk=person.pk).update(
        session_generation=F("session_generation") + 1
    )
    person.refresh_from_db(fields=["session_generation"])


def _end_tokens(person: User) -> int:
    """Revoke every token of a person that still works; return how many."""
    working = ApiToken.objects.filter(user=person, revoked_at=None)
    return working.update(revoked_at=timezone.now())


@transaction.atomic
def set_password(person: User, password: str) -> None:
    """Set a password; a changed one ends every session, token and open link."""
    is_change = person.has_usable_password()
    person.set_password(password)
    person.save(update_fields=["password"])
    person.sign_in_links.filter(used_at=None).update(used_at=timezone.now())
    if is_change:
        _end_tokens(person)
    _note(
        Actor(user=person), "change password" if is_change else "set password", person
    )


@transaction.atomic
def change_address(person: User, email: str) -> None:
    """Give a person another address; the old one opens nothing any more."""
    person.email = email.lower()
    person.full_clean(exclude=["password"])
    person.save(update_fields=["email"])
    # allauth also signs in by the addresses it has noted for a person.
    EmailAddress.objects.filter(user=person).delete()
    _note(Actor(user=person), "change address", person)
