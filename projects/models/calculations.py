"""What was computed on purpose, with all that is needed to compute it again."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.access import ProjectScopedQuerySet
from projects.models.project import Project


class Calculation(models.Model):
    """Inputs, seed, engine version, digest and result of one calculation."""

    class Kind(models.TextChoices):
        ANALYSIS = "analysis", _("sensitivity and information value")
        REQUIREMENT = "requirement", _("derived requirement")
        AGREEMENT = "agreement", _("metrics against money")
        CALIBRATION = "calibration", _("calibration of estimators")
        PORTFOLIO = "portfolio", _("portfolio")

    # None: over several projects, for the person who asked.
    project = models.ForeignKey(
        Project, null=True, on_delete=models.CASCADE, related_name="calculations"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    inputs = models.JSONField()
    seed = models.BigIntegerField(null=True)
    engine_version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)  # of inputs, seed and engine version
    result = models.JSONField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["project", "kind", "digest"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"
