"""Forms of a value case: its formulas, its time, its quantities."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engine.numbers import NumberProblem, parse_number
from engine.value.case import COUNTED, Per
from engine.value.formula import FormulaError, parse
from projects.forms.numbers import NumberField
from projects.forms.rows import InProjectForm
from projects.models import Project, Quantity, ValueCase
from projects.selectors.picture import category_titles
from projects.selectors.words import Decimal, digits, translated

PER_WORDS = {
    Per.TP: gettext_lazy("each case caught"),
    Per.FN: gettext_lazy("each case missed"),
    Per.FP: gettext_lazy("each false alarm"),
    Per.TN: gettext_lazy("each case left alone"),
    Per.UNDER: gettext_lazy("each unit less too low"),
    Per.OVER: gettext_lazy("each unit less too high"),
    Per.YEAR: gettext_lazy("year"),
    Per.ONCE: gettext_lazy("project, once"),
}
COUNTED_WORDS = {
    "money": gettext_lazy("in money"),
    "proxy": gettext_lazy("by a proxy, in money"),
    "not_in_money": gettext_lazy("not in money: shown beside"),
}


class FormulaField(forms.CharField):
    """An expression over the project's quantities; `names` are those it may use."""

    names: Collection[str] = ()

    def clean(self, value: Any) -> str:
        """Return the text, or what the engine has to say of it."""
        text = str(super().clean(value))
        if not text:
            return ""
        try:
            parse(text).check_names(self.names)
        except FormulaError as problem:
            raise forms.ValidationError(str(problem)) from problem
        return text


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

    def __init__(
        self, case: ValueCase, data: Any = None, *, decimal: Decimal | None
    ) -> None:
        super().__init__(data, initial=_initial(case))
        self.decimal = decimal
        names = [each.name for each in case.project.quantities.all()]
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
                raise forms.ValidationError(str(problem)) from problem
            if not 0 <= share <= 200:
                raise forms.ValidationError(
                    _("%(value)s is no share: give 0 to 200 for each year.")
                    % {"value": text}
                )
            shares.append(digits(share / 100))
        return shares

    def clean(self) -> dict[str, Any]:
        """Ask for the share of positives wherever cases are counted."""
        data = super().clean() or {}
        if data.get("volume") and not data.get("prevalence"):
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
        }


def _initial(case: ValueCase) -> dict[str, Any]:
    return {
        "volume": case.volume,
        "prevalence": case.prevalence,
        "horizon_years": case.project.horizon_years,
        "discount_rate": f"{100 * case.discount_rate:.12g}",
        "ramp_up": " ".join(f"{100 * share:.12g}" for share in case.ramp_up),
        "success_probability": f"{100 * case.success_probability:.12g}",
    }


