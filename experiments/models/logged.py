"""What is logged to a run: parameters, metrics by step, tags, inputs, models."""

import math
import sys
import uuid
from dataclasses import dataclass
from typing import Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from experiments.models.experiment import Experiment, OfExperimentQuerySet
from experiments.models.run import Run
from projects.models.access import M, ProjectScopedQuerySet

CLAMP = sys.float_info.max  # what an infinity is kept and read back as
KEY_CHARS, PARAM_CHARS, TAG_CHARS = 250, 6_000, 8_000


@dataclass(frozen=True)
class Kept:
    """A number as the tables keep it: finite, and whether it was no number."""

    value: float
    is_nan: bool

    @classmethod
    def of(cls, value: float) -> Self:
        """Return NaN as a flag over 0, an infinity as the largest float."""
        if math.isnan(value):
            return cls(0.0, is_nan=True)
        return cls(min(max(value, -CLAMP), CLAMP), is_nan=False)


class OfRunQuerySet(ProjectScopedQuerySet[M]):
    """Rows found through their run."""

    project_path = "run__project"


class RunTag(models.Model):
    """A word about a run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=KEY_CHARS)
    value = models.TextField(validators=[MaxLengthValidator(TAG_CHARS)], blank=True)

    objects = OfRunQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="run_tag_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class Param(models.Model):
    """A parameter as text; once written it stays as it is."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="params")
    key = models.CharField(max_length=KEY_CHARS)
    value = models.TextField(validators=[MaxLengthValidator(PARAM_CHARS)], blank=True)

    objects = OfRunQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="param_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class LoggedModel(models.Model):
    """A fitted model a run has made."""

    class Status(models.TextChoices):
        PENDING = "LOGGED_MODEL_PENDING", _("being logged")
        READY = "LOGGED_MODEL_READY", _("ready")
        FAILED = "LOGGED_MODEL_UPLOAD_FAILED", _("upload failed")

    id = models.CharField(primary_key=True, max_length=34)
    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="logged_models"
    )
    run = models.ForeignKey(
        Run, null=True, on_delete=models.CASCADE, related_name="logged_models"
    )
    name = models.CharField(max_length=250)
    model_type = models.CharField(max_length=250, blank=True)
    status = models.CharField(max_length=30, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    objects = OfExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def new_id() -> str:
        """Return an id as other tools expect it: m- and 32 hexadecimal digits."""
        return f"m-{uuid.uuid4().hex}"


class MetricPoint(models.Model):
    """One value of a metric at one step; exact duplicates are kept once."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="points")
    key = models.CharField(max_length=KEY_CHARS)
    value = models.FloatField()
    is_nan = models.BooleanField(default=False)
    timestamp = models.BigIntegerField()
    step = models.BigIntegerField(default=0)
    model = models.ForeignKey(
        LoggedModel, null=True, on_delete=models.SET_NULL, related_name="points"
    )

    objects = OfRunQuerySet.as_manager()

    class Meta:
        ordering = ["key", "step", "timestamp", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "key", "step", "timestamp", "value", "is_nan"],
                name="metric_point_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} at {self.step}: {self.shown}"

    @property
    def shown(self) -> float:
        """The value as it was logged: NaN where it was none."""
        return math.nan if self.is_nan else self.value


class RunMetric(models.Model):
    """One metric of one run in a row, for tables to sort and filter by."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="metrics")
    key = models.CharField(max_length=KEY_CHARS)
    # The latest point is the greatest by (step, timestamp, value).
    last = models.FloatField()
    is_nan = models.BooleanField(default=False)
    last_step = models.BigIntegerField(default=0)
    last_timestamp = models.BigIntegerField(default=0)
    # Of the points that are numbers; none if there is none.
    min = models.FloatField(null=True)
    max = models.FloatField(null=True)
    best_step = models.BigIntegerField(null=True)

    objects = OfRunQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="run_metric_once")
        ]
        indexes = [models.Index(fields=["key", "last", "run"], name="metric_by_value")]

    def __str__(self) -> str:
        return f"{self.key}: {self.shown}"

    @property
    def shown(self) -> float:
        """The last value as it was logged."""
        return math.nan if self.is_nan else self.last


class RunInput(models.Model):
    """A data set a run has read."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="inputs")
    name = models.CharField(max_length=500)
    digest = models.CharField(max_length=64)
    source_type = models.CharField(max_length=36, blank=True)
    source = models.TextField(blank=True)
    context = models.CharField(max_length=255, blank=True)

    objects = OfRunQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "name", "digest", "context"], name="run_input_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RunDetail(models.Model):
    """What a run's page shows and its tables never read."""

    run = models.OneToOneField(
        Run, primary_key=True, on_delete=models.CASCADE, related_name="detail"
    )
    result = models.JSONField(default=dict)
    price = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)

    objects = OfRunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"detail of {self.run_id}"
