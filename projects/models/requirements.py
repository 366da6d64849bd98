"""What the solution must do, each with a test that can be measured."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Trashable
from engine.slices import SliceError, read_slice
from projects import kinds
from projects.kinds.catalogue import OWN_METRICS
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


# What a version says; the rest is who said it, and when.
SAID = (
    "title",
    "test",
    "metric_key",
    "slice",
    "comparison",
    "threshold",
    "minimum_n",
    "unit",
    "details",
    "source",
    "derivation",
    "reason",
)


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

    @property
    def kind(self) -> str:
        """The kind of its requirement, which decides what `details` may hold."""
        return self.requirement.kind

    @property
    def own_bound(self) -> kinds.Bound | None:
        """The bound of its own columns; None when a person attests it."""
        if self.test != self.Test.COMPUTED or self.threshold is None:
            return None
        about = {each.metric_key: each.about for each in self._structured()}
        return kinds.Bound(
            self.metric_key,
            self.comparison,
            self.threshold,
            self.unit,
            slice=self.slice,
            about=about.get(self.metric_key, ""),
            minimum_n=self.minimum_n,
        )

    @property
    def bounds(self) -> tuple[kinds.Bound, ...]:
        """Every bound a measurement is held against, its own first."""
        own = self.own_bound
        if own is None:
            return self._structured()
        others = (each for each in self._structured() if not _same(each, own))
        return (own, *others)

    def bound_of(self, metric_key: str, slice_name: str = "") -> kinds.Bound | None:
        """Return the bound on one metric and slice, if it has one."""
        for each in self.bounds:
            if (each.metric_key, each.slice) == (metric_key, slice_name):
                return each
        return None

    @property
    def attested_parts(self) -> tuple[str, ...]:
        """What of its structured fields a person must attest, in words."""
        return kinds.attested_of(self.kind, self.details)

    @property
    def needs_attestation(self) -> bool:
        """Whether a person has to vouch for it, or for a part of it."""
        return self.test == self.Test.ATTESTED or bool(self.attested_parts)

    def _structured(self) -> tuple[kinds.Bound, ...]:
        return kinds.bounds_of(self.kind, self.details)

    def clean(self) -> None:
        """Check the structured fields of its kind; the first test of them is its own.

        Raises
        ------
        ValidationError
            Under `details`, each problem beginning with the name of its field; under
            `slice`, what is wrong with it.
        """
        self._tidy_slice()
        try:
            self.details = kinds.checked_details(self.kind, self.details)
        except kinds.DetailProblems as found:
            lines = [f"{name}: {why}" for name, why in found.by_field.items()]
            raise ValidationError({"details": lines}) from found
        self._take_test()

    def _tidy_slice(self) -> None:
        """Write the slice as measurements of it are."""
        if self.slice.strip():
            try:
                self.slice = str(read_slice(self.slice))
            except SliceError as problem:
                raise ValidationError({"slice": str(problem)}) from problem

    def _take_test(self) -> None:
        structured = self._structured()
        if self.metric_key and self.metric_key not in OWN_METRICS[self.kind]:
            return
        if structured:
            first = self._first(structured)
            self.test = self.Test.COMPUTED
            self.metric_key, self.slice = first.metric_key, first.slice
            self.comparison = first.comparison
            self.threshold, self.unit = first.threshold, first.unit
        elif self.attested_parts:
            self.test = self.Test.ATTESTED
            self.metric_key, self.slice, self.threshold = "", "", None

    def _first(self, structured: tuple[kinds.Bound, ...]) -> kinds.Bound:
        named = (each for each in structured if each.metric_key == self.metric_key)
        return next(named, structured[0])

    def said(self) -> dict[str, Any]:
        """Return everything it says, as the next version would be given it."""
        return {name: getattr(self, name) for name in SAID}


def _same(one: kinds.Bound, other: kinds.Bound) -> bool:
    return (one.metric_key, one.slice) == (other.metric_key, other.slice)
