"""How django-allauth is to behave here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import User
from core.services import set_password


class PortalAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Nobody signs up; people are invited by an admin."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail or password is not correct."),
        "too_many_login_attempts": _(
            "That was tried too often. Wait five minutes and try again."
        ),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: there is no open signup."""
        return False

    def authenticate(
        self, request: HttpRequest, **credentials: Any
    ) -> AbstractBaseUser | None:
        """Return the person, or None alike for unknown, wrong and deactivated."""
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return person if person is not None and person.is_active else None

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Set a password by our one service, which ends what hangs on the old one."""
        if isinstance(user, User):
            set_password(user, password)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link for a mail, on the portal's own address and no other."""
        uid, _dash, secret = key.partition("-")
        path = reverse("account_reset_password_from_key", args=[uid, secret])
        return f"{settings.PUBLIC_URL}{path}"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the person's own page."""
        return reverse("core:me")
