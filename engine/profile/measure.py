"""The one entry: a canonical table to its profile."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from engine.errors import EngineError
from engine.profile.association import correlations
from engine.profile.columns import Column, describe, prepare
from engine.profile.missing import missingness_of_columns
from engine.profile.personal import find_personal
from engine.profile.problems import find_problems
from engine.profile.records import from_json
from engine.profile.result import (
    SCHEMA,
    ColumnProfile,
    Profile,
)
from engine.profile.target import target_summary
from engine.profile.together import most_related
from engine.progress import Reporter
from engine.version import ENGINE_VERSION

PROFILE_NAME = "profile.json"
NOTES = (
    "Standard deviation, skewness and kurtosis are bias-corrected (as in pandas).",
    "Quantiles interpolate linearly.",
    "Histograms have 50 equal bins, or one per value for short ranges of integers.",
    "Outliers lie further than 1.5 times the middle half's width outside of it (Tukey).",
    "Grids of two numbers are those of the 20 most related pairs, in 24 bins each.",
)


@dataclass(frozen=True)
class Plan:
    """What a profile is asked to look at."""

    target: str | None = None
    max_rows: int = 5_000_000
    max_cells: int = 200_000_000
    seed: int = 0  # of the sample that correlations use above 500,000 rows


def profile_table(
    *, source: str, folder: Path, report: Reporter, plan: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Write the profile of a canonical table and return its head.

    Parameters
    ----------
    source : str
        Path of a Parquet table that `read_table` wrote.
    plan : dict, optional
        See `Plan`.

    Returns
    -------
    dict
        profile (the file's name in the folder), rows, columns, duplicate_rows,
        target, problems (at most twenty, worst first) and engine_version. The whole
        is in the file: `Profile.from_json(text)`.

    Raises
    ------
    EngineError
        If the table is too large for memory or lacks the target.
    """
    asked = from_json(Plan, plan or {}, place="plan")
    table = _load(Path(source), asked)
    profile = _profile(table, asked, report)
    content = profile.to_json()
    text = json.dumps(content, allow_nan=False, ensure_ascii=False)
    (folder / PROFILE_NAME).write_text(text, encoding="utf-8")
    report.progress(1.0, f"{table.height:,} rows profiled")
    return {
        "profile": PROFILE_NAME,
        "rows": profile.rows,
        "columns": len(profile.columns),
        "duplicate_rows": profile.duplicate_rows,
        "target": content["target"],
        "problems": content["problems"][:20],
        "engine_version": profile.engine_version,
    }


def _load(source: Path, asked: Plan) -> pl.DataFrame:
    """Return the table, refused beforehand if it would not fit."""
    with pq.ParquetFile(source) as file:
        rows, columns = file.metadata.num_rows, file.metadata.num_columns
        names = file.schema_arrow.names
    if rows > asked.max_rows or rows * columns > asked.max_cells:
        raise EngineError(
            f"The table has {rows:,} rows of {columns:,} columns; a profile in memory "
            f"takes up to {asked.max_rows:,} rows and {asked.max_cells:,} cells. "
            "Upload a sample of it, or fewer columns."
        )
    if asked.target is not None and asked.target not in names:
        raise EngineError(
            f"Target {asked.target!r} is no column of the table; it has "
            f"{', '.join(names[:20])}. Choose one of them."
        )
    return pl.read_parquet(source)


def _profile(table: pl.DataFrame, asked: Plan, report: Reporter) -> Profile:
    """Return the profile of a table in memory."""
    columns: list[Column] = []
    profiles: list[ColumnProfile] = []
    for done, series in enumerate(table.iter_columns()):
        report.progress(0.7 * done / table.width, series.name)
        column = prepare(series)
        columns.append(column)
        profiles.append(describe(column))
    report.progress(0.7, "Duplicate rows")
    duplicates = duplicate_rows(table, profiles)
    report.progress(0.8, "Correlations")
    related = correlations(columns, rng=np.random.default_rng(asked.seed))
    target = target_summary(asked.target, columns, profiles)
    problems = find_problems(
        columns,
        profiles,
        duplicate_rows=duplicates,
        correlations=related,
        target=target,
    )
    report.progress(0.9, "Personal data")
    return Profile(
        schema=SCHEMA,
        engine_version=ENGINE_VERSION,
        rows=table.height,
        columns=tuple(profiles),
        duplicate_rows=duplicates,
        correlations=related,
        target=target,
        problems=problems,
        notes=NOTES,
        personal=find_personal(columns),
        missingness=missingness_of_columns(columns),
        together=most_related(columns, related, exact=True),
    )


def duplicate_rows(table: pl.DataFrame, profiles: Sequence[ColumnProfile]) -> int:
    """Return how many rows equal an earlier one in every column, exactly."""
    if not table.height or any(p.distinct == table.height for p in profiles):
        return 0
    # Equal rows hash alike, so only rows that share a hash are compared.
    suspects = table.filter(table.hash_rows().is_duplicated())
    return suspects.height - suspects.n_unique()
