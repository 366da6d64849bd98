"""The form in which a person says how a file is to be read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.words import in_words
from dataquality.models import DataSetVersion
from engine.reading import KIND_WORDS, answer_of
from engine.reading.packed import ending_of
from engine.reading.sniff import JSON_ENDINGS, PARQUET_ENDINGS, WORKBOOK_ENDINGS

KINDS_SHOWN = 200  # columns whose kind can be chosen on the page; the API knows all


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
