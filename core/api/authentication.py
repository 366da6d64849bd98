"""Who calls the API: a token (Bearer or Basic password), or a person's session."""

import base64
import binascii
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core.access import Actor
from core.models import ApiToken, User

# `last_used_at` moves at most once a minute, so that reads stay reads.
USE_NOTED_EVERY = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer mlp_…`, or Basic with the key as the password."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the token's owner and the token, or None without such a header."""
        key = _key_of(request.headers.get("Authorization", ""))
        if key is None:
            return None
        token = ApiToken.find(key)
        if token is None:
            raise AuthenticationFailed(
                _(
                    "This token is unknown, revoked or expired. Make a new one at /me/tokens/."
                )
            )
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        request._request.actor = Actor(user=token.user, token=token)  # type: ignore[attr-defined]  # PortalRequest
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing token is answered 401."""
        return "Bearer"


def _key_of(header: str) -> str | None:
    scheme, _space, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(rest, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AuthenticationFailed(_("The Basic header is not base64.")) from error
    return pair.partition(":")[2]


class PersonAuthentication(SessionAuthentication):
    """The session of a browser, with CSRF checked."""


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular is untyped
    """How the API document shows tokens."""

    target_class = "core.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "mlp_…"}


class PersonScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular is untyped
    """How the API document shows sessions."""

    target_class = "core.api.authentication.PersonAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
