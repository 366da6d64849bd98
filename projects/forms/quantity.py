"""The form of one quantity: its question, its unit, its wide default range."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.forms.numbers import NumberField
from projects.forms.rows import InProjectForm
from projects.models import Project, Quantity
from projects.selectors.words import Decimal, digits, translated

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
            "shape",
            "formula_unit",
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
            "shape": gettext_lazy("What is believed between low and high."),
            "formula_unit": gettext_lazy(
                "Such as EUR / customer or customer / year; formulas are checked with "
                "it. Empty: not checked."
            ),
        }

    def __init__(
        self, *args: Any, project: Project, decimal: Decimal | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, project=project, **kwargs)
        if self.instance.pk:
            # Formulas know it by this name.
            self.fields["name"].disabled = True
            self.initial = {**self.initial, **_shown(self.instance)}
        self.fields["shape"].required = False
        for field in self.fields.values():
            if isinstance(field, NumberField):
                field.decimal = decimal

    def clean(self) -> dict[str, Any]:
        """Turn what was typed into the unit of the formula."""
        data = super().clean() or {}
        data["shape"] = data.get("shape") or self.instance.shape
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
