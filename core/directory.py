"""What core may say of projects without knowing them: their ids and names.

The app that has projects registers how to find the ones an actor may see.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Place:
    """A project as it is named to other systems."""

    name: str
    url: str  # a path of the portal


PlaceFinder = Callable[[int], Place | None]
_place_finders: list[PlaceFinder] = []


def register(finder: Finder) -> None:
    """Have `finder` name the projects an actor may see."""
    if finder not in _finders:
        _finders.append(finder)


def register_place(finder: PlaceFinder) -> None:
    """Have `finder` name a project by its id, whoever may see it."""
    if finder not in _place_finders:
        _place_finders.append(finder)


def project(project_id: int) -> Place | None:
    """Return how a project is named; the caller tells only who may know."""
    return next((place for find in _place_finders if (place := find(project_id))), None)


def projects_of(actor: Actor) -> dict[int, str]:
    """Return the names, by id, of the projects `actor` may see."""
    return {each.pk: each.name for find in _finders for each in find(actor)}
