"""Quantities that move together: in words, or as a number."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.forms.numbers import NumberField
from projects.models import ValueCase
from projects.selectors.words import Decimal, wordings

AS_NUMBER = "number"
# Of the normal scores behind the two (a Gaussian copula), from -1 to 1.
STRENGTHS = (
    ("0.3", gettext_lazy("move together weakly (0.3)")),
    ("0.6", gettext_lazy("move together clearly (0.6)")),
    ("0.8", gettext_lazy("move together strongly (0.8)")),
    ("-0.3", gettext_lazy("move opposite weakly (−0.3)")),
    ("-0.6", gettext_lazy("move opposite clearly (−0.6)")),
    ("-0.8", gettext_lazy("move opposite strongly (−0.8)")),
    (AS_NUMBER, gettext_lazy("as the number says")),
)


class PairForm(forms.Form):
    """Two quantities, and how they move together."""

    one = forms.ChoiceField(label=gettext_lazy("This"), required=False)
    other = forms.ChoiceField(label=gettext_lazy("and this"), required=False)
    how = forms.ChoiceField(
        label=gettext_lazy("How"), required=False, choices=[("", "–"), *STRENGTHS]
    )
    rho = NumberField(
        label=gettext_lazy("Number"), required=False, least=-0.99, most=0.99
    )

    def __init__(
        self,
        *args: Any,
        names: Collection[tuple[str, str]] = (),
        decimal: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for field in ("one", "other"):
            choice: Any = self.fields[field]
            choice.choices = [("", "–"), *names]
        number: Any = self.fields["rho"]
        number.decimal = decimal

    def clean(self) -> dict[str, Any]:
        """Ask for both quantities and for how strongly they move together."""
        data = super().clean() or {}
        if self.errors or data.get("DELETE") or self.is_empty:
            return data
        missing = [name for name in ("one", "other", "how") if not data.get(name)]
        for name in missing:
            self.add_error(name, _("Choose one."))
        if missing:
            return data
        if data["one"] == data["other"]:
            self.add_error("other", _("Choose another one: it moves with itself."))
        if data["how"] == AS_NUMBER and data.get("rho") is None:
            self.add_error("rho", _("Give a number from -0.99 to 0.99."))
        return data

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen."""
        return not any(self.cleaned_data.get(name) for name in ("one", "other"))

    def pair(self) -> dict[str, Any] | None:
        """Return the pair as a value case keeps it; None for an empty or removed row."""
        data = self.cleaned_data
        if not data or data.get("DELETE") or self.is_empty:
            return None
        rho = data["rho"] if data["how"] == AS_NUMBER else float(data["how"])
        return {"one": data["one"], "other": data["other"], "rho": rho}


class BasePairs(forms.BaseFormSet[PairForm]):
    """All pairs of a value case."""

    def pairs(self) -> list[dict[str, Any]]:
        """Return the pairs as a value case keeps them."""
        return [pair for each in self.forms if (pair := each.pair())]


PairSet = forms.formset_factory(
    PairForm, formset=BasePairs, extra=1, can_delete=True, max_num=40, absolute_max=60
)


def pair_set(
    case: ValueCase, data: Any = None, *, decimal: Decimal | None = None
) -> BasePairs:
    """Return the pairs' forms, with one empty row."""
    quantities = list(case.project.quantities.all())
    words = wordings(quantities, case.project.currency)
    names = [(name, each.label) for name, each in words.items()]
    made: Any = PairSet(
        data if data and "pair-TOTAL_FORMS" in data else None,
        initial=[_typed(each) for each in case.correlations],
        prefix="pair",
        form_kwargs={"names": names, "decimal": decimal},
    )
    pairs: BasePairs = made  # the factory's type forgets its own base
    return pairs


def _typed(pair: dict[str, Any]) -> dict[str, Any]:
    said = f"{pair['rho']:g}"
    in_words = said in dict(STRENGTHS)
    return {**pair, "how": said if in_words else AS_NUMBER, "rho": said}
