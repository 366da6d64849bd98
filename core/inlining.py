"""Our own static files put into one file that needs no other."""

import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

STYLES = ("css/tokens.css", "css/base.css", "css/components.css")


PLOTLY = "vendor/plotly/plotly-cartesian.min.js"
FONT = re.compile(r"@font-face\s*\{[^}]*\}")


def one_file() -> dict[str, Any]:
    """Return the styles and scripts of a report that lies in one file."""
    styles = "\n".join(static_path(name).read_text() for name in STYLES)
    return {
        "styles": inline("style", FONT.sub("", styles)),
        "scripts": [
            inline("script", static_path(name).read_text())
            for name in (PLOTLY, "js/report.js")
        ],
    }


def static_path(name: str) -> Path:
    """Return where a static file lies; raises FileNotFoundError without one."""
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found)


def inline(element: str, text: str) -> SafeString:
    """Return text of our own files as a style or a script of a page."""
    # A closing tag inside a string would end its element.
    closed = text.replace(f"</{element}", f"<\\/{element}")
    return mark_safe(f"<{element}>{closed}</{element}>")  # noqa: S308  # our own files
