"""Gates: what stands between a project's phases, and what was let through anyway."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.access import ProjectScopedQuerySet
from projects.models.project import Project


class GateKey(models.TextChoices):
    """The gates, in the order a project meets them."""

    DESIGN = "design", _("design gate")
    DATA = "data", _("data gate")
    MODEL = "model", _("model gate")
    LAUNCH = "launch", _("launch gate")
    REVIEW = "review", _("review gate")


class Gate(models.Model):
    """How a project keeps one of its gates; its state comes from decisions alone."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gates")
    key = models.CharField(_("gate"), max_length=10, choices=GateKey)
    is_on = models.BooleanField(_("in use"), default=False)
    # The capacities that must have approved before it opens; nobody means anybody.
    capacities = models.JSONField(_("who must sign"), default=list, blank=True)
    # Bounds of its checks by name, where the project wants others than the defaults.
    bounds = models.JSONField(_("bounds"), default=dict, blank=True)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="gate_once")
        ]

    def __str__(self) -> str:
        return str(self.get_key_display())


class GateOverride(models.Model):
    """Somebody went past a closed gate, and said why."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="gate_overrides"
    )
    gate = models.CharField(_("gate"), max_length=10, choices=GateKey)
    action = models.CharField(max_length=40)  # what the gate guarded
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=200)
    subject_url = models.CharField(max_length=300, blank=True)
    blocked_by = models.JSONField(default=list)  # the words that kept it closed
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.gate}: {self.subject_label}"
