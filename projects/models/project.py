"""A project: the problem, the decision it serves, and in what money it counts."""

from typing import Any

from django.conf import settings
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Trashable
from projects.models.access import ProjectScopedQuerySet


class ProjectQuerySet(ProjectScopedQuerySet["Project"]):
    """Projects themselves."""

    project_path = ""


class Project(Trashable):
    """One ML project from idea to decision."""

    class Task(models.TextChoices):
        BINARY = "binary", _("yes or no (binary classification)")
        MULTICLASS = "multiclass", _("one of several classes")
        REGRESSION = "regression", _("a number (regression)")

    class Template(models.TextChoices):
        CHURN = "churn", _("Keep leaving customers")
        FRAUD = "fraud", _("Stop fraud")
        FORECAST = "forecast", _("Forecast demand")
        TRIAGE = "triage", _("Sort what comes in")
        TIME_SAVED = "time_saved", _("Save working time")
        PLAIN = "plain", _("Something else")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        max_length=60,
        unique=True,
        error_messages={"unique": _("A project of this short name exists already.")},
    )
    problem = models.TextField(_("problem"), max_length=2000)
    decision_supported = models.CharField(_("decision it supports"), max_length=300)
    task = models.CharField(_("task"), max_length=12, choices=Task, default=Task.BINARY)
    template = models.CharField(
        _("value template"), max_length=12, choices=Template, default=Template.CHURN
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[
            RegexValidator(
                r"^[A-Z]{3}$", _("Write the currency as three letters, such as EUR.")
            )
        ],
    )
    horizon_years = models.PositiveSmallIntegerField(
        _("horizon in years"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    is_example = models.BooleanField(default=False, editable=False)
    # The nominated candidate as plain values: evidence knows subjects the same way.
    candidate_kind = models.CharField(max_length=20, blank=True, editable=False)
    candidate_id = models.CharField(max_length=64, blank=True, editable=False)
    # The current digest of each input by name; evidence from another one is stale.
    current_inputs = models.JSONField(default=dict, editable=False)
    # Earlier rounds stay revealed; this one is blind until it is revealed too.
    estimate_round = models.PositiveSmallIntegerField(default=1, editable=False)
    estimates_revealed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What the portfolio weighs; without a budget of its own, the case's costs count.
    people_needed = models.FloatField(
        _("people needed"), null=True, blank=True, validators=[MinValueValidator(0.0)]
    )
    budget_needed = models.DecimalField(
        _("budget needed"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    launched_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the overview."""
        return reverse("project_overview", args=[self.slug])

    def url(self, name: str, **kwargs: Any) -> str:
        """Return the address of one of the project's rooms."""
        return reverse(name, kwargs={"slug": self.slug, **kwargs})
