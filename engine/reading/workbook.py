"""A sheet of an Excel workbook to a canonical table, by way of text."""

import csv
import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, dropwhile, islice
from pathlib import Path, PurePath

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
)

from engine.progress import Reporter
from engine.reading.delimited import tabulate
from engine.reading.dialect import choose, too_wide
from engine.reading.encoding import TextFile
from engine.reading.errors import ReadError
from engine.reading.limits import MIB, Limits
from engine.reading.packed import check_growth
from engine.reading.result import Options, TableRead
from engine.words import gettext_noop as _

_OVERLAP = 64  # bytes; longer than anything that is looked for
_NAMED = 10  # sheets, in a question
_TOP = 50  # rows, to tell a title from a header
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_CELL = re.compile(rb'<c\b[^>]{0,40}?\br="([A-Z]{1,3})([0-9]{1,7})"')
# A formula that nothing has calculated, and a cell that shows #DIV/0! and its like;
# #N/A says itself that there is no value.
_VALUELESS = re.compile(
    rb"<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>|"
    rb'\bt="e"[^>]*>(?:<f\b[^>]*(?:/>|>[^<]*</f>))?\s*<v>#(?!N/A)'
)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError)
_NESTED = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0")


def read_workbook(
    source: Path,
    *,
    filename: str,
    folder: Path,
    report: Reporter,
    options: Options,
    limits: Limits,
) -> TableRead:
    """Return what was read from one sheet; the table is in `folder`.

    Numbers become text of the fifteen digits that Excel shows, times ISO 8601; a
    column that holds numbers written as text stays text.

    Raises
    ------
    ReadError
        If the archive is damaged or a bomb, the workbook has no cells, or several
        sheets have some and nobody said which to read.
    """
    valueless = check_archive(source, filename, limits)
    report.progress(0.05, "Opening the workbook")
    try:
        with CalamineWorkbook.from_path(str(source)) as book:
            sheet, names = _choose(book, filename, options.sheet)
            written = _write(sheet, folder / "cells.csv", filename, options, limits)
    except PasswordError as error:
        raise ReadError(
            _("%(file)s is protected by a password. Save it without one.")
            % {"file": filename}
        ) from error
    except CalamineError as error:
        raise _damaged(filename) from error
    text = TextFile(written.path, "", written.skipped, "LF", ends_with_newline=True)
    try:
        dialect = choose(
            text.path,
            filename=filename,
            delimiter=",",
            header=options.header,
            line_offset=text.skipped_lines,
            limits=limits,
        )
        read = tabulate(
            text,
            dialect,
            filename=filename,
            folder=folder,
            report=report,
            options=options,
            limits=limits,
            texts=frozenset(
                name
                for name, is_text in zip(dialect.names, written.texts, strict=True)
                if is_text
            ),
        )
    finally:
        text.path.unlink()
    return replace(
        read,
        format="xlsx",
        delimiter="",
        newline="",
        sheet=sheet.name,
        choices=names if len(names) > 1 else (),
        valueless=valueless,
        skipped_lines=options.skip_lines,
        notes=(*read.notes, _("Sheet “%(name)s” was read.") % {"name": sheet.name}),
    )


