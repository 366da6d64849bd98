"""The statements of the ledger. Each is one compare-and-set; the row count decides.

Every time is the database's, so that a skew between workers does not matter.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, Count, F, Min, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core.jobs.errors import LostLease
from core.jobs.kinds import KINDS, JobKind
from core.models import Job, User
from core.models.jobs import LOG_CHARS, JobQuerySet
from core.notices import notify

logger = logging.getLogger(__name__)
State = Job.State
# Claims that another worker wins in between; then there is nothing left to do.
RACES = 20


@dataclass(frozen=True)
class Submission:
    """What is asked for when a job is started."""

    kind: JobKind
    params: dict[str, Any]
    project_id: int | None
    title: str
    created_by: User | None
    subject_url: str = ""
    idem_key: str = ""
    is_system: bool = False


def submit(asked: Submission) -> tuple[Job, bool]:
    """Return the row of the job and whether it is new, in the caller's transaction.

    The same key in the same project gives the job that is there already.
    """
    if asked.idem_key and (kept := _with_key(asked)):
        return kept, False
    try:
        with transaction.atomic():
            return _insert(asked), True
    except IntegrityError:
        if asked.idem_key and (kept := _with_key(asked)):
            return kept, False
        raise


def _with_key(asked: Submission) -> Job | None:
    return Job.objects.filter(
        project_id=asked.project_id, idem_key=asked.idem_key
    ).first()


def _insert(asked: Submission) -> Job:
    return Job.objects.create(
        kind=asked.kind.name,
        queue=asked.kind.queue,
        params=asked.params,
        project_id=asked.project_id,
        title=asked.title[:200],
        created_by=asked.created_by,
        subject_url=asked.subject_url,
        idem_key=asked.idem_key,
        is_system=asked.is_system,
        sent_at=Now(),
    )


def claim_next(queue: str, *, owner: str, hinted: uuid.UUID | None) -> Job | None:
    """Claim the next job of a queue in fair order, or return None if there is none.

    The project with the fewest running jobs comes first, then the one that has
    waited longest. Inside it the hinted job wins, then the oldest.
    """
    for _race in range(RACES):
        chosen = _choose(queue, hinted)
        if chosen is None:
            return None
        if claimed := claim(chosen, owner=owner):
            return claimed
    return None


def _choose(queue: str, hinted: uuid.UUID | None) -> Job | None:
    eligible = Job.objects.eligible().filter(queue=queue)
    waiting = list(
        eligible.order_by()
        .values("project_id")
        .annotate(oldest=Min("created_at"))
        .values_list("project_id", "oldest")
    )
    if not waiting:
        return None
    running = dict(
        Job.objects.filter(queue=queue, state=State.RUNNING)
        .order_by()
        .values("project_id")
        .annotate(count=Count("pk"))
        .values_list("project_id", "count")
    )
    project, _oldest = min(waiting, key=lambda row: (running.get(row[0], 0), row[1]))
    mine = eligible.filter(project_id=project)
    if hinted and (job := mine.filter(pk=hinted).first()):
        return job
    return mine.order_by("created_at", "pk").first()


def claim(job: Job, *, owner: str) -> Job | None:
    """Return the job as this worker's, or None if somebody was first."""
    won = (
        Job.objects.eligible()
        .filter(pk=job.pk, attempt=job.attempt)
        .update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            owner=owner,
            started_at=Now(),
            heartbeat_at=Now(),
            lease_until=_lease(),
            progress=0.0,
            note="",
        )
    )
    if not won:
        return None
    return (
        Job.objects.select_related("created_by")
        .filter(pk=job.pk, attempt=job.attempt + 1, state=State.RUNNING)
        .first()
    )


def _lease() -> Combinable:
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def beat(job: Job, *, progress: float, note: str, log: str) -> None:
    """Renew the lease and tell how far the work is.

    Raises
    ------
    LostLease
        If this attempt does not hold the job any more.
    """
    held = _held(job).update(
        heartbeat_at=Now(),
        lease_until=_lease(),
        progress=progress,
        note=note[:200],
        log=bounded(log),
    )
    if not held:
        raise LostLease


def cancel_is_asked(job: Job) -> bool:
    """Return whether somebody asked to cancel the job.

    Raises
    ------
    LostLease
        If this attempt does not hold the job any more.
    """
    asked: bool | None = _held(job).values_list("cancel_asked", flat=True).first()
    if asked is None:
        raise LostLease
    return asked


