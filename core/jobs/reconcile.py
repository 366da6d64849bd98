"""What puts right what was lost: expired leases, forgotten cancels, lost hints.

Two reconcilers at once are harmless: each statement is a compare-and-set.
"""

from dataclasses import dataclass

from django.db.models.functions import Now

from core.jobs import ledger
from core.jobs.kinds import QUEUES
from core.jobs.messages import doorbell
from core.models import Job

ROWS_A_TICK = 200


@dataclass(frozen=True)
class Reconciled:
    """How many rows and hints one tick put right."""

    lost: int
    cancelled: int
    rung: int


def reconcile() -> Reconciled:
    """Expire leases, cancel what was asked for, and send the hints that are missing."""
    return Reconciled(
        lost=expire_leases(),
        cancelled=cancel_asked(),
        rung=sum(ring_if_needed(queue, at_most=ROWS_A_TICK) for queue in QUEUES),
    )


def expire_leases() -> int:
    """Count the attempts as lost whose lease has expired; return how many."""
    expired = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now())
    return sum(
        ledger.lose(job, reason="its worker was lost", only_expired=True)
        for job in expired.order_by("lease_until")[:ROWS_A_TICK]
    )


def cancel_asked() -> int:
    """Cancel waiting jobs whose cancellation was asked for; return how many."""
    asked = Job.objects.filter(state=Job.State.QUEUED, cancel_asked=True)
    return sum(ledger.cancel_queued(job) for job in asked[:ROWS_A_TICK])


def ring_if_needed(queue: str, *, at_most: int) -> int:
    """Send as many hints as jobs can be claimed beyond the hints that lie there.

    More would flood the broker; none are sent while it is away.
    """
    eligible = Job.objects.eligible().filter(queue=queue)
    count = eligible.count()
    if not count or (waiting := doorbell.waiting(queue)) is None:
        return 0
    missing = min(count - waiting, at_most)
    if missing <= 0:
        return 0
    oldest = list(
        eligible.order_by("created_at").values_list("pk", flat=True)[:missing]
    )
    rung = [pk for pk in oldest if doorbell.ring(pk, queue)]
    Job.objects.filter(pk__in=rung).update(sent_at=Now())
    return len(rung)
