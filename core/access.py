"""Who acts, and what a view says about who may.

Every view declares one policy; a view without one fails a system check. Which
rows somebody may see is decided by the querysets of each app (`visible_to`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from core.models import ApiToken, User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Right(IntEnum):
    """What a membership or a token's scope allows, in rising order."""

    NONE = 0
    READ = 1
    CONTRIBUTE = 2
    EDIT = 3
    OWN = 4


SCOPE_RIGHT = {
    ApiToken.Scope.READ: Right.READ,
    ApiToken.Scope.WRITE: Right.EDIT,
    ApiToken.Scope.ADMIN: Right.OWN,
}


@dataclass(frozen=True)
class Actor:
    """Who asks: a person, perhaps by token; or a guest with an invitation."""

    user: User | None = None
    token: ApiToken | None = None
    invitation_id: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether a person with an account acts."""
        return self.user is not None

    @property
    def limit(self) -> Right:
        """The most any membership can give through this way in."""
        if self.user is None or not self.user.is_active:
            return Right.NONE
        if self.token is None:
            return Right.OWN
        return SCOPE_RIGHT[ApiToken.Scope(self.token.scope)]

    @property
    def only_project_id(self) -> int | None:
        """The one project a token is bound to, or none."""
        return self.token.project_id if self.token else None

    @property
    def is_portal_admin(self) -> bool:
        """Whether people and jobs may be managed; projects need joining still."""
        return (
            self.user is not None
            and self.user.is_portal_admin
            and self.limit is Right.OWN
            and self.only_project_id is None
        )

    @property
    def name(self) -> str:
        """Who to name in a log."""
        return self.user.display_name if self.user else "guest"


NOBODY = Actor()


class PortalRequest(HttpRequest):
    """A request as the portal's middleware leaves it."""

    actor: Actor
    htmx: HtmxDetails
    csp_nonce: str


class Policy(StrEnum):
    """What a view says about who may call it at all."""

    PUBLIC = "public"
    GUEST = "guest"  # the secret in the address is the right
    SIGNED_IN = "signed in"
    ADMIN = "admin"


def public(view: View) -> View:
    """Declare that anybody may call the view."""
    view.policy = Policy.PUBLIC  # type: ignore[attr-defined]  # read by core.checks
    return view


def guest(view: View) -> View:
    """Declare that the secret in the address is the right to call the view."""
    view.policy = Policy.GUEST  # type: ignore[attr-defined]  # read by core.checks
    return view


def signed_in(view: View) -> View:
    """Declare that only people with an account may call the view."""

    @wraps(view)
    def checked(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.actor.is_known:
            return _ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    checked.policy = Policy.SIGNED_IN  # type: ignore[attr-defined]  # read by core.checks
    return checked  # type: ignore[return-value]  # same signature as the view


def admin_only(view: View) -> View:
    """Declare that only portal admins may call the view; others find nothing."""

    @wraps(view)
    def checked(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.actor.is_known:
            return _ask_to_sign_in(request)
        if not request.actor.is_portal_admin:
            raise Http404
        return view(request, *args, **kwargs)

    checked.policy = Policy.ADMIN  # type: ignore[attr-defined]  # read by core.checks
    return checked  # type: ignore[return-value]  # same signature as the view


def _ask_to_sign_in(request: PortalRequest) -> HttpResponse:
    """Return a way to sign in that comes back here; htmx must leave the page."""
    if request.htmx:
        here = request.htmx.current_url_abs_path or "/"
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = redirect_to_login(here).url
        return answer
    return redirect_to_login(request.get_full_path())
