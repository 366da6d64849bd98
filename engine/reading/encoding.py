"""Bytes to text, strictly: one encoding for the whole file or none."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.reading.errors import ReadError
from engine.words import gettext_noop as _

_CHUNK = 2**20
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f")
# What a person may confirm; Python's names.
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1")


@dataclass(frozen=True)
class TextFile:
    """A file that is plain UTF-8 with line feeds, ready for any parser."""

    path: Path
    encoding: str  # of the upload
    skipped_lines: int  # dropped from the top
    newline: str  # "LF", "CRLF", "CR", "mixed" or "none"
    ends_with_newline: bool


@dataclass
class _Scan:
    """What one pass over the text has seen."""

    crlf: int = 0
    lf: int = 0
    cr: int = 0
    last: str = ""

    def add(self, text: str) -> None:
        """Count the line ends of one piece; pieces never part CR from LF."""
        pairs = text.count("\r\n")
        self.crlf += pairs
        self.lf += text.count("\n") - pairs
        self.cr += text.count("\r") - pairs
        self.last = text[-1:] or self.last

    @property
    def newline(self) -> str:
        """The name of the line end in use."""
        seen = [
            name
            for name, count in (("CRLF", self.crlf), ("LF", self.lf), ("CR", self.cr))
            if count
        ]
        return "mixed" if len(seen) > 1 else (seen or ["none"])[0]


def detect(head: bytes, filename: str) -> tuple[str, int]:
    """Return the encoding that the first bytes show, and the length of its mark.

    Raises
    ------
    ReadError
        If the mark is UTF-32's.
    """
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise ReadError(
            _("%(file)s is UTF-32, which is not read. Save it as UTF-8.")
            % {"file": filename}
        )
    marks = (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    )
    for mark, name in marks:
        if head.startswith(mark):
            return name, len(mark)
    return _by_zeros(head), 0


def _by_zeros(head: bytes) -> str:
    """Return UTF-16 if nearly every second byte is zero, else UTF-8."""
    half = max(1, len(head) // 2)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.5 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.5 * half and odd < 0.05 * half:
        return "utf-16-be"
    return "utf-8"


def to_plain_text(
    source: Path, *, filename: str, folder: Path, confirmed: str, skip_lines: int
) -> TextFile:
    """Return the upload as UTF-8 with line feeds, rewritten only where it differs.

    Parameters
    ----------
    confirmed : str
        The encoding a person chose, or "" to detect it.

    Raises
    ------
    ReadError
        If a byte does not fit the encoding (naming offset and line, and proposing
        Windows-1252 where it would fit) or the text holds a zero character.
    """
    with source.open("rb") as file:
        encoding, mark = detect(file.read(4096), filename)
    if confirmed:
        encoding = _known(confirmed)
    scan, begins_blank = _Scan(), False
    for piece in _pieces(source, encoding, mark, filename):
        begins_blank |= not scan.last and piece.startswith(("\n", "\r"))
        scan.add(piece)
    plain = encoding == "utf-8" and not mark and scan.newline in ("LF", "none")
    path = source
    dropped = 0
    # DuckDB takes a blank first line for the header.
    if not plain or skip_lines or begins_blank:
        path = folder / "plain.csv"
        pieces = _pieces(source, encoding, mark, filename)
        dropped = _rewrite(path, pieces, skip_lines)
    return TextFile(
        path=path,
        encoding=encoding,
        skipped_lines=dropped,
        newline=scan.newline,
        ends_with_newline=scan.last in ("\n", "\r"),
    )


def _known(name: str) -> str:
    """Return the encoding's name if it is one that may be confirmed."""
    if name not in ENCODINGS:
        raise ReadError(
            _("Encoding %(name)r is unknown; use one of %(known)s.")
            % {"name": name, "known": ", ".join(ENCODINGS)}
        )
    return name


def _pieces(source: Path, encoding: str, mark: int, filename: str) -> Iterator[str]:
    """Yield the text in pieces that never part a carriage return from its feed."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset, lines, held = mark, 1, ""
    with source.open("rb") as file:
        file.seek(mark)
        while True:
            chunk = file.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = held + decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = offset - pending + error.start
                line = lines + error.object[: error.start].count(b"\n")
                raise _undecodable(filename, encoding, at, line, chunk) from error
            if "\0" in text:
                line = lines + text[: text.index("\0")].count("\n")
                raise ReadError(
                    _(
                        "%(file)s holds a NUL character on line %(line)d: it is "
                        "damaged or not text. Remove it, or export the file again as "
                        "UTF-8."
                    )
                    % {"file": filename, "line": line}
                )
            held = "\r" if chunk and text.endswith("\r") else ""
            text = text[: len(text) - len(held)]
            lines += text.count("\n")
            offset += len(chunk)
            yield text
            if not chunk:
                return


def _undecodable(
    filename: str, encoding: str, offset: int, line: int, chunk: bytes
) -> ReadError:
    """Return the refusal of a byte that does not fit the encoding."""
    place = _(
        "%(file)s is not %(encoding)s: byte %(byte)d on line %(line)d does not fit."
    ) % {"file": filename, "encoding": encoding, "byte": offset, "line": line}
    if encoding != "utf-8":
        return _at(place, _("It may be cut off; save it as UTF-8."))
    # Windows-1252 maps nearly every byte, so control characters decide first.
    if _CONTROL.intersection(chunk) or not _decodes(chunk, "cp1252"):
        return _at(place, _("Save it as UTF-8; it may not be text at all."))
    return _at(
        place,
        _(
            "It may be Windows-1252 (Western European): confirm with encoding = "
            "cp1252, or save it as UTF-8."
        ),
        option="encoding",
        proposal="cp1252",
    )


def _at(place: str, remedy: str, *, option: str = "", proposal: str = "") -> ReadError:
    """Return the refusal that names the place first."""
    words = _("%(place)s %(remedy)s") % {"place": place, "remedy": remedy}
    return ReadError(words, option=option, proposal=proposal)


def _decodes(chunk: bytes, encoding: str) -> bool:
    """Whether every byte fits the encoding."""
    try:
        chunk.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _rewrite(path: Path, pieces: Iterator[str], skip_lines: int) -> int:
    """Write the text as UTF-8 with line feeds, without its first and blank lines.

    Returns the number of lines dropped.
    """
    dropped, begun = 0, False
    with path.open("w", encoding="utf-8", newline="") as file:
        for piece in pieces:
            text = piece.replace("\r\n", "\n").replace("\r", "\n")
            while not begun and "\n" in text:
                line, rest = text.split("\n", 1)
                begun = dropped >= skip_lines and bool(line)
                if not begun:
                    dropped, text = dropped + 1, rest
            if begun or dropped >= skip_lines:
                begun = begun or bool(text)
                file.write(text)
    return dropped
