"""Forms of the portfolio: rates between currencies, platforms, scenarios."""

from decimal import Decimal as Exact
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.forms.numbers import NumberField
from projects.models import CurrencyRate, Scenario
from projects.selectors.words import Decimal

LEAST_RATE, MOST_RATE = 1e-9, 1e9


class RateForm(forms.ModelForm[CurrencyRate]):
    """What one unit of a currency is worth from a day on."""

    rate = NumberField(label=_("is worth"), least=LEAST_RATE, most=MOST_RATE)

    class Meta:
        model = CurrencyRate
        fields = ("currency", "rate", "valid_from")
        labels = {"currency": _("1 unit of"), "valid_from": _("from")}
        widgets = {
            "valid_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "currency": forms.TextInput(attrs={"autocomplete": "off"}),
        }

    def __init__(
        self, *args: Any, decimal: Decimal | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        rate = cast(NumberField, self.fields["rate"])
        rate.decimal = decimal
        rate.help_text = _("In %(currency)s.") % {
            "currency": settings.REPORTING_CURRENCY
        }
        self.fields["valid_from"].initial = timezone.localdate
        self.fields["currency"].help_text = _("Three letters.")
        self.fields["valid_from"].help_text = _("Until the next one is typed.")

    def clean_currency(self) -> str:
        """Return the code in capitals; the reporting currency needs no rate."""
        code = str(self.cleaned_data["currency"]).upper()
        if code == settings.REPORTING_CURRENCY:
            raise forms.ValidationError(
                _("Sums are in %(currency)s already: it needs no rate."),
                params={"currency": code},
            )
        return code

    def clean_rate(self) -> Exact:
        """Return the rate with the ten decimals that are kept."""
        return Exact(repr(self.cleaned_data["rate"])).quantize(Exact("1e-10"))


class LimitsForm(forms.Form):
    """What a choice of projects may take, and whether past optimism counts."""

    budget = NumberField(label=_("Budget"), required=False, least=0.0, most=1e15)
    people = NumberField(label=_("People"), required=False, least=0.0, most=1e6)
    shrink = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, decimal: Decimal | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in ("budget", "people"):
            cast(NumberField, self.fields[name]).decimal = decimal


class ScenarioForm(forms.ModelForm[Scenario]):
    """The name of a scenario; its rules stand in the address."""

    class Meta:
        model = Scenario
        fields = ("name",)
        labels = {"name": _("Save it as")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}
