"""The one entry: an uploaded file to `table.parquet` and a report of what was done."""

from pathlib import Path
from typing import Any

from engine.progress import Reporter
from engine.reading.columnar import read_parquet
from engine.reading.delimited import read_delimited
from engine.reading.errors import ReadError
from engine.reading.limits import Limits, size
from engine.reading.result import Options
from engine.reading.sniff import format_of


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
            f"{filename} has {size(n_bytes)}; {size(limits.max_bytes)} are allowed. "
            "Upload a part, or Parquet."
        )
    report.progress(0.0, "Looking at the file")
    if format_of(path, filename) == "parquet":
        read = read_parquet(
            path, filename=filename, folder=folder, report=report, limits=limits
        )
    else:
        read = read_delimited(
            path,
            filename=filename,
            folder=folder,
            report=report,
            options=chosen,
            limits=limits,
        )
    report.progress(1.0, f"{read.rows_kept:,} rows read")
    return read.to_json()
