"""What tests ask of the plant's database; runs in the control process."""

import time
from collections import Counter
from typing import Any

from django.db import transaction

from core.access import Actor
from core.jobs import ask_cancel, janitor
from core.jobs.messages import HINT, doorbell
from core.models import Job, Notification, User
from mlops_portal.celery import app
from tests.core.jobs.plant_tasks import TASKS


def person(name: str = "Ann") -> int:
    user, _ = User.objects.update_or_create(
        email="ann@example.org", defaults={"name": name}
    )
    return user.pk


def start(kind: str, project_id: int = 1, *, roll_back: bool = False, **ids) -> str:
    doorbell._silent_until = 0.0  # each test has a broker of its own temper
    with transaction.atomic():
        job = TASKS[kind].start(
            actor=Actor(user=User.objects.get(email="ann@example.org")),
            project_id=project_id,
            title=kind,
            **ids,
        )
        transaction.set_rollback(roll_back)
    return str(job.pk)


def cancel(job_id: str) -> bool:
    return ask_cancel(Job.objects.get(pk=job_id))


def row(job_id: str) -> dict[str, Any] | None:
    names = ("state", "attempt", "losses", "owner", "error", "log", "note", "progress")
    return Job.objects.filter(pk=job_id).values(*names).first()


def unfinished() -> int:
    return Job.objects.unfinished().count()


def states() -> dict[str, int]:
    return Counter(Job.objects.values_list("state", flat=True))


def effects() -> dict[str, int]:
    """How often each job left its effect."""
    return Counter(
        Notification.objects.filter(kind="effect").values_list("text", flat=True)
    )


def jobs() -> dict[str, dict[str, Any]]:
    return {
        str(job["pk"]): job | {"pk": str(job["pk"])}
        for job in Job.objects.values("pk", "state", "attempt", "losses", "error")
    }


def send(job_id: str, queue: str, times: int = 1) -> None:
    """Send hints as anybody might who reaches the broker."""
    for _ in range(times):
        app.send_task(HINT, args=[job_id], queue=queue, retry=False)


def start_latency(count: int) -> list[float]:
    """Seconds from a submission to its claim, of jobs sent one after the other."""
    seconds = []
    for _ in range(count):
        job_id = start("plant_quick")
        while not (job := Job.objects.get(pk=job_id)).is_finished:
            time.sleep(0.01)
        assert job.started_at is not None
        seconds.append((job.started_at - job.created_at).total_seconds())
    return seconds


def tidy() -> int:
    return janitor.tidy()
