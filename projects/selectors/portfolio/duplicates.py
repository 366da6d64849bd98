"""Projects that look like each other, among those the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.access import Actor
from engine.similarity import cosines
from projects.models import Project

# Restatements of one use case score 0.28 and more, different ones of one trade 0.14.
ALIKE = 0.25
MOST_SHOWN = 3
MOST_PAIRS = 5
LEAST_LETTERS = 8  # less says nothing


@dataclass(frozen=True)
class Lookalike:
    """A project that a text looks like."""

    project: Project
    likeness: float  # 0 to 1


@dataclass(frozen=True)
class Pair:
    """Two projects that look like each other."""

    one: Project
    other: Project
    likeness: float


def words_of(name: str, problem: str, decision: str) -> str:
    """Return what a use case is recognised by."""
    return f"{name}. {problem} {decision}".strip()


def lookalikes(
    actor: Actor, *, name: str, problem: str = "", decision: str = ""
) -> list[Lookalike]:
    """Return the projects that a new one looks like, the most alike first.

    Only projects the actor may see are held against it: no other one can be found
    out by trying names.
    """
    text = words_of(name, problem, decision)
    if len(text) < LEAST_LETTERS:
        return []
    seen = list(Project.objects.visible_to(actor).order_by("pk"))
    if not seen:
        return []
    others = [
        words_of(each.name, each.problem, each.decision_supported) for each in seen
    ]
    scores = cosines([text], others)[0]
    best = np.argsort(-scores, kind="stable")[:MOST_SHOWN]
    return [
        Lookalike(seen[at], float(scores[at])) for at in best if scores[at] >= ALIKE
    ]


def pairs_among(projects: Sequence[Project]) -> list[Pair]:
    """Return the pairs of projects that look most like each other."""
    if len(projects) < 2:
        return []
    scores = cosines(
        [
            words_of(each.name, each.problem, each.decision_supported)
            for each in projects
        ]
    )
    rows, columns = np.triu_indices(len(projects), k=1)
    found = scores[rows, columns]
    best = np.argsort(-found, kind="stable")[:MOST_PAIRS]
    return [
        Pair(projects[rows[at]], projects[columns[at]], float(found[at]))
        for at in best
        if found[at] >= ALIKE
    ]
