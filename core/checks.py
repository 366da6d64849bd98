"""System checks: no view without a policy."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver


def routes(
    patterns: list[Any] | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Yield every route of the portal with its whole pattern."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, prefix + str(each.pattern))
        else:
            yield prefix + str(each.pattern), each


def policy_of(pattern: URLPattern) -> Any:
    """Return the declared policy of a route's view, or None."""
    view = pattern.callback
    for holder in (view, getattr(view, "cls", None), getattr(view, "view_class", None)):
        if (policy := getattr(holder, "policy", None)) is not None:
            return policy
    return None


@register()
def every_view_declares_a_policy(**_kwargs: Any) -> list[Error]:
    """Fail for each route whose view says nothing about who may call it."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    return [
        Error(
            f"The view of {route!r} declares no policy.",
            hint="Decorate it with one of core.access: public, guest, signed_in, admin_only.",
            id="core.E001",
        )
        for route, pattern in routes()
        if policy_of(pattern) is None
    ]
