"""What a reader proposes where it is not sure, and the table that this gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.progress import Reporter
from engine.reading.errors import ReadError
from engine.reading.kinds import KIND_WORDS
from engine.reading.result import answer_of
from engine.reading.table import read_table
from engine.words import gettext_noop as _

_NAMED = 10  # columns with a sentence of their own


@dataclass(frozen=True)
class Doubt:
    """Something that a person should see before the table counts."""

    option: str  # that would change it, or ""
    proposal: str  # the value that was taken, or ""
    sentence: str


@dataclass(frozen=True)
class Proposed:
    """A table as the reader proposes to read it."""

    read: dict[str, Any]  # `TableRead`
    doubts: tuple[Doubt, ...]  # none if everything is certain
    options: dict[str, Any]  # those given, and those proposed


def read_as_proposed(
    *,
    source: str,
    filename: str,
    folder: Path,
    report: Reporter,
    options: dict[str, Any] | None = None,
) -> Proposed:
    """Return the table read with every question answered as the reader proposes.

    Raises
    ------
    ReadError
        If the file cannot be read at all, or not as proposed: then it is the first
        question that is raised.
    """
    taken = dict(options or {})
    doubts: list[Doubt] = []
    first: ReadError | None = None
    while True:
        try:
            read = read_table(
                source=source,
                filename=filename,
                folder=folder,
                report=report,
                options=taken,
            )
        except ReadError as error:
            if not error.proposal or error.option in {each.option for each in doubts}:
                raise first or error from error
            first = first or error
            doubts.append(Doubt(error.option, error.proposal, error.sentence))
            taken[error.option] = answer_of(error.option, error.proposal)
            continue
        asked = None if "decimal" in taken else _about_decimals(read)
        if asked is None:
            return Proposed(read, (*doubts, *_losses(read)), taken)
        doubts.append(asked)
        taken["decimal"] = asked.proposal


def _about_decimals(read: dict[str, Any]) -> Doubt | None:
    """Return the question that columns of near-numbers raise together, if any."""
    asking = [each for each in read["columns"] if each["option"] == "decimal"]
    if not asking:
        return None
    signs = {each["answer"] for each in asking} - {""}
    # Columns that speak for both signs are left as text.
    proposal = signs.pop() if len(signs) == 1 else ""
    words = {"columns": ", ".join(each["name"] for each in asking[:10])}
    sentence = {
        ".": _(
            "%(columns)s: a point before the decimals and a comma between thousands "
            "makes them numbers."
        ),
        ",": _("%(columns)s: a comma before the decimals makes them numbers."),
        "": _(
            "%(columns)s: numbers, if you say whether a comma parts thousands or "
            "decimals; text until then."
        ),
    }[proposal]
    return Doubt("decimal", proposal, sentence % words)


def _losses(read: dict[str, Any]) -> list[Doubt]:
    """Return what would not be kept as it is in the file."""
    found = []
    if read["rows_rejected"]:
        sentence = _("%(n)s of %(all)s rows do not fit and would be left out.") % {
            "n": f"{read['rows_rejected']:,}",
            "all": f"{read['rows_read']:,}",
        }
        found.append(Doubt("", "", sentence))
    if read["valueless"]:
        sentence = _(
            "Cells with an error or a formula that was never calculated count as "
            "missing: %(n)s in this workbook. Open it in Excel and save it to have "
            "their values."
        ) % {"n": f"{read['valueless']:,}"}
        found.append(Doubt("", "", sentence))
    failing = [each for each in read["columns"] if each["cast_failures"]]
    for column in failing[:_NAMED]:
        sentence = _(
            "%(column)s: values that are no %(kind)s would count as missing "
            "(%(n)s: %(examples)s)."
        ) % {
            "column": column["name"],
            "kind": KIND_WORDS[column["kind"]],
            "n": f"{column['cast_failures']:,}",
            "examples": ", ".join(column["failed_examples"]) or "–",
        }
        found.append(Doubt("kinds", "", sentence))
    if len(failing) > _NAMED:
        sentence = _("%(n)s more columns have values that would count as missing.") % {
            "n": f"{len(failing) - _NAMED:,}"
        }
        found.append(Doubt("kinds", "", sentence))
    return found
