"""What success is called by each group, and whether they agree."""

import math
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from engine.value.formula import FormulaError, parse
from engine.value.links import circle_closed_by
from projects.models.access import ProjectScopedQuerySet
from projects.models.people import Stakeholder
from projects.models.project import Project

# The metric that the value function prices runs by, in the project's currency.
NET_VALUE = "net_value"


class MetricQuerySet(ProjectScopedQuerySet["Metric"]):
    """Metrics, those in use and those that were retired."""

    def in_use(self) -> "MetricQuerySet":
        """Return the metrics that success may be called by."""
        return self.filter(retired_at=None)


class Metric(models.Model):
    """One metric of a project, in the words of those who use it."""

    class Kind(models.TextChoices):
        TECHNICAL = "technical", _("technical")
        DOMAIN = "domain", _("domain")
        BUSINESS = "business", _("business")

    class Direction(models.TextChoices):
        HIGHER = "higher", _("higher is better")
        LOWER = "lower", _("lower is better")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="metrics"
    )
    key = models.CharField(
        _("key"),
        max_length=60,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9_]*$",
                _("Use small letters, digits and _, starting with a letter."),
            )
        ],
    )
    title = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    direction = models.CharField(
        _("direction"), max_length=8, choices=Direction, default=Direction.HIGHER
    )
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    words = models.CharField(_("in plain words"), max_length=200, blank=True)
    # Grows when its meaning changes: who agreed, agreed to one version of it.
    version = models.PositiveIntegerField(default=1, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    # Nobody is judged by it any more; what was said of it stays.
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Who agreed, agreed to these; another word in them is another metric.
    DEFINING = ("title", "kind", "direction", "unit", "words")
    KINDS_IN_ORDER = (Kind.TECHNICAL, Kind.DOMAIN, Kind.BUSINESS)

    objects = MetricQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key"],
                name="metric_key_once",
                violation_error_message=_("A metric of this key exists already."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("projects:metric", args=[self.project.slug, self.pk])

    @property
    def is_retired(self) -> bool:
        """Whether it was put aside."""
        return self.retired_at is not None

    @property
    def meaning(self) -> str:
        """The plain words without a value in them: "finds … of 100 cases"."""
        return self.words.replace("{n}", "…").replace("{x}", "…")

    @property
    def level(self) -> int:
        """0 for a technical metric, 1 for one of the domain, 2 for the business."""
        return self.KINDS_IN_ORDER.index(Metric.Kind(self.kind))

    def clean(self) -> None:
        """Keep the kind in step with the links, which lead to the business."""
        if self.pk is None or self.kind not in self.Kind.values:
            return
        for link in self.moves.select_related("effect"):
            if link.effect.level < self.level:
                raise ValidationError({"kind": _wrong_way(self, link.effect)})
        for link in self.moved_by.select_related("cause"):
            if link.cause.level > self.level:
                raise ValidationError({"kind": _wrong_way(link.cause, self)})


def _wrong_way(cause: Metric, effect: Metric) -> str:
    return _now(
        "A link leads from technical to domain to business; “%(cause)s” → "
        "“%(effect)s” would lead back."
    ) % {"cause": cause.title, "effect": effect.title}


class MetricVersionQuerySet(ProjectScopedQuerySet["MetricVersion"]):
    """Earlier definitions, found through their metric."""

    project_path = "metric__project"


class MetricVersion(models.Model):
    """What a metric meant before its meaning changed."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="earlier")
    version = models.PositiveIntegerField()
    # The fields of Metric.DEFINING, and the formulas that led to it.
    said = models.JSONField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    objects = MetricVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "version"], name="metric_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric}, version {self.version}"


class MetricLink(models.Model):
    """How one metric moves another, from the technical to the business ones."""

    class Relation(models.TextChoices):
        ELASTICITY = "elasticity", _("elasticity")
        FORMULA = "formula", _("formula")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="metric_links"
    )
    cause = models.ForeignKey(
        Metric, on_delete=models.CASCADE, related_name="moves", verbose_name=_("from")
    )
    effect = models.ForeignKey(
        Metric, on_delete=models.CASCADE, related_name="moved_by", verbose_name=_("to")
    )
    relation = models.CharField(_("relation"), max_length=10, choices=Relation)
    # Per cent of the effect per one per cent of the cause.
    elasticity = models.FloatField(_("elasticity"), null=True, blank=True)
    # The point an elasticity was seen at: without one it carries no value on.
    at_cause = models.FloatField(_("seen at"), null=True, blank=True)
    at_effect = models.FloatField(_("where it was"), null=True, blank=True)
    # Over the cause's key and the value case's quantities.
    formula = models.CharField(_("formula"), max_length=500, blank=True)
    note = models.CharField(_("why it holds"), max_length=300, blank=True)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["cause__position", "effect__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "effect"],
                name="metric_link_once",
                violation_error_message=_("These two metrics are linked already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(cause=models.F("effect")),
                name="metric_link_not_to_itself",
                violation_error_message=_("A metric cannot be linked to itself."),
            ),
            models.CheckConstraint(
                condition=models.Q(relation="elasticity", elasticity__isnull=False)
                | (models.Q(relation="formula") & ~models.Q(formula="")),
                name="metric_link_states_its_relation",
                violation_error_message=_(
                    "State the relation: an elasticity as a number, or a formula."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} → {self.effect}"

    def clean(self) -> None:
        """Refuse what leads out of the project, back, in a circle or nowhere."""
        if not (self.cause_id and self.effect_id):
            return  # the fields have said so themselves
        if self.cause_id == self.effect_id:
            raise ValidationError({"effect": _("A metric cannot be linked to itself.")})
        self._check_place()
        self._check_circle()
        if self.relation == self.Relation.FORMULA:
            self._check_formula()
        elif self.relation == self.Relation.ELASTICITY:
            self._check_elasticity()

    def _check_place(self) -> None:
        for name, metric in (("cause", self.cause), ("effect", self.effect)):
            if metric.project_id != self.project_id:
                raise ValidationError({name: _("It belongs to another project.")})
            if metric.is_retired:
                raise ValidationError({name: _("It is retired. Restore it first.")})
        if self.effect.level < self.cause.level:
            raise ValidationError({"effect": _wrong_way(self.cause, self.effect)})

    def _check_circle(self) -> None:
        others = MetricLink.objects.filter(project=self.project_id).exclude(pk=self.pk)
        pairs = list(others.values_list("cause_id", "effect_id"))
        circle = circle_closed_by((self.cause_id, self.effect_id), pairs)
        if circle:
            titles = Metric.objects.in_bulk(circle)
            path = " → ".join(titles[pk].title for pk in circle)
            raise ValidationError(
                {
                    "effect": _("This closes a circle: %(path)s. Leave one link out.")
                    % {"path": path}
                }
            )

    def _check_formula(self) -> None:
        if not self.formula.strip():
            return  # the constraint says so
        names = self.project.quantities.values_list("name", flat=True)
        try:
            read = parse(self.formula)
            read.check_names({self.cause.key, *names})
        except FormulaError as problem:
            raise ValidationError({"formula": str(problem)}) from problem
        if self.cause.key not in read.names:
            raise ValidationError(
                {
                    "formula": _("It does not use %(key)s, the metric it starts from.")
                    % {"key": self.cause.key}
                }
            )

    def _check_elasticity(self) -> None:
        point: dict[str, Any] = {"at_cause": self.at_cause, "at_effect": self.at_effect}
        missing = [name for name, value in point.items() if value is None]
        if missing:
            raise ValidationError(
                dict.fromkeys(
                    missing,
                    _("State one known point: an elasticity alone gives no value."),
                )
            )
        for name, value in {"elasticity": self.elasticity, **point}.items():
            if value is not None and not math.isfinite(value):
                raise ValidationError({name: _("Write a number that is finite.")})
        if point["at_cause"] <= 0:
            raise ValidationError(
                {"at_cause": _("A share of it is taken: write a number above 0.")}
            )


class AlignmentQuerySet(ProjectScopedQuerySet["MetricAlignment"]):
    """Alignments, found through their metric."""

    project_path = "metric__project"

    def step_down_from_retired(self, stakeholder: Stakeholder) -> None:
        """Make a person's retired primary metric secondary: they name another."""
        retired = self.filter(
            stakeholder=stakeholder,
            weight=MetricAlignment.Weight.PRIMARY,
            metric__retired_at__isnull=False,
        )
        retired.update(weight=MetricAlignment.Weight.SECONDARY)


class MetricAlignment(models.Model):
    """What one stakeholder says of one metric."""

    class Weight(models.TextChoices):
        PRIMARY = "primary", _("primary")
        SECONDARY = "secondary", _("secondary")

    class Agreed(models.TextChoices):
        OPEN = "open", _("not said yet")
        YES = "yes", _("agrees")
        NO = "no", _("disagrees")

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.CASCADE, related_name="alignments"
    )
    metric = models.ForeignKey(
        Metric, on_delete=models.CASCADE, related_name="alignments"
    )
    weight = models.CharField(_("weight"), max_length=10, choices=Weight)
    agreed = models.CharField(
        _("agreed"), max_length=4, choices=Agreed, default=Agreed.OPEN
    )
    # The metric's version when it was said; an older one asks again.
    version = models.PositiveIntegerField(default=1, editable=False)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    said_at = models.DateTimeField(auto_now=True)
    # Who wrote it down for somebody else, as after a meeting.
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    objects = AlignmentQuerySet.as_manager()

    class Meta:
        ordering = ["metric__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["stakeholder", "metric"],
                name="alignment_once",
                violation_error_message=_(
                    "This person has said something of this metric already."
                ),
            ),
            models.UniqueConstraint(
                fields=["stakeholder"],
                condition=models.Q(weight="primary"),
                name="alignment_one_primary",
                violation_error_message=_(
                    "A person has one primary metric. Make the other one secondary first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stakeholder}: {self.metric} ({self.weight})"

    @property
    def is_outdated(self) -> bool:
        """Whether it was said of an older version than the metric's own."""
        return self.agreed != self.Agreed.OPEN and self.version < self.metric.version
