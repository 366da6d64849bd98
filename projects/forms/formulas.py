"""A box that holds a formula over the project's quantities."""

from collections.abc import Collection
from typing import Any

from django import forms

from core.words import in_words
from engine.value.formula import FormulaError, parse


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
            raise forms.ValidationError(in_words(problem)) from problem
        return text
