"""Threads of comments on any page of a project, and their text."""

import re
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from projects.models import Comment, Project
from projects.selectors.comments import subject_here
from projects.selectors.comments import thread as thread_of
from projects.selectors.mentions import mentions_in

register = template.Library()

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+", re.I)
# What ends a sentence around an address, and is no part of it.
_AFTER = ".,;:!?)]}…»”’"


@register.inclusion_tag("components/comments.html", takes_context=True)
def comments(
    context: Context, project: Project, kind: str, subject_id: object
) -> dict[str, Any]:
    """Render all that is said about one thing: `{% comments project "run" run.pk %}`.

    The page is that of the thing; nothing is rendered for guests.
    """
    request = context["request"]
    if not request.actor.is_known:
        return {}
    subject = subject_here(kind, str(subject_id), request.path)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "project": project,
        "thread": thread_of(project, subject, request.actor),
    }


@register.filter
def said(comment: Comment) -> SafeString:
    """Return a comment's text with its addresses as links and its mentions marked."""
    text = comment.text
    pieces: list[tuple[int, int, SafeString]] = []
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_AFTER)
        link = format_html(
            '<a href="{}" rel="nofollow noopener noreferrer">{}</a>', address, address
        )
        pieces.append((found.start(), found.start() + len(address), link))
    taken = [(start, end) for start, end, _html in pieces]
    # Only people who were meant when it was kept: names they share with nobody else.
    for each in mentions_in(text, list(comment.mentions.all())):
        if not any(start <= each.start < end for start, end in taken):
            name = format_html("<b>{}</b>", text[each.start : each.end])
            pieces.append((each.start, each.end, name))
    return _assembled(text, sorted(pieces, key=lambda piece: piece[0]))


def _assembled(text: str, pieces: list[tuple[int, int, SafeString]]) -> SafeString:
    parts: list[tuple[str | SafeString]] = []
    at = 0
    for start, end, html in pieces:
        parts += [(text[at:start],), (html,)]
        at = end
    parts.append((text[at:],))
    return format_html_join("", "{}", parts)