def finish(
    job: Job,
    state: Job.State,
    *,
    error: str = "",
    result: dict[str, Any] | None = None,
    log: str | None = None,
    progress: float | None = None,
) -> None:
    """Write the verdict of this attempt; what follows it is the caller's.

    Raises
    ------
    LostLease
        If this attempt does not hold the job any more: roll everything back.
    """
    values: dict[str, Any] = {
        "state": state,
        "error": error[:LOG_CHARS],
        "result": result,
        "log": bounded(job.log if log is None else log),
        "finished_at": Now(),
        "lease_until": None,
    }
    if progress is not None:
        values["progress"] = progress
    with transaction.atomic():
        if not _held(job).update(**values):
            raise LostLease
        _tell_kind(job)


def lose(job: Job, *, reason: str, only_expired: bool = False) -> bool:
    """Count a lost attempt: queue it again with back-off, or put it in quarantine.

    Returns whether the attempt was still the one that held the job.
    """
    again = job.losses + 1 < settings.JOB_MAX_LOSSES
    pause = min(settings.JOB_BACKOFF_CAP_SECONDS, 2**job.losses - 1)
    after = State.QUEUED if again else State.QUARANTINED
    line = f"attempt {job.attempt}: {reason}"
    held = _held(job)
    if only_expired:
        held = held.filter(lease_until__lt=Now())
    with transaction.atomic():
        lost = held.update(
            losses=F("losses") + 1,
            owner="",
            lease_until=None,
            sent_at=None,
            log=bounded(f"{job.log}{line}\n"),
            state=Case(
                When(cancel_asked=True, then=Value(State.CANCELLED)),
                default=Value(after),
            ),
            finished_at=Case(
                When(cancel_asked=True, then=Now()),
                default=None if again else Now(),
            ),
            error=Case(
                When(cancel_asked=True, then=Value("")),
                default=Value("" if again else _worn_out()),
            ),
            not_before=Now() + timedelta(seconds=pause),
        )
        if lost:
            _tell_kind(job)
    return bool(lost)


def hand_back(job: Job) -> bool:
    """Queue a running job again at once; no try is lost, for nothing went wrong.

    Returns whether the attempt was still the one that held the job.
    """
    line = f"attempt {job.attempt}: handed back, its worker was stopped"
    with transaction.atomic():
        held = _held(job).update(
            owner="",
            lease_until=None,
            sent_at=None,
            progress=0.0,
            note="",
            log=bounded(f"{job.log}{line}\n"),
            state=Case(
                When(cancel_asked=True, then=Value(State.CANCELLED)),
                default=Value(State.QUEUED),
            ),
            finished_at=Case(When(cancel_asked=True, then=Now()), default=None),
        )
        if held:
            _tell_kind(job)
    return bool(held)


def _worn_out() -> str:
    return _(
        "The worker died %(times)s times over this job, so it is not tried again. "
        "It may need more memory than there is; its log says where it was."
    ) % {"times": settings.JOB_MAX_LOSSES}


def _held(job: Job) -> JobQuerySet:
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=State.RUNNING)


def cancel_queued(job: Job) -> bool:
    """Cancel a job that no worker holds; return whether it was one."""
    with transaction.atomic():
        waiting = Job.objects.filter(
            pk=job.pk, state=State.QUEUED, cancel_asked=True
        ).update(state=State.CANCELLED, finished_at=Now())
        if waiting:
            _tell_kind(job)
    return bool(waiting)


def _tell_kind(job: Job) -> None:
    """Let the app follow a verdict that is not success, in the same transaction.

    Its error must not undo the verdict, or the row would never come to rest.
    """
    row = Job.objects.select_related("created_by").get(pk=job.pk)
    if not row.is_finished or row.succeeded:
        return
    kind = KINDS.get(job.kind)
    for follow in (kind.on_end if kind else None, _tell_whoever_started):
        if follow is None:
            continue
        try:
            with transaction.atomic():
                follow(row)
        except Exception:
            logger.exception("what follows the end of job %s failed", job.pk)


def _tell_whoever_started(job: Job) -> None:
    """Tell them once a kind of job, however many of a sweep fail."""
    if job.created_by is None or job.state == State.CANCELLED:
        return
    notify(
        [job.created_by],
        kind="job",
        group=f"job:{job.kind}:{job.project_id}",
        text=_("%(title)s ended without a result: %(why)s")
        % {"title": job.title, "why": job.error or job.state_words},
        url=job.subject_url,
        project_id=job.project_id,
    )


def bounded(log: str) -> str:
    """Return the end of a log that fits its column, from the start of a line."""
    if len(log) <= LOG_CHARS:
        return log
    return "…\n" + log[-LOG_CHARS + 2 :].partition("\n")[2]
