"""What came true, as a person types it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.forms.numbers import NumberField
from projects.models import Project, Quantity, RealisedValue
from projects.selectors.realised import period_words, quarters_to_enter
from projects.selectors.words import Decimal, Wording, digits

MONEY = "money"


class CorrectionForm(forms.Form):
    """The value of a period, its own band where it has one, and how it was measured."""

    value = NumberField(label=_("Realised"))
    low = NumberField(
        label=_("At least"),
        required=False,
        help_text=_("Where the measurement has a band: 9 times in 10 above this."),
    )
    high = NumberField(label=_("At most"), required=False)
    method = forms.ChoiceField(
        label=_("How measured"), choices=RealisedValue.Method.choices
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Where the figure is from, so that others can look it up."),
    )

    def __init__(self, *args: Any, decimal: Decimal | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("value", "low", "high"):
            field: Any = self.fields[name]
            field.decimal = decimal

    def said(self, quantity: Quantity | None) -> dict[str, Any]:
        """Return the columns of a realised value, in the unit of the formula."""
        scale = quantity.scale if quantity else 1.0
        data = self.cleaned_data
        return {
            "method": data["method"],
            "note": data["note"],
            **{
                name: None if data[name] is None else digits(data[name] * scale)
                for name in ("value", "low", "high")
            },
        }


class RealisedForm(CorrectionForm):
    """What came true in which quarter."""

    what = forms.ChoiceField(
        label=_("What"),
        help_text=_("A number counted per year is given as a yearly figure."),
    )
    quarter = forms.ChoiceField(label=_("Quarter"))

    field_order = ("what", "quarter", "value", "low", "high", "method", "note")

    def __init__(
        self, *args: Any, project: Project, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.quantities = {str(each.pk): each for each in project.quantities.all()}
        self.quarters = {
            start.isoformat(): (start, end) for start, end in quarters_to_enter(today)
        }
        what: Any = self.fields["what"]
        what.choices = [
            (MONEY, _("net money, in %s") % project.currency),
            *((pk, _asked(each, project)) for pk, each in self.quantities.items()),
        ]
        quarter: Any = self.fields["quarter"]
        quarter.choices = [
            (key, period_words(start, end))
            for key, (start, end) in self.quarters.items()
        ]
        # The running quarter is offered, but the one before has ended.
        self.fields["quarter"].initial = list(self.quarters)[1]

    @property
    def quantity(self) -> Quantity | None:
        """What it is about; None for the net money."""
        return self.quantities.get(self.cleaned_data["what"])

    @property
    def period(self) -> tuple[date, date]:
        """The first and last day of the quarter."""
        return self.quarters[self.cleaned_data["quarter"]]


def _asked(quantity: Quantity, project: Project) -> str:
    words = Wording(quantity, project.currency)
    unit = f"{words.prefix}{words.suffix}".strip()
    return f"{words.label} ({unit})" if unit else words.label
