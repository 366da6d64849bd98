"""JSON records to a canonical table, by way of text."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from engine.progress import Reporter
from engine.reading.delimited import shortened, tabulate
from engine.reading.dialect import Dialect, too_wide, unique_names
from engine.reading.encoding import TextFile, to_plain_text
from engine.reading.errors import ReadError
from engine.reading.limits import MIB, Limits, size
from engine.reading.packed import ending_of
from engine.reading.records import MAX_REJECTS, Reject, too_long
from engine.reading.result import Options, TableRead
from engine.reading.sniff import LINES_ENDINGS
from engine.words import gettext_noop as _

_SPACE = " \t\n\r"


class _Number(str):
    """A number exactly as it is written: no digit is lost."""

    __slots__ = ()


class _Twice(dict[str, Any]):
    """An object that has one name twice."""


class _Unfit(Exception):
    """A record that is no row; says why."""


@dataclass
class _Found:
    """What the first pass over all records has seen."""

    kept: int = 0
    rejected: int = 0
    blank_lines: int = 0
    rejects: list[Reject] = field(default_factory=list)
    # by name: whether every value so far was text, or nothing
    columns: dict[str, bool] = field(default_factory=dict)
    nested: set[str] = field(default_factory=set)

    def reject(self, line: int, reason: str, text: str) -> None:
        """Count a record that is left out."""
        self.rejected += 1
        if len(self.rejects) < MAX_REJECTS:
            self.rejects.append(Reject(line, reason, shortened(text)))


# A line of the file, and the record on it or why there is none.
_Records = Callable[[], Iterator[tuple[int, Any]]]


def read_json(
    source: Path,
    *,
    filename: str,
    folder: Path,
    report: Reporter,
    options: Options,
    limits: Limits,
) -> TableRead:
    """Return what was read from a list of objects, or from one object a line.

    Objects inside become columns with dots in their names, lists stay JSON. Numbers
    keep every digit; what is text in the file stays text, unless it is a date.

    Raises
    ------
    ReadError
        If the file is damaged, cut off, nested too deep, breaks a limit, or is a
        document whose records nobody named.
    """
    text = to_plain_text(
        source,
        filename=filename,
        folder=folder,
        confirmed=options.encoding,
        skip_lines=0,
    )
    place = _Place(filename, text.skipped_lines, limits)
    try:
        layout, records, choices = _layout(text, place, options.records)
        report.progress(0.05, "Looking through the records")
        found = _look_through(records, place)
        if not found.columns:
            raise _nothing(found, filename)
        dialect = _dialect(tuple(found.columns))
        cells = folder / "cells.csv"
        _write(cells, records, tuple(found.columns), place)
    finally:
        if text.path != source:
            text.path.unlink(missing_ok=True)
    try:
        read = tabulate(
            replace(text, path=cells, skipped_lines=0, ends_with_newline=True),
            dialect,
            filename=filename,
            folder=folder,
            report=report,
            options=options,
            limits=limits,
            texts=frozenset(
                name
                for name, is_text in zip(
                    dialect.names, found.columns.values(), strict=True
                )
                if is_text
            ),
        )
    finally:
        cells.unlink()
    return replace(
        read,
        format=layout,
        delimiter="",
        rows_read=read.rows_read + found.rejected,
        rows_rejected=read.rows_rejected + found.rejected,
        blank_lines=found.blank_lines,
        rejects=tuple(found.rejects),
        choices=choices,
        notes=_notes(found),
    )


def _nothing(found: _Found, filename: str) -> ReadError:
    if not found.rejected:
        return ReadError(
            _("%(file)s holds no records. Upload a list of objects.")
            % {"file": filename}
        )
    first = found.rejects[0]
    return ReadError(
        _(
            "None of the %(n)s records of %(file)s is a row; line %(line)d: %(why)s. "
            "Write each record as one object of names and values."
        )
        % {
            "n": f"{found.rejected:,}",
            "file": filename,
            "line": first.line,
            "why": first.reason,
        }
    )


def _notes(found: _Found) -> tuple[str, ...]:
    if not found.nested:
        return ()
    return (
        _("Lists are kept as JSON text: %(columns)s.")
        % {"columns": ", ".join(sorted(found.nested)[:10])},
    )


def _dialect(originals: tuple[str, ...]) -> Dialect:
    names, renames = unique_names(originals)
    return Dialect(
        delimiter=",", header=True, originals=originals, names=names, renames=renames
    )


@dataclass(frozen=True)
class _Place:
    """Where a problem is, and what is too much."""

    filename: str
    offset: int
    limits: Limits

    def damaged(self, line: int, why: str) -> ReadError:
        """Return the refusal of text that is no JSON."""
        return ReadError(
            _(
                "%(file)s is no whole JSON: line %(line)d, %(why)s. Upload the whole "
                "file, or write one object a line and name it .jsonl."
            )
            % {"file": self.filename, "line": line + self.offset, "why": why}
        )

    def too_deep(self, line: int) -> ReadError:
        """Return the refusal of values within values within values."""
        return ReadError(
            _(
                "%(file)s nests values more than %(most)d deep on line %(line)d. "
                "Flatten it: a table has one level."
            )
            % {
                "file": self.filename,
                "most": self.limits.max_depth,
                "line": line + self.offset,
            }
        )


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_object,
        parse_int=_Number,
        parse_float=_Number,
        parse_constant=_Number,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Twice(made)


def _layout(
    text: TextFile, place: _Place, wanted: str
) -> tuple[str, _Records, tuple[str, ...]]:
    """Return the layout's name, its records, and names that records may be under."""
    with text.path.open(encoding="utf-8", newline="\n") as file:
        begin = file.read(4096).lstrip(_SPACE)[:1]
    if ending_of(place.filename) in LINES_ENDINGS:
        if begin != "{":
            raise place.damaged(1, _("a line that begins with no object"))
        return "jsonl", lambda: _lines(text, place), ()
    if begin == "[":
        return "json", lambda: _elements(text, place), ()
    if begin != "{":
        raise place.damaged(1, _("neither a list nor an object begins it"))
    if _is_lines(text):
        return "jsonl", lambda: _lines(text, place), ()
    found, choices = _document(text, place, wanted)
    return "json", lambda: iter(enumerate(found, start=1)), choices


