"""Forms of metrics and of who agrees to them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.models import Metric, MetricAlignment, Stakeholder


class MetricForm(forms.ModelForm[Metric]):
    """A metric of the project's own."""

    class Meta:
        model = Metric
        fields = ("title", "key", "kind", "direction", "unit", "words")
        help_texts = {
            "key": _("The name runs log it under, such as calls_answered."),
            "words": _("For readers without statistics."),
        }


class AlignmentForm(forms.ModelForm[MetricAlignment]):
    """What one person says of one metric."""

    class Meta:
        model = MetricAlignment
        fields = ("stakeholder", "metric", "weight", "agreed", "comment")

    def __init__(self, *args: Any, people: Any, metrics: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stakeholder"].queryset = people  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["metric"].queryset = metrics  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["stakeholder"].empty_label = None  # type: ignore[attr-defined]  # a ModelChoiceField

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
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, untyped
