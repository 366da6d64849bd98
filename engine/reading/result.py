"""The questions a reader asks, and the account it gives of one file."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from engine.kinds import Kind
from engine.reading.errors import ReadError
from engine.reading.kinds import KINDS, Decimal
from engine.reading.records import Reject
from engine.words import gettext_noop as _

TABLE_NAME = "table.parquet"
BATCH_ROWS = 65_536
_TEXTS = ("encoding", "delimiter", "quote", "sheet", "records")
_SAID = (None, True, False)


@dataclass(frozen=True)
class Options:
    """The answers that a person gave to the reader's questions."""

    encoding: str = ""
    delimiter: str = ""
    quote: str = ""  # "none" if quotes mean nothing
    header: bool | None = None
    skip_lines: int = 0
    decimal: Decimal = ""
    sheet: str = ""  # of a workbook
    records: str = ""  # the name that a JSON document's records are under
    kinds: Mapping[str, Kind] | None = None  # by column name
    # Whether to show how the file is read first; None shows what is in doubt.
    preview: bool | None = None
    limits: Mapping[str, int] | None = None

    @classmethod
    def from_json(cls, given: Mapping[str, Any] | None) -> "Options":
        """Return the options, refusing what is unknown.

        Raises
        ------
        ReadError
            If an option or its value is unknown.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(given or {}) - known)
        if unknown:
            raise ReadError(
                _("Option %(name)r is unknown; use one of %(known)s.")
                % {"name": unknown[0], "known": ", ".join(sorted(known))}
            )
        options = cls(**dict(given or {}))
        options._check_types()
        for name, kind in (options.kinds or {}).items():
            if kind not in KINDS:
                raise ReadError(
                    _("Kind %(kind)r of %(name)r is unknown; use one of %(known)s.")
                    % {"kind": kind, "name": name, "known": ", ".join(KINDS)}
                )
        return options

    def _check_types(self) -> None:
        """Refuse a value that its option cannot have."""
        lines, mapping = self.skip_lines, (Mapping, type(None))
        checks: tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...] = (
            (("decimal",), lambda value: value in ("", ".", ","), "'.', ','"),
            (_TEXTS, lambda value: isinstance(value, str), _("text")),
            (("kinds", "limits"), lambda value: isinstance(value, mapping), "{…}"),
            (("header", "preview"), lambda value: value in _SAID, "true, false"),
            (
                ("skip_lines",),
                lambda _value: isinstance(lines, int) and lines >= 0,
                "0, 1, 2 …",
            ),
        )
        for names, fits, known in checks:
            for name in names:
                if not fits(getattr(self, name)):
                    raise _wrong(name, getattr(self, name), known)


def _wrong(name: str, value: object, known: str) -> ReadError:
    return ReadError(
        _("Option %(name)s is %(value)s; use one of %(known)s.")
        % {"name": name, "value": repr(value), "known": known}
    )


def answer_of(option: str, proposal: str) -> Any:
    """Return a proposal, which is text, as the value of its option."""
    if option == "header":
        return proposal != "no"
    return int(proposal) if option == "skip_lines" else proposal


@dataclass(frozen=True)
class ColumnRead:
    """What became of one column."""

    name: str
    original: str
    kind: Kind
    missing: int  # cells without a value, the recognised spellings included
    cast_failures: int  # values present that the kind could not hold; now missing
    failed_examples: tuple[str, ...] = ()
    why: str = ""  # the reason for the kind
    proposal: str = ""  # a question for the reader, or ""
    option: str = ""  # that answers it
    answer: str = ""  # that is proposed


@dataclass(frozen=True)
class TableRead:
    """What was read from one upload."""

    parquet: str  # the file's name in the folder
    format: str
    encoding: str
    delimiter: str
    newline: str
    rows_read: int  # = rows_kept + rows_rejected
    rows_kept: int
    rows_rejected: int
    blank_lines: int
    rejects: tuple[Reject, ...]  # the first hundred
    columns: tuple[ColumnRead, ...]
    renames: tuple[dict[str, Any], ...]  # position, original, name
    notes: tuple[str, ...]
    limits: dict[str, int]
    packing: str = ""  # "gzip" or "zstd"
    header: bool = True
    skipped_lines: int = 0
    sheet: str = ""
    valueless: int = 0  # cells of a workbook whose formula failed or was never run
    choices: tuple[str, ...] = field(default=())  # sheets, or names of records

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON-able dictionary."""
        return asdict(self)
