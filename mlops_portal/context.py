"""What every template knows."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core.access import NOBODY
from mlops_portal.selectors.loop import Room, rooms
from projects.models import Project


def project_rooms(request: HttpRequest) -> dict[str, Any]:
    """Return the rooms of the project the address names, for the sidebar.

    They are looked up when a template shows them: a fragment has no sidebar.
    """
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    actor = getattr(request, "actor", NOBODY)
    if not slug or not actor.is_known:
        return {}

    @cache
    def project() -> Project | None:
        return Project.objects.visible_to(actor).filter(slug=slug).first()

    def rooms_here() -> list[Room]:
        here = project()
        return rooms(request, here) if here else []  # type: ignore[arg-type]  # PortalRequest

    return {"rooms": cache(rooms_here), "project": SimpleLazyObject(project)}
