"""The form of a value case: what it counts per case, and how money runs over time."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.words import in_words
from engine.numbers import NumberProblem, parse_number
from engine.value.units import UnitProblem
from projects.forms.correlations import pair_set
from projects.forms.drivers import driver_set
from projects.forms.formulas import FormulaField
from projects.forms.numbers import NumberField
from projects.models import Project, ValueCase
from projects.selectors.measured import formula_names
from projects.selectors.words import Decimal, digits

FORECAST = ("under_today", "over_today", "under", "over")


class CaseForm(forms.Form):
    """What the value case counts per case, and how money runs over time."""

    volume = FormulaField(
        label=gettext_lazy("Cases a year"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("A quantity or a formula; empty: no case is counted."),
    )
    prevalence = FormulaField(
        label=gettext_lazy("Share of positive cases"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("A share from 0 to 1 of the target population."),
    )
    horizon_years = forms.IntegerField(
        label=gettext_lazy("Horizon in years"),
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    discount_rate = NumberField(
        label=gettext_lazy("Discount rate, %"), least=0, most=100
    )
    ramp_up = forms.CharField(
        label=gettext_lazy("Ramp-up, % of a full year"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Year by year, such as 50 80; then 100."),
    )
    success_probability = NumberField(
        label=gettext_lazy("Chance of technical success, %"), least=0, most=100
    )
    under_today = FormulaField(
        label=gettext_lazy("Too low today"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Mean units by which forecasts are too low, over all forecasts."
        ),
    )
    over_today = FormulaField(
        label=gettext_lazy("Too high today"), required=False, max_length=200
    )
    under = FormulaField(
        label=gettext_lazy("Too low with a model"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Assumed until a run measures it."),
    )
    over = FormulaField(
        label=gettext_lazy("Too high with a model"), required=False, max_length=200
    )

    def __init__(
        self, case: ValueCase, data: Any = None, *, decimal: Decimal | None
    ) -> None:
        super().__init__(data, initial=_initial(case))
        self.decimal = decimal
        self.has_forecast = (
            bool(case.forecast) or case.project.task == Project.Task.REGRESSION
        )
        if not self.has_forecast:
            for name in FORECAST:
                del self.fields[name]
        names = formula_names(case.project, case)
        for field in self.fields.values():
            if isinstance(field, FormulaField):
                field.names = names
            if isinstance(field, NumberField):
                field.decimal = decimal

    def clean_ramp_up(self) -> list[float]:
        """Return each year's share; asked in per cent."""
        shares = []
        for text in self.cleaned_data["ramp_up"].replace(";", " ").split():
            if text == "%":
                continue
            try:
                share = parse_number(text.rstrip(","), decimal=self.decimal)
            except NumberProblem as problem:
                raise forms.ValidationError(in_words(problem)) from problem
            if not 0 <= share <= 200:
                raise forms.ValidationError(
                    _("%(value)s is no share: give 0 to 200 for each year.")
                    % {"value": text}
                )
            shares.append(digits(share / 100))
        return shares

    def clean(self) -> dict[str, Any]:
        """Ask for the share of positives, or for how far forecasts miss."""
        data = super().clean() or {}
        said = [name for name in FORECAST if data.get(name)]
        if said:
            for name in set(FORECAST) - set(said) - set(self.errors):
                self.add_error(name, _("Errors are counted, so give all four."))
        elif data.get("volume") and not data.get("prevalence"):
            self.add_error(
                "prevalence",
                _("Cases are counted, so name the share of them that is positive."),
            )
        return data

    def changes(self) -> dict[str, Any]:
        """Return the columns of a value case."""
        data = self.cleaned_data
        return {
            "volume": data["volume"],
            "prevalence": data["prevalence"],
            "discount_rate": digits(data["discount_rate"] / 100),
            "ramp_up": data["ramp_up"],
            "success_probability": digits(data["success_probability"] / 100),
            "forecast": {name: data[name] for name in FORECAST if data.get(name)},
        }


def _initial(case: ValueCase) -> dict[str, Any]:
    return {
        "volume": case.volume,
        "prevalence": case.prevalence,
        "horizon_years": case.project.horizon_years,
        "discount_rate": f"{100 * case.discount_rate:.12g}",
        "ramp_up": " ".join(f"{100 * share:.12g}" for share in case.ramp_up),
        "success_probability": f"{100 * case.success_probability:.12g}",
        **case.forecast,
    }


class CaseSheet:
    """All forms of the model behind a value: times, drivers, pairs that move together."""

    def __init__(
        self, case: ValueCase, data: Any = None, *, decimal: Decimal | None
    ) -> None:
        self.case = case
        self.form = CaseForm(case, data, decimal=decimal)
        self.drivers = driver_set(case, data)
        self.pairs = pair_set(case, data, decimal=decimal)

    @property
    def is_bound(self) -> bool:
        """Whether something was sent."""
        return self.form.is_bound

    def is_valid(self) -> bool:
        """Return whether every box can be used."""
        checked = [self.form.is_valid(), self.drivers.is_valid()]
        if self.pairs.is_bound:
            checked.append(self.pairs.is_valid())
        return all(checked)

    def changes(self) -> dict[str, Any]:
        """Return the columns of a value case."""
        pairs = {"correlations": self.pairs.pairs()} if self.pairs.is_bound else {}
        return {**self.form.changes(), "drivers": self.drivers.drivers(), **pairs}

    def say_units(self, problems: Iterable[UnitProblem]) -> None:
        """Say beside each driver why its units do not come out; others on top."""
        rows = dict(self.drivers.named())
        for each in problems:
            row = rows.get(each.driver)
            if row is None:
                self.form.add_error(None, in_words(each.message))
            else:
                row.add_error("expression", in_words(each.message))

    def problems(self) -> list[str]:
        """Return everything that cannot be used, in the order of the page."""
        rows: list[forms.Form] = [self.form, *self.drivers.forms, *self.pairs.forms]
        return [
            str(message)
            for row in rows
            for messages in row.errors.values()
            for message in messages
        ]
