"""Our own static files put into one file that needs no other."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

STYLES = ("css/tokens.css", "css/base.css", "css/components.css")


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
