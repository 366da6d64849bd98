"""How far a table has moved from another, column by column."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from engine.drift.baseline import Baseline, column_baseline
from engine.drift.columns import ColumnDrift, column_drift
from engine.drift.counts import EPS
from engine.profile.columns import kind_of, prepare
from engine.profile.records import from_json, to_json
from engine.progress import Reporter
from engine.version import ENGINE_VERSION

DRIFT_NAME = "drift.json"


@dataclass(frozen=True)
class Drift:
    """How far a table has moved from a reference."""

    engine_version: str
    rows: tuple[int, int]  # of the reference, and now
    columns: tuple[ColumnDrift, ...]  # what moved most comes first
    added: tuple[str, ...]  # columns the reference lacks
    removed: tuple[str, ...]
    changed: tuple[str, ...]  # columns that hold another kind now
    eps: float  # the least share that PSI takes

    def to_json(self) -> dict[str, Any]:
        """Return the drift as a JSON-able dictionary."""
        return to_json(self)

    @classmethod
    def from_json(cls, content: Any) -> "Drift":
        """Return the drift that a dictionary describes; EngineError if none."""
        return from_json(cls, content)


def drift_of_tables(
    *, source: str, reference: str, folder: Path, report: Reporter
) -> dict[str, Any]:
    """Write how far a canonical table has moved from another one; return its place.

    Parameters
    ----------
    source, reference : str
        Paths of Parquet tables that `read_table` wrote.

    Returns
    -------
    dict
        drift: the file's name in the folder; `Drift.from_json(text)` reads it.
    """
    schemas = [pl.read_parquet_schema(each) for each in (reference, source)]
    before, after = (set(each) for each in schemas)
    shared = [name for name in schemas[1] if name in before]
    found, changed = [], []
    for done, name in enumerate(shared):
        report.progress(done / len(shared), name)
        # One column of each table at a time keeps memory small.
        old, new = (
            pl.read_parquet(each, columns=[name]).to_series()
            for each in (reference, source)
        )
        if kind_of(old) != kind_of(new):
            changed.append(name)
            continue
        column, known = prepare(new), prepare(old)
        found.append(column_drift(column_baseline(known), column, reference=known))
    drift = Drift(
        engine_version=ENGINE_VERSION,
        rows=(
            pq.read_metadata(reference).num_rows,
            pq.read_metadata(source).num_rows,
        ),
        columns=_ordered(found),
        added=tuple(name for name in schemas[1] if name not in before),
        removed=tuple(name for name in schemas[0] if name not in after),
        changed=tuple(changed),
        eps=EPS,
    )
    text = json.dumps(drift.to_json(), allow_nan=False, ensure_ascii=False)
    (folder / DRIFT_NAME).write_text(text, encoding="utf-8")
    report.progress(1.0, f"{len(found)} columns compared")
    return {"drift": DRIFT_NAME}


def drift_from_baseline(table: pl.DataFrame, baseline: Baseline) -> Drift:
    """Return how far a table has moved from what was kept of another one.

    What needs the rows of both sides is left out.
    """
    known = {each.name: each for each in baseline.columns}
    kinds = {each.name: kind_of(each) for each in table.iter_columns()}
    shared = [name for name in table.columns if name in known]
    alike = [name for name in shared if known[name].kind == kinds[name]]
    found = [column_drift(known[name], prepare(table[name])) for name in alike]
    return Drift(
        engine_version=ENGINE_VERSION,
        rows=(baseline.rows, table.height),
        columns=_ordered(found),
        added=tuple(name for name in table.columns if name not in known),
        removed=tuple(name for name in known if name not in kinds),
        changed=tuple(name for name in shared if name not in alike),
        eps=EPS,
    )


def _ordered(found: list[ColumnDrift]) -> tuple[ColumnDrift, ...]:
    return tuple(sorted(found, key=lambda each: -each.effect))
