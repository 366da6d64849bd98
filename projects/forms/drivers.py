"""The drivers of a value case: what is worth or costs something, row by row."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engine.value.case import COUNTED, Per
from projects.forms.formulas import FormulaField
from projects.models import ValueCase
from projects.models.drivers import (
    LONGEST_NOTE,
    NO_AMOUNT,
    NOT_IN_MONEY,
    PROXY,
    PROXY_PARTS,
    BeyondMoney,
    CostKind,
    driver_problems,
    proxy_expression,
)
from projects.selectors.measured import formula_names
from projects.selectors.picture import category_titles
from projects.selectors.words import translated

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
    "proxy": gettext_lazy("by a proxy"),
    "not_in_money": gettext_lazy("not in money"),
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
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[
            ("", "–"),
            (gettext_lazy("A cost for"), CostKind.choices),
            (gettext_lazy("Worth beyond money"), BeyondMoney.choices),
        ],
    )
    note = forms.CharField(
        label=gettext_lazy("What is expected"), required=False, max_length=LONGEST_NOTE
    )
    proxy_quantity = FormulaField(
        label=gettext_lazy("How many"), required=False, max_length=150
    )
    proxy_money = FormulaField(
        label=gettext_lazy("× worth of one"), required=False, max_length=150
    )
    proxy_reach = FormulaField(
        label=gettext_lazy("× share reached"), required=False, max_length=150
    )
    proxy_source = forms.CharField(
        label=gettext_lazy("Where the worth comes from"),
        required=False,
        max_length=LONGEST_NOTE,
    )

    def __init__(self, *args: Any, names: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category: Any = self.fields["category"]
        category.choices = [(str(key), title) for key, title in category_titles()]
        for field in self.fields.values():
            if isinstance(field, FormulaField):
                field.names = names
        # A proxy makes its own formula, and what is no money needs none.
        self.fields["expression"].required = self["counted"].value() == "money"

    @property
    def says_more(self) -> bool:
        """Whether its kind or a note is given, or wrong."""
        return any(self[name].value() or self[name].errors for name in ("kind", "note"))

    def clean(self) -> dict[str, Any]:
        """Ask for what the way of counting needs."""
        data = super().clean() or {}
        if self.errors or data.get("DELETE"):
            return data
        data["proxy"] = _proxy_of(data)
        for field, problem in driver_problems(data).items():
            self.add_error(field, problem)
        if data["proxy"] and not self.errors:
            data["expression"] = proxy_expression(data["proxy"])
        if not data.get("expression") and not self.errors:
            self._fill_amount(data)
        return data

    def _fill_amount(self, data: dict[str, Any]) -> None:
        if data["counted"] == NOT_IN_MONEY:
            data["expression"] = NO_AMOUNT
        else:
            self.add_error("expression", _("Give the amount as a number or a formula."))

    def has_changed(self) -> bool:
        """Whether anything was said; the choices of an empty row say nothing."""
        said = ("label", "expression", "note", "proxy_quantity", "proxy_money")
        typed = (self.data.get(self.add_prefix(name), "") for name in said)
        return super().has_changed() and (
            bool(self.initial) or any(text.strip() for text in typed)
        )

    @property
    def is_removed(self) -> bool:
        """Whether the row is to go."""
        return bool(self.cleaned_data.get("DELETE"))

    def driver(self, name: str) -> dict[str, Any]:
        """Return the driver as a value case keeps it: what was not said is left out."""
        row = self.cleaned_data
        base = ("label", "category", "per", "expression", "counted")
        more = {key: row[key] for key in ("kind", "note", "proxy") if row[key]}
        return {"name": name, **{field: row[field] for field in base}, **more}


def _proxy_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of a proxy that were given; none makes no proxy."""
    if data["counted"] != PROXY:
        return {}
    parts = {part: data.get(f"proxy_{part}", "") for part in (*PROXY_PARTS, "source")}
    return parts if any(parts.values()) else {}


def _typed(driver: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kept driver as its row shows it."""
    proxy = driver.get("proxy") or {}
    shown = {**driver, "label": translated(driver["label"])}
    if driver["counted"] == NOT_IN_MONEY and driver["expression"] == NO_AMOUNT:
        shown["expression"] = ""
    return {**shown, **{f"proxy_{part}": text for part, text in proxy.items()}}


class BaseDrivers(forms.BaseFormSet[DriverForm]):
    """All drivers of a value case."""

    def named(self) -> list[tuple[str, DriverForm]]:
        """Return the rows that stay, each with a name of its own."""
        rows = [each for each in self.forms if each.has_changed() or each.initial]
        kept = [each for each in rows if not each.is_removed]
        taken = {row.cleaned_data["name"] for row in kept if row.cleaned_data["name"]}
        found = []
        for row in kept:
            data = row.cleaned_data
            name = data["name"] or _free_name(data["label"], taken)
            taken.add(name)
            found.append((name, row))
        return found

    def drivers(self) -> list[dict[str, Any]]:
        """Return the drivers as a value case keeps them."""
        return [row.driver(name) for name, row in self.named()]


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
    names = formula_names(case.project, case)
    rows = [_typed(each) for each in case.drivers]
    made: Any = DriverSet(
        data, initial=rows, prefix="driver", form_kwargs={"names": names}
    )
    drivers: BaseDrivers = made  # the factory's type forgets its own base
    return drivers
