"""A hypothesis, the rules it is tested under, and what was concluded."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dataquality.models import DataSetVersion
from engine.errors import EngineError
from engine.training.protocol import Protocol as Rules
from projects.models import Project, ProjectScopedQuerySet, ValueCase
from projects.models.access import M


class Lifecycle(models.TextChoices):
    """Whether a row takes part; a deleted one can be restored."""

    ACTIVE = "active", _("active")
    DELETED = "deleted", _("archived")


class Experiment(models.Model):
    """A question asked of data; the MLflow experiment of the same name.

    Its key is the global integer that other tools know it by.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="experiments"
    )
    name = models.CharField(_("name"), max_length=500)
    hypothesis = models.TextField(_("hypothesis"), max_length=2000, blank=True)
    motivation = models.TextField(_("motivation"), max_length=4000, blank=True)
    conclusion = models.TextField(_("conclusion"), max_length=8000, blank=True)
    concluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    concluded_at = models.DateTimeField(null=True, editable=False)
    artifact_location = models.CharField(max_length=500, blank=True, editable=False)
    lifecycle_stage = models.CharField(
        max_length=8, choices=Lifecycle, default=Lifecycle.ACTIVE, editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-id"]
        constraints = [
            # A deleted experiment's name stays taken, as other tools expect.
            models.UniqueConstraint(
                fields=["project", "name"],
                name="experiment_name_once",
                violation_error_message=_(
                    "An experiment of this name exists already, perhaps archived. "
                    "Choose another name."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of its leaderboard."""
        return reverse("experiments:experiment", args=[self.project.slug, self.pk])

    @property
    def is_active(self) -> bool:
        """Whether it takes part."""
        return self.lifecycle_stage == Lifecycle.ACTIVE

    @property
    def is_concluded(self) -> bool:
        """Whether somebody wrote what was found."""
        return bool(self.conclusion.strip())


class OfExperimentQuerySet(ProjectScopedQuerySet[M]):
    """Rows found through their experiment."""

    project_path = "experiment__project"


class ExperimentTag(models.Model):
    """A word about an experiment."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="tags"
    )
    key = models.CharField(max_length=250)
    value = models.TextField(validators=[MaxLengthValidator(20_000)], blank=True)

    objects = OfExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "key"], name="experiment_tag_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class Protocol(models.Model):
    """The rules runs are measured under; never changed, only followed by a version."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="protocols"
    )
    version = models.PositiveIntegerField()
    data_set_version = models.ForeignKey(
        DataSetVersion, on_delete=models.RESTRICT, related_name="+"
    )
    # Whose money sets the threshold, where one is set; the current one prices runs.
    value_case = models.ForeignKey(
        ValueCase, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    content = models.JSONField()
    digest = models.CharField(max_length=64, db_index=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "version"], name="protocol_version_once"
            ),
            models.UniqueConstraint(
                fields=["experiment", "digest"], name="protocol_content_once"
            ),
        ]

    def __str__(self) -> str:
        return f"protocol {self.version}"

    @property
    def rules(self) -> Rules:
        """The rules as the engine reads them."""
        return Rules.from_json(self.content)

    def clean(self) -> None:
        """Hold the content to the engine's own rules."""
        from_engine(self.content)


def from_engine(content: dict[str, Any]) -> Rules:
    """Return rules the engine accepts.

    Raises
    ------
    EngineError
        Naming the field, its value and the remedy.
    """
    if not isinstance(content, dict):
        raise EngineError("protocol: content is not an object; give its fields by name")
    return Rules.from_json(content)


class Sweep(models.Model):
    """Several trials asked for at once."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="sweeps"
    )
    protocol = models.ForeignKey(
        Protocol, on_delete=models.CASCADE, related_name="sweeps"
    )
    # [{"family": …, "params": {…}, "seed": …}, …] as asked.
    spec = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"sweep {self.pk}"


class Report(models.Model):
    """A conclusion with what it stands on, frozen when a person wrote it."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="reports"
    )
    conclusion = models.TextField(max_length=8000)
    # The leaderboard, prices and digests as they stood.
    content = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    written_by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    objects = OfExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"report {self.pk}"
