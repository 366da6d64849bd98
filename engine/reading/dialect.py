"""Which character parts the fields, and where the header is."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.reading.errors import ReadError
from engine.reading.limits import Limits, size
from engine.words import gettext_noop as _

DELIMITERS = (",", ";", "\t", "|")  # that are looked for
QUOTES = ('"', "'", "none")
_NAMES = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
_SAMPLE_RECORDS = 1_000
_SAMPLE_BYTES = 2**20
_HINT = re.compile(r"sep=.\s*", re.IGNORECASE)  # to Excel
_VALUE = re.compile(
    r"\s*([+-]?[\d.,]*\d[\d.,]*([eE][+-]?\d+)?|\d{4}-\d\d-\d\d.*|true|false)\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rename:
    """A header that was changed to make a usable, unique name."""

    position: int  # from 1
    original: str
    name: str


@dataclass(frozen=True)
class Dialect:
    """How the records of one file are written."""

    delimiter: str
    header: bool
    originals: tuple[str, ...]
    names: tuple[str, ...]
    renames: tuple[Rename, ...]
    quote: str = '"'  # "" if quotes mean nothing

    @property
    def width(self) -> int:
        """The number of fields that a record must have."""
        return len(self.names)


def choose(
    path: Path,
    *,
    filename: str,
    delimiter: str,
    header: bool | None,
    line_offset: int,
    limits: Limits,
    quote: str = "",
) -> Dialect:
    """Return the dialect of a plain text file.

    Parameters
    ----------
    delimiter : str
        The one a person chose, or "" to find it.
    quote : str
        The one a person chose: one of QUOTES, or "" for the usual.
    header : bool or None
        Whether line 1 is a header; None asks if line 1 looks like data.
    line_offset : int
        Lines dropped from the top, so that messages name the upload's lines.

    Raises
    ------
    ReadError
        If the header is too long, too wide, narrower or wider than the records
        below it, looks like data, or every line is blank.
    """
    sample = _sample(path, filename, limits)
    _check_hint(sample, filename, line_offset)
    mark = _quote(quote)
    # The limit is the csv module's own and process-wide: put it back.
    before = csv.field_size_limit(limits.max_field)
    try:
        chosen = _delimiter(sample, filename, delimiter, mark)
        records = [row for row in _records(sample, chosen, mark) if row]
    finally:
        csv.field_size_limit(before)
    if not sample.strip():
        raise ReadError(
            _("%(file)s holds only blank lines. Upload one with a header.")
            % {"file": filename}
        )
    _check_width(records, filename, line_offset)
    if header is None:
        _check_header(records, filename, line_offset)
    first = records[0]
    originals = tuple("" for _ in first) if header is False else tuple(first)
    if len(originals) > limits.max_columns:
        raise too_wide(filename, len(originals), limits)
    names, renames = unique_names(originals)
    return Dialect(chosen, header is not False, originals, names, renames, mark)


def _quote(chosen: str) -> str:
    """Return the quote in use; "" for none."""
    if chosen and chosen not in QUOTES:
        raise ReadError(
            _("Quote %(mark)r is unknown; use one of %(known)s.")
            % {"mark": chosen, "known": " ".join(QUOTES)}
        )
    return "" if chosen == "none" else chosen or '"'


def _sample(path: Path, filename: str, limits: Limits) -> str:
    """Return whole lines from the top, refusing a header past its limits."""
    with path.open("rb") as file:
        first = file.readline(limits.max_record + 1)
        most = max(first.count(mark.encode()) for mark in DELIMITERS)
        if most >= limits.max_columns:
            raise too_wide(filename, most + 1, limits)
        if len(first) > limits.max_header:
            raise ReadError(
                _(
                    "The first line of %(file)s is longer than %(most)s. Check that "
                    "the file has line ends and a header."
                )
                % {"file": filename, "most": size(limits.max_header)}
            )
        rest = file.read(_SAMPLE_BYTES)
        if len(rest) == _SAMPLE_BYTES:
            rest = rest[: rest.rfind(b"\n") + 1]
    return (first + rest).decode("utf-8")


def too_wide(filename: str, n_columns: int, limits: Limits) -> ReadError:
    """Return the refusal of a table with too many columns."""
    return ReadError(
        _(
            "%(file)s has at least %(found)s columns; %(most)s are allowed. Upload the "
            "columns you need, or turn the table on its side."
        )
        % {
            "file": filename,
            "found": f"{n_columns:,}",
            "most": f"{limits.max_columns:,}",
        }
    )


def layout_of(delimiter: str, quote: str) -> dict[str, Any]:
    """Return how the standard library's reader is told of a dialect."""
    layout = {"delimiter": delimiter, "skipinitialspace": delimiter != " "}
    if quote:
        return {**layout, "quotechar": quote}
    return {**layout, "quoting": csv.QUOTE_NONE}