def _is_lines(text: TextFile) -> bool:
    """Whether the first line is an object of its own and more follows."""
    with text.path.open(encoding="utf-8", newline="\n") as file:
        first, rest = file.readline(2 * MIB), file.read(4096)
    try:
        return isinstance(json.loads(first), dict) and bool(rest.strip(_SPACE))
    except (ValueError, RecursionError):
        return False


def _lines(text: TextFile, place: _Place) -> Iterator[tuple[int, Any]]:
    """Yield one record a line; the last must be whole."""
    most, decode = place.limits.max_record, _decoder().decode
    with text.path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(iter(lambda: file.readline(most + 1), ""), 1):
            if len(line) > most:
                raise _too_wide_record(number, place)
            if not line.strip(_SPACE):
                yield number + place.offset, None
                continue
            try:
                record = decode(line)
            except RecursionError as error:
                raise place.too_deep(number) from error
            except ValueError as error:
                if not line.endswith("\n"):
                    why = _("it is cut off in the middle")
                    raise place.damaged(number, why) from error
                record = _unreadable(error, line)
            yield number + place.offset, record


def _unreadable(error: ValueError, line: str) -> _Unfit:
    why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return _Unfit(_("no JSON: %(why)s") % {"why": why}, line)


def _too_wide_record(number: int, place: _Place) -> ReadError:
    return ReadError(
        _(
            "The record on line %(line)d of %(file)s is longer than %(most)s. Shorten it."
        )
        % {
            "line": number + place.offset,
            "file": place.filename,
            "most": size(place.limits.max_record),
        }
    )


def _elements(text: TextFile, place: _Place) -> Iterator[tuple[int, Any]]:
    """Yield the elements of a list, however long, holding one at a time."""
    with text.path.open(encoding="utf-8", newline="\n") as file:
        cursor = _Cursor(file, place)
        cursor.take("[")
        if cursor.peek() == "]":
            cursor.take("]")
        else:
            while True:
                yield cursor.value()
                if cursor.peek() != ",":
                    break
                cursor.take(",")
            cursor.take("]")
        if cursor.peek():
            raise place.damaged(cursor.line, _("something follows the list"))


