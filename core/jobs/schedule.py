"""What the scheduler asks for again and again; `CELERY_BEAT_SCHEDULE` says when.

Messages may be lost or doubled here too: each of these does no harm twice.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps

from celery import shared_task
from django.db import IntegrityError
from django.utils import timezone

from core import audit, objects, outgoing, trash
from core.jobs import janitor, reconcile
from core.models import IdempotencyKey, Notification, WebhookDelivery

KEYS_KEPT = timedelta(days=7)
DELIVERIES_KEPT = timedelta(days=30)
READ_NOTIFICATIONS_KEPT = timedelta(days=90)


def seal_audit() -> None:
    """Chain the settled entries of the audit trail."""
    with suppress(IntegrityError):  # another sealer was faster
        audit.seal()


def expire_rows() -> None:
    """Delete keys, read notifications and old deliveries nobody needs any more."""
    now = timezone.now()
    IdempotencyKey.objects.filter(created_at__lt=now - KEYS_KEPT).delete()
    Notification.objects.filter(read_at__lt=now - READ_NOTIFICATIONS_KEPT).delete()
    WebhookDelivery.objects.filter(
        created_at__lt=now - DELIVERIES_KEPT, next_try_at=None
    ).delete()


PERIODIC: dict[str, Callable[[], object]] = {
    "core.jobs.reconcile": reconcile.reconcile,
    "core.jobs.tidy": janitor.tidy,
    "core.audit.seal": seal_audit,
    "core.objects.sweep": objects.sweep,
    "core.trash.empty": trash.empty,
    "core.rows.expire": expire_rows,
    "core.outgoing.send_due": outgoing.send_due,
}


def _entry_point(act: Callable[[], object]) -> Callable[[], None]:
    @wraps(act)
    def run() -> None:
        act()

    return run


def periodic(name: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Have an app's act asked for again and again; twice, it does no harm."""

    def declare(act: Callable[[], object]) -> Callable[[], object]:
        PERIODIC[name] = act
        shared_task(name=name, ignore_result=True)(_entry_point(act))
        return act

    return declare


for own_name, own_act in list(PERIODIC.items()):
    periodic(own_name)(own_act)
