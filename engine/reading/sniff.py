"""What a file is, by its first and last bytes and never by its name alone."""

from pathlib import Path
from typing import Literal

from engine.reading.errors import ReadError
from engine.reading.packed import ending_of
from engine.words import gettext_noop as _

Format = Literal["delimited", "json", "xlsx", "parquet"]

TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt")
LINES_ENDINGS = (".jsonl", ".ndjson")
JSON_ENDINGS = (".json", *LINES_ENDINGS)
WORKBOOK_ENDINGS = (".xlsx",)
PARQUET_ENDINGS = (".parquet", ".pq")
ENDINGS = (*TEXT_ENDINGS, *JSON_ENDINGS, *WORKBOOK_ENDINGS, *PARQUET_ENDINGS)

_FOR_A_TABLE = _("Upload the table behind it as CSV, Excel or Parquet.")
_UNPACK = _("Unpack it and upload what is inside, or upload Parquet.")
_SAVE = _("Save the table as CSV or Parquet.")
_ARCHIVE = _("Unpack it, or name it .xlsx if it is a workbook.")
# First bytes, what they mean, and what to do instead.
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", _("a gzip file"), _UNPACK),
    (b"\x28\xb5\x2f\xfd", _("a Zstandard file"), _UNPACK),
    (b"PK", _("a zip archive or an Excel workbook"), _ARCHIVE),
    (b"BZh", _("a bzip2 file"), _UNPACK),
    (b"\xfd7zXZ\x00", _("an xz file"), _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", _("a 7-Zip archive"), _UNPACK),
    (
        b"\xd0\xcf\x11\xe0",
        _("an old or a protected Excel or Office file"),
        _("Save it as .xlsx without a password."),
    ),
    (b"\x89PNG", _("a PNG picture"), _FOR_A_TABLE),
    (b"\xff\xd8\xff", _("a JPEG picture"), _FOR_A_TABLE),
    (b"GIF8", _("a GIF picture"), _FOR_A_TABLE),
    (b"%PDF", _("a PDF document"), _FOR_A_TABLE),
    (b"\x93NUMPY", _("a NumPy array"), _SAVE),
    (b"\x89HDF", _("an HDF5 file"), _SAVE),
    (b"SQLite format 3", _("an SQLite database"), _SAVE),
    (b"ARROW1", _("an Arrow IPC file"), _SAVE),
    (b"\x7fELF", _("a program"), _FOR_A_TABLE),
    (b"MZ\x90", _("a program"), _FOR_A_TABLE),
)
_PAGES = (
    (b"<!doctype", _("a web page")),
    (b"<html", _("a web page")),
    (b"<?xml", _("an XML document")),
)
_JSON = (b'{"', b"[{")
_PICKLE_PROTOCOLS = range(2, 6)


def format_of(source: Path, filename: str) -> Format:
    """Return the format that the bytes of `source`, unpacked, show.

    Raises
    ------
    ReadError
        If the file is empty, binary, cut off, or its bytes do not fit its name.
    """
    n_bytes = source.stat().st_size
    if n_bytes == 0:
        raise ReadError(
            _("%(file)s is empty (0 bytes). Upload a file with a header.")
            % {"file": filename}
        )
    with source.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, n_bytes - 4))
        tail = file.read(4)
    ending = ending_of(filename)
    if head.startswith(b"PAR1"):
        return _parquet(filename, ending, tail)
    if head.startswith(b"PK\x03\x04") and ending in WORKBOOK_ENDINGS:
        return "xlsx"
    _refuse_binary(filename, head)
    if ending in PARQUET_ENDINGS:
        raise ReadError(
            _(
                "%(file)s is named as Parquet but does not begin with PAR1. Save it "
                "again as Parquet, or name it .csv if it is text."
            )
            % {"file": filename}
        )
    if ending in WORKBOOK_ENDINGS:
        raise ReadError(
            _(
                "%(file)s is named as an Excel workbook and is none. Save it again as "
                ".xlsx, or name it .csv if it is text."
            )
            % {"file": filename}
        )
    if ending in JSON_ENDINGS:
        return "json"
    return _text(filename, ending, head)


def _text(filename: str, ending: str, head: bytes) -> Format:
    """Return "delimited" if name and first bytes speak for it."""
    if ending not in TEXT_ENDINGS:
        raise ReadError(
            _(
                "%(file)s ends in %(ending)s; tables are read from %(known)s, and from "
                "these packed as .gz or .zst. Save it as one of them."
            )
            % {"file": filename, "ending": ending or "–", "known": ", ".join(ENDINGS)}
        )
    if _begin(head).startswith(_JSON):
        raise ReadError(
            _("%(file)s is JSON and is not named so. Name it .json or .jsonl.")
            % {"file": filename}
        )
    return "delimited"


def _parquet(filename: str, ending: str, tail: bytes) -> Format:
    """Return "parquet" if the tail and the name agree with the head."""
    if ending not in PARQUET_ENDINGS:
        raise ReadError(
            _("%(file)s holds Parquet but is not named so. Name it .parquet.")
            % {"file": filename}
        )
    if tail == b"PARE":
        raise ReadError(
            _("%(file)s has an encrypted footer. Upload it decrypted.")
            % {"file": filename}
        )
    if tail != b"PAR1":
        raise ReadError(
            _(
                "%(file)s is cut off: a Parquet file ends in PAR1 and this one does "
                "not. Upload the whole file again."
            )
            % {"file": filename}
        )
    return "parquet"


def _begin(head: bytes) -> bytes:
    """Return the first bytes without a mark and spaces, in small letters."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def _refuse_binary(filename: str, head: bytes) -> None:
    """Raise if the first bytes belong to what is no table."""
    for magic, what, remedy in _REFUSED:
        if head.startswith(magic):
            raise ReadError(
                _("%(file)s is %(what)s, not a table in text. %(remedy)s")
                % {"file": filename, "what": what, "remedy": remedy}
            )
    if head[0] == 0x80 and len(head) > 1 and head[1] in _PICKLE_PROTOCOLS:
        raise ReadError(
            _(
                "%(file)s is a Python pickle, which can run code and is never opened. "
                "Save the table as CSV or Parquet."
            )
            % {"file": filename}
        )
    for magic, what in _PAGES:
        if _begin(head).startswith(magic):
            raise ReadError(
                _(
                    "%(file)s is %(what)s, not a table. Export the table as CSV. If it "
                    "was downloaded, the link may have needed a sign-in."
                )
                % {"file": filename, "what": what}
            )
    if not any(head):
        raise ReadError(
            _("%(file)s begins with 4,096 zero bytes: it is not text. Upload a table.")
            % {"file": filename}
        )
