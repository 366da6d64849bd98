"""What the engine has to say, in the language of the reader of a page."""

from typing import Any

from django.utils.translation import gettext

from engine.words import again, said


def in_words(problem: Exception | str) -> str:
    """Return a problem for a page; in the API and in tables its text stays English."""
    return said(problem, gettext)


def all_in_words(told: Any) -> Any:
    """Return stored JSON for a page, its sentences in the language of the reader."""
    return _said_throughout(again(told))


def _said_throughout(told: Any) -> Any:
    if isinstance(told, str):
        return in_words(told)
    if isinstance(told, dict):
        return {name: _said_throughout(value) for name, value in told.items()}
    return [_said_throughout(each) for each in told] if isinstance(told, list) else told
