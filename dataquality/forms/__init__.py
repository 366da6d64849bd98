"""Forms of data sets: a file, a name, and what the data is promised to be."""

import difflib
import json
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.words import in_words
from dataquality.models import DataSet, DataSetVersion
from engine.numbers import NumberProblem, parse_number
from engine.reading import KIND_WORDS, answer_of
from engine.reading.packed import PACKED_ENDINGS, ending_of
from engine.reading.sniff import (
    ENDINGS,
    JSON_ENDINGS,
    PARQUET_ENDINGS,
    WORKBOOK_ENDINGS,
)

ACCEPTED = ",".join((*ENDINGS, *PACKED_ENDINGS))
KINDS_SHOWN = 200  # columns whose kind can be chosen on the page; the API knows all
MORE_THAN_RULES = 100_000  # characters of JSON


def _file_help() -> str:
    return gettext(
        "CSV, Excel, JSON or Parquet, packed or not, up to %(limit)s. It is kept as it "
        "is."
    ) % {"limit": filesizeformat(settings.UPLOAD_LIMIT)}


class UploadForm(forms.Form):
    """One delivery: a file, and the day its content is of."""

    file = forms.FileField(
        label=_("Drop a file here, or choose one"),
        help_text=lazy(_file_help, str)(),
        # An empty file gets the reader's own sentence.
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": _("Choose a file to send.")},
    )
    delivered_at = forms.DateTimeField(
        label=_("The data is as of"),
        help_text=_(
            "The day the rows were drawn, if you know it; age is measured from it."
        ),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    preview = forms.BooleanField(
        label=_("Show me first how it is read"),
        help_text=_("What is not certain is shown in any case."),
        required=False,
    )


class NewDataSetForm(UploadForm):
    """The first delivery, and what the data set is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What each row is: customers, claims, readings."),
    )
    description = forms.CharField(
        label=_("Where it comes from"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("name", "file", "delivered_at", "description", "preview")

    def __init__(self, *args: Any, needs_file: bool = True, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["file"].required = needs_file


class DataSetForm(forms.ModelForm[DataSet]):
    """Name, description and the column to predict; the address stays."""

    class Meta:
        model = DataSet
        fields = ("name", "description", "target")
        help_texts = {
            "name": _("The address of its page stays as it is."),
            "target": _(
                "The report then shows what the other columns say about it, and which "
                "of them give it away."
            ),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, columns: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing is lost that a newer version lacks.
        names = dict.fromkeys([*columns, *filter(None, [self.instance.target])])
        self.fields["target"] = forms.ChoiceField(
            label=self.fields["target"].label,
            help_text=self.fields["target"].help_text,
            required=False,
            choices=[("", _("None yet")), *((each, each) for each in names)],
        )

    def _get_validation_exclusions(self) -> set[str]:
        # The name is unique in its project: both columns are checked together.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return excluded - {"project", "deleted_at"}


class RulesForm(forms.Form):
    """The common rules in words; what it does not show stays as it was."""

    required = forms.CharField(
        label=_("Columns that must be filled"),
        required=False,
        help_text=_("Names with commas between. Completeness counts their cells."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    key = forms.CharField(
        label=_("Columns that name a row"),
        required=False,
        help_text=_("Uniqueness counts how often they repeat."),
    )
    ranges = forms.CharField(
        label=_("Numbers between"),
        required=False,
        help_text=_(
            "One a line: tenure 0 to 100. Leave an end out with *: price 0 to *"
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    values = forms.CharField(
        label=_("Only these values"),
        required=False,
        help_text=_("One column a line: churn: Yes, No"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    column = forms.CharField(
        label=_("Column with each row's date"),
        required=False,
        help_text=_("Without one, the date you give with an upload counts."),
    )
    target_days = forms.CharField(
        label=_("Oldest it may be, in days"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    authority = forms.ChoiceField(
        label=_("Data set that is right"),
        required=False,
        help_text=_("Accuracy compares with its newest version."),
    )
    authority_key = forms.CharField(
        label=_("Rows match by"),
        required=False,
        help_text=_("Columns named alike in both."),
    )
    tolerances = forms.CharField(
        label=_("Columns to compare, and how far off they may be"),
        required=False,
        help_text=_("One a line: monthly_charges 0.01"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, *args: Any, data_set: DataSet, columns: list[str], **kwargs: Any
    ):
        self.data_set, self.columns = data_set, columns
        kwargs.setdefault("initial", shown_rules(data_set.rules))
        super().__init__(*args, **kwargs)
        others = DataSet.objects.filter(
            project=data_set.project_id, deleted_at=None
        ).exclude(pk=data_set.pk)
        names = {other.name: other.name for other in others}
        now = self.initial.get("authority")
        if now and now not in names:
            names[now] = now  # a file's name, or a data set that is to come
        field = self.fields["authority"]
        field.choices = [("", _("none")), *names.items()]  # type: ignore[attr-defined]  # a ChoiceField

    def _names(self, field: str) -> list[str]:
        """Return the column names of a field, each one a column of the data."""
        names = [name.strip() for name in re.split(r"[,\n]", self.cleaned_data[field])]
        return [self._known(name) for name in names if name]

    def _known(self, name: str) -> str:
        if not self.columns or name in self.columns:
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

    def clean_required(self) -> list[str]:
        """Return columns."""
        return self._names("required")

    def clean_key(self) -> list[str]:
        """Return columns."""
        return self._names("key")

    def clean_authority_key(self) -> list[str]:
        """Return columns."""
        return self._names("authority_key")

    def clean_column(self) -> str:
        """Return a column, or nothing."""
        return "".join(self._names("column")[:1])

    def clean_target_days(self) -> float | None:
        """Return a number above zero, or nothing."""
        text = self.cleaned_data["target_days"]
        if not text:
            return None
        days = _number(text)
        if days is None or days <= 0:
            raise forms.ValidationError(
                _("“%(text)s” is no number of days. Write one above 0, such as 31."),
                params={"text": text},
            )
        return days

    def clean_ranges(self) -> list[dict[str, Any]]:
        """Return rules of numbers between two ends."""
        rules = []
        for line in _lines(self.cleaned_data["ranges"]):
            found = re.fullmatch(r"(.+?)\s*:?\s+(\S+)\s+(?:to|-|…|\.\.)\s+(\S+)", line)
            ends = [_end(text) for text in found.groups()[1:]] if found else []
            if found is None or not all(is_known for _value, is_known in ends):
                raise forms.ValidationError(
                    _("“%(line)s” cannot be read. Write it as: tenure 0 to 100."),
                    params={"line": line},
                )
            rule: dict[str, Any] = {
                "rule": "in_range",
                "column": self._known(found.group(1).strip()),
            }
            for name, (value, _is_known) in zip(
                ("minimum", "maximum"), ends, strict=True
            ):
                if value is not None:
                    rule[name] = value
            rules.append(rule)
        return rules

    def clean_values(self) -> list[dict[str, Any]]:
        """Return rules of allowed values."""
        rules = []
        for line in _lines(self.cleaned_data["values"]):
            column, colon, rest = line.partition(":")
            allowed = [value.strip() for value in rest.split(",") if value.strip()]
            if not colon or not allowed:
                raise forms.ValidationError(
                    _("“%(line)s” cannot be read. Write it as: churn: Yes, No."),
                    params={"line": line},
                )
            rules.append(
                {
                    "rule": "in_set",
                    "column": self._known(column.strip()),
                    "values": allowed,
                }
            )
        return rules

    def clean_tolerances(self) -> dict[str, float]:
        """Return by column how far off a cell may be."""
        found: dict[str, float] = {}
        for line in _lines(self.cleaned_data["tolerances"]):
            column, _space, text = line.replace(":", " ").strip().rpartition(" ")
            value = _number(text)
            if not column or value is None or value < 0:
                raise forms.ValidationError(
                    _("“%(line)s” cannot be read. Write it as: monthly_charges 0.01."),
                    params={"line": line},
                )
            found[self._known(column.strip())] = value
        return found

    def clean(self) -> dict[str, Any]:
        """Say beside its field what a rule lacks."""
        said = super().clean() or {}
        if said.get("authority") and "authority_key" not in self.errors:
            if not said.get("authority_key"):
                self.add_error("authority_key", _("Say by which columns rows match."))
            if not said.get("tolerances") and "tolerances" not in self.errors:
                self.add_error("tolerances", _("Name at least one column to compare."))
        needs_age = said.get("column") and said.get("target_days") is None
        if needs_age and "target_days" not in self.errors:
            self.add_error("target_days", _("Say how old a row may be."))
        return said

    def rules(self) -> dict[str, Any]:
        """Return the data set's rules with those of this form in their place."""
        said, rules = self.cleaned_data, dict(self.data_set.rules)
        shown = {"in_range", "in_set"}
        others = [
            each for each in rules.get("validity", []) if each["rule"] not in shown
        ]
        parts: dict[str, Any] = {
            "required": said["required"],
            "key": said["key"],
            "validity": [*said["values"], *said["ranges"], *others],
            "timeliness": _timeliness(rules.get("timeliness"), said),
            "authority": {
                "path": said["authority"],
                "key": said["authority_key"],
                "tolerances": said["tolerances"],
            }
            if said["authority"]
            else None,
        }
        if len(said["key"]) != len((rules.get("expected_keys") or {}).get("key", [])):
            rules.pop("expected_keys", None)
        kept = {name: value for name, value in parts.items() if value}
        return {
            name: value for name, value in rules.items() if name not in parts
        } | kept


def _timeliness(
    before: dict[str, Any] | None, said: dict[str, Any]
) -> dict[str, Any] | None:
    if said["target_days"] is None:
        return None
    rule: dict[str, Any] = {"target_days": said["target_days"]}
    if said["column"]:
        return {**rule, "column": said["column"]}
    if before and before.get("delivered_at"):
        rule["delivered_at"] = before["delivered_at"]
    return rule


class RulesJsonForm(forms.Form):
    """Every rule the engine knows, as JSON."""

    rules = forms.CharField(
        label=_("Rules as JSON"),
        max_length=MORE_THAN_RULES,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )

    def clean_rules(self) -> dict[str, Any]:
        """Return the object, or say where the JSON breaks off."""
        try:
            rules = json.loads(self.cleaned_data["rules"], parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(
                _("Line %(line)s, column %(column)s: %(why)s."),
                params={
                    "line": error.lineno,
                    "column": error.colno,
                    "why": error.msg,
                },
            ) from error
        if not isinstance(rules, dict):
            raise forms.ValidationError(_("Rules are one object in braces."))
        return rules


def _no_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is no number", name, 0)


def shown_rules(rules: dict[str, Any]) -> dict[str, Any]:
    """Return declared rules as the form's fields show them."""
    authority = rules.get("authority") or {}
    timeliness = rules.get("timeliness") or {}
    validity = rules.get("validity", [])
    return {
        "required": ", ".join(rules.get("required", [])),
        "key": ", ".join(rules.get("key", [])),
        "ranges": "\n".join(
            f"{each['column']} {_shown(each.get('minimum'))} to "
            f"{_shown(each.get('maximum'))}"
            for each in validity
            if each["rule"] == "in_range"
        ),
        "values": "\n".join(
            f"{each['column']}: {', '.join(map(str, each['values']))}"
            for each in validity
            if each["rule"] == "in_set"
        ),
        "column": timeliness.get("column", ""),
        "target_days": _shown(timeliness.get("target_days"), nothing=""),
        "authority": authority.get("path", ""),
        "authority_key": ", ".join(authority.get("key", [])),
        "tolerances": "\n".join(
            f"{column} {_shown(value)}"
            for column, value in authority.get("tolerances", {}).items()
        ),
    }


def _shown(value: float | None, *, nothing: str = "*") -> str:
    return nothing if value is None else f"{value:g}"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _number(text: str) -> float | None:
    try:
        return parse_number(text)
    except NumberProblem:
        return None


def _end(text: str) -> tuple[float | None, bool]:
    """Return one end of a range, and whether it could be read."""
    if text == "*":
        return None, True
    value = _number(text)
    return value, value is not None


class ReadingForm(forms.Form):
    """How a file is to be read: what its preview took, to be accepted or changed."""

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    records = forms.ChoiceField(label=_("Records are under"), required=False)
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[
            ("", _("as found")),
            ("utf-8", "UTF-8"),
            ("cp1252", _("Windows-1252 (cp1252)")),
            ("latin-1", "Latin-1"),
            ("utf-16", "UTF-16"),
        ],
    )
    delimiter = forms.ChoiceField(
        label=_("Between fields"),
        required=False,
        choices=[
            ("", _("as found")),
            (",", _("a comma")),
            (";", _("a semicolon")),
            ("\t", _("a tab")),
            ("|", _("a bar")),
        ],
    )
    quote = forms.ChoiceField(
        label=_("Around fields"),
        required=False,
        choices=[
            ("", _("double quotes, or nothing")),
            ("'", _("single quotes, or nothing")),
            ("none", _("nothing; quotes are text")),
        ],
    )
    header = forms.ChoiceField(
        label=_("Names of columns"),
        required=False,
        choices=[
            ("", _("as found")),
            ("yes", _("the first line")),
            ("no", _("none: number them")),
        ],
    )
    skip_lines = forms.IntegerField(
        label=_("Lines above the names"), required=False, min_value=0, max_value=100_000
    )
    decimal = forms.ChoiceField(
        label=_("Numbers"),
        required=False,
        choices=[
            ("", _("as they are written")),
            (".", "1,234.50"),
            (",", "1.234,50"),
        ],
    )

    def __init__(self, *args: Any, version: DataSetVersion, **kwargs: Any):
        self.preview: dict[str, Any] = version.reading if version.is_waiting else {}
        self.taken: dict[str, Any] = {**version.options, **_proposed(version)}
        self.read: dict[str, Any] = self.preview.get("read", {})
        kwargs.setdefault("initial", _shown_options(self.taken, self.read))
        super().__init__(*args, **kwargs)
        layout = self.read.get("format") or _layout_of(version.file_name)
        self.fields = {
            name: field for name, field in self.fields.items() if name in _ASKED[layout]
        }
        for name in ("sheet", "records"):
            choices = self.read.get("choices", [])
            if name in self.fields and choices:
                field = self.fields[name]
                field.choices = [(each, each) for each in choices]  # type: ignore[attr-defined]  # a ChoiceField
            else:
                self.fields.pop(name, None)
        for name in ("encoding", "delimiter"):
            # The API takes more than the page offers.
            value, offer = self.taken.get(name), self.fields.get(name)
            known = getattr(offer, "choices", ())
            if value and offer and value not in {choice[0] for choice in known}:
                offer.choices = [*known, (value, value)]  # type: ignore[attr-defined]  # a ChoiceField
        kinds = [(kind, in_words(words)) for kind, words in KIND_WORDS.items()]
        for number, column in enumerate(self.read.get("columns", [])[:KINDS_SHOWN]):
            if layout != "parquet":
                self.fields[f"kind-{number}"] = forms.ChoiceField(
                    label=column["name"],
                    required=False,
                    choices=kinds,
                    initial=column["kind"],
                    widget=forms.Select(attrs={"class": "select"}),
                )

    @property
    def about_the_file(self) -> list[forms.BoundField]:
        """The fields that no column has."""
        return [self[name] for name in self.fields if not name.startswith("kind-")]

    def kind_field(self, number: int) -> forms.BoundField | None:
        """Return the choice of a column's kind, if it has one."""
        name = f"kind-{number}"
        return self[name] if name in self.fields else None

    def options(self) -> dict[str, Any]:
        """Return all options of the reader as they were sent."""
        said = self.cleaned_data
        given = {name: said[name] for name in _PLAIN if said.get(name)}
        if said.get("header"):
            given["header"] = said["header"] == "yes"
        if said.get("decimal") or "decimal" in self.taken:
            given["decimal"] = said.get("decimal", "")
        # Other lines or fields make other columns: their kinds are found anew.
        if given == {name: self.taken[name] for name in given if name in self.taken}:
            given |= self._kinds()
        return given

    def _kinds(self) -> dict[str, Any]:
        before = self.taken.get("kinds") or {}
        chosen = dict(before)
        for number, column in enumerate(self.read.get("columns", [])[:KINDS_SHOWN]):
            kind = self.cleaned_data.get(f"kind-{number}")
            if kind and kind != column["kind"]:
                chosen[column["name"]] = kind
        return {"kinds": chosen} if chosen else {}

    @property
    def is_as_shown(self) -> bool:
        """Whether nothing differs from what the preview took."""
        taken = {
            name: value
            for name, value in self.taken.items()
            if name in {*self.fields, "kinds"} and (value or name in _MAY_BE_NONE)
        }
        return bool(self.preview) and self.options() == taken


_PLAIN = ("sheet", "records", "encoding", "delimiter", "quote", "skip_lines")
_MAY_BE_NONE = ("header", "decimal")
_ASKED = {
    "delimited": ("encoding", "delimiter", "quote", "header", "skip_lines", "decimal"),
    "xlsx": ("sheet", "header", "skip_lines", "decimal"),
    "json": ("records", "encoding", "decimal"),
    "jsonl": ("encoding", "decimal"),
    "parquet": (),
}


def _layout_of(file_name: str) -> str:
    """Return what a file that nobody could read yet says that it is."""
    ending = ending_of(file_name)
    if ending in JSON_ENDINGS:
        return "json"
    if ending in WORKBOOK_ENDINGS:
        return "xlsx"
    return "parquet" if ending in PARQUET_ENDINGS else "delimited"


def _proposed(version: DataSetVersion) -> dict[str, Any]:
    """Return the options that a preview took, or a question proposes."""
    if version.is_waiting and version.reading:
        found: dict[str, Any] = version.reading["options"]
        return found
    option, proposal = (
        version.question.get(name, "") for name in ("option", "proposal")
    )
    return {option: answer_of(option, proposal)} if option and proposal else {}


def _shown_options(taken: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """Return options as their fields show them."""
    shown = {name: value for name, value in taken.items() if value not in (None, "")}
    if "header" in shown:
        shown["header"] = "yes" if shown["header"] else "no"
    return {"sheet": read.get("sheet", ""), "skip_lines": 0, **shown}
