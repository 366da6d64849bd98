"""What came true: realised money and quantities, quarter by quarter."""

import math
from calendar import monthrange
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from projects.models.access import ProjectScopedQuerySet
from projects.models.project import Project
from projects.models.value import Quantity

_once = _("This period has a value already. Correct that one.")


class RealisedValue(models.Model):
    """One measured amount of one period: the net money, or one quantity.

    Rows are never changed: a correction supersedes the row it corrects.
    """

    class Method(models.TextChoices):
        EXPERIMENT = "experiment", _("experiment (A/B)")
        BEFORE_AFTER = "before_after", _("before and after")
        BOOKS = "books", _("from the books")
        OPINION = "opinion", _("opinion")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="realised_values"
    )
    # None: the net money of the period, in the project's currency.
    quantity = models.ForeignKey(
        Quantity,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="realised_values",
        verbose_name=_("what"),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    value = models.FloatField(_("realised"))
    low = models.FloatField(_("low"), null=True, blank=True)
    high = models.FloatField(_("high"), null=True, blank=True)
    method = models.CharField(_("how measured"), max_length=14, choices=Method)
    note = models.CharField(_("note"), max_length=500, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    at = models.DateTimeField(default=timezone.now, editable=False)
    superseded_by = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="supersedes",
        editable=False,
    )

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-at"]
        constraints = [
            # Two, because nulls are distinct from each other.
            models.UniqueConstraint(
                fields=["project", "quantity", "starts_on"],
                condition=models.Q(superseded_by=None),
                name="realised_quantity_once_a_period",
                violation_error_message=_once,
            ),
            models.UniqueConstraint(
                fields=["project", "starts_on"],
                condition=models.Q(superseded_by=None, quantity=None),
                name="realised_money_once_a_period",
                violation_error_message=_once,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity or self.project}: {self.value:g}"

    @property
    def years(self) -> float:
        """How much of a year the period covers; a calendar quarter is a fourth."""
        if is_quarter(self.starts_on, self.ends_on):
            return 0.25
        return ((self.ends_on - self.starts_on).days + 1) / 365.25

    def clean(self) -> None:
        """Refuse periods that end before they start, that overlap, and odd bands."""
        if self.starts_on and self.ends_on and self.ends_on <= self.starts_on:
            raise ValidationError(
                {"ends_on": _("The period ends before it starts. Swap the dates?")}
            )
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValidationError({name: _("Give a finite number.")})
        self._refuse_overlap()
        if (self.low is None) != (self.high is None):
            raise ValidationError({"low": _("Give both ends of the band, or neither.")})
        if self.low is None or self.high is None or self.value is None:
            return
        if not self.low <= self.value <= self.high:
            raise ValidationError(
                {
                    "value": _(
                        "%(value)s lies outside its own band %(low)s to %(high)s."
                    )
                    % {
                        "value": f"{self.value:g}",
                        "low": f"{self.low:g}",
                        "high": f"{self.high:g}",
                    }
                }
            )

    def _refuse_overlap(self) -> None:
        """Refuse a period of which a part has a value already."""
        if self.superseded_by_id or not (self.starts_on and self.ends_on):
            return
        other = (
            RealisedValue.objects.filter(
                project=self.project_id,
                quantity=self.quantity_id,
                superseded_by=None,
                starts_on__lte=self.ends_on,
                ends_on__gte=self.starts_on,
            )
            .exclude(pk=self.pk)
            .first()
        )
        if other is not None:
            raise ValidationError(
                {
                    "starts_on": _(
                        "%(start)s to %(end)s has a value already. Correct that one."
                    )
                    % {
                        "start": date_format(other.starts_on, "j M Y"),
                        "end": date_format(other.ends_on, "j M Y"),
                    }
                }
            )


def quarter_from(start: date) -> date:
    """Return the last day of the quarter that begins in the month of `start`."""
    month = start.month + 2
    return date(start.year, month, monthrange(start.year, month)[1])


def is_quarter(start: date, end: date) -> bool:
    """Return whether a period is a quarter of the calendar."""
    begins = start.day == 1 and start.month in {1, 4, 7, 10}
    return begins and end == quarter_from(start)
