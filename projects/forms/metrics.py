"""Forms of metrics, of who agrees to them and of how they move each other."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.forms.numbers import NumberField
from projects.forms.rows import InProjectForm
from projects.models import Metric, MetricAlignment, MetricLink, Project, Stakeholder
from projects.selectors.words import Decimal


class MetricForm(InProjectForm[Metric]):
    """A metric of the project's own, or another meaning of one there is."""

    class Meta:
        model = Metric
        fields = ("title", "key", "kind", "direction", "unit", "words")
        help_texts = {
            "key": _(
                "The name runs log it under, such as calls_answered. It stays as it is."
            ),
            "kind": _(
                "Technical: of the model. Domain: what experts count. Business: money."
            ),
            "unit": _("Such as share, customers, days or money."),
            "words": _(
                "For readers without statistics; {x} stands for the value, {n} for a "
                "share in 100: “keeps {x} customers a year”."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # Runs log it under this name: their evidence would be lost.
            del self.fields["key"]


class AlignmentForm(forms.ModelForm[MetricAlignment]):
    """What one person says of one metric."""

    class Meta:
        model = MetricAlignment
        fields = ("stakeholder", "metric", "weight", "agreed", "comment")
        labels = {
            "stakeholder": _("Who"),
            "weight": _("As"),
            "agreed": _("Says"),
            "comment": _("In their words"),
        }

    def __init__(
        self,
        *args: Any,
        people: Sequence[Stakeholder],
        metrics: Sequence[Metric],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("stakeholder", Stakeholder.objects, people)
        self._offer("metric", Metric.objects, metrics)
        weight, agreed = MetricAlignment.Weight, MetricAlignment.Agreed
        self.initial.setdefault("weight", weight.PRIMARY)
        self.initial.setdefault("agreed", agreed.YES)
        for name, offered in (
            ("weight", (weight.PRIMARY, weight.SECONDARY)),
            # The likeliest answer first.
            ("agreed", (agreed.YES, agreed.NO, agreed.OPEN)),
        ):
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [(each.value, each.label) for each in offered]

    def _offer(self, name: str, manager: Any, rows: Sequence[Any]) -> None:
        """Offer these rows, which are there already: showing them asks nothing."""
        field = cast("forms.ModelChoiceField[Any]", self.fields[name])
        field.queryset = manager.filter(pk__in=[each.pk for each in rows])
        field.choices = [(each.pk, str(each)) for each in rows]

    def kept(self) -> MetricAlignment | None:
        """Return what the person has said of this metric already."""
        person: Stakeholder | None = self.cleaned_data.get("stakeholder")
        return MetricAlignment.objects.filter(
            stakeholder=person, metric=self.cleaned_data.get("metric")
        ).first()

    def _post_clean(self) -> None:
        # Saying it again changes the row there is, so it is the one to be checked.
        if kept := self.kept():
            self.instance = kept
        if person := self.cleaned_data.get("stakeholder"):
            MetricAlignment.objects.step_down_from_retired(person)
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, untyped


class LinkForm(InProjectForm[MetricLink]):
    """How one metric moves another."""

    elasticity = NumberField(
        label=_("Elasticity"),
        required=False,
        help_text=_("By how many per cent it moves when the other moves by one."),
    )
    at_cause = NumberField(
        label=_("Seen where the first is"),
        required=False,
        help_text=_("A point that is known: a share as 0.6."),
    )
    at_effect = NumberField(
        label=_("And the second is"),
        required=False,
        help_text=_("Its value there, in its own unit."),
    )

    class Meta:
        model = MetricLink
        fields = (
            "cause",
            "effect",
            "relation",
            "formula",
            "elasticity",
            "at_cause",
            "at_effect",
            "note",
        )
        help_texts = {
            "formula": _(
                "The value of the second, from the key of the first and the names "
                "below, such as recall * customers * churn_rate."
            ),
            "note": _("A study, a pilot, or whose experience."),
        }

    def __init__(
        self,
        *args: Any,
        project: Project,
        decimal: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, project=project, **kwargs)
        metrics = project.metrics.filter(retired_at=None)
        for name in ("cause", "effect"):
            field = cast("forms.ModelChoiceField[Any]", self.fields[name])
            field.queryset = metrics
            field.empty_label = _("Choose")
        for name in ("elasticity", "at_cause", "at_effect"):
            cast(NumberField, self.fields[name]).decimal = decimal
