"""How the portal is doing, for those who run it."""

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta

import django
from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.jobs.kinds import KINDS
from core.jobs.messages import doorbell
from core.models import AuditEntry, AuditSeal, Job, ProjectUsage, StoredObject
from engine.version import ENGINE_VERSION

RECENTLY = timedelta(days=1)


@dataclass(frozen=True)
class Tab:
    """One state of jobs: how many, and its page."""

    name: str
    url: str
    current: bool
    count: int


def job_tabs(chosen: str) -> list[Tab]:
    """Return the states there are jobs in, all first."""
    counts = dict(
        Job.objects.order_by()
        .values("state")
        .annotate(count=Count("pk"))
        .values_list("state", "count")
    )
    every = Tab(name=_("All"), url="?", current=not chosen, count=sum(counts.values()))
    return [every] + [
        Tab(
            name=str(state.label).capitalize(),
            url=f"?state={state.value}",
            current=chosen == state.value,
            count=counts.get(state.value, 0),
        )
        for state in Job.State
        if counts.get(state.value) or chosen == state.value
    ]


@dataclass(frozen=True)
class Worker:
    """A worker process that holds a job now."""

    owner: str
    title: str
    heartbeat_at: datetime | None
    is_late: bool  # its lease is over: another worker takes over


@dataclass(frozen=True)
class Queue:
    """What waits for workers of one kind."""

    name: str
    waiting: int  # rows that may be claimed now
    running: int
    hints: int | None  # messages in the broker; None if it does not answer


def workers() -> list[Worker]:
    """Return who holds a job, the freshest heartbeat first."""
    now = timezone.now()
    running = Job.objects.filter(state=Job.State.RUNNING).order_by("-heartbeat_at")
    return [
        Worker(
            owner=job.owner,
            title=job.title,
            heartbeat_at=job.heartbeat_at,
            is_late=job.lease_until is not None and job.lease_until < now,
        )
        for job in running[:100]
    ]


def queues() -> list[Queue]:
    """Return each queue; the broker is asked once and, if it is away, not again."""
    found: list[Queue] = []
    for name in sorted({"interactive", "data", "train", *_declared()}):
        is_away = any(each.hints is None for each in found)
        mine = Job.objects.filter(queue=name)
        found.append(
            Queue(
                name=name,
                waiting=mine.eligible().count(),
                running=mine.filter(state=Job.State.RUNNING).count(),
                hints=None if is_away else doorbell.waiting(name),
            )
        )
    return found


def _declared() -> set[str]:
    return {kind.queue for kind in KINDS.values()}


@dataclass(frozen=True)
class Storage:
    """What the store holds."""

    objects: int
    bytes: int
    unreferenced: int
    usage: list[ProjectUsage]  # the fullest first


def storage() -> Storage:
    """Return what is stored, and how much of its quota each project holds."""
    total = StoredObject.objects.aggregate(count=Count("pk"), size=Sum("size"))
    return Storage(
        objects=total["count"],
        bytes=total["size"] or 0,
        unreferenced=StoredObject.objects.filter(refs=None).count(),
        usage=list(ProjectUsage.objects.order_by("-used")[:50]),
    )


@dataclass(frozen=True)
class Seal:
    """How far the audit trail is sealed."""

    sealed: int
    unsealed: int
    head: str
    oldest_unsealed: datetime | None


def seal() -> Seal:
    """Return the state of the chain without walking it; `audit.verify` does that."""
    last = AuditSeal.objects.order_by("-position").first()
    open_ones = AuditEntry.objects.filter(seal=None)
    oldest = open_ones.order_by("pk").first()
    return Seal(
        sealed=last.position if last else 0,
        unsealed=open_ones.count(),
        head=last.hash if last else "",
        oldest_unsealed=oldest.at if oldest else None,
    )


@dataclass(frozen=True)
class About:
    """What runs here."""

    version: str
    django: str
    python: str
    database: str
    store: str
    address: str
    has_mail: bool


def about() -> About:
    """Return versions and the parts this installation is made of."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT 'SQLite ' || sqlite_version()")
        else:
            cursor.execute("SELECT 'PostgreSQL ' || current_setting('server_version')")
        (database,) = cursor.fetchone()
    return About(
        version=ENGINE_VERSION,
        django=django.get_version(),
        python=platform.python_version(),
        database=database,
        store=settings.OBJECT_BUCKET or _("the local disk"),
        address=settings.PUBLIC_URL,
        has_mail=settings.MAIL_CONFIGURED,
    )


@dataclass(frozen=True)
class Trouble:
    """What an admin should look at, counted."""

    failed: int  # jobs that failed in the last day
    quarantined: int
    late: int  # running jobs whose lease is over
    broker_is_away: bool


def trouble(workers_now: list[Worker], queues_now: list[Queue]) -> Trouble:
    """Return what is wrong now, of what was read for the page already."""
    since = timezone.now() - RECENTLY
    ended = Job.objects.filter(finished_at__gte=since)
    return Trouble(
        failed=ended.filter(state=Job.State.FAILED).count(),
        quarantined=ended.filter(state=Job.State.QUARANTINED).count(),
        late=sum(worker.is_late for worker in workers_now),
        broker_is_away=any(queue.hints is None for queue in queues_now),
    )