def _records(sample: str, delimiter: str, quote: str) -> list[list[str]]:
    """Return the first records of the sample, as far as they can be read."""
    records: list[list[str]] = []
    text = io.StringIO(sample, newline="")
    reader = csv.reader(text, **layout_of(delimiter, quote))
    try:
        for row in reader:
            records.append(row)
            if len(records) == _SAMPLE_RECORDS:
                break
    except csv.Error:
        # A field past the parser's limit: the counting pass names its line.
        return records
    return records


def _delimiter(sample: str, filename: str, chosen: str, quote: str) -> str:
    """Return the delimiter that most records agree on with the header."""
    if chosen:
        if len(chosen) > 1 or chosen.isalnum() or chosen in ("\n", "\r", '"', quote):
            raise ReadError(
                _(
                    "Delimiter %(mark)r cannot be used; use %(known)s or another "
                    "single sign."
                )
                % {"mark": chosen, "known": " ".join(map(repr, DELIMITERS))}
            )
        return chosen
    best, best_score = ",", (0.0, 0)
    rivals: list[str] = []
    for mark in DELIMITERS:
        score = _agreement(_records(sample, mark, quote))
        if score > best_score:
            best, best_score, rivals = mark, score, []
        elif score == best_score and score[1] > 1:
            rivals.append(mark)
    if rivals:
        raise ReadError(
            _(
                "%(file)s can be read with %(one)s or %(other)s between its fields. "
                "Say which: delimiter."
            )
            % {"file": filename, "one": _NAMES[best], "other": _NAMES[rivals[0]]},
            option="delimiter",
            proposal=best,
        )
    return best


def _agreement(records: Sequence[list[str]]) -> tuple[float, int]:
    """Return (share of records that have the usual width, that width)."""
    widths = Counter(len(row) for row in records if row)
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1:
        return 0.0, 1
    return count / widths.total(), width


def _check_hint(sample: str, filename: str, line_offset: int) -> None:
    """Ask to drop a first line that tells Excel the delimiter."""
    first = sample.split("\n", 1)[0]
    if _HINT.fullmatch(first):
        raise ReadError(
            _(
                "Line %(line)d of %(file)s (%(first)s) tells Excel the delimiter and is "
                "no header: drop it with skip_lines."
            )
            % {"line": line_offset + 1, "file": filename, "first": first.strip()},
            option="skip_lines",
            proposal=str(line_offset + 1),
        )


def _check_width(records: Sequence[list[str]], filename: str, line_offset: int) -> None:
    """Refuse a first line that differs from what nearly all other lines have."""
    width = len(records[0])
    others = Counter(len(row) for row in records[1:])
    if len(records) < 3 or not others:
        return
    usual, count = others.most_common(1)[0]
    if usual == width or count < 0.8 * others.total():
        return
    fitting = next(i for i, row in enumerate(records) if len(row) == usual)
    raise ReadError(
        _(
            "Line %(line)d of %(file)s has a number of fields (%(width)d) that differs "
            "from that of %(count)d of the next %(records)d records (%(usual)d). Lines "
            "above the header: drop them with skip_lines (the first record that fits "
            "is number %(fitting)d). A header that lacks a name: add it."
        )
        % {
            "line": line_offset + 1,
            "file": filename,
            "width": width,
            "count": count,
            "records": others.total(),
            "usual": usual,
            "fitting": fitting + 1,
        },
        option="skip_lines",
        proposal=str(fitting + line_offset),
    )


def _check_header(
    records: Sequence[list[str]], filename: str, line_offset: int
) -> None:
    """Ask if the first line holds a value where the column holds values too."""
    body = [row for row in records[1:51] if len(row) == len(records[0])]
    for position, cell in enumerate(records[0]):
        below = [row[position] for row in body]
        if _VALUE.fullmatch(cell) and all(map(_VALUE.fullmatch, below)):
            raise ReadError(
                _(
                    "Line %(line)d of %(file)s may be data: %(cell)r is a value, as "
                    "are the cells below it. Say header = no if the file has no "
                    "header, header = yes if this is one."
                )
                % {"line": line_offset + 1, "file": filename, "cell": cell},
                option="header",
                proposal="no",
            )


def unique_names(
    originals: Sequence[str],
) -> tuple[tuple[str, ...], tuple[Rename, ...]]:
    """Return one usable name per column, and every change that was made.

    Names are trimmed, NFC, without control characters, at most 100 characters, and
    differ by more than their case: databases ignore it.
    """
    names: list[str] = []
    renames: list[Rename] = []
    taken: set[str] = set()
    for position, original in enumerate(originals, start=1):
        name = _free(_clean(original) or f"column_{position}", taken)
        taken.add(name.casefold())
        names.append(name)
        if name != original:
            renames.append(Rename(position, original[:200], name))
    return tuple(names), tuple(renames)


def _clean(original: str) -> str:
    """Return a header without control characters and outer spaces."""
    text = unicodedata.normalize("NFC", original)
    kept = (" " if unicodedata.category(c).startswith("C") else c for c in text)
    return " ".join("".join(kept).split())[:100].strip()


def _free(name: str, taken: set[str]) -> str:
    """Return the name, numbered from 2 if it is taken."""
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate
