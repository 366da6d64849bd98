"""The kinds of jobs there are, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.child.limits import Limits
from core.models import Job

QUEUES = ("interactive", "data", "train")


@dataclass(frozen=True)
class JobKind:
    """What the portal knows of one kind of job, whoever starts it."""

    name: str
    queue: str
    wall: float  # seconds from its claim to its verdict
    limits: Limits  # of each computation in a child
    run: Callable[..., None]  # (job: RunningJob, **ids)
    allowed: Callable[..., bool] | None  # (actor, **ids); None: whoever could start it
    on_end: (
        Callable[[Job], None] | None
    )  # in the transaction of any verdict but success


KINDS: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Make a kind known; its name is used once.

    Raises
    ------
    ValueError
        If the name is taken by another function, or the queue is not one of ours.
    """
    taken = KINDS.get(kind.name)
    if taken and _place(taken.run) != _place(kind.run):
        raise ValueError(f"two jobs are of kind {kind.name!r}: {_place(taken.run)}")
    if kind.queue not in QUEUES:
        raise ValueError(f"no queue {kind.queue!r}; there are {', '.join(QUEUES)}")
    KINDS[kind.name] = kind


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
