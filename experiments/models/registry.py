"""Models by name, their versions, and the aliases that point at them."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from experiments.models.logged import LoggedModel
from experiments.models.run import Run
from projects.models import Project, ProjectScopedQuerySet
from projects.models.access import M


class RegisteredModel(models.Model):
    """A name under which a project keeps versions of one model."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="registered_models"
    )
    name = models.CharField(_("name"), max_length=250)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="registered_model_name_once",
                violation_error_message=_("A model of this name exists already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class OfModelQuerySet(ProjectScopedQuerySet[M]):
    """Rows found through the model they belong to."""

    project_path = "model__project"


class ModelVersion(models.Model):
    """One version of a registered model, and the run that made it."""

    class Status(models.TextChoices):
        PENDING = "PENDING_REGISTRATION", _("being registered")
        FAILED = "FAILED_REGISTRATION", _("registration failed")
        READY = "READY", _("ready")

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.CASCADE, related_name="versions"
    )
    version = models.PositiveIntegerField()
    run = models.ForeignKey(
        Run, null=True, on_delete=models.SET_NULL, related_name="model_versions"
    )
    logged_model = models.ForeignKey(
        LoggedModel, null=True, on_delete=models.SET_NULL, related_name="versions"
    )
    description = models.TextField(blank=True)
    stage = models.CharField(max_length=20, default="None")
    status = models.CharField(max_length=20, choices=Status, default=Status.READY)
    status_message = models.TextField(blank=True)
    source = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    objects = OfModelQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "version"], name="model_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.version}"


class Alias(models.Model):
    """A name that points at one version of a model, such as champion."""

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.CASCADE, related_name="aliases"
    )
    name = models.CharField(
        max_length=255,
        validators=[
            RegexValidator(
                r"^(?!latest$)(?!v\d+$)[\w-]+$",
                _("Letters, digits, - and _; neither “latest” nor “v1”."),
            )
        ],
    )
    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="aliases"
    )

    objects = OfModelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="alias_once")
        ]

    def __str__(self) -> str:
        return self.name
