"""Over several projects: scenarios, shared platforms, rates between currencies."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import Actor, Right
from core.models import Trashable
from projects.models.access import project_ids_allowing
from projects.models.calculations import Calculation
from projects.models.project import Project

CURRENCY = RegexValidator(
    r"^[A-Z]{3}$", _("Write the currency as three letters, such as EUR.")
)


class CurrencyRate(models.Model):
    """What one unit of a currency was worth in the reporting currency from a day on."""

    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    rate = models.DecimalField(
        _("worth in the reporting currency"),
        max_digits=20,
        decimal_places=10,
        validators=[MinValueValidator(Decimal("1e-10"))],
    )
    valid_from = models.DateField(_("from"))
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["currency", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "valid_from"],
                name="rate_once_a_day",
                violation_error_message=_("This day has a rate already. Change it."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate}"


class PlatformQuerySet(models.QuerySet["Platform"]):
    """Platforms are seen by who made them and by the projects they carry."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the platforms of the actor's own and of active projects they see."""
        if actor.user is None:
            return self.none()
        uses = PlatformUse.objects.filter(
            project__in=project_ids_allowing(actor, Right.READ),
            project__archived_at=None,
        )
        own = Q() if actor.only_project_id else Q(created_by=actor.user)
        return self.filter(own | Q(pk__in=uses.values("platform")), deleted_at=None)

    def editable_by(self, actor: Actor) -> Self:
        """Return the platforms the actor made."""
        if actor.user is None or actor.only_project_id or actor.limit < Right.EDIT:
            return self.none()
        return self.filter(created_by=actor.user, deleted_at=None)


class Platform(Trashable):
    """Shared infrastructure that several projects need, and what it costs."""

    name = models.CharField(_("name"), max_length=120)
    purpose = models.CharField(_("what it is for"), max_length=300, blank=True)
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[CURRENCY]
    )
    cost_once = models.DecimalField(
        _("cost to build"),
        max_digits=16,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    cost_yearly = models.DecimalField(
        _("cost a year"),
        max_digits=16,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PlatformQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PlatformUse(models.Model):
    """A project needs a platform, and bears a share of what it costs."""

    platform = models.ForeignKey(
        Platform, on_delete=models.CASCADE, related_name="uses"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="platform_uses"
    )
    weight = models.FloatField(
        _("share of the cost"), default=1.0, validators=[MinValueValidator(0.0)]
    )
    # Without the platform the project cannot be done, or only at this extra cost.
    is_needed = models.BooleanField(_("cannot be done without"), default=True)
    cost_without = models.DecimalField(
        _("extra cost without it"),
        max_digits=16,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "project"],
                name="platform_use_once",
                violation_error_message=_("This project uses the platform already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.project}"


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    """Scenarios are their maker's."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's own scenarios; none to a token of one project."""
        if actor.user is None or actor.only_project_id:
            return self.none()
        return self.filter(created_by=actor.user, deleted_at=None)

    def editable_by(self, actor: Actor) -> Self:
        """Return the scenarios the actor may change."""
        return self.visible_to(actor) if actor.limit >= Right.EDIT else self.none()


class Scenario(Trashable):
    """Budget, people and rules of one way to choose among projects."""

    name = models.CharField(_("name"), max_length=120)
    # budget, people, mandatory, excluded, exclusive, requires: the optimiser's rules
    rules = models.JSONField(default=dict)
    # What it came to when it was saved, with all that is needed to compute it again.
    calculation = models.ForeignKey(
        Calculation,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="scenarios",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
