"""What a worker does with a hint: claim a job, run its task, see to its verdict."""

import logging
import os
import socket
import uuid
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.db import close_old_connections, connections
from django.utils.translation import gettext as _
from kombu.transport.redis import Channel

from core.access import Actor
from core.jobs import closing, ledger, messages
from core.jobs.compute import Runner, in_child, server
from core.jobs.errors import (
    Cancelled,
    JobFailed,
    LostLease,
    NoVerdict,
    WorkerStops,
)
from core.jobs.heart import Heart
from core.jobs.kinds import KINDS, QUEUES, JobKind
from core.jobs.patience import DATABASE_AWAY, VERDICT_TRIES, patiently
from core.jobs.reconcile import reconcile, ring_if_needed
from core.jobs.running import RunningJob
from core.models import Job

logger = logging.getLogger(__name__)


def hint(task: Any, job_id: str = "") -> None:
    """Claim and run the next job of the queue the hint came by. Never raises."""
    try:
        hinted = uuid.UUID(job_id)
    except (ValueError, AttributeError, TypeError):
        hinted = None  # forged or mangled: still a hint that there may be work
    queue = (task.request.delivery_info or {}).get("routing_key")
    if queue not in QUEUES:
        return
    try:
        work_once(queue, hinted=hinted)
    except Exception:
        logger.exception("a hint of queue %s ended with an error", queue)


def work_once(queue: str, *, hinted: uuid.UUID | None = None) -> bool:
    """Claim one job of the queue and run it; return whether there was one."""
    if closing.closes.is_set():  # the hint stays lost, the row does not
        return False
    close_old_connections()
    row = patiently(
        lambda: ledger.claim_next(queue, owner=owner_name(), hinted=hinted),
        tries=VERDICT_TRIES,
    )
    if row is None:
        return False
    try:
        run(row)
    finally:
        ring_if_needed(queue, at_most=1)
    return True


def owner_name() -> str:
    """Return the name of this process for the ledger."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run(row: Job, *, runner: Runner = in_child, has_heart: bool = True) -> None:
    """Run a claimed job to its verdict, or to the loss of the attempt."""
    kind = KINDS.get(row.kind)
    if kind is None:
        _refuse(row, _("This version knows no job of kind %s.") % row.kind)
        return
    if runner is in_child:
        server.start()  # it imports while the task loads
    job = RunningJob(row, kind, runner=runner)
    heart: AbstractContextManager[Any] = Heart(job) if has_heart else nullcontext()
    try:
        with heart:
            _to_its_verdict(job)
    except DATABASE_AWAY:
        logger.exception("job %s: no verdict could be written", row.pk)
    finally:
        job.clean_up()


def is_still_allowed(kind: JobKind, row: Job) -> bool:
    """Return whether the job's creator has the right today."""
    if row.is_system:
        return True
    if row.created_by is None or not row.created_by.is_active:
        return False
    if kind.allowed is None:
        return True
    return kind.allowed(Actor(user=row.created_by), **row.params)


def _refuse(row: Job, sentence: str) -> None:
    try:
        ledger.finish(row, Job.State.FAILED, error=sentence)
    except LostLease:
        logger.warning("job %s was lost before it was refused", row.pk)


def _to_its_verdict(job: RunningJob) -> None:
    """Run the task and write what became of it; only the ledger's loss is silent."""
    try:
        _try(job)
    except LostLease:
        logger.warning("job %s attempt %s: lease lost", job.id, job.attempt)


def _try(job: RunningJob) -> None:
    try:
        _perform(job)
    except LostLease:
        raise
    except Cancelled:
        _write(job, Job.State.CANCELLED)
    except JobFailed as error:
        _write(job, Job.State.FAILED, str(error))
    except WorkerStops:
        patiently(job.hand_back, tries=VERDICT_TRIES)
    except NoVerdict as error:
        _give_up(job, str(error))
    except DATABASE_AWAY as error:
        # Recording may have been cut off; without a verdict it is tried again.
        logger.exception("job %s: the database went away", job.id)
        _give_up(job, f"the database went away: {type(error).__name__}")
    except Exception as error:  # MemoryError too: it would end the whole worker
        logger.exception("job %s failed", job.id)
        job.log(f"{type(error).__name__}: {error}")
        _write(job, Job.State.FAILED, _broken(error))


def _perform(job: RunningJob) -> None:
    if not is_still_allowed(job.kind, job.row):
        raise JobFailed(_("Whoever started this may not do it any more."))
    job.kind.run(job, **job.row.params)
    if not job.is_recorded:
        _write(job, Job.State.SUCCEEDED)


def _give_up(job: RunningJob, reason: str) -> None:
    patiently(partial(job.give_up, reason), tries=VERDICT_TRIES)


def _broken(error: Exception) -> str:
    return (
        _(
            "The portal itself made an error here (%s); nothing was changed. An admin "
            "finds more in the worker's log."
        )
        % type(error).__name__
    )


def _write(job: RunningJob, state: Job.State, error: str = "") -> None:
    patiently(lambda: job.finish(state, error=error), tries=VERDICT_TRIES)


def reconcile_at_start(**_signal: Any) -> None:
    """Do not wait for the scheduler: there may be none yet."""
    try:
        reconcile()
    except Exception:
        logger.exception("reconciling at the worker's start failed")
    finally:
        connections.close_all()  # or processes forked later would share them


# Giving unacknowledged hints back over a connection that is already lost ends the
# whole worker (AttributeError in kombu 5.7); nobody needs them back.
Channel.do_restore = False
hint_task = shared_task(name=messages.HINT, bind=True, ignore_result=True)(hint)
worker_ready.connect(reconcile_at_start)
