"""How far a table has moved from another, column by column."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from engine.drift.baseline import Baseline, ColumnBaseline, column_baseline, counted
from engine.drift.columns import ColumnDrift, column_drift
from engine.drift.counts import EPS
from engine.profile.columns import Column
from engine.profile.records import from_json, to_json
from engine.progress import Reporter
from engine.version import ENGINE_VERSION

DRIFT_NAME = "drift.json"
BASELINE_NAME = "baseline.json"
# Longer tables are held against the baseline alone: tests that need every value of both
# sides would sort more than the memory of a job holds, and say nothing new.
WITH_VALUES = 5_000_000


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


@dataclass(frozen=True)
class Reference:
    """A table that another one is held against: its rows, what was kept, or both."""

    table: str = ""  # path of its Parquet table
    baseline: dict[str, Any] | None = None  # see `Baseline`; made from rows if left out


@dataclass
class _Held:
    """What is found against one reference, column after column."""

    table: str  # nothing where only its baseline is there
    rows: int
    has_values: bool  # whether every value of it is looked at
    order: tuple[str, ...]
    known: dict[str, ColumnBaseline]
    found: list[ColumnDrift] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def hold(self, column: Column) -> None:
        """Hold a column of the new table against the one of its name."""
        if column.name not in self.order:
            return
        known = self.known.get(column.name)
        if known is None:
            known = column_baseline(_read(self.table, column.name))
        if known.kind != column.kind:
            self.changed.append(column.name)
            return
        needs_rows = self.has_values and bool(known.edges)
        old = _read(self.table, column.name) if needs_rows else None
        self.found.append(column_drift(known, column, reference=old))


def drift_of_table(
    *, source: str, references: list[dict[str, Any]], folder: Path, report: Reporter
) -> dict[str, Any]:
    """Write how far a canonical table has moved from others, and its own baseline.

    One column at a time is in memory, of the table and of one reference.

    Parameters
    ----------
    source : str
        Path of a Parquet table that `read_table` wrote.
    references : list of dict
        See `Reference`.

    Returns
    -------
    dict
        drift, baseline: files' names in the folder. The first holds a list of what
        `Drift.from_json` reads, in the order of `references`.
    """
    schema = pl.read_parquet_schema(source)
    held = [_held(from_json(Reference, each), source) for each in references]
    columns = []
    for done, name in enumerate(schema):
        report.progress(done / len(schema), name)
        column = _read(source, name)
        columns.append(column_baseline(column))
        for each in held:
            each.hold(column)
    rows = pq.read_metadata(source).num_rows
    drifts = [_drift(each, list(schema), rows).to_json() for each in held]
    baseline = Baseline(rows=rows, columns=tuple(columns))
    _write(folder / DRIFT_NAME, drifts)
    _write(folder / BASELINE_NAME, baseline.to_json())
    report.progress(1.0)
    return {"drift": DRIFT_NAME, "baseline": BASELINE_NAME}


def _read(table: str, name: str) -> Column:
    return counted(pl.read_parquet(table, columns=[name]).to_series())


def _held(reference: Reference, source: str) -> _Held:
    table = reference.table
    rows = [pq.read_metadata(each).num_rows for each in (table, source) if each]
    has_values = bool(table) and max(rows) <= WITH_VALUES
    if reference.baseline:
        kept = Baseline.from_json(reference.baseline)
        known = {each.name: each for each in kept.columns}
        return _Held(table, kept.rows, has_values, tuple(known), known)
    order = tuple(pl.read_parquet_schema(table))
    return _Held(table, rows[0], has_values, order, {})


def _drift(held: _Held, columns: Sequence[str], rows: int) -> Drift:
    return Drift(
        engine_version=ENGINE_VERSION,
        rows=(held.rows, rows),
        columns=tuple(sorted(held.found, key=lambda each: -each.effect)),
        added=tuple(name for name in columns if name not in held.order),
        removed=tuple(name for name in held.order if name not in columns),
        changed=tuple(held.changed),
        eps=EPS,
    )


def _write(path: Path, content: Any) -> None:
    text = json.dumps(content, allow_nan=False, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
