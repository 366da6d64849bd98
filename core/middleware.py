"""What happens around every request."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.urls.exceptions import Resolver404
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from core.access import NOBODY, Actor, PortalRequest, View
from core.reading import one_page

Handler = Callable[[PortalRequest], HttpResponseBase]
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class ActorMiddleware:
    """Set `request.actor` and the reader's time zone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponseBase:
        """Know the person of the session; tokens are known by the API itself."""
        user = request.user
        if user.is_authenticated:
            request.actor = Actor(user=user)
            zone = _zone(user.zone)
        else:
            request.actor = NOBODY
            zone = zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone):
            response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        return response


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def own_transaction(view: View) -> View:
    """Leave the view without a transaction around it: it opens a short one itself."""
    view.own_transaction = True  # type: ignore[attr-defined]  # read by the middleware
    return view


class RefusedError(Exception):
    """Carries an answer of 400 and above out of the transaction it ends."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


class UnsafeMethodsAtomic:
    """Give every write one transaction, undone when the answer is 400 or above."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponseBase:
        """Wrap writes; reads open no transaction (SQLite would take its lock)."""
        if request.method not in UNSAFE:
            with one_page():
                return self.get_response(request)
        if self._opts_out(request):
            return self.get_response(request)
        try:
            with transaction.atomic():
                response = self.get_response(request)
                if response.status_code >= 400:
                    raise RefusedError(response)
                return response
        except RefusedError as refused:
            return refused.response

    def _opts_out(self, request: PortalRequest) -> bool:
        try:
            view: Any = resolve(request.path_info).func
        except Resolver404:
            return True
        holders = (view, getattr(view, "cls", None), getattr(view, "view_class", None))
        return any(getattr(holder, "own_transaction", False) for holder in holders)


class SecurityHeadersMiddleware:
    """Headers that Django does not set by itself."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponseBase:
        """Close what a page of ours never needs."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy",
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        )
        if isinstance(response, HttpResponse) and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
