"""Telling other systems what happens in a project, signed with a secret they share.

An event becomes a row for each address that listens, in the transaction of the event
itself: what is undone is never told. A job sends the rows later.
"""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from core import directory
from core.models import Webhook, WebhookDelivery
from core.topics import topic_of

SIGNATURE_HEADER = "X-Portal-Signature"
# Waits after each failed try; after the last one a delivery is given up.
WAITS = tuple(timedelta(minutes=each) for each in (1, 5, 30, 120, 360, 720, 1440))
MOST_TRIES = len(WAITS) + 1
FAILURES_THAT_SWITCH_OFF = 20
TAKEN_FOR = timedelta(minutes=5)
PING = "ping"


@dataclass(frozen=True)
class Event:
    """Something that happened in a project, as other systems are told."""

    kind: str
    text: str
    topic: str = ""  # empty: the topic of the act that `kind` names
    subject: str = ""
    who: str = ""
    url: str = ""  # a path of the portal


def queue(project_id: int, event: Event) -> None:
    """Write what the project's addresses are to be told, in this transaction."""
    listening = [
        each
        for each in Webhook.objects.filter(project_id=project_id, is_on=True)
        if hears(each, event)
    ]
    if listening:
        body = body_of(project_id, event, at=timezone.now())
        for webhook in listening:
            put_in(webhook, event.kind, body)


def hears(webhook: Webhook, event: Event) -> bool:
    """Return whether an address listens to such events; no choice means all."""
    topic = event.topic or topic_of(event.kind)
    return not webhook.kinds or topic in webhook.kinds


def put_in(webhook: Webhook, kind: str, body: dict[str, object]) -> WebhookDelivery:
    """Put one event on its way to one address."""
    event_id = uuid.uuid4()
    return WebhookDelivery.objects.create(
        webhook=webhook, kind=kind, event_id=event_id, body=body | {"id": str(event_id)}
    )


def body_of(project_id: int, event: Event, *, at: datetime) -> dict[str, object]:
    """Return what is sent of an event: JSON-able, without the event's id."""
    place = directory.project(project_id)
    project: dict[str, object] = {"id": project_id}
    if place is not None:
        project |= {"name": place.name, "url": f"{settings.PUBLIC_URL}{place.url}"}
    return {
        "kind": event.kind,
        "topic": event.topic or topic_of(event.kind),
        "at": at.isoformat(),
        "project": project,
        "who": event.who,
        "subject": event.subject,
        "text": event.text,
        "url": f"{settings.PUBLIC_URL}{event.url}" if event.url else "",
    }


def content_of(delivery: WebhookDelivery) -> bytes:
    """Return the bytes that are sent and signed."""
    return json.dumps(delivery.body, ensure_ascii=False, sort_keys=True).encode()


def signature(secret: str, content: bytes, *, at: datetime) -> str:
    """Return the header that proves who sent `content`, and when.

    HMAC-SHA256 of ``<t>.<content>`` in hex, t in whole seconds since 1970: a receiver
    that refuses old times cannot be told the same thing again by somebody else.
    """
    seconds = int(at.timestamp())
    signed = b"%d." % seconds + content
    code = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={code}"


def due(now: datetime) -> models.QuerySet[WebhookDelivery]:
    """Return what is to be sent by now."""
    return WebhookDelivery.objects.filter(
        next_try_at__lte=now, delivered_at=None, webhook__is_on=True
    )


@transaction.atomic
def take_next(webhook_id: int, now: datetime) -> WebhookDelivery | None:
    """Return the next delivery to an address, held for this attempt; oldest first."""
    row = (
        due(now)
        .filter(webhook=webhook_id)
        .select_for_update(of=("self",))
        .order_by("created_at", "pk")
        .first()
    )
    if row is not None:
        WebhookDelivery.objects.filter(pk=row.pk).update(next_try_at=now + TAKEN_FOR)
    return row


@transaction.atomic
def note_delivered(delivery: WebhookDelivery, *, status: int, now: datetime) -> None:
    """Note that an address has taken an event."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        tries=delivery.tries + 1,
        status=status,
        problem="",
        delivered_at=now,
        next_try_at=None,
    )
    Webhook.objects.filter(pk=delivery.webhook_id).update(failures=0)


@transaction.atomic
def note_failure(
    delivery: WebhookDelivery, *, status: int | None, problem: str, now: datetime
) -> bool:
    """Note a failed try and when the next is; return whether the address is put off.

    An address that failed twenty times in a row is switched off.
    """
    tries = delivery.tries + 1
    again = WAITS[tries - 1] if tries < MOST_TRIES else None
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        tries=tries,
        status=status,
        problem=problem[:300],
        next_try_at=now + again if again else None,
    )
    rows = Webhook.objects.filter(pk=delivery.webhook_id)
    rows.update(failures=models.F("failures") + 1)
    worn_out = rows.filter(failures__gte=FAILURES_THAT_SWITCH_OFF, is_on=True)
    return bool(worn_out.update(is_on=False))
