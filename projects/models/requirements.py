"""What the solution must do, each with a test that can be measured."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Trashable
from projects.models.access import ProjectScopedQuerySet
from projects.models.project import Project


class Requirement(Trashable):
    """One requirement; what it says is in its versions."""

    class Kind(models.TextChoices):
        FREQUENCY = "frequency", _("prediction frequency")
        ACCURACY = "accuracy", _("accuracy")
        TRANSPARENCY = "transparency", _("transparency")
        COMPLIANCE = "compliance", _("compliance")
        DEPLOYMENT = "deployment", _("deployment")

    class Priority(models.TextChoices):
        MUST = "must", _("must")
        SHOULD = "should", _("should")
        COULD = "could", _("could")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="requirements"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    priority = models.CharField(
        _("priority"), max_length=8, choices=Priority, default=Priority.MUST
    )
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        current = self.current
        return current.title if current else f"requirement {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("projects:requirement", args=[self.project.slug, self.pk])

    @property
    def current(self) -> "RequirementVersion | None":
        """The version in force; from the prefetched versions where there are any."""
        versions = sorted(self.versions.all(), key=lambda each: each.version)
        return versions[-1] if versions else None


class VersionQuerySet(ProjectScopedQuerySet["RequirementVersion"]):
    """Versions, found through their requirement."""

    project_path = "requirement__project"


class RequirementVersion(models.Model):
    """What a requirement says, from when on, and how it is tested."""

    class Comparison(models.TextChoices):
        AT_LEAST = "ge", _("at least")
        AT_MOST = "le", _("at most")

    class Test(models.TextChoices):
        COMPUTED = "computed", _("measured by the portal")
        ATTESTED = "attested", _("attested by a person")

    requirement = models.ForeignKey(
        Requirement, on_delete=models.CASCADE, related_name="versions"
    )
    version = models.PositiveIntegerField()
    title = models.CharField(_("what must hold"), max_length=200)
    test = models.CharField(
        _("tested"), max_length=10, choices=Test, default=Test.COMPUTED
    )
    metric_key = models.CharField(_("metric"), max_length=60, blank=True)
    slice = models.CharField(_("slice"), max_length=120, blank=True)
    comparison = models.CharField(
        _("comparison"), max_length=2, choices=Comparison, default=Comparison.AT_LEAST
    )
    threshold = models.FloatField(_("threshold"), null=True, blank=True)
    # Cases of evidence below which a verdict is "too little evidence".
    minimum_n = models.PositiveIntegerField(_("least evidence"), null=True, blank=True)
    # The fields of its kind, such as a period, a level or a template's answers.
    details = models.JSONField(default=dict, blank=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    # How a threshold was derived from the value case: fpr, confidence, digest.
    derivation = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("reason for the change"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["requirement", "version"], name="requirement_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(test="attested")
                | (~models.Q(metric_key="") & models.Q(threshold__isnull=False)),
                name="computed_requirement_has_a_test",
                violation_error_message=_(
                    "A measured requirement needs a metric and a threshold. "
                    "Give both, or have a person attest it."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_satisfied_by(self, value: float) -> bool:
        """Return whether `value` keeps the threshold."""
        if self.threshold is None:
            return False
        if self.comparison == self.Comparison.AT_LEAST:
            return value >= self.threshold
        return value <= self.threshold
