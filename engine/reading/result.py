"""The questions a reader asks, and the account it gives of one file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.kinds import Kind
from engine.reading.errors import ReadError
from engine.reading.kinds import KINDS, Decimal
from engine.reading.records import Reject

TABLE_NAME = "table.parquet"
BATCH_ROWS = 65_536


@dataclass(frozen=True)
class Options:
    """The answers that a person gave to the reader's questions."""

    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None
    skip_lines: int = 0
    decimal: Decimal = ""
    kinds: Mapping[str, Kind] | None = None  # by column name
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
            raise ReadError(f"Option {unknown[0]!r} is unknown; use {sorted(known)}.")
        options = cls(**dict(given or {}))
        if options.decimal not in ("", ".", ","):
            raise ReadError(f"Option decimal is {options.decimal!r}; use '.' or ','.")
        if options.header not in (None, True, False):
            raise ReadError(f"Option header is {options.header!r}; use true or false.")
        if not isinstance(options.skip_lines, int) or options.skip_lines < 0:
            raise ReadError(
                f"Option skip_lines is {options.skip_lines!r}; use 0 or up."
            )
        for name, kind in (options.kinds or {}).items():
            if kind not in KINDS:
                raise ReadError(f"Kind {kind!r} of {name!r} is unknown; use {KINDS}.")
        return options


@dataclass(frozen=True)
class ColumnRead:
    """What became of one column."""

    name: str
    original: str
    kind: Kind
    missing: int  # cells without a value, the recognised spellings included
    cast_failures: int  # values present that the kind could not hold; now missing
    failed_examples: tuple[str, ...] = ()
    proposal: str = ""  # a question for the reader, or ""


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

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON-able dictionary."""
        return asdict(self)
