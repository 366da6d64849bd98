"""What a project is worth: quantities, people's estimates, and the value case."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engine.value.case import ValueCase as EngineCase
from projects.models.access import M, ProjectScopedQuerySet
from projects.models.drivers import driver_problems
from projects.models.people import Stakeholder
from projects.models.project import Project


class Source(models.TextChoices):
    """Where a number comes from."""

    MEASURED = "measured", _("measured")
    SIMILAR = "similar", _("similar project")
    EXPERIENCE = "experience", _("experience")
    GUESS = "guess", _("a guess")


class Range(models.Model):
    """Low, likely and high of one quantity; 9 times in 10 the truth lies between."""

    low = models.FloatField(_("low"))
    likely = models.FloatField(_("likely"))
    high = models.FloatField(_("high"))

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse ranges that are no ranges, naming the numbers."""
        check_range(self.low, self.likely, self.high)


def check_range(low: float | None, likely: float | None, high: float | None) -> None:
    """Refuse low above high and a likely value outside of them."""
    if low is None or likely is None or high is None:
        return  # the fields have said so themselves
    if low > high:
        raise ValidationError(
            {
                "low": _("Low (%(low)s) is above high (%(high)s). Swap them?")
                % {"low": f"{low:g}", "high": f"{high:g}"}
            }
        )
    if not low <= likely <= high:
        raise ValidationError(
            {
                "likely": _("Likely (%(likely)s) lies outside %(low)s to %(high)s.")
                % {"likely": f"{likely:g}", "low": f"{low:g}", "high": f"{high:g}"}
            }
        )


class Shape(models.TextChoices):
    """What lies between low and high, 9 times in 10."""

    PERT = "pert", _("through low, likely and high")
    TRIANGULAR = "triangular", _("triangle through low, likely and high")
    NORMAL = "normal", _("bell, from low and high")
    LOGNORMAL = "lognormal", _("many times as much is possible, from low and high")


def check_shape(shape: str, low: float | None) -> None:
    """Refuse numbers that a shape cannot hold, naming the number and the remedy."""
    if shape == Shape.LOGNORMAL and low is not None and low <= 0:
        raise ValidationError(
            {
                "low": _(
                    "%(low)s: this number is always above 0. Give a low above 0, or "
                    "have its shape changed."
                )
                % {"low": f"{low:g}"}
            }
        )


class Quantity(models.Model):
    """One number the value case rests on, with its unit and the question asked.

    Values are kept in the unit of the formula (a share is 0.12) and asked in the
    reader's (12 %): shown = kept / scale.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="quantities"
    )
    name = models.CharField(
        _("name in formulas"),
        max_length=40,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9_]*$",
                _("Use small letters, digits and _, starting with a letter."),
            )
        ],
    )
    label = models.CharField(_("name"), max_length=200)
    # The whole question, as the form puts it; the name serves where there is none.
    asks = models.CharField(_("question"), max_length=200, blank=True)
    why = models.CharField(_("help"), max_length=300, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    prefix = models.CharField(_("before the number"), max_length=16, blank=True)
    suffix = models.CharField(_("after the number"), max_length=40, blank=True)
    scale = models.FloatField(default=1.0)
    lower = models.FloatField(_("never below"), null=True, blank=True)
    upper = models.FloatField(_("never above"), null=True, blank=True)
    default_low = models.FloatField()
    default_likely = models.FloatField()
    default_high = models.FloatField()
    shape = models.CharField(
        _("shape of the belief"), max_length=12, choices=Shape, default=Shape.PERT
    )
    # The unit formulas are checked with, as "EUR / customer"; empty: not checked.
    formula_unit = models.CharField(_("unit in formulas"), max_length=60, blank=True)
    is_refinement = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="quantity_name_once",
                violation_error_message=_("A quantity of this name exists already."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Hold the default range to the rule of every range."""
        check_range(self.default_low, self.default_likely, self.default_high)
        if self.shape != Shape.LOGNORMAL:
            return
        lowest = min([self.default_low, *self._lows()])
        if lowest <= 0:
            raise ValidationError({"shape": self._too_low(lowest)})

    def _lows(self) -> list[float]:
        """Return the lows that people said already, and the settled one."""
        if self._state.adding:
            return []
        lows = self.estimates.filter(is_unknown=False).values_list("low", flat=True)
        settled = Reconciliation.objects.filter(quantity=self)
        return [*lows, *settled.values_list("low", flat=True)]

    def _too_low(self, low: float) -> str:
        return _(
            "This shape holds numbers above 0 only, but a range begins at %(low)s: "
            "choose another shape."
        ) % {"low": f"{low / self.scale:g}"}


