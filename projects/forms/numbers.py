"""Number boxes: text that is read as people write numbers."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from core.words import in_words
from engine.numbers import NumberProblem, parse_number
from projects.selectors.words import Decimal


class NumberField(forms.CharField):
    """A number as people type it, from `least` to `most`; the view sets `decimal`."""

    def __init__(
        self,
        *,
        least: float | None = None,
        most: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(max_length=60, **kwargs)
        self.widget.attrs["inputmode"] = "decimal"
        self.least, self.most = least, most
        self.decimal: Decimal | None = None

    def clean(self, value: Any) -> Any:
        """Return the number, or say how to write one."""
        text = super().clean(value)
        if not text:
            return None
        try:
            number = parse_number(str(text), decimal=self.decimal)
        except NumberProblem as problem:
            raise forms.ValidationError(in_words(problem)) from problem
        if self.least is not None and number < self.least:
            raise forms.ValidationError(
                _("%(value)s is below %(bound)s, the least possible.")
                % {"value": text, "bound": f"{self.least:g}"}
            )
        if self.most is not None and number > self.most:
            raise forms.ValidationError(
                _("%(value)s is above %(bound)s, the most possible.")
                % {"value": text, "bound": f"{self.most:g}"}
            )
        return number
