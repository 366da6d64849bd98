"""The words of figures, in the language of whoever looks at them.

A figure is drawn while its page is made, so the portal lends its translator once, at
its start; alone, the figures speak English. The names are those that makemessages
collects.
"""

from collections.abc import Callable
from dataclasses import dataclass


def _as_written(message: str) -> str:
    return message


def _plural_as_written(singular: str, plural: str, count: int) -> str:
    return singular if count == 1 else plural


@dataclass
class _Speaker:
    one: Callable[[str], str] = _as_written
    counted: Callable[[str, str, int], str] = _plural_as_written


_speaker = _Speaker()


def speak(
    one: Callable[[str], str] = _as_written,
    counted: Callable[[str, str, int], str] = _plural_as_written,
) -> None:
    """Say everything through this translator from now on; without one, in English."""
    _speaker.one, _speaker.counted = one, counted


def gettext(message: str) -> str:
    """Return the message in the language of the reader."""
    return _speaker.one(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the message for so many, in the language of the reader."""
    return _speaker.counted(singular, plural, count)
