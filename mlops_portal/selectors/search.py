"""One box that finds whatever the reader may see."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from core.access import Actor
from dataquality.models import DataSet
from experiments.models import Experiment, Run
from projects.models import Project, Requirement, Stakeholder

PER_KIND = 6
SHORTEST = 2


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    name: str
    where: str
    url: str


@dataclass(frozen=True)
class Hits:
    """The hits of one kind."""

    kind: str
    hits: tuple[Hit, ...]


def search(actor: Actor, text: str) -> list[Hits]:
    """Return what the reader may see and `text` names, by kind; at most six each."""
    words = text.strip()
    if len(words) < SHORTEST:
        return []
    found = [
        Hits(_("Projects"), _projects(actor, words)),
        Hits(_("Data sets"), _named(DataSet, actor, words)),
        Hits(_("Experiments"), _named(Experiment, actor, words)),
        Hits(_("Runs"), _runs(actor, words)),
        Hits(_("Requirements"), _requirements(actor, words)),
        Hits(_("People"), _people(actor, words)),
    ]
    return [each for each in found if each.hits]


def _projects(actor: Actor, words: str) -> tuple[Hit, ...]:
    rows = Project.objects.visible_to(actor).filter(
        Q(name__icontains=words)
        | Q(slug__icontains=words)
        | Q(problem__icontains=words)
    )
    return tuple(
        Hit(each.name, "", each.get_absolute_url()) for each in rows[:PER_KIND]
    )


def _named(model: Any, actor: Actor, words: str) -> tuple[Hit, ...]:
    rows = model.objects.visible_to(actor).filter(name__icontains=words)
    return tuple(
        Hit(each.name, each.project.name, each.get_absolute_url())
        for each in rows.select_related("project")[:PER_KIND]
    )


def _runs(actor: Actor, words: str) -> tuple[Hit, ...]:
    rows = (
        Run.objects.visible_to(actor)
        .filter(Q(name__icontains=words) | Q(pk__startswith=words.lower()))
        .select_related("project")
    )
    return tuple(
        Hit(each.name, each.project.name, each.get_absolute_url())
        for each in rows[:PER_KIND]
    )


def _requirements(actor: Actor, words: str) -> tuple[Hit, ...]:
    rows = (
        Requirement.objects.visible_to(actor)
        .filter(versions__title__icontains=words)
        .select_related("project")
        .distinct()
    )
    return tuple(
        Hit(str(each), each.project.name, each.get_absolute_url())
        for each in rows[:PER_KIND]
    )


def _people(actor: Actor, words: str) -> tuple[Hit, ...]:
    rows = (
        Stakeholder.objects.visible_to(actor)
        .filter(name__icontains=words)
        .select_related("project")
    )
    return tuple(
        Hit(each.name, each.project.name, each.project.url("projects:people"))
        for each in rows[:PER_KIND]
    )
