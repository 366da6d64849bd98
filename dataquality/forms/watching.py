"""Forms around a watched data set: its monitor, its alerts, what is done about gaps."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.access import Right
from dataquality.models import MOST_DAYS, Mitigation, Monitor
from projects.forms.numbers import NumberField
from projects.models import Project
from projects.selectors.comments import members_of
from projects.selectors.words import Decimal

CHANCES = ("affects_low", "affects_likely", "affects_high")


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class MonitorForm(forms.Form):
    """How likely a bad row turns a decision, in per cent, and when files come."""

    affects_low = NumberField(label=_("At least, %"), required=False, least=0, most=100)
    affects_likely = NumberField(
        label=_("Likely, %"), required=False, least=0, most=100
    )
    affects_high = NumberField(label=_("At most, %"), required=False, least=0, most=100)
    affects_source = forms.CharField(
        label=_("Where that is from"),
        required=False,
        max_length=300,
        help_text=_("Who said so, or how it was measured."),
    )
    expects = forms.BooleanField(label=_("Say when a version is late"), required=False)
    period_days = NumberField(
        label=_("A version every so many days"), required=False, most=MOST_DAYS
    )
    grace_days = NumberField(
        label=_("Days of grace"), required=False, least=0, most=MOST_DAYS
    )

    def __init__(
        self, *args: Any, monitor: Monitor, decimal: Decimal | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial = _typed(monitor)
        self.monitor = monitor
        for field in self.fields.values():
            if isinstance(field, NumberField):
                field.decimal = decimal

    def said(self) -> Monitor:
        """Return the monitor as it was typed; chances are kept as shares."""
        data, monitor = self.cleaned_data, self.monitor
        for name in CHANCES:
            setattr(monitor, name, None if data[name] is None else data[name] / 100)
        monitor.affects_source = data["affects_source"]
        monitor.expects = data["expects"]
        monitor.period_days = data["period_days"]
        monitor.grace_days = data["grace_days"] or 0.0
        return monitor


def _typed(monitor: Monitor) -> dict[str, Any]:
    shown = {
        name: "" if (share := getattr(monitor, name)) is None else f"{100 * share:.6g}"
        for name in CHANCES
    }
    period = "" if monitor.period_days is None else f"{monitor.period_days:g}"
    return {
        **shown,
        "affects_source": monitor.affects_source,
        "expects": monitor.expects,
        "period_days": period,
        "grace_days": f"{monitor.grace_days:g}",
    }


class AcknowledgeForm(forms.Form):
    """What is done about an alert."""

    note = forms.CharField(label=_("Note"), required=False, max_length=500)


class SnoozeForm(forms.Form):
    """Until when an alert is quiet; without a day it is taken up again."""

    until = forms.DateField(label=_("Quiet until"), required=False, widget=_day())

    def clean_until(self) -> date | None:
        """Refuse a day that has come already."""
        until: date | None = self.cleaned_data["until"]
        if until is not None and until <= timezone.localdate():
            raise forms.ValidationError(gettext("Choose a day after today."))
        return until


class MitigationForm(forms.ModelForm[Mitigation]):
    """What is done about the gaps of a column."""

    class Meta:
        model = Mitigation
        fields = ("kind", "column", "strategy", "owner", "due_on", "note")
        widgets = {
            "kind": forms.RadioSelect,
            "column": forms.Select,
            "due_on": _day(),
            "note": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        }
        help_texts = {
            "strategy": _(
                "Learnt inside each fold from its training rows alone. New experiments "
                "on this data start with it."
            ),
            "owner": _("They are told, and find it on their first page."),
        }

    def __init__(
        self, *args: Any, project: Project, columns: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        column: Any = self.fields["column"].widget
        column.choices = [(name, name) for name in columns]
        owner: Any = self.fields["owner"]
        owner.choices = [
            ("", gettext("choose")),
            *(
                (each.pk, each.display_name)
                for each in members_of(project, Right.CONTRIBUTE)
            ),
        ]
        kind: Any = self.fields["kind"]
        kind.choices = Mitigation.Kind.choices
