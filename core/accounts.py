"""How django-allauth is to behave here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class PortalAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up; people are invited by an admin."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: there is no open signup."""
        return False