class _Cursor:
    """A place in a long JSON text of which a part is in memory."""

    def __init__(self, file: TextIO, place: _Place) -> None:
        self.file, self.place = file, place
        self.text, self.at, self.line, self.ended = "", 0, 1, False
        self.decode = _decoder().raw_decode

    def peek(self) -> str:
        """Return the next character that is no space; "" at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _SPACE:
                self.line += self.text[self.at] == "\n"
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def take(self, mark: str) -> None:
        """Step over a character that must come next."""
        found = self.peek()
        if not found:
            raise self.place.damaged(self.line, _("it is cut off in the middle"))
        if found != mark:
            why = _("%(found)r where %(mark)r should be")
            raise self.place.damaged(self.line, why % {"found": found, "mark": mark})
        self.at += 1

    def value(self) -> tuple[int, Any]:
        """Return the next value with its line."""
        self.peek()
        line, most = self.line, self.place.limits.max_record
        while True:
            try:
                found, end = self.decode(self.text, self.at)
            except RecursionError as error:
                raise self.place.too_deep(line) from error
            except json.JSONDecodeError as error:
                if len(self.text) - self.at > most:
                    raise _too_wide_record(line, self.place) from error
                if self._more():
                    continue
                why = _("a value that is cut off or damaged")
                raise self.place.damaged(line, why) from error
            # The next bytes may belong to a number that seems to end here.
            if end < len(self.text) or not self._more():
                break
        if end - self.at > most:
            raise _too_wide_record(line, self.place)
        self.line += self.text.count("\n", self.at, end)
        self.at = end
        return line + self.place.offset, found

    def _more(self) -> bool:
        """Read on, dropping what was passed; False at the end of the file."""
        piece = self.file.read(MIB)
        self.text, self.at = self.text[self.at :] + piece, 0
        return bool(piece)


def _document(
    text: TextFile, place: _Place, wanted: str
) -> tuple[list[Any], tuple[str, ...]]:
    """Return the records of one object, and the names they may be under."""
    if text.path.stat().st_size > place.limits.max_document:
        raise ReadError(
            _(
                "%(file)s is one object of more than %(most)s. Write its records as a "
                "list, or one a line and name it .jsonl."
            )
            % {"file": place.filename, "most": size(place.limits.max_document)}
        )
    try:
        whole = _decoder().decode(text.path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise place.too_deep(1) from error
    except json.JSONDecodeError as error:
        raise place.damaged(error.lineno, _("a value that is cut off")) from error
    lists = {
        name: value
        for name, value in whole.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    }
    names = tuple(lists)
    if wanted:
        if wanted not in lists:
            raise ReadError(
                _(
                    "%(file)s has no records under %(name)r; it has them under %(names)s."
                )
                % {
                    "file": place.filename,
                    "name": wanted,
                    "names": ", ".join(map(repr, names)) or "–",
                }
            )
        return lists[wanted], names
    if names:
        longest = max(names, key=lambda name: len(lists[name]))
        raise ReadError(
            _(
                "%(file)s is one object with records under %(names)s. Say which are "
                "the rows: records."
            )
            % {"file": place.filename, "names": ", ".join(map(repr, names))},
            option="records",
            proposal=longest,
        )
    if any(isinstance(value, list) for value in whole.values()):
        raise ReadError(
            _(
                "%(file)s holds lists of values and no records. Write one object for "
                "each row, in a list."
            )
            % {"file": place.filename}
        )
    return [whole], ()


def _look_through(records: _Records, place: _Place) -> _Found:
    """Return what there is in all records: columns, and what is no row."""
    found = _Found()
    for line, record in records():
        if record is None:
            found.blank_lines += 1
            continue
        try:
            row = _row(record, line, place)
        except _Unfit as why:
            found.reject(line, why.args[0], why.args[-1])
            continue
        found.kept += 1
        if found.kept > place.limits.max_rows:
            raise too_long(place.filename, place.limits)
        for name, value in row.items():
            is_text = value is None or type(value) is str
            found.columns[name] = found.columns.get(name, True) and is_text
            if isinstance(value, list):
                found.nested.add(name)
        if len(found.columns) > place.limits.max_columns:
            raise too_wide(place.filename, len(found.columns), place.limits)
    return found


def _row(record: Any, line: int, place: _Place) -> dict[str, Any]:
    """Return a record as names and values of one level.

    Raises
    ------
    _Unfit
        If it is no row.
    """
    if isinstance(record, _Unfit):
        raise record
    if not isinstance(record, dict):
        raise _Unfit(_("no object of names and values"), str(record))
    row: dict[str, Any] = {}
    _flatten(record, "", row, place.limits.max_depth, line, place)
    for name, value in row.items():
        if any(_is_unfit(text) for text in (name, value) if isinstance(text, str)):
            raise _Unfit(_("a character that no text holds (NUL, half a pair)"), name)
    return row


def _is_unfit(text: str) -> bool:
    return "\0" in text or any("\ud800" <= c <= "\udfff" for c in text)


def _flatten(
    record: dict[str, Any],
    prefix: str,
    row: dict[str, Any],
    left: int,
    line: int,
    place: _Place,
) -> None:
    """Add the record's values to the row, those of objects inside with dots."""
    if isinstance(record, _Twice):
        raise _Unfit(_("one name twice in an object"), json.dumps(record))
    if not left:
        raise place.too_deep(line - place.offset)
    for key, value in record.items():
        name = prefix + key
        if isinstance(value, dict):
            _flatten(value, f"{name}.", row, left - 1, line, place)
        elif name in row:
            raise _Unfit(_("two values for the column %(name)r") % {"name": name}, name)
        else:
            if isinstance(value, list) and _depth(value, left) < 1:
                raise place.too_deep(line - place.offset)
            row[name] = value


def _depth(value: Any, left: int) -> int:
    """Return how many levels are left below a value; below 1 is too deep."""
    if left < 1 or not isinstance(value, list | dict):
        return left
    inside = value.values() if isinstance(value, dict) else value
    return min((_depth(each, left - 1) for each in inside), default=left - 1)


def _write(
    path: Path, records: _Records, columns: tuple[str, ...], place: _Place
) -> None:
    """Write every record that is a row as text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(columns)
        for line, record in records():
            if record is None:
                continue
            try:
                row = _row(record, line, place)
            except _Unfit:
                continue
            writer.writerow([_text(row.get(name)) for name in columns])


def _text(value: Any) -> str:
    """Return a value as a cell's text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return _as_json(value)


def _as_json(value: Any) -> str:
    """Return a value as JSON, its numbers digit by digit."""
    if isinstance(value, list):
        return f"[{', '.join(map(_as_json, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k)}: {_as_json(v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, _Number):
        return value
    return json.dumps(value, ensure_ascii=False)
