"""The ledger of jobs: the row is the truth, a message is only a hint."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LOG_CHARS = 20_000
# Below this share the rest of the time cannot be told from the time so far.
TELLING_SHARE = 0.05


class JobQuerySet(models.QuerySet["Job"]):
    """Sets of jobs. Who may see one is decided by the app whose rows it works on."""

    def for_projects(self, ids: Iterable[int]) -> Self:
        """Return the jobs of these projects; the caller knows which it may see."""
        return self.filter(project_id__in=list(ids))

    def unfinished(self) -> Self:
        """Return the jobs that have no verdict yet."""
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def eligible(self) -> Self:
        """Return the queued jobs a worker may claim now, by the database's clock."""
        due = models.Q(not_before=None) | models.Q(not_before__lte=Now())
        return self.filter(due, state=Job.State.QUEUED, cancel_asked=False)


class Job(models.Model):
    """One piece of background work, from its submission to its verdict."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        QUARANTINED = "quarantined", _("quarantined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project_id = models.BigIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=60)
    queue = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    subject_url = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Started by the portal itself: no person's right to check again.
    is_system = models.BooleanField(default=False)
    idem_key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    # The fencing token: it only grows, and every write of a worker names it.
    attempt = models.PositiveIntegerField(default=0)
    losses = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=120, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    cancel_asked = models.BooleanField(default=False)

    progress = models.FloatField(
        default=0.0, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    note = models.CharField(max_length=200, blank=True)
    log = models.TextField(blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[JobQuerySet] = JobQuerySet.as_manager()  # type: ignore[assignment]  # a manager with the queryset's methods

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["queue", "state", "created_at"], name="job_to_claim"),
            models.Index(fields=["state", "lease_until"], name="job_expired"),
            models.Index(fields=["project_id", "-created_at"], name="job_of_project"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "idem_key"],
                condition=~models.Q(idem_key=""),
                name="job_key_once_a_project",
            ),
            models.UniqueConstraint(
                fields=["idem_key"],
                condition=models.Q(project_id=None) & ~models.Q(idem_key=""),
                name="job_key_once_without_project",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_finished(self) -> bool:
        """Whether the verdict is final; trying again is a new job."""
        return self.state not in {self.State.QUEUED, self.State.RUNNING}

    @property
    def is_running(self) -> bool:
        """Whether a worker holds it."""
        return self.state == self.State.RUNNING

    @property
    def succeeded(self) -> bool:
        """Whether its effect is recorded."""
        return self.state == self.State.SUCCEEDED

    @property
    def state_words(self) -> str:
        """The state in words for a reader."""
        if not self.is_finished and self.cancel_asked:
            return gettext("being cancelled")
        if self.state == self.State.QUEUED and self.losses:
            return gettext("waiting for another try")
        if self.state == self.State.QUARANTINED:
            return gettext("stopped: its worker died %(times)s times") % {
                "times": self.losses
            }
        return str(self.State(self.state).label)

    @property
    def elapsed(self) -> timedelta | None:
        """How long the last attempt has run or ran; None before the first."""
        if self.started_at is None:
            return None
        end: datetime = self.finished_at or timezone.now()
        return max(end - self.started_at, timedelta())

    @property
    def eta(self) -> timedelta | None:
        """How much longer it will take at its pace so far; None if nobody can tell."""
        if not self.is_running or self.elapsed is None or self.progress < TELLING_SHARE:
            return None
        return self.elapsed * ((1 - self.progress) / self.progress)
