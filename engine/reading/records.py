"""An independent count of a file's records, made before any other parser sees it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from typing import Any

from engine.reading.dialect import Dialect, layout_of
from engine.reading.encoding import TextFile
from engine.reading.errors import ReadError
from engine.reading.limits import Limits, size
from engine.words import gettext_noop as _

MAX_REJECTS = 100


@dataclass(frozen=True)
class Reject:
    """One record that was not kept."""

    line: int  # of the upload, from 1
    reason: str
    text: str = ""  # how the record begins


@dataclass
class RecordCount:
    """What the quote-aware pass has counted, header excluded."""

    records: int = 0
    malformed: int = 0
    blank_lines: int = 0
    # ordinal of the record in the file, blank lines and header included, to its line
    lines: dict[int, int] = field(default_factory=dict)


def count_records(
    text: TextFile, dialect: Dialect, *, filename: str, limits: Limits
) -> RecordCount:
    """Return how many records the file holds and the lines of those that misfit.

    Raises
    ------
    ReadError
        If a field or record is too long, a quote is never closed, the last record
        is cut off, or there are too many records.
    """
    counter = _Counter(text, dialect, filename, limits)
    # The limit is the csv module's own and process-wide: put it back.
    before = csv.field_size_limit(limits.max_field)
    try:
        with text.path.open(encoding="utf-8", newline="") as file:
            return counter.run(file)
    finally:
        csv.field_size_limit(before)


def too_long(filename: str, limits: Limits) -> ReadError:
    """Return the refusal of a table with too many rows."""
    return ReadError(
        _("%(file)s has more than %(most)s rows. Upload it in parts, or a sample.")
        % {"file": filename, "most": f"{limits.max_rows:,}"}
    )


class _Counter:
    """One pass of the standard library's reader."""

    def __init__(
        self, text: TextFile, dialect: Dialect, filename: str, limits: Limits
    ) -> None:
        self.text = text
        self.dialect = dialect
        self.filename = filename
        self.limits = limits
        self.count = RecordCount()
        self.last: list[str] = []

    def run(self, file: TextIOWrapper) -> RecordCount:
        """Read every record once."""
        reader = csv.reader(
            self._lines(file),
            strict=True,
            **layout_of(self.dialect.delimiter, self.dialect.quote),
        )
        width, ordinal = self.dialect.width, 0
        header_due = self.dialect.header
        while True:
            line = reader.line_num + 1
            ordinal += 1
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                row = self._malformed(error, line)
            if header_due and row:
                header_due = False
            elif not row and width > 1:
                self.count.blank_lines += 1
            else:
                # In a file of one column a blank line is a missing value.
                self._add(row or [""], ordinal, line)
        self._check_end(reader.line_num)
        return self.count

    def _add(self, row: list[str], ordinal: int, line: int) -> None:
        """Count one record."""
        self.count.records += 1
        self.last = row
        if len(row) != self.dialect.width:
            self.count.malformed += 1
            if len(self.count.lines) < MAX_REJECTS:
                self.count.lines[ordinal] = line + self.text.skipped_lines
        if self.count.records > self.limits.max_rows:
            raise too_long(self.filename, self.limits)

    def _lines(self, file: TextIOWrapper) -> Iterator[str]:
        """Yield lines, refusing one that would not fit in memory."""
        most = self.limits.max_record
        number = 0
        while line := file.readline(most + 1):
            number += 1
            if len(line) > most:
                raise ReadError(
                    _(
                        "Line %(line)d of %(file)s is longer than %(most)s. Check its "
                        "quotes, or shorten it."
                    )
                    % {**self._place(number), "most": size(most)}
                )
            yield line

    def _malformed(self, error: csv.Error, line: int) -> list[str]:
        """Return an unusable row for bad quoting; refuse what hides further rows."""
        place = self._place(line)
        if "unexpected end" in str(error):
            raise ReadError(
                _(
                    "A quote opened in the record on line %(line)d of %(file)s is "
                    "never closed: the file is cut off or the quote is stray. Upload "
                    "the whole file, or double the quote."
                )
                % place
            ) from error
        if "field larger" in str(error):
            raise ReadError(
                _(
                    "A field in the record on line %(line)d of %(file)s is longer than "
                    "%(most)s. Check for a stray quote, or shorten the field."
                )
                % {**place, "most": size(self.limits.max_field)}
            ) from error
        return [""] * (self.dialect.width + 1)

    def _place(self, line: int) -> dict[str, Any]:
        """Return where a line is, in the file as it was uploaded."""
        return {"line": line + self.text.skipped_lines, "file": self.filename}

    def _check_end(self, line: int) -> None:
        """Refuse a last record that stops half-way."""
        short = 0 < len(self.last) < self.dialect.width
        if short and not self.text.ends_with_newline:
            raise ReadError(
                _(
                    "The last line of %(file)s (%(line)d) has %(found)d of %(width)d "
                    "fields and no line end: the file is cut off. Upload the whole "
                    "file, or remove that line."
                )
                % {
                    **self._place(line),
                    "found": len(self.last),
                    "width": self.dialect.width,
                }
            )
