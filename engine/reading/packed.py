"""Files packed by gzip or Zstandard, unpacked within bounds."""

from pathlib import Path, PurePath
from typing import Literal

import pyarrow as pa

from engine.reading.errors import ReadError
from engine.reading.limits import MIB, Limits, size
from engine.words import gettext_noop as _

Packing = Literal["", "gzip", "zstd"]

_MAGIC: dict[bytes, Packing] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_ENDINGS: dict[str, Packing] = {".gz": "gzip", ".zst": "zstd"}
PACKED_ENDINGS = tuple(_ENDINGS)


def ending_of(filename: str) -> str:
    """Return the ending of a name in small letters, below that of a packing."""
    path = PurePath(filename.lower())
    return PurePath(path.stem).suffix if path.suffix in _ENDINGS else path.suffix


def packing_of(source: Path, filename: str) -> Packing:
    """Return how a file is packed, by its first bytes; its name must say the same.

    Raises
    ------
    ReadError
        If bytes and name differ.
    """
    with source.open("rb") as file:
        head = file.read(4)
    found = next((how for magic, how in _MAGIC.items() if head.startswith(magic)), "")
    ending = PurePath(filename).suffix.lower()
    named = _ENDINGS.get(ending, "")
    if found == named:
        return named
    if not head:
        return ""  # an empty file has a sentence of its own
    if found:
        right = next(e for e, how in _ENDINGS.items() if how == found)
        raise ReadError(
            _(
                "%(file)s is packed by %(how)s and is not named so. Name it %(right)s, "
                "or unpack it and upload what is inside."
            )
            % {"file": filename, "how": found, "right": filename + right}
        )
    raise ReadError(
        _(
            "%(file)s is named as packed by %(how)s but does not begin so. If it is "
            "not packed, upload it as %(right)s."
        )
        % {"file": filename, "how": named, "right": PurePath(filename).stem}
    )


def unpack(
    source: Path, target: Path, *, packing: Packing, filename: str, limits: Limits
) -> None:
    """Write what is packed in `source` into `target`, counting as it comes.

    Raises
    ------
    ReadError
        If it is damaged or cut off, or grows beyond a limit.
    """
    packed, inflated = source.stat().st_size, 0
    try:
        with (
            pa.OSFile(str(source)) as raw,
            pa.CompressedInputStream(raw, packing) as stream,
            target.open("wb") as file,
        ):
            while piece := stream.read(MIB):
                inflated += len(piece)
                check_growth(inflated, packed, filename, limits, limits.max_inflated)
                file.write(piece)
    except (pa.ArrowException, OSError) as error:
        raise ReadError(
            _("%(file)s is damaged or cut off: it cannot be unpacked. Upload it again.")
            % {"file": filename}
        ) from error


def check_growth(
    inflated: int, packed: int, filename: str, limits: Limits, most: int
) -> None:
    """Refuse what unpacks to more than it may, or to far more than it is."""
    if inflated > most:
        raise ReadError(
            _(
                "%(file)s unpacks to more than %(most)s. Upload a part of it, or Parquet."
            )
            % {"file": filename, "most": size(most)}
        )
    if inflated > max(limits.ratio_from, limits.max_ratio * packed):
        raise ReadError(
            _(
                "%(file)s unpacks to more than %(ratio)d times its size, as no table "
                "does. Upload it unpacked, or as Parquet."
            )
            % {"file": filename, "ratio": limits.max_ratio}
        )
