"""Jobs for workers of the tests' own; each leaves one row as its effect."""

import os
import signal
import time
import uuid
from typing import Any

from core.jobs import JobFailed, RunningJob, background_job
from core.models import Notification, User
from tests.core.jobs import work


def may(actor, **_ids) -> bool:
    return actor.user.name != "dismissed"


def leave_effect(job: RunningJob) -> None:
    with job.recording():
        Notification.objects.create(
            user=User.objects.get(email="ann@example.org"),
            kind="effect",
            group=uuid.uuid4().hex,
            text=str(job.id),
        )


@background_job(
    kind="plant_compute",
    queue="train",
    wall=60,
    memory_mb=1024,
    allowed=may,
)
def compute(job: RunningJob, *, function: str, arguments: dict[str, Any]) -> None:
    """Compute in the child, then leave an effect."""
    job.compute(getattr(work, function), **arguments)
    leave_effect(job)


@background_job(kind="plant_short", queue="interactive", wall=1.0, memory_mb=256)
def short(job: RunningJob) -> None:
    """Need more than its time limit."""
    job.compute(work.sleep, seconds=600.0)
    leave_effect(job)


@background_job(kind="plant_stubborn", queue="interactive", wall=0.5)
def stubborn(job: RunningJob) -> None:
    """Never look up again, outside of any child."""
    while True:
        time.sleep(1)


@background_job(kind="plant_quick", queue="interactive", wall=60)
def quick(job: RunningJob) -> None:
    """Leave an effect without a computation."""
    leave_effect(job)


@background_job(kind="plant_careless", queue="data", wall=60)
def careless(job: RunningJob, *, way: str) -> None:
    """End in a way that would end a worker."""
    if way == "memory":
        raise MemoryError
    if way == "fail":
        raise JobFailed("Nothing to do here.")
    os.kill(os.getpid(), signal.SIGKILL)


TASKS = {task.kind.name: task for task in (compute, short, stubborn, quick, careless)}
