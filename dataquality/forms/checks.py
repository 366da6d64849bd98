"""The form of a check: only the parameters of its kind, each in a field of its own."""

import difflib
import re
import typing
from dataclasses import MISSING, fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.models import User
from dataquality.forms.words import FIELDS, OPTIONS
from dataquality.models import Check, DataSet
from dataquality.selectors.scores import LABELS
from engine.checks import KINDS
from engine.numbers import NumberProblem, parse_number

DOCUMENT_BYTES = 1_000_000
_OWN_COLUMNS = {"column", "left", "right", "total"}


class CheckForm(forms.ModelForm[Check]):
    """What a data set is promised to be."""

    class Meta:
        model = Check
        fields = ("severity", "dimension", "where", "owner", "note")
        widgets = {
            "where": forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
            "note": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "where": _("A condition in SQL, such as country = 'DE' AND age > 17."),
        }

    def __init__(
        self, *args: Any, columns: list[str], people: list[User], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.columns, self.kind = columns, KINDS[self.instance.kind]
        self._severity_and_dimension()
        owner = self.fields["owner"]
        owner.queryset = User.objects.filter(pk__in=[each.pk for each in people])  # type: ignore[attr-defined]  # a ModelChoiceField
        owner.empty_label = _("nobody")  # type: ignore[attr-defined]  # as above
        if not self.kind.takes_filter:
            del self.fields["where"]
        hints = typing.get_type_hints(self.kind)
        self.shapes = {each.name: hints[each.name] for each in fields(self.kind)}
        for each in fields(self.kind):
            is_needed = each.default is MISSING and each.default_factory is MISSING
            default = None if each.default is MISSING else each.default
            value = self.instance.params.get(each.name, default)
            self.fields[each.name] = self._field(each.name, value, is_needed=is_needed)
        self.order_fields([each.name for each in fields(self.kind)])

    def _severity_and_dimension(self) -> None:
        severity, dimension = self.fields["severity"], self.fields["dimension"]
        self.initial["severity"] = self.instance.severity or self.kind.severity
        severity.choices = Check.Severity.choices  # type: ignore[attr-defined]  # a ChoiceField
        severity.required = True
        severity.help_text = _("A broken check of severity error fails the version.")
        self.fields["dimension"] = forms.ChoiceField(
            label=dimension.label,
            choices=list(LABELS.items()),
            help_text=_("Which score it is part of."),
        )
        self.initial["dimension"] = self.instance.dimension or self.kind.dimension

    def _field(self, name: str, value: Any, *, is_needed: bool) -> forms.Field:
        """Return the field of one parameter, by what it holds."""
        label, help_text = FIELDS[name]
        shape = self.shapes[name]
        said: dict[str, Any] = {
            "label": label,
            "help_text": help_text,
            "required": is_needed,
            "initial": _shown(value, shape),
        }
        choices = self._choices(name, value, shape)
        if shape is bool:
            return forms.BooleanField(**{**said, "required": False})
        if choices:
            return forms.ChoiceField(choices=choices, **said)
        if typing.get_origin(shape) in (tuple, dict) or name == "query":
            rows = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
            return forms.CharField(widget=rows, max_length=20_000, **said)
        return forms.CharField(max_length=2000, **said)

    def _choices(self, name: str, value: Any, shape: Any) -> list[tuple[str, Any]]:
        """Return what a parameter is chosen from; nothing for one that is typed."""
        if typing.get_origin(shape) is typing.Literal:
            return [(each, OPTIONS.get(each, each)) for each in typing.get_args(shape)]
        if name in _OWN_COLUMNS and self.columns:
            names = [*self.columns]
            if value and value not in names:
                names.append(value)  # of an older version; said by the result
            empty = [("", _("none"))] if name == "column" and self._is_optional else []
            return [*empty, *((each, each) for each in names)]
        if name == "table":
            others = DataSet.objects.filter(
                project=self.instance.data_set.project_id, deleted_at=None
            ).exclude(pk=self.instance.data_set_id)
            tables = [each.name for each in others]
            if value and value not in tables:
                tables.append(value)  # a file's name, or a data set that is to come
            return [(each, each) for each in tables]
        return []

    @property
    def _is_optional(self) -> bool:
        """Whether a column may be left out: an age can be that of the delivery."""
        return self.kind.kind == "freshness"

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The parameters of the kind."""
        return [self[name] for name in self.shapes]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """What every check has."""
        return [self[name] for name in self.fields if name not in self.shapes]

    def clean(self) -> dict[str, Any]:
        """Read the parameters; what the engine refuses is said at their place."""
        said = super().clean() or {}
        params = {}
        for name, shape in self.shapes.items():
            if name in self.errors or said.get(name) in (None, ""):
                continue
            try:
                params[name] = self._read(name, said[name], shape)
            except forms.ValidationError as error:
                self.add_error(name, error)
        self.instance.params = params
        return said

    def _read(self, name: str, text: Any, shape: Any) -> Any:
        """Return a parameter as the engine takes it."""
        origin, inner = typing.get_origin(shape), typing.get_args(shape)
        if isinstance(text, bool) or origin is typing.Literal:
            return text
        if origin is tuple:
            is_columns = inner[0] is str and name != "tokens"
            parts = _parts(text)
            return [self._known(each) for each in parts] if is_columns else parts
        if origin is dict:
            read = _number if inner[1] is float else str
            return {
                self._known(key): read(value)
                for key, value in _pairs(text, named_alike=inner[1] is str)
            }
        if shape is float or float in inner:
            return _number(text)
        return text

    def _known(self, name: str) -> str:
        if not self.columns or name in self.columns or self.kind.kind == "schema":
            return name
        close = difflib.get_close_matches(name, self.columns, n=1)
        if close:
            raise forms.ValidationError(
                _("“%(name)s” is no column; is “%(close)s” meant?"),
                params={"name": name, "close": close[0]},
            )
        raise forms.ValidationError(
            _("“%(name)s” is no column of the newest version. It has: %(columns)s."),
            params={"name": name, "columns": ", ".join(self.columns[:30])},
        )

    def _get_validation_exclusions(self) -> set[str]:
        # What the model says of parameters is shown above the form.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return excluded - {"params"}

    def _update_errors(self, errors: forms.ValidationError) -> None:
        found = getattr(errors, "error_dict", {})
        if "params" in found:
            found.setdefault("__all__", []).extend(found.pop("params"))
        super()._update_errors(errors)  # type: ignore[misc]  # not in the stubs


def _shown(value: Any, shape: Any) -> Any:
    """Return a parameter as its field shows it."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float | int):
        # All digits: what is shown is what is saved again.
        return repr(value).removesuffix(".0")
    if isinstance(value, dict):
        sign = " " if float in typing.get_args(shape) else " = "
        return "\n".join(
            f"{key}{sign}{_shown(each, shape)}" for key, each in value.items()
        )
    if isinstance(value, list | tuple):
        return "\n".join(str(_shown(each, shape)) for each in value)
    return value


def _parts(text: str) -> list[str]:
    """Return what stands on lines of its own, or between commas."""
    lines = text.splitlines()
    parts = lines if len(lines) > 1 else re.split(",", text)
    return [part.strip() for part in parts if part.strip()]


def _pairs(text: str, *, named_alike: bool) -> list[tuple[str, str]]:
    """Return what is said of each name, such as "price 0.01" or "id = number"."""
    found = []
    for part in _parts(text):
        match = re.fullmatch(r"(.+?)\s*[=:]\s*(.*)", part) or (
            None if named_alike else re.fullmatch(r"(.+)\s+(\S+)", part)
        )
        if match:
            found.append((match.group(1), match.group(2)))
        elif named_alike:
            found.append((part, part))
        else:
            raise forms.ValidationError(
                _("“%(part)s” cannot be read. Write it as: monthly_charges 0.01."),
                params={"part": part},
            )
    return found


def _number(text: str) -> float:
    try:
        return parse_number(text)
    except NumberProblem as error:
        raise forms.ValidationError(
            _("“%(text)s” is no number."), params={"text": text}
        ) from error


class DocumentForm(forms.Form):
    """A file with checks: our own YAML, a data contract, or a suite of expectations."""

    file = forms.FileField(
        label=_("A file with checks"),
        help_text=_(
            "YAML of this portal, Open Data Contract Standard 3, or a suite of Great "
            "Expectations."
        ),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )

    def clean_file(self) -> str:
        """Return the text, which has to be small enough to be read at once."""
        file = self.cleaned_data["file"]
        if file.size > DOCUMENT_BYTES:
            raise forms.ValidationError(_("A file of checks has at most 1 MB."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from error
