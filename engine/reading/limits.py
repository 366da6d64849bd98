"""How large a file may be in each direction."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from engine.reading.errors import ReadError
from engine.words import gettext_noop as _

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds of one upload; sizes in bytes."""

    max_bytes: int = 2048 * MIB
    max_columns: int = 5_000
    max_field: int = MIB
    # DuckDB allocates sixteen times its longest line: 32 MiB here.
    max_record: int = 2 * MIB
    max_header: int = 200_000
    max_rows: int = 50_000_000
    max_uncompressed: int = 16_384 * MIB
    max_batch: int = 256 * MIB
    memory_mb: int = 1024  # what 5,000 columns need
    # Of what is packed: bytes to bytes, judged from a size that no honest file minds.
    max_inflated: int = 4_096 * MIB
    max_ratio: int = 200
    ratio_from: int = 10 * MIB
    # Of a workbook, which is held in memory.
    max_workbook: int = 300 * MIB
    max_entries: int = 10_000
    max_cells: int = 20_000_000
    max_depth: int = 64  # of JSON
    max_document: int = 32 * MIB  # of JSON that cannot be read piece by piece

    @classmethod
    def from_json(cls, given: Mapping[str, int] | None) -> "Limits":
        """Return the defaults with the given bounds replaced.

        Raises
        ------
        ReadError
            If a bound is unknown or not a positive whole number.
        """
        known = {field.name for field in fields(cls)}
        for name, value in (given or {}).items():
            if name not in known:
                raise ReadError(
                    _("Limit %(name)r is unknown; use one of %(known)s.")
                    % {"name": name, "known": ", ".join(sorted(known))}
                )
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ReadError(
                    _("Limit %(name)r is %(value)s; give a whole number ≥ 1.")
                    % {"name": name, "value": repr(value)}
                )
        return cls(**dict(given or {}))


def size(n_bytes: int) -> str:
    """Return a size as people read it, such as "2.0 GiB"."""
    amount = float(n_bytes)
    for unit in ("bytes", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"
