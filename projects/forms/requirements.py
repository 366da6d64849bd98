"""Forms of requirements."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.forms.numbers import NumberField
from projects.models import Project, Requirement, RequirementVersion
from projects.selectors.words import Decimal

SAID = (
    "title",
    "test",
    "metric_key",
    "comparison",
    "threshold",
    "unit",
    "source",
    "reason",
)


class RequirementForm(forms.ModelForm[RequirementVersion]):
    """One requirement: what must hold, how it is tested, where it comes from."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Requirement.Kind.choices)
    priority = forms.ChoiceField(
        label=_("Priority"), choices=Requirement.Priority.choices
    )
    threshold = NumberField(label=_("Threshold"), required=False)
    metric_key = forms.ChoiceField(label=_("Metric"), required=False)

    class Meta:
        model = RequirementVersion
        fields = SAID
        help_texts = {
            "title": _("In words a business person would use."),
            "source": _("Who or what asks for it: a person, a law, a contract."),
            "unit": _("For example %, ms, days."),
        }

    field_order = ["title", "kind", "priority", *SAID[1:]]

    def __init__(
        self,
        *args: Any,
        project: Project,
        requirement: Requirement,
        decimal: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(NumberField, self.fields["threshold"]).decimal = decimal
        self.project = project
        self.requirement = requirement
        metric_key = self.fields["metric_key"]
        metric_key.choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "—"),
            *[(each.key, each.title) for each in project.metrics.all()],
        ]
        # Kind and priority live on the requirement; a version's row needs its owner.
        self.instance.requirement = requirement
        self.instance.version = 1
        if requirement._state.adding:
            del self.fields["reason"]
        self.initial.setdefault("kind", requirement.kind)
        self.initial.setdefault("priority", requirement.priority)

    def clean_threshold(self) -> float | None:
        """Return the threshold in the metric's unit: `70 %` of a share is 0.7."""
        value: float | None = self.cleaned_data["threshold"]
        metric = self.project.metrics.filter(key=self.data.get("metric_key")).first()
        if value is None or metric is None or metric.unit != "share":
            return value
        if "%" in self.data.get("threshold", ""):
            value /= 100
        if not 0 <= value <= 1:
            raise forms.ValidationError(
                _("“%(text)s” is no share: write it as 70 %% or 0.7."),
                params={"text": self.data.get("threshold")},
            )
        return value

    def clean(self) -> dict[str, Any]:
        """Say beside its field what a measured requirement lacks."""
        data = super().clean() or {}
        if data.get("test") == RequirementVersion.Test.COMPUTED:
            if not data.get("metric_key"):
                self.add_error("metric_key", _("Choose what is measured."))
            if data.get("threshold") is None and "threshold" not in self.errors:
                self.add_error("threshold", _("Give the value it is held against."))
        return data

    def said(self) -> dict[str, Any]:
        """Return the fields of a version."""
        return {
            name: self.cleaned_data[name] for name in SAID if name in self.cleaned_data
        }


class AttestForm(forms.Form):
    """A person vouches for a requirement that no measurement can show."""

    holds = forms.TypedChoiceField(
        label=_("Does it hold?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("How do you know?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DeriveForm(forms.Form):
    """The false alarm rate at which the recall that pays is asked for."""

    fpr = NumberField(label=_("Share of loyal cases bothered, %"))

    def clean_fpr(self) -> float:
        """Return the share; asked in per cent."""
        value = self.cleaned_data["fpr"]
        if value is None or not 0 <= value <= 100:
            raise forms.ValidationError(
                _("“%(value)s” is no share: give 0 to 100."), params={"value": value}
            )
        return float(value) / 100
