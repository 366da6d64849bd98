"""How a file would be read, before it counts."""

from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _

from core.words import all_in_words, in_words
from dataquality.models import DataSetVersion
from engine.numbers import plain
from engine.reading import KIND_WORDS
from engine.words import again

COLUMNS_SHOWN = 200


class Kinds(Protocol):
    """A form that offers a kind for each column."""

    def kind_field(self, number: int) -> Any:
        """Return the choice of a column's kind, if it has one."""


@dataclass(frozen=True)
class ColumnShown:
    """One column as it would be read."""

    name: str
    original: str  # "" where the name stays
    kind: str
    field: Any  # to choose another kind, or None
    why: str
    missing: int
    failures: str  # what would count as missing, or ""


@dataclass(frozen=True)
class Preview:
    """What a person looks at before the table counts."""

    sentence: str  # the one question or refusal, where there is no table to show
    doubts: tuple[str, ...]
    read: dict[str, Any]  # `TableRead`, in words; empty without a table
    columns: tuple[ColumnShown, ...]
    columns_left: int
    sample: dict[str, Any]


def preview_of(version: DataSetVersion, kinds: Kinds) -> Preview:
    """Return what there is to see of a version that is not ready."""
    told = version.reading if version.is_waiting else {}
    read = all_in_words(told.get("read", {}))
    columns = read.get("columns", [])
    return Preview(
        sentence="" if read else _sentence(version),
        doubts=tuple(all_in_words(d["sentence"]) for d in told.get("doubts", [])),
        read=read,
        columns=tuple(
            _column(each, kinds.kind_field(number))
            for number, each in enumerate(columns[:COLUMNS_SHOWN])
        ),
        columns_left=max(len(columns) - COLUMNS_SHOWN, 0),
        sample=told.get("sample", {}),
    )


def _sentence(version: DataSetVersion) -> str:
    """Return why the file was not taken, in the reader's language where it can be."""
    sentence = again(version.question.get("sentence", ""))
    # A later verdict, such as a cancelled job, is not in the reader's words.
    return in_words(sentence) if sentence == version.refusal else version.refusal


def _column(column: dict[str, Any], field: Any) -> ColumnShown:
    failures = ""
    if column["cast_failures"]:
        failures = _("%(n)s would count as missing: %(examples)s") % {
            "n": plain(column["cast_failures"]),
            "examples": ", ".join(column["failed_examples"]) or "–",
        }
    changed = column["original"] != column["name"]
    return ColumnShown(
        name=column["name"],
        original=column["original"] if changed else "",
        kind=in_words(KIND_WORDS[column["kind"]]),
        field=field,
        why=column["why"],
        missing=column["missing"],
        failures=failures,
    )
