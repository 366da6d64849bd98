"""How a data set is watched, what calls people to it, and what is done about gaps."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import Actor
from core.words import in_words
from dataquality.models.data_sets import DataSet, OfDataSetQuerySet
from engine.words import again
from projects.models.value import check_range

MOST_DAYS = 3660.0


class Monitor(models.Model):
    """How a data set is watched: when the next version is due, and what errors do."""

    data_set = models.OneToOneField(
        DataSet, on_delete=models.CASCADE, related_name="monitor"
    )
    # The chance that a bad row turns its decision; all three or none.
    affects_low = models.FloatField(_("at least"), null=True, blank=True)
    affects_likely = models.FloatField(_("likely"), null=True, blank=True)
    affects_high = models.FloatField(_("at most"), null=True, blank=True)
    affects_source = models.CharField(
        _("where that is from"), max_length=300, blank=True
    )
    expects = models.BooleanField(_("say when a version is late"), default=True)
    # None: as often as the project's requirement of freshness asks.
    period_days = models.FloatField(_("a version every"), null=True, blank=True)
    grace_days = models.FloatField(_("days of grace"), default=0.0)

    objects = OfDataSetQuerySet.as_manager()

    def __str__(self) -> str:
        return f"monitor of {self.data_set}"

    @property
    def affects(self) -> tuple[float, float, float] | None:
        """The chance that a bad row turns its decision; None while nobody said."""
        low, likely, high = self.affects_low, self.affects_likely, self.affects_high
        return (
            None
            if low is None or likely is None or high is None
            else (low, likely, high)
        )

    def clean(self) -> None:
        """Refuse what is no range of chances, and times that are none."""
        problems = {
            f"affects_{name.rpartition('_')[2]}": messages
            for name, messages in self._problems_of_range().items()
        }
        if self.period_days is not None and not 0 < self.period_days <= MOST_DAYS:
            problems["period_days"] = [_("Give days above 0, at most ten years.")]
        if not 0 <= self.grace_days <= MOST_DAYS:
            problems["grace_days"] = [_("Give 0 or more days, at most ten years.")]
        if problems:
            raise ValidationError(problems)

    def _problems_of_range(self) -> dict[str, Any]:
        numbers = (self.affects_low, self.affects_likely, self.affects_high)
        names = ("low", "likely", "high")
        if all(each is None for each in numbers):
            return {}
        problems: dict[str, Any] = {}
        for name, number in zip(names, numbers, strict=True):
            if number is None:
                problems[name] = [_("Give all three numbers, or none.")]
            elif not 0 <= number <= 1:
                problems[name] = [_("A chance lies between 0 and 1.")]
        if not problems:
            try:
                check_range(*numbers)
            except ValidationError as error:
                return error.message_dict
        return problems


class MitigationQuerySet(OfDataSetQuerySet["Mitigation"]):
    """What is done about data sets."""

    def actionable_by(self, actor: Actor) -> Self:
        """Return those the actor may finish or drop: an editor's, and one's own tasks."""
        own = self.contributable_by(actor).filter(owner=actor.user)
        if actor.user is None:
            return self.none()
        return self.filter(
            Q(pk__in=self.editable_by(actor).values("pk")) | Q(pk__in=own.values("pk"))
        )


class Mitigation(models.Model):
    """What is done about values that are missing: a step of the pipeline, or a task."""

    class Kind(models.TextChoices):
        IMPUTE = "impute", _("fill in while training")
        COLLECT = "collect", _("collect the values")

    class Strategy(models.TextChoices):
        MEDIAN = "median", _("the median")
        MOST_FREQUENT = "most_frequent", _("the most frequent value")
        CATEGORY = "category", _("a category of its own")
        MODEL = "model", _("predicted from the other numbers")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    data_set = models.ForeignKey(
        DataSet, on_delete=models.CASCADE, related_name="mitigations"
    )
    column = models.CharField(_("column"), max_length=500)
    kind = models.CharField(_("what is done"), max_length=8, choices=Kind)
    strategy = models.CharField(
        _("filled with"), max_length=14, choices=Strategy, blank=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who does it"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    due_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    # That its day has passed is told once.
    is_told = models.BooleanField(default=False, editable=False)
    # What does as it says, where a page asks for it: `selectors.mitigations.Use`.
    uses: Sequence[Any] = ()

    objects = MitigationQuerySet.as_manager()

    class Meta:
        ordering = ["state", "due_on", "id"]
        verbose_name = _("mitigation")

    def __str__(self) -> str:
        return f"{self.data_set.name}: {self.column}"

    def get_absolute_url(self) -> str:
        """Return the place of the data set's page that lists it."""
        return f"{self.data_set.get_absolute_url()}#mitigations"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, or a note that holds."""
        return self.state == self.State.OPEN

    @property
    def is_task(self) -> bool:
        """Whether somebody is to collect values."""
        return self.kind == self.Kind.COLLECT

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed and it is not done."""
        return bool(self.is_open and self.due_on and self.due_on < timezone.localdate())

    def clean(self) -> None:
        """Ask for the strategy of a step, and for who collects values until when."""
        wanted = ("owner", "due_on") if self.is_task else ("strategy",)
        problems = {
            name: _("A task needs somebody and a day.")
            if self.is_task
            else _("Say what the gaps are filled with.")
            for name in wanted
            if not getattr(self, name)
        }
        if problems:
            raise ValidationError(problems)


class AlertQuerySet(OfDataSetQuerySet["Alert"]):
    """Alerts of data sets."""

    def unresolved(self) -> Self:
        """Return those whose condition lasts."""
        return self.filter(resolved_at=None)

    def calling(self, today: date) -> Self:
        """Return those that wait for somebody: nobody saw to them or put them off."""
        is_off = Q(snoozed_until__gt=today)
        return self.unresolved().filter(acknowledged_at=None).exclude(is_off)


class Alert(models.Model):
    """Something about a data set that somebody should look at; one while it lasts."""

    class Kind(models.TextChoices):
        SCORE = "score", _("below a requirement")
        ANOMALY = "anomaly", _("out of step")
        ARRIVAL = "arrival", _("late")
        DRIFT = "drift", _("drifted")

    data_set = models.ForeignKey(
        DataSet, on_delete=models.CASCADE, related_name="alerts"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=200)  # of its condition, within the kind
    told = models.JSONField()  # a sentence, as engine.words.kept
    raised_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    snoozed_until = models.DateField(_("quiet until"), null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["data_set", "kind", "key"],
                condition=Q(resolved_at=None),
                name="alert_once_while_it_lasts",
            )
        ]

    def __str__(self) -> str:
        told = self.told
        return str(told["text"] if isinstance(told, dict) else told)

    @property
    def sentence(self) -> str:
        """What it says, in the language of the reader."""
        return in_words(again(self.told))

    @property
    def is_resolved(self) -> bool:
        """Whether its condition has passed."""
        return self.resolved_at is not None

    @property
    def is_calling(self) -> bool:
        """Whether it waits for somebody."""
        return not (self.is_resolved or self.acknowledged_at or self.is_snoozed)

    @property
    def is_snoozed(self) -> bool:
        """Whether it is to be quiet today."""
        return bool(self.snoozed_until and self.snoozed_until > timezone.localdate())
