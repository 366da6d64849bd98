"""The one entry: an uploaded file to `table.parquet` and a report of what was done."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.progress import Reporter
from engine.reading.columnar import read_parquet
from engine.reading.delimited import read_delimited
from engine.reading.errors import ReadError
from engine.reading.json_records import read_json
from engine.reading.limits import Limits, size
from engine.reading.packed import packing_of, unpack
from engine.reading.result import Options, TableRead
from engine.reading.sniff import format_of
from engine.reading.workbook import read_workbook
from engine.words import gettext_noop as _


def read_table(
    *,
    source: str,
    filename: str,
    folder: Path,
    report: Reporter,
    options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Write the upload as `table.parquet` into `folder` and return what was done.

    Parameters
    ----------
    source : str
        Path of the uploaded bytes.
    filename : str
        The name it was uploaded under; its ending must fit its bytes.
    options : dict, optional
        See `Options`: answers to what the reader asked.

    Returns
    -------
    dict
        `TableRead` as JSON.

    Raises
    ------
    ReadError
        If the file cannot be read without guessing, or breaks a limit.
    """
    chosen = Options.from_json(options)
    limits = Limits.from_json(chosen.limits)
    path = Path(source)
    n_bytes = path.stat().st_size
    if n_bytes > limits.max_bytes:
        raise ReadError(
            _(
                "%(file)s has %(found)s; %(most)s are allowed. Upload a part, or "
                "Parquet."
            )
            % {
                "file": filename,
                "found": size(n_bytes),
                "most": size(limits.max_bytes),
            }
        )
    report.progress(0.0, "Looking at the file")
    packing = packing_of(path, filename)
    if not packing:
        read = _read(path, filename, folder, report, chosen, limits)
    else:
        plain = folder / "unpacked"
        try:
            unpack(path, plain, packing=packing, filename=filename, limits=limits)
            read = _read(plain, filename, folder, report, chosen, limits)
        finally:
            plain.unlink(missing_ok=True)
    report.progress(1.0, f"{read.rows_kept:,} rows read")
    return replace(read, packing=packing).to_json()


def _read(
    path: Path,
    filename: str,
    folder: Path,
    report: Reporter,
    options: Options,
    limits: Limits,
) -> TableRead:
    """Return what the reader of the file's format read."""
    found = format_of(path, filename)
    if found == "parquet":
        return read_parquet(
            path, filename=filename, folder=folder, report=report, limits=limits
        )
    read = {
        "delimited": read_delimited,
        "json": read_json,
        "xlsx": read_workbook,
    }[found]
    return read(
        path,
        filename=filename,
        folder=folder,
        report=report,
        options=options,
        limits=limits,
    )