class EstimateRound(models.Model):
    """A further round of estimates: the first one needs no reason and has no row.

    Who answers in a round sees what everybody said in the one before, and answers
    blind again; the project's `estimate_round` is the number of the last.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="estimate_rounds"
    )
    number = models.PositiveSmallIntegerField(validators=[MinValueValidator(2)])
    reason = models.CharField(_("reason"), max_length=500)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    opened_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="estimate_round_once"
            )
        ]

    def __str__(self) -> str:
        return f"round {self.number}: {self.reason}"


class OfQuantityQuerySet(ProjectScopedQuerySet[M]):
    """Rows found through the quantity they speak of."""

    project_path = "quantity__project"


class Estimate(Range):
    """One stakeholder's range for one quantity in one round."""

    quantity = models.ForeignKey(
        Quantity, on_delete=models.CASCADE, related_name="estimates"
    )
    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.CASCADE, related_name="estimates"
    )
    round = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(
        _("where from"), max_length=12, choices=Source, default=Source.GUESS
    )
    is_unknown = models.BooleanField(_("I don't know"), default=False)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    # Kept as it is typed; it counts once it is sent.
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OfQuantityQuerySet.as_manager()

    class Meta:
        ordering = ["stakeholder__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["quantity", "stakeholder", "round"],
                name="estimate_once_a_round",
                violation_error_message=_("This person has answered this already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.stakeholder}: {self.low:g} to {self.high:g}"

    def clean(self) -> None:
        """Hold the range to its rule, and to the quantity's shape and bounds."""
        super().clean()
        quantity = self.quantity
        check_shape(quantity.shape, self.low)
        for name in ("low", "likely", "high"):
            value = getattr(self, name)
            if value is None:
                continue
            if quantity.lower is not None and value < quantity.lower:
                raise ValidationError(
                    {
                        name: _("%(value)s is below %(bound)s, the least possible.")
                        % {
                            "value": f"{value / quantity.scale:g}",
                            "bound": f"{quantity.lower / quantity.scale:g}",
                        }
                    }
                )
            if quantity.upper is not None and value > quantity.upper:
                raise ValidationError(
                    {
                        name: _("%(value)s is above %(bound)s, the most possible.")
                        % {
                            "value": f"{value / quantity.scale:g}",
                            "bound": f"{quantity.upper / quantity.scale:g}",
                        }
                    }
                )


class Reconciliation(Range):
    """The range a project goes on with where people differ, and why."""

    quantity = models.OneToOneField(
        Quantity, on_delete=models.CASCADE, related_name="reconciliation"
    )
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    at = models.DateTimeField(auto_now=True)

    objects = OfQuantityQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.quantity}: {self.low:g} to {self.high:g}"

    def clean(self) -> None:
        """Hold the range to its rule and to the quantity's shape."""
        super().clean()
        check_shape(self.quantity.shape, self.low)


class ValueCase(models.Model):
    """One version of the model that turns estimates into money.

    `content` is the engine's whole case with every distribution in it; a version
    that something cites is never changed: the next change makes the next version.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="value_cases"
    )
    version = models.PositiveIntegerField()
    sentence = models.CharField(max_length=500, blank=True)
    volume = models.CharField(_("cases a year"), max_length=200, blank=True)
    prevalence = models.CharField(_("share of positives"), max_length=200, blank=True)
    drivers = models.JSONField(_("drivers"), default=list)
    discount_rate = models.FloatField(
        _("discount rate"),
        default=0.08,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
    )
    ramp_up = models.JSONField(_("ramp-up"), default=list, blank=True)
    success_probability = models.FloatField(
        _("chance of technical success"),
        default=1.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
    )
    # Pairs of quantities that move together: [{"one", "other", "rho"}, …].
    correlations = models.JSONField(default=list, blank=True)
    # How far forecasts miss, as expressions by the names of engine.value.case.Forecast;
    # empty in a case that counts no errors of forecasts.
    forecast = models.JSONField(default=dict, blank=True)
    seed = models.BigIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    # The engine's estimate of this content: computed once, shown everywhere.
    result = models.JSONField()
    engine_version = models.CharField(max_length=20)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    cited_at = models.DateTimeField(null=True, editable=False)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "version"], name="value_case_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"value case {self.version}"

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics its formulas name, by which runs are priced."""
        return tuple(self.content.get("metrics", ()))

    @property
    def prices_runs(self) -> bool:
        """Whether it counts what a run can measure, so that a threshold follows."""
        return bool(self.volume or self.forecast or self.metrics)

    def clean(self) -> None:
        """Hold each driver to what may be said of its kind."""
        for driver in self.drivers:
            for problem in driver_problems(driver).values():
                raise ValidationError({"drivers": f"{driver['label']}: {problem}"})

    def to_engine(self) -> EngineCase:
        """Return the case the engine computes with."""
        return EngineCase.from_json(self.content)
