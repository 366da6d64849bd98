"""The first person of a new portal, and the one-time link that lets them in."""

from django.conf import settings
from django.db import transaction

from core import audit
from core.access import NOBODY
from core.models import SignInLink, User

EMAIL = "owner@portal.localhost"


def first_owner() -> User:
    """Return the longest-standing portal admin, made now if there is none."""
    admins = User.objects.filter(is_portal_admin=True, is_active=True)
    with transaction.atomic():
        if owner := admins.order_by("pk").first():
            return owner
        owner = User.objects.create_user(EMAIL, name="Owner", is_portal_admin=True)
        audit.record(NOBODY, "person.created", subject=owner.email)
        return owner


def sign_in_url(user: User) -> str:
    """Return a new one-time address that signs `user` in."""
    with transaction.atomic():
        secret = SignInLink.issue(user)
        audit.record(NOBODY, "sign_in_link.issued", subject=user.email)
    return f"{settings.PUBLIC_URL}/login/link/{secret}/"
