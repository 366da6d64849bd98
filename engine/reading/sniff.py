"""What a file is, by its first and last bytes and never by its name alone."""

from pathlib import Path
from typing import Literal

from engine.reading.errors import ReadError

Format = Literal["delimited", "parquet"]

TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt")
PARQUET_ENDINGS = (".parquet", ".pq")

# First bytes, what they mean, and what to do instead.
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (
        b"\x1f\x8b",
        "a gzip file",
        "Compressed files are not read: unpack it and upload the CSV, or upload Parquet",
    ),
    (
        b"PK",
        "a zip archive or an Excel workbook",
        "Unpack it, or save the sheet as CSV UTF-8, and upload that",
    ),
    (b"BZh", "a bzip2 file", "Unpack it and upload the CSV, or upload Parquet"),
    (b"\xfd7zXZ\x00", "an xz file", "Unpack it and upload the CSV, or upload Parquet"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "Unpack it and upload the CSV"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and upload the CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file", "Save the sheet as CSV UTF-8"),
    (b"\x89PNG", "a PNG picture", "Upload a CSV or Parquet file"),
    (b"\xff\xd8\xff", "a JPEG picture", "Upload a CSV or Parquet file"),
    (b"GIF8", "a GIF picture", "Upload a CSV or Parquet file"),
    (b"%PDF", "a PDF document", "Upload the table behind it as CSV or Parquet"),
    (b"\x93NUMPY", "a NumPy array", "Save it as CSV or Parquet"),
    (b"\x89HDF", "an HDF5 file", "Save the table as CSV or Parquet"),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV"),
    (b"ARROW1", "an Arrow IPC file", "Save it as Parquet"),
    (b"\x7fELF", "a program", "Upload a CSV or Parquet file"),
    (b"MZ\x90", "a program", "Upload a CSV or Parquet file"),
)
_OTHER_TEXT = (
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b'{"', "JSON"),
    (b"[{", "JSON"),
)
_PICKLE_PROTOCOLS = range(2, 6)


def format_of(source: Path, filename: str) -> Format:
    """Return the format that the bytes of `source` show.

    Raises
    ------
    ReadError
        If the file is empty, binary, cut off, or its bytes do not fit its name.
    """
    n_bytes = source.stat().st_size
    if n_bytes == 0:
        raise ReadError(f"{filename} is empty (0 bytes). Upload a file with a header.")
    with source.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, n_bytes - 4))
        tail = file.read(4)
    if head.startswith(b"PAR1"):
        return _parquet(filename, tail)
    _refuse_binary(filename, head)
    ending = Path(filename).suffix.lower()
    if ending in PARQUET_ENDINGS:
        raise ReadError(
            f"{filename} is named as Parquet but does not begin with PAR1. "
            "Save it again as Parquet, or name it .csv if it is text."
        )
    if ending not in TEXT_ENDINGS:
        raise ReadError(
            f"{filename} ends in {ending or 'nothing'}; tables are read from "
            f"{', '.join(TEXT_ENDINGS + PARQUET_ENDINGS)}. Save it as one of them."
        )
    return "delimited"


def _parquet(filename: str, tail: bytes) -> Format:
    """Return "parquet" if the tail and the name agree with the head."""
    if Path(filename).suffix.lower() not in PARQUET_ENDINGS:
        raise ReadError(
            f"{filename} holds Parquet but is not named so. Name it .parquet."
        )
    if tail == b"PARE":
        raise ReadError(f"{filename} has an encrypted footer. Upload it decrypted.")
    if tail != b"PAR1":
        raise ReadError(
            f"{filename} is cut off: a Parquet file ends in PAR1 and this one does "
            "not. Upload the whole file again."
        )
    return "parquet"


def _refuse_binary(filename: str, head: bytes) -> None:
    """Raise if the first bytes belong to a known binary format."""
    for magic, what, remedy in _REFUSED:
        if head.startswith(magic):
            raise ReadError(f"{filename} is {what}, not a table in text. {remedy}.")
    if head[0] == 0x80 and len(head) > 1 and head[1] in _PICKLE_PROTOCOLS:
        raise ReadError(
            f"{filename} is a Python pickle, which can run code and is never opened. "
            "Save the table as CSV or Parquet."
        )
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, what in _OTHER_TEXT:
        if begin.startswith(magic):
            raise ReadError(
                f"{filename} is {what}, not a table. Export the table as CSV. If it "
                "was downloaded, the link may have needed a sign-in."
            )
    if not any(head):
        raise ReadError(f"{filename} begins with 4,096 zero bytes: it is not text.")
