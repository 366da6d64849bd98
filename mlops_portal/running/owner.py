"""The first person of a new portal."""

from core import services
from core.access import NOBODY
from core.models import User

EMAIL = "owner@portal.localhost"


def first_owner() -> User:
    """Return the longest-standing portal admin, made now if there is none."""
    admins = User.objects.filter(is_portal_admin=True, is_active=True)
    return admins.order_by("pk").first() or services.create_person(
        actor=NOBODY, email=EMAIL, name="Owner", is_portal_admin=True
    )
