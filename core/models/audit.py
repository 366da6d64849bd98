"""What happened, kept in rows that nobody can change."""

from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """One act of one person. People appear by uuid, so erasure keeps the chain."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_uuid = models.UUIDField(null=True, db_index=True)
    via = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=80, db_index=True)
    project_id = models.BigIntegerField(null=True, db_index=True)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class AuditSeal(models.Model):
    """The link of one entry to the chain; written once, by the sealer."""

    entry = models.OneToOneField(
        AuditEntry, on_delete=models.PROTECT, primary_key=True, related_name="seal"
    )
    position = models.BigIntegerField(unique=True)
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.hash
