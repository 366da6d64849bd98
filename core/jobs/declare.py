"""How an app declares a job, and how a view starts one."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from core import audit
from core.access import Actor
from core.child.limits import Limits
from core.jobs import ledger, messages
from core.jobs.kinds import JobKind, register
from core.models import Job


class BackgroundJob:
    """A function that workers run; `start` submits it."""

    def __init__(self, kind: JobKind) -> None:
        self.kind = kind
        self.__doc__ = kind.run.__doc__

    def start(
        self,
        *,
        actor: Actor | None,
        project_id: int | None,
        title: str,
        idem_key: str | None = None,
        subject_url: str = "",
        **ids: Any,
    ) -> Job:
        """Submit the job in the caller's transaction; a hint goes out on commit.

        Parameters
        ----------
        actor : Actor or None
            Who asks; the right is checked again when a worker claims the job. None
            if the portal itself asks, as a schedule does.
        idem_key : str, optional
            The same key in the same project gives the same job again.
        ids
            Keyword arguments of the function; JSON-able.
        """
        inspect.signature(self.kind.run).bind(None, **ids)
        asked = ledger.Submission(
            kind=self.kind,
            params=ids,
            project_id=project_id,
            title=title,
            created_by=actor.user if actor else None,
            subject_url=subject_url,
            idem_key=idem_key or "",
            is_system=actor is None,
        )
        with transaction.atomic():
            job, is_new = ledger.submit(asked)
            if is_new:
                _after_submit(job, actor)
        return job


def _after_submit(job: Job, actor: Actor | None) -> None:
    if actor:
        audit.record(
            actor,
            "start job",
            project_id=job.project_id,
            subject=job.title,
            detail={"job": str(job.pk), "kind": job.kind},
        )
    ring = partial(messages.doorbell.ring, job.pk, job.queue)
    transaction.on_commit(ring, robust=True)


def background_job(
    *,
    kind: str,
    queue: str,
    wall: float,
    memory_mb: int = 1024,
    cpu: int | None = None,
    file_mb: int = 4096,
    network: bool = False,
    allowed: Callable[..., bool] | None = None,
    on_end: Callable[[Job], None] | None = None,
) -> Callable[[Callable[..., None]], BackgroundJob]:
    """Declare `task(job: RunningJob, *, some_id: int) -> None` as a job.

    Parameters
    ----------
    kind : str
        Name of the kind, used once and kept for ever: rows name it.
    queue : {"interactive", "data", "train"}
        Which workers take it.
    wall : float
        Seconds from the claim to the verdict.
    memory_mb, cpu, file_mb : int
        What one computation in the child may use; `cpu` is in seconds and `wall`
        unless told otherwise.
    network : bool
        Whether the child may talk to other computers.
    allowed : callable, optional
        `(actor, **ids) -> bool`, asked again when the job is claimed.
    on_end : callable, optional
        `(job) -> None`, called in the transaction of a verdict other than
        success, so that the app's own rows can follow.
    """

    def declare(run: Callable[..., None]) -> BackgroundJob:
        seconds = int(wall) if cpu is None else cpu
        limits = Limits(
            memory_mb=memory_mb, cpu=max(seconds, 1), file_mb=file_mb, network=network
        )
        known = JobKind(
            name=kind,
            queue=queue,
            wall=wall,
            limits=limits,
            run=run,
            allowed=allowed,
            on_end=on_end,
        )
        register(known)
        return BackgroundJob(known)

    return declare


def ask_cancel(job: Job, *, actor: Actor | None = None) -> bool:
    """Ask to cancel a job; return whether it could still be asked.

    A waiting job is cancelled at once, a running one when its worker looks next,
    about a second later. The caller has checked that the actor may.
    """
    with transaction.atomic():
        asked = Job.objects.unfinished().filter(pk=job.pk).update(cancel_asked=True)
        if asked and actor:
            audit.record(
                actor,
                "cancel job",
                project_id=job.project_id,
                subject=job.title,
                detail={"job": str(job.pk)},
            )
        ledger.cancel_queued(job)
    job.refresh_from_db()
    return bool(asked)
