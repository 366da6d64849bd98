"""What the engine has to say, in the language of the reader of a page."""

from django.utils.translation import gettext

from engine.words import said


def in_words(problem: Exception | str) -> str:
    """Return a problem for a page; in the API and in tables its text stays English."""
    return said(problem, gettext)