def check_archive(source: Path, filename: str, limits: Limits) -> int:
    """Refuse a workbook that is damaged, a bomb, or more than cells.

    Returns the number of cells, on all sheets, whose formula has no value.

    Every part is unpacked once and counted: what the archive says of itself may lie.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
            _check_parts(parts, filename, limits)
            inflated = valueless = 0
            for part in parts:
                scan = _Scan(part.filename, filename, limits)
                with archive.open(part) as file:
                    while piece := file.read(MIB):
                        inflated += len(piece)
                        check_growth(
                            inflated,
                            source.stat().st_size,
                            filename,
                            limits,
                            limits.max_workbook,
                        )
                        scan.add(piece)
                valueless += scan.valueless
    except _BROKEN as error:
        raise _damaged(filename) from error
    return valueless


def _damaged(filename: str) -> ReadError:
    return ReadError(
        _("%(file)s is damaged or cut off. Save it again as .xlsx and upload that.")
        % {"file": filename}
    )


def _check_parts(
    parts: Sequence[zipfile.ZipInfo], filename: str, limits: Limits
) -> None:
    """Refuse an archive by its directory."""
    if len(parts) > limits.max_entries:
        raise ReadError(
            _(
                "%(file)s has %(found)s parts inside; %(most)s are allowed. Save the "
                "sheet alone."
            )
            % {
                "file": filename,
                "found": f"{len(parts):,}",
                "most": f"{limits.max_entries:,}",
            }
        )
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise ReadError(
            _("%(file)s is a zip archive and no workbook. Upload what is inside.")
            % {"file": filename}
        )
    if any(part.flag_bits & 1 for part in parts):
        raise ReadError(
            _("%(file)s is protected by a password. Save it without one.")
            % {"file": filename}
        )
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise ReadError(
            _(
                "%(file)s links to other workbooks, whose values may be old. Break the "
                "links (Data, Edit Links), save it and upload that."
            )
            % {"file": filename}
        )


@dataclass
class _Scan:
    """One part of the archive as it is unpacked."""

    part: str
    filename: str
    limits: Limits
    held: bytes = b""
    begun: bool = False
    valueless: int = 0
    rows: tuple[int, int] = (2**31, 0)  # of cells: first, last
    columns: tuple[int, int] = (2**31, 0)

    def add(self, piece: bytes) -> None:
        """Look through the next bytes."""
        if not self.begun and piece.startswith(_NESTED):
            raise ReadError(
                _(
                    "%(file)s has another archive inside (%(part)s). Save the sheet "
                    "alone, without embedded files."
                )
                % {"file": self.filename, "part": self.part}
            )
        self.begun = True
        if PurePath(self.part).suffix.lower() not in (".xml", ".rels"):
            return
        seen = self.held + piece
        # UTF-16 puts a zero beside each letter.
        if _DOCTYPE.search(seen.replace(b"\0", b"")):
            raise ReadError(
                _(
                    "%(file)s defines entities of its own (%(part)s), as no workbook "
                    "does. Save it again as .xlsx."
                )
                % {"file": self.filename, "part": self.part}
            )
        if self.part.startswith("xl/worksheets/"):
            self._measure(seen)
            # What ends in the bytes that were held has been counted.
            self.valueless += sum(
                found.end() > len(self.held) for found in _VALUELESS.finditer(seen)
            )
        self.held = seen[-_OVERLAP:]

    def _measure(self, seen: bytes) -> None:
        """Refuse cells so far apart that the sheet between them fills the memory."""
        cells = _CELL.findall(seen)
        if not cells:
            return
        rows = [int(row) for _column, row in cells]
        columns = [_number(column) for column in {column for column, _row in cells}]
        self.rows = min(self.rows[0], *rows), max(self.rows[1], *rows)
        self.columns = (
            min(self.columns[0], *columns),
            max(self.columns[1], *columns),
        )
        height = self.rows[1] - self.rows[0] + 1
        width = self.columns[1] - self.columns[0] + 1
        if height * width > self.limits.max_cells:
            raise ReadError(
                _(
                    "A sheet of %(file)s spans %(rows)s rows and %(columns)s columns, "
                    "empty cells included: too many to open. Delete what lies outside "
                    "the table, or save the sheet as CSV."
                )
                % {
                    "file": self.filename,
                    "rows": f"{height:,}",
                    "columns": f"{width:,}",
                }
            )


def _number(letters: bytes) -> int:
    """Return the number of a column, from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _choose(
    book: CalamineWorkbook, filename: str, wanted: str
) -> tuple[CalamineSheet, tuple[str, ...]]:
    """Return the sheet to read, and the names of all sheets with cells."""
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    ]
    if wanted and wanted not in names:
        raise ReadError(
            _("%(file)s has no sheet %(sheet)r; it has %(names)s.")
            % {
                "file": filename,
                "sheet": wanted,
                "names": ", ".join(map(repr, names[:_NAMED])),
            }
        )
    heights = {name: book.get_sheet_by_name(name).height for name in names}
    filled = tuple(name for name, height in heights.items() if height)
    if not filled:
        raise ReadError(
            _("%(file)s has no sheet with cells. Upload one with a header.")
            % {"file": filename}
        )
    if len(filled) > 1 and not wanted:
        raise ReadError(
            _(
                "%(file)s has %(n)d sheets with cells: %(names)s. Say which one holds "
                "the table: sheet."
            )
            % {
                "file": filename,
                "n": len(filled),
                "names": ", ".join(map(repr, filled[:_NAMED])),
            },
            option="sheet",
            # A single row may be a title, but no header with a row.
            proposal=next((name for name in filled if heights[name] > 1), filled[0]),
        )
    return book.get_sheet_by_name(wanted or filled[0]), filled


@dataclass(frozen=True)
class _Written:
    """A sheet as text, ready for the reader of text."""

    path: Path
    skipped: int  # rows of the sheet above the first that was written
    texts: tuple[bool, ...]  # whether a column holds text alone, header aside


def _write(
    sheet: CalamineSheet, path: Path, filename: str, options: Options, limits: Limits
) -> _Written:
    """Write the sheet's cells as CSV, from its header on."""
    if sheet.width > limits.max_columns:
        raise too_wide(filename, sheet.width, limits)
    rows = dropwhile(
        lambda row: row[0] < options.skip_lines or not _filled(row[1]),
        enumerate(sheet.iter_rows()),
    )
    top = list(islice(rows, _TOP))
    if not top:
        raise ReadError(
            _("%(file)s has no rows below those that it skips. Say fewer: skip_lines.")
            % {"file": filename}
        )
    first = top[0][0]
    if not options.skip_lines:
        _check_top([row for _number, row in top], first, filename)
    header = first if options.header is not False else -1
    texts = [True] * sheet.width
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, row in chain(top, rows):
            writer.writerow([_text(cell) for cell in row] if _filled(row) else [])
            if number != header:
                texts = [
                    is_text and isinstance(cell, str)
                    for is_text, cell in zip(texts, row, strict=True)
                ]
    return _Written(path, first, tuple(texts))


def _check_top(rows: Sequence[Sequence[object]], offset: int, filename: str) -> None:
    """Ask if the first row is a title: it fills few of the columns that the rest does."""
    counts = [_filled(row) for row in rows]
    usual = max(counts)
    if usual < 3 or counts[0] > usual / 2:
        return
    header = next(i for i, count in enumerate(counts) if count > usual / 2)
    raise ReadError(
        _(
            "Row %(row)d of %(file)s fills %(found)d of %(usual)d columns: it may be a "
            "title. Rows above the header: drop them with skip_lines (the header may "
            "be row %(header)d)."
        )
        % {
            "row": offset + 1,
            "file": filename,
            "found": counts[0],
            "usual": usual,
            "header": offset + header + 1,
        },
        option="skip_lines",
        proposal=str(offset + header),
    )


def _filled(row: Iterable[object]) -> int:
    """Return how many cells of a row hold something."""
    return sum(cell != "" for cell in row)


def _text(cell: object) -> str:
    """Return a cell as text."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell).replace("\r\n", "\n")
