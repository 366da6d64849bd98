"""Forms that hold versions against each other, tag them, and say what data is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.words import in_words
from dataquality.models import DataSet, DataSetVersion, VersionTag
from engine.numbers import NumberProblem, parse_number

COLUMNS_SHOWN = 200  # that can be chosen on the page; the API knows all
NEARLY_ALL = 0.9
NUMBERS = frozenset({"integer", "number"})


class ToleranceField(forms.CharField):
    """How far two numbers may differ; nothing is 0."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={"class": "field", "inputmode": "decimal", "size": 6}
        )
        super().__init__(required=False, max_length=40, widget=widget, **kwargs)

    def clean(self, value: Any) -> float:
        """Return the number that was typed."""
        text = super().clean(value)
        if not text:
            return 0.0
        try:
            number = parse_number(text)
        except NumberProblem as error:
            raise forms.ValidationError(in_words(error)) from error
        if number < 0:
            raise forms.ValidationError(gettext("A tolerance is 0 or more."))
        return number


@dataclass(frozen=True)
class ColumnFields:
    """The fields of one left column."""

    name: str
    kind: str
    key: forms.BoundField
    take: forms.BoundField
    other: forms.BoundField
    absolute: forms.BoundField | None  # of numbers alone
    relative: forms.BoundField | None

    @property
    def errors(self) -> list[str]:
        """What is wrong with any of them."""
        fields = (self.key, self.take, self.other, self.absolute, self.relative)
        return [str(error) for field in fields if field for error in field.errors]


class ReconcileForm(forms.Form):
    """Which columns name a row, which are compared, and how exactly."""

    def __init__(
        self, *args: Any, left: DataSetVersion, right: DataSetVersion, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.left = left
        others = [each["name"] for each in right.columns]
        names_rows = _names_rows(left)
        is_first = True
        for number, column in enumerate(left.columns[:COLUMNS_SHOWN]):
            name = column["name"]
            shared = name in others
            is_key = shared and is_first and name in names_rows
            is_first = is_first and not is_key
            label = {"column": name}
            self.fields |= {
                f"key-{number}": forms.BooleanField(
                    label=gettext("%(column)s names a row") % label,
                    required=False,
                    initial=is_key,
                ),
                f"take-{number}": forms.BooleanField(
                    label=gettext("compare %(column)s") % label,
                    required=False,
                    initial=shared and not is_key,
                ),
                f"other-{number}": forms.ChoiceField(
                    label=gettext("what %(column)s is held against") % label,
                    choices=[("", "–"), *((each, each) for each in others)],
                    required=False,
                    initial=name if shared else "",
                    widget=forms.Select(attrs={"class": "select"}),
                ),
            }
            if column["kind"] in NUMBERS:
                self.fields |= {
                    f"absolute-{number}": ToleranceField(
                        label=gettext("how far %(column)s may differ") % label
                    ),
                    f"relative-{number}": ToleranceField(
                        label=gettext("how many per cent %(column)s may differ") % label
                    ),
                }

    def rows(self) -> Iterator[ColumnFields]:
        """Yield the fields of each left column."""
        for number, column in enumerate(self.left.columns[:COLUMNS_SHOWN]):
            is_number = column["kind"] in NUMBERS
            yield ColumnFields(
                name=column["name"],
                kind=column["kind"],
                key=self[f"key-{number}"],
                take=self[f"take-{number}"],
                other=self[f"other-{number}"],
                absolute=self[f"absolute-{number}"] if is_number else None,
                relative=self[f"relative-{number}"] if is_number else None,
            )

    def clean(self) -> dict[str, Any]:
        """Refuse what names no row, or holds a column against none."""
        said: dict[str, Any] = super().clean() or {}
        chosen = [
            number
            for number in range(len(self.left.columns[:COLUMNS_SHOWN]))
            if said.get(f"key-{number}") or said.get(f"take-{number}")
        ]
        for number in chosen:
            place = f"other-{number}"
            if place not in self.errors and not said.get(place):
                self.add_error(place, gettext("Choose a column of the other table."))
        if not any(said.get(f"key-{number}") for number in chosen):
            self.add_error(
                None, gettext("Choose at least one column that names a row.")
            )
        return said

    def matching(self) -> dict[str, Any]:
        """Return what the engine is asked, see `engine.reconcile.Matching`."""
        said = self.cleaned_data
        found: dict[str, dict[str, Any]] = {
            name: {} for name in ("keys", "columns", "tolerances", "relative")
        }
        for number, column in enumerate(self.left.columns[:COLUMNS_SHOWN]):
            name, other = column["name"], said[f"other-{number}"]
            if said[f"key-{number}"]:
                found["keys"][name] = other
            elif said[f"take-{number}"]:
                found["columns"][name] = other
                if absolute := said.get(f"absolute-{number}"):
                    found["tolerances"][name] = absolute
                if relative := said.get(f"relative-{number}"):
                    found["relative"][name] = relative / 100
        return found


def _names_rows(version: DataSetVersion) -> set[str]:
    """Return the columns whose values are nearly all different, by the profile."""
    columns = version.profile.content.get("columns", [])
    return {
        each["name"]
        for each in columns
        if each["kind"] in {"text", "integer"}
        and each["distinct"] > NEARLY_ALL * each["count"]
    }


class TagForm(forms.Form):
    """A name for one version."""

    name = forms.CharField(
        label=_("Tag"),
        max_length=40,
        validators=VersionTag._meta.get_field("name").validators,
        help_text=_("Such as approved; it leaves the version that had it."),
    )


class DataCardForm(forms.ModelForm[DataSet]):
    """What people must know of a data set before they use it."""

    class Meta:
        model = DataSet
        fields = (
            "owner",
            "purpose",
            "licence",
            "personal_data",
            "retention_days",
            "notes",
        )
        widgets = {
            "purpose": forms.Textarea(attrs={"rows": 2}),
            "notes": forms.Textarea(attrs={"rows": 3}),
            "personal_data": forms.Select(attrs={"class": "select"}),
        }
        help_texts = {
            "retention_days": _(
                "Versions that arrived longer ago are shown as due, to be deleted by a "
                "person."
            ),
        }
