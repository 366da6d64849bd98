"""The strip of six stations, the product's signature, on every project page."""

from typing import Any

from django import template
from django.template.context import Context

from mlops_portal.selectors.loop import stations
from projects.models import Project

register = template.Library()


def _strip(context: Context, project: Project, current: str) -> dict[str, Any]:
    rows = stations(context["request"], project)
    return {
        "stations": [{**vars(each), "current": each.key == current} for each in rows]
    }


@register.inclusion_tag("components/station_strip.html", takes_context=True)
def station_strip(context: Context, project: Project) -> dict[str, Any]:
    """Render the loop of the overview, with each station's fact."""
    return _strip(context, project, "")


@register.inclusion_tag("components/station_strip_thin.html", takes_context=True)
def station_strip_thin(
    context: Context, project: Project, current: str = ""
) -> dict[str, Any]:
    """Render the loop in one line, the current station marked."""
    return _strip(context, project, current)
