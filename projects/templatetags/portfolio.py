"""Heads of the portfolio's sortable columns."""

from typing import Any

from django import template
from django.template.context import Context

from core.templatetags.portal import param_url
from projects.selectors.portfolio.table import Asked

register = template.Library()


@register.inclusion_tag("components/sort_head.html", takes_context=True)
def portfolio_head(
    context: Context,
    key: str,
    title: str,
    asked: Asked,
    *,
    css: str = "",
    falls: bool = True,
) -> dict[str, Any]:
    """Render a column's head; a second click turns the order round."""
    is_current = asked.sort == key
    descending = not asked.descending if is_current else falls
    order = "descending" if asked.descending else "ascending"
    return {
        "title": title,
        "css": css,
        "url": param_url(context, sort=f"{'-' if descending else ''}{key}", page=None),
        "order": order if is_current else "",
    }
