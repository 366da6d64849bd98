"""What success is called by each group, and whether they agree."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.access import ProjectScopedQuerySet
from projects.models.people import Stakeholder
from projects.models.project import Project


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

    objects = ProjectScopedQuerySet.as_manager()

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


class AlignmentQuerySet(ProjectScopedQuerySet["MetricAlignment"]):
    """Alignments, found through their metric."""

    project_path = "metric__project"


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
