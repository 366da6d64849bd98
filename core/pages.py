"""Answers that pages of every app give."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from core.access import PortalRequest


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