class DriverForm(forms.Form):
    """One source of value or cost."""

    name = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    label = forms.CharField(label=gettext_lazy("What"), max_length=120)
    category = forms.ChoiceField(label=gettext_lazy("Source"))
    expression = FormulaField(label=gettext_lazy("Amount"), max_length=500)
    per = forms.ChoiceField(
        label=gettext_lazy("for each"),
        choices=[(str(per), words) for per, words in PER_WORDS.items()],
    )
    counted = forms.ChoiceField(
        label=gettext_lazy("Counted"),
        choices=[(each, COUNTED_WORDS[each]) for each in COUNTED],
    )

    def __init__(self, *args: Any, names: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category: Any = self.fields["category"]
        category.choices = [(str(key), title) for key, title in category_titles()]
        expression: Any = self.fields["expression"]
        expression.names = names

    def has_changed(self) -> bool:
        """Whether anything was said; the choices of an empty row say nothing."""
        typed = (self.data.get(self.add_prefix(n), "") for n in ("label", "expression"))
        return super().has_changed() and (
            bool(self.initial) or any(text.strip() for text in typed)
        )

    @property
    def is_removed(self) -> bool:
        """Whether the row is to go."""
        return bool(self.cleaned_data.get("DELETE"))


class BaseDrivers(forms.BaseFormSet[DriverForm]):
    """All drivers of a value case."""

    def drivers(self) -> list[dict[str, str]]:
        """Return the drivers as a value case keeps them, each with a name of its own."""
        rows = [each for each in self.forms if each.has_changed() or each.initial]
        kept = [each.cleaned_data for each in rows if not each.is_removed]
        taken = {row["name"] for row in kept if row["name"]}
        found = []
        for row in kept:
            name = row["name"] or _free_name(row["label"], taken)
            taken.add(name)
            found.append(
                {
                    "name": name,
                    **{
                        field: row[field]
                        for field in (
                            "label",
                            "category",
                            "per",
                            "expression",
                            "counted",
                        )
                    },
                }
            )
        return found


def _free_name(label: str, taken: Collection[str]) -> str:
    base = slugify(label).replace("-", "_")[:40] or "driver"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


DriverSet = forms.formset_factory(
    DriverForm,
    formset=BaseDrivers,
    extra=1,
    can_delete=True,
    max_num=40,
    absolute_max=60,
)


def driver_set(case: ValueCase, data: Any = None) -> BaseDrivers:
    """Return the drivers' forms, with one empty row."""
    names = [each.name for each in case.project.quantities.all()]
    rows = [{**each, "label": translated(each["label"])} for each in case.drivers]
    made: Any = DriverSet(
        data, initial=rows, prefix="driver", form_kwargs={"names": names}
    )
    drivers: BaseDrivers = made  # the factory's type forgets its own base
    return drivers


MONEY, SHARE, COUNT = "money", "share", "count"
KINDS = [
    (MONEY, gettext_lazy("money")),
    (SHARE, gettext_lazy("a share, asked in %")),
    (COUNT, gettext_lazy("another number")),
]


class QuantityForm(InProjectForm[Quantity]):
    """One number the value case rests on."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of number"), choices=KINDS)
    default_low = NumberField(label=gettext_lazy("Low"))
    default_high = NumberField(label=gettext_lazy("High"))
    default_likely = NumberField(label=gettext_lazy("Likely"))

    field_order = ("name", "label", "asks", "why", "kind", "suffix")

    class Meta:
        model = Quantity
        fields = (
            "name",
            "label",
            "asks",
            "why",
            "suffix",
            "default_low",
            "default_high",
            "default_likely",
            "is_refinement",
        )
        labels = {
            "label": gettext_lazy("What it is"),
            "asks": gettext_lazy("As a question"),
            "suffix": gettext_lazy("Unit and period"),
            "is_refinement": gettext_lazy("Ask it only under “Show more”"),
        }
        help_texts = {
            "name": gettext_lazy("Small letters and _, such as hours_saved."),
            "why": gettext_lazy("What exactly is meant, in one sentence."),
            "suffix": gettext_lazy("For example: per year, per contact, customers."),
        }

    def __init__(
        self, *args: Any, project: Project, decimal: Decimal | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, project=project, **kwargs)
        if self.instance.pk:
            # Formulas know it by this name.
            self.fields["name"].disabled = True
            self.initial = {**self.initial, **_shown(self.instance)}
        for field in self.fields.values():
            if isinstance(field, NumberField):
                field.decimal = decimal

    def clean(self) -> dict[str, Any]:
        """Turn what was typed into the unit of the formula."""
        data = super().clean() or {}
        scale = 0.01 if data.get("kind") == SHARE else 1.0
        for part in ("default_low", "default_likely", "default_high"):
            if data.get(part) is not None:
                data[part] = digits(data[part] * scale)
        _order(self, data, scale)
        return data

    def _post_clean(self) -> None:
        row, kind = self.instance, self.cleaned_data.get("kind")
        row.prefix = "{currency}" if kind == MONEY else ""
        row.scale = 0.01 if kind == SHARE else 1.0
        row.lower, row.upper = (0.0, 1.0) if kind == SHARE else (row.lower, row.upper)
        if kind == SHARE:
            self.cleaned_data["suffix"] = "%"
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, not in the stubs


def _order(form: QuantityForm, data: dict[str, Any], scale: float) -> None:
    low, likely, high = (
        data.get(f"default_{part}") for part in ("low", "likely", "high")
    )
    if low is None or likely is None or high is None:
        return
    said = {
        "low": f"{digits(low / scale):g}",
        "likely": f"{digits(likely / scale):g}",
        "high": f"{digits(high / scale):g}",
    }
    if low > high:
        form.add_error(
            "default_low",
            _("Low (%(low)s) is above high (%(high)s). Swap them?") % said,
        )
    elif not low <= likely <= high:
        form.add_error(
            "default_likely",
            _("Likely (%(likely)s) lies outside %(low)s to %(high)s.") % said,
        )


def _shown(row: Quantity) -> dict[str, Any]:
    kind = MONEY if row.prefix else SHARE if row.suffix == "%" else COUNT
    return {
        "kind": kind,
        "label": translated(row.label),
        "why": translated(row.why),
        **{
            f"default_{part}": f"{getattr(row, f'default_{part}') / row.scale:.12g}"
            for part in ("low", "likely", "high")
        },
    }
