"""Who else is told: addresses of other systems, and what each was sent."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Webhook(models.Model):
    """An address that is sent a project's events, signed with its secret."""

    project_id = models.BigIntegerField(db_index=True)
    url = models.URLField(_("address"), max_length=500)
    # Kept encrypted: it is needed in clear to sign, never to be read again.
    secret = models.TextField(editable=False)
    kinds = models.JSONField(_("events"), default=list, blank=True)  # empty: all
    is_on = models.BooleanField(_("on"), default=True)
    # Tries in a row that failed, whatever event they were of.
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "url"],
                name="webhook_once",
                violation_error_message=_("This address is told already."),
            )
        ]

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One event on its way to one address, and how that went."""

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries"
    )
    event_id = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, default=timezone.now, db_index=True)
    status = models.PositiveSmallIntegerField(null=True)  # of the last answer
    problem = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
