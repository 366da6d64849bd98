"""Help: the words, the keys, the way through."""

from functools import cache
from pathlib import Path

import nh3
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from core.access import PortalRequest, signed_in


@cache
def glossary() -> SafeString:
    """Return docs/glossary.md as cleaned HTML, without its title."""
    text = (Path(settings.BASE_DIR) / "docs" / "glossary.md").read_text()
    _title, _newline, rest = text.partition("\n")
    html = MarkdownIt("commonmark").enable("table").render(rest)
    return SafeString(nh3.clean(html))


@signed_in
@require_safe
def help_page(request: PortalRequest) -> HttpResponse:
    """Show the tour, the keys and the glossary."""
    return render(request, "core/help.html", {"glossary": glossary()})
