"""Which numbers to find out together."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import ValueCase
from projects.selectors.value import case_result
from projects.selectors.words import wordings


class TogetherForm(forms.Form):
    """Two numbers of a value case; those most worth knowing stand there at first."""

    one = forms.ChoiceField(label=gettext_lazy("This number"))
    other = forms.ChoiceField(label=gettext_lazy("and this"))

    def __init__(self, case: ValueCase, data: Any = None) -> None:
        ranked = [sway.name for sway in case_result(case).sways][:2]
        super().__init__(
            data, initial=dict(zip(("one", "other"), ranked, strict=False))
        )
        quantities = list(case.project.quantities.all())
        words = wordings(quantities, case.project.currency)
        for name in ("one", "other"):
            field: Any = self.fields[name]
            field.choices = [(key, each.label) for key, each in words.items()]

    def clean(self) -> dict[str, Any]:
        """Ask for two different numbers."""
        data = super().clean() or {}
        if data.get("one") and data.get("one") == data.get("other"):
            self.add_error("other", _("Choose another one."))
        return data

    @property
    def names(self) -> tuple[str, str]:
        """The two numbers chosen."""
        return self.cleaned_data["one"], self.cleaned_data["other"]
