"""Versions held against each other: baselines, drift, reconciliations."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.models import Job, Trashable
from dataquality.models.data_sets import DataSet, DataSetVersion
from engine.drift import Baseline as TableBaseline
from engine.drift import Drift as TableDrift
from engine.reconcile import Reconciliation as Reconciled
from projects.models import Project, ProjectScopedQuerySet
from projects.models.access import M


class OfVersionQuerySet(ProjectScopedQuerySet[M]):
    """Rows found through their version."""

    project_path = "version__data_set__project"


class Baseline(models.Model):
    """How the values of a version lie: later ones are held against it without rows."""

    version = models.OneToOneField(
        DataSetVersion, on_delete=models.CASCADE, related_name="baseline"
    )
    content = models.JSONField()  # engine.drift.Baseline

    objects = OfVersionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"baseline of {self.version}"

    def table(self) -> TableBaseline:
        """Return the baseline as the engine's own type."""
        return TableBaseline.from_json(self.content)


class Drift(models.Model):
    """How far a version has moved from another one of its data set."""

    version = models.ForeignKey(
        DataSetVersion, on_delete=models.CASCADE, related_name="drifts"
    )
    reference = models.ForeignKey(
        DataSetVersion, on_delete=models.CASCADE, related_name="+"
    )
    content = models.JSONField()  # engine.drift.Drift
    # Columns whose PSI passed a mark, on enough rows.
    large = models.PositiveIntegerField()
    moderate = models.PositiveIntegerField()
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OfVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "reference"], name="drift_once")
        ]

    def __str__(self) -> str:
        return f"{self.version} against {self.reference.title}"

    def table(self) -> TableDrift:
        """Return the drift as the engine's own type."""
        return TableDrift.from_json(self.content)


class ReconciliationQuerySet(ProjectScopedQuerySet["Reconciliation"]):
    """Reconciliations whose other data set lies in no trash."""

    def alive(self) -> "ReconciliationQuerySet":
        """Return those of which both data sets are there."""
        return self.filter(data_set__deleted_at=None, right__data_set__deleted_at=None)


class Reconciliation(Trashable):
    """Two versions held against each other, row by row."""

    named_by = ("left__data_set", "right__data_set")

    # Both sides are of one project, and the data set is the left one's.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    data_set = models.ForeignKey(
        DataSet, on_delete=models.CASCADE, related_name="reconciliations"
    )
    left = models.ForeignKey(DataSetVersion, on_delete=models.CASCADE, related_name="+")
    right = models.ForeignKey(
        DataSetVersion, on_delete=models.CASCADE, related_name="+"
    )
    matching = models.JSONField()  # engine.reconcile.Matching
    result = models.JSONField(
        default=dict, blank=True
    )  # engine.reconcile.Reconciliation
    problem = models.TextField(blank=True)  # why there is no result
    job = models.ForeignKey(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("reconciliation")

    def __str__(self) -> str:
        return gettext("%(left)s against %(right)s") % {
            "left": self.left,
            "right": self.right,
        }

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse(
            "dataquality:reconciliation",
            args=[self.data_set.project.slug, self.data_set.slug, self.pk],
        )

    @property
    def keys_words(self) -> str:
        """The columns that name a row, as the left one calls them."""
        return " + ".join(self.matching["keys"])

    @property
    def is_done(self) -> bool:
        """Whether it has a result."""
        return bool(self.result)

    @property
    def state(self) -> str:
        """Whether it is done, failed or still to come, in one word of the API."""
        if self.result:
            return "done"
        return "failed" if self.problem else "running"

    def found(self) -> Reconciled:
        """Return the result as the engine's own type."""
        return Reconciled.from_json(self.result)
