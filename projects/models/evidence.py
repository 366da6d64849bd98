"""What was measured or attested; the only thing a status comes from."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.access import ProjectScopedQuerySet
from projects.models.project import Project
from projects.models.requirements import RequirementVersion


class Evidence(models.Model):
    """One measurement, or one verdict of a requirement's version on it.

    Subjects are plain values: rows of higher apps are named, never referred to.
    """

    class Verdict(models.TextChoices):
        NONE = "", _("a plain measurement")
        MET = "met", _("met")
        FAILED = "failed", _("failed")
        TOO_LITTLE = "too_little", _("too little evidence")

    class Method(models.TextChoices):
        COMPUTED = "computed", _("computed")
        ATTESTED = "attested", _("attested")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="evidence"
    )
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=200)
    subject_url = models.CharField(max_length=300, blank=True)
    subject_digest = models.CharField(max_length=64, blank=True)
    metric_key = models.CharField(max_length=60)
    slice = models.CharField(max_length=120, blank=True)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=30, blank=True)
    requirement_version = models.ForeignKey(
        RequirementVersion,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="evidence",
    )
    verdict = models.CharField(
        max_length=12, choices=Verdict, default=Verdict.NONE, blank=True
    )
    method = models.CharField(max_length=10, choices=Method, default=Method.COMPUTED)
    # What it was computed from, by name: data, protocol, value_case.
    inputs = models.JSONField(default=dict)
    engine_version = models.CharField(max_length=20, blank=True)
    job_id = models.UUIDField(null=True)
    attempt = models.PositiveIntegerField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)
    superseded_by = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="supersedes"
    )

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["project", "subject_kind", "subject_id"]),
            models.Index(fields=["project", "metric_key"]),
        ]

    def __str__(self) -> str:
        return f"{self.subject_label}: {self.metric_key} {self.value}"
