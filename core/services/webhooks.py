"""Addresses that are told what happens in a project: made, changed, tried, removed."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, fetch, sealed, webhooks
from core.access import Actor
from core.models import Webhook, WebhookDelivery

MOST_A_PROJECT = 20


@transaction.atomic
def add_webhook(
    project_id: int, *, actor: Actor, url: str, kinds: list[str]
) -> tuple[Webhook, str]:
    """Return a new address of a project and its secret, which is shown once.

    Raises
    ------
    ValidationError
        If the address is none the portal may open, is told already, or is one too
        many.
    """
    if Webhook.objects.filter(project_id=project_id).count() >= MOST_A_PROJECT:
        raise ValidationError(
            _("%(n)s addresses are told already. Remove one first.")
            % {"n": MOST_A_PROJECT}
        )
    _check(url)
    secret = new_secret()
    row = Webhook(
        project_id=project_id,
        url=url,
        kinds=kinds,
        secret=sealed.close(secret),
        created_by=actor.user,
    )
    row.full_clean()
    row.save()
    _note(actor, "add webhook", row)
    return row, secret


def new_secret() -> str:
    """Return a secret that nobody guesses."""
    return f"whsec_{secrets.token_urlsafe(32)}"


def _check(url: str) -> None:
    try:
        fetch.target_of(url)
    except fetch.FetchRefused as error:
        raise ValidationError({"url": str(error)}) from error


@transaction.atomic
def change_webhook(webhook: Webhook, *, actor: Actor) -> None:
    """Save what an address is told, or whether it is; switched on it begins anew.

    Raises
    ------
    ValidationError
        As for a new one.
    """
    _check(webhook.url)
    webhook.failures = 0
    webhook.full_clean()
    webhook.save()
    _note(actor, "change webhook", webhook)


@transaction.atomic
def renew_secret(webhook: Webhook, *, actor: Actor) -> str:
    """Return a new secret, shown once; the old one signs nothing any more."""
    secret = new_secret()
    webhook.secret = sealed.close(secret)
    webhook.save(update_fields=["secret"])
    _note(actor, "renew webhook secret", webhook)
    return secret


@transaction.atomic
def remove_webhook(webhook: Webhook, *, actor: Actor) -> None:
    """Tell an address nothing more, and forget what it was told."""
    _note(actor, "remove webhook", webhook)
    webhook.delete()


def ping(webhook: Webhook, *, actor: Actor) -> WebhookDelivery:
    """Put a test on its way; the caller starts the job that sends it."""
    event = webhooks.Event(
        kind=webhooks.PING,
        topic=webhooks.PING,
        text=f"{actor.name} tries whether this address is told.",
        who=actor.name,
    )
    body = webhooks.body_of(webhook.project_id, event, at=timezone.now())
    return webhooks.put_in(webhook, webhooks.PING, body)


def deliver_again(delivery: WebhookDelivery) -> WebhookDelivery:
    """Put the same event on its way once more, under the id it had."""
    return WebhookDelivery.objects.create(
        webhook=delivery.webhook,
        event_id=delivery.event_id,
        kind=delivery.kind,
        body=delivery.body,
    )


def _note(actor: Actor, action: str, webhook: Webhook) -> None:
    # The path of an address is often a secret by itself.
    audit.record(
        actor,
        action,
        project_id=webhook.project_id,
        subject=fetch.host_of(webhook.url),
    )
