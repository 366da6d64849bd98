"""A run: one trial of the portal, or one logged from outside."""

import uuid
from datetime import UTC, datetime

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import Job
from experiments.models.experiment import Experiment, Lifecycle, Protocol, Sweep
from projects.models import Project, ProjectScopedQuerySet, ValueCase


def new_run_id() -> str:
    """Return 32 hexadecimal digits nobody has used."""
    return uuid.uuid4().hex


class Run(models.Model):
    """One training, with what the tables of runs sort and filter by.

    Times are milliseconds since 1970, UTC, as other tools write them. A run of a
    deleted lifecycle stage is archived: it takes no writes and can be restored.
    """

    class Status(models.TextChoices):
        SCHEDULED = "SCHEDULED", _("waiting")
        RUNNING = "RUNNING", _("running")
        FINISHED = "FINISHED", _("finished")
        FAILED = "FAILED", _("failed")
        KILLED = "KILLED", _("stopped")

    class Price(models.TextChoices):
        NONE = "", _("not priced")
        BAND = "band", _("priced with its band")
        POINT = "point", _("priced, sampling error unknown")

    id = models.CharField(
        primary_key=True,
        max_length=32,
        default=new_run_id,
        validators=[RegexValidator(r"^[a-zA-Z0-9][\w-]{0,31}$")],
    )
    # Also the experiment's: neither ever moves, and tables of runs are by project.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="runs"
    )
    sweep = models.ForeignKey(
        Sweep, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="nested"
    )
    name = models.CharField(_("name"), max_length=250)
    status = models.CharField(max_length=9, choices=Status, default=Status.RUNNING)
    start_time = models.BigIntegerField(null=True, blank=True)
    end_time = models.BigIntegerField(null=True, blank=True)
    user_name = models.CharField(max_length=256, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    lifecycle_stage = models.CharField(
        max_length=8, choices=Lifecycle, default=Lifecycle.ACTIVE
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    # What a trial is made of; empty for runs from outside.
    protocol = models.ForeignKey(
        Protocol, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    family = models.CharField(max_length=40, blank=True)
    spec = models.JSONField(default=dict, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    trial_key = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    attempt = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)

    # Hot columns.
    primary_key = models.CharField(max_length=250, blank=True)
    primary_value = models.FloatField(null=True, blank=True)
    primary_low = models.FloatField(null=True, blank=True)
    primary_high = models.FloatField(null=True, blank=True)
    primary_is_nan = models.BooleanField(default=False)
    price_state = models.CharField(
        max_length=8, choices=Price, default=Price.NONE, blank=True
    )
    not_priced = models.CharField(max_length=300, blank=True)
    money_mean = models.FloatField(null=True, blank=True)
    money_low = models.FloatField(null=True, blank=True)
    money_high = models.FloatField(null=True, blank=True)
    p_positive = models.FloatField(null=True, blank=True)
    value_case = models.ForeignKey(
        ValueCase, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    tie_group = models.PositiveIntegerField(null=True, blank=True)
    money_group = models.PositiveIntegerField(null=True, blank=True)
    musts_met = models.PositiveIntegerField(null=True, blank=True)
    musts = models.PositiveIntegerField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)  # tp, fn, fp, tn of the holdout
    threshold = models.FloatField(null=True, blank=True)
    digests = models.JSONField(default=dict, blank=True)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-start_time", "id"]
        indexes = [
            models.Index(
                fields=["project", "lifecycle_stage", "money_mean"], name="run_by_money"
            ),
            models.Index(fields=["project", "start_time"], name="run_by_time"),
            models.Index(fields=["experiment", "primary_value"], name="run_by_primary"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "trial_key"],
                condition=~models.Q(trial_key=""),
                name="run_trial_once",
                violation_error_message=_("This trial exists already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("experiments:run", args=[self.project.slug, self.pk])

    @property
    def is_active(self) -> bool:
        """Whether it takes writes."""
        return self.lifecycle_stage == Lifecycle.ACTIVE

    @property
    def is_finished(self) -> bool:
        """Whether it ended well."""
        return self.status == self.Status.FINISHED

    @property
    def is_over(self) -> bool:
        """Whether it ended, well or not."""
        return self.status not in {self.Status.SCHEDULED, self.Status.RUNNING}

    @property
    def is_broken(self) -> bool:
        """Whether it failed or was stopped."""
        return self.status in {self.Status.FAILED, self.Status.KILLED}

    @property
    def is_priced(self) -> bool:
        """Whether it is worth a known amount."""
        return self.price_state != self.Price.NONE and self.money_mean is not None

    @property
    def is_trial(self) -> bool:
        """Whether the portal trains it."""
        return bool(self.trial_key)

    @property
    def started_at(self) -> datetime | None:
        """When it began."""
        return _moment(self.start_time)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended."""
        return _moment(self.end_time)

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        if self.start_time is None or self.end_time is None:
            return None
        return (self.end_time - self.start_time) / 1000


def _moment(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
