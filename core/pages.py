"""Answers that pages of every app give."""

from typing import Any, Literal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import get_format

from core.access import PortalRequest
from core.models import User


def page_or_fragment(
    request: PortalRequest,
    page: str,
    fragment: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Return the whole page, or its fragment when htmx asked for one."""
    partial = request.htmx and not request.htmx.boosted
    return render(request, fragment if partial else page, context, status=status)


def decimal_sign(request: PortalRequest) -> Literal[".", ","] | None:
    """Return the reader's decimal sign: chosen, else the browser's, else unknown."""
    user = request.actor.user
    if user is not None:
        return "," if user.number_format == User.NumberFormat.COMMA else "."
    accepted = request.headers.get("Accept-Language", "")
    language = accepted.split(",")[0].split(";")[0].strip()
    if not language or language == "*":
        return None
    return "," if get_format("DECIMAL_SEPARATOR", language) == "," else "."
