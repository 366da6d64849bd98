"""What core may say of projects without knowing them: their ids and names.

The app that has projects registers how to find the ones an actor may see.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from core.access import Actor


class NamedProject(Protocol):
    """A project as far as core needs it."""

    @property
    def pk(self) -> int:
        """Its id."""

    @property
    def name(self) -> str:
        """What people call it."""


Finder = Callable[[Actor], Iterable[NamedProject]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Have `finder` name the projects an actor may see."""
    if finder not in _finders:
        _finders.append(finder)


def projects_of(actor: Actor) -> dict[int, str]:
    """Return the names, by id, of the projects `actor` may see."""
    return {each.pk: each.name for find in _finders for each in find(actor)}
