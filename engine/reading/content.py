"""What a canonical table holds: the digest of its values, and its first rows."""

import hashlib
from pathlib import Path
from typing import Any

import polars as pl

from engine.digests import canonical_json
from engine.reading.result import BATCH_ROWS

SAMPLE_ROWS = 20
SAMPLE_COLUMNS = 60
SAMPLE_CHARS = 80


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a canonical table's names, kinds and values.

    The same values give the same digest whatever file they came in and whatever
    version of a library wrote the Parquet.
    """
    lazy = pl.scan_parquet(path)
    schema = lazy.collect_schema()
    digest = hashlib.sha256(
        canonical_json([[name, str(kind)] for name, kind in schema.items()])
    )
    start = 0
    while (batch := lazy.slice(start, BATCH_ROWS).collect()).height:
        for series in batch.iter_columns():
            for part in _bytes_of(series):
                digest.update(part)
        start += BATCH_ROWS
    return digest.hexdigest()


def _bytes_of(series: pl.Series) -> list[bytes]:
    """Return which values are present, and the values, as bytes."""
    present = series.is_not_null()
    if series.dtype == pl.String:
        texts = series.fill_null("")
        # The lengths keep "ab", "c" apart from "a", "bc".
        values = [
            texts.str.len_bytes().cast(pl.Int64).to_numpy().tobytes(),
            "".join(texts.to_list()).encode(),
        ]
    else:
        plain = series.to_physical() if series.dtype.is_temporal() else series
        if plain.dtype == pl.Boolean:
            plain = plain.cast(pl.Int8)
        values = [plain.fill_null(0).to_numpy().tobytes()]
    return [present.to_numpy().tobytes(), *values]


def head(path: Path, *, rows: int = SAMPLE_ROWS) -> dict[str, Any]:
    """Return the first and the last rows of a canonical table as short texts.

    Returns
    -------
    dict
        columns (names, at most sixty), rows (lists of texts, None where missing),
        last (likewise, at most a quarter as many, none that is among the first) and
        hidden_columns (how many more there are).
    """
    lazy = pl.scan_parquet(path)
    names = lazy.collect_schema().names()
    shown = names[:SAMPLE_COLUMNS]
    count = lazy.select(pl.len()).collect().item()
    first = lazy.select(shown).head(rows).collect()
    rest = min(max(count - rows, 0), rows // 4)
    last = lazy.select(shown).slice(count - rest, rest).collect()
    return {
        "columns": shown,
        "rows": [[_short(value) for value in row] for row in first.rows()],
        "last": [[_short(value) for value in row] for row in last.rows()],
        "hidden_columns": len(names) - len(shown),
    }


def _short(value: Any) -> str | None:
    """Return a cell as at most eighty characters."""
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= SAMPLE_CHARS else text[: SAMPLE_CHARS - 1] + "…"
