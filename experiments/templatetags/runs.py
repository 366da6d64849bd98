"""Heads of sortable columns: links that keep the address's other parts."""

from typing import Any

from django import template
from django.template.context import Context

from core.templatetags.portal import param_url
from experiments.selectors.columns import Column
from experiments.selectors.keyset import Sort

register = template.Library()


@register.inclusion_tag("experiments/_sort_head.html", takes_context=True)
def sort_head(
    context: Context,
    key: str,
    title: str,
    sort: Sort,
    *,
    css: str = "",
    falls: bool = True,
) -> dict[str, Any]:
    """Render a column's head; a second click turns the order round."""
    is_current = sort.key == key
    descending = not sort.descending if is_current else falls
    return {
        "title": title,
        "css": css,
        "url": param_url(context, sort=Sort(key, descending), at=None),
        "order": _order(sort) if is_current else "",
    }


def _order(sort: Sort) -> str:
    return "descending" if sort.descending else "ascending"


@register.inclusion_tag("experiments/_sort_head.html", takes_context=True)
def column_head(context: Context, column: Column, sort: Sort) -> dict[str, Any]:
    """Render the head of one of the columns right of the money."""
    css = "wide-only r" if column.is_number else "wide-only"
    if not column.is_sortable:
        return {"title": column.title, "css": css, "url": "", "order": ""}
    shown: dict[str, Any] = sort_head(
        context, column.key, column.title, sort, css=css, falls=column.is_number
    )
    return shown
