"""Forms of the portfolio: rates between currencies, platforms, scenarios."""

from decimal import Decimal as Exact
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.forms.numbers import NumberField
from projects.models import CurrencyRate, Platform, PlatformUse, Project, Scenario
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


def _exact(value: float | None) -> Exact:
    """Return an amount with the two decimals that are kept; nothing is zero."""
    return Exact(repr(value or 0.0)).quantize(Exact("0.01"))


class PlatformForm(forms.ModelForm[Platform]):
    """A shared platform: what it is for and what it costs."""

    cost_once = NumberField(
        label=_("Cost to build"), required=False, least=0.0, most=1e13
    )
    cost_yearly = NumberField(
        label=_("Cost a year"), required=False, least=0.0, most=1e13
    )

    class Meta:
        model = Platform
        fields = ("name", "purpose", "currency", "cost_once", "cost_yearly")
        help_texts = {"purpose": _("One line.")}

    def __init__(
        self, *args: Any, decimal: Decimal | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in ("cost_once", "cost_yearly"):
            cast(NumberField, self.fields[name]).decimal = decimal
            self.initial[name] = f"{float(self.initial.get(name) or 0):.12g}"
        if self.instance._state.adding:
            self.initial["currency"] = settings.REPORTING_CURRENCY

    def clean_currency(self) -> str:
        """Return the code in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_cost_once(self) -> Exact:
        """Return the amount with two decimals."""
        return _exact(self.cleaned_data["cost_once"])

    def clean_cost_yearly(self) -> Exact:
        """Return the amount with two decimals."""
        return _exact(self.cleaned_data["cost_yearly"])


class UseForm(forms.ModelForm[PlatformUse]):
    """A project builds on a platform."""

    weight = NumberField(
        label=_("Share of the cost"),
        initial="1",
        least=0.0,
        most=1e6,
        help_text=_("2 bears twice as much as 1."),
    )
    cost_without = NumberField(
        label=_("Extra cost a year without it"),
        required=False,
        least=0.0,
        most=1e13,
        help_text=_("Only if it can be done without."),
    )

    class Meta:
        model = PlatformUse
        fields = ("project", "weight", "is_needed", "cost_without")
        labels = {"project": _("Project")}

    def __init__(
        self,
        *args: Any,
        projects: QuerySet[Project],
        decimal: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Project]", self.fields["project"])
        field.queryset, field.empty_label = projects, _("Choose a project")
        for name in ("weight", "cost_without"):
            cast(NumberField, self.fields[name]).decimal = decimal

    def clean_cost_without(self) -> Exact:
        """Return the amount with two decimals."""
        return _exact(self.cleaned_data["cost_without"])
