"""What every template knows."""

from typing import Any

from django.http import HttpRequest

from core.access import NOBODY
from mlops_portal.selectors.loop import rooms
from projects.models import Project


def project_rooms(request: HttpRequest) -> dict[str, Any]:
    """Return the rooms of the project the address names, for the sidebar."""
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    actor = getattr(request, "actor", NOBODY)
    if not slug or not actor.is_known:
        return {}
    project = Project.objects.visible_to(actor).filter(slug=slug).first()
    if project is None:
        return {}
    return {"rooms": rooms(request, project), "project": project}  # type: ignore[arg-type]  # PortalRequest
