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
from engine.profile.missing import gaps_of_columns, missingness
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
from engine.progress import Part, Reporter
from engine.version import ENGINE_VERSION
from engine.words import gettext_noop

PROFILE_NAME = "profile.json"
NOTES = (
    "Standard deviation, skewness and kurtosis are bias-corrected (as in pandas).",
    "Quantiles interpolate linearly.",
    "Histograms have 50 equal bins, or one per value for short ranges of integers.",
    "Outliers lie further than 1.5 times the middle half's width outside of it (Tukey).",
    "Grids of two numbers are those of the 20 most related pairs, in 24 bins each.",
)

NO_DASK = gettext_noop(
    "PROFILE_DASK names a cluster, and dask is not installed here. Install "
    "dask[distributed], or empty the setting."
)


@dataclass(frozen=True)
class Plan:
    """What a profile is asked to look at."""

    target: str | None = None
    # Beyond either the table is streamed, a batch of rows in memory at a time.
    memory_rows: int = 3_000_000
    memory_cells: int = 20_000_000
    # Beyond memory: estimates, each with its error, in place of a disk full of sorting.
    approximate: bool = False
    # Beyond memory: address of a Dask scheduler that has the row groups looked at.
    cluster: str = ""
    seed: int = 0  # of the samples that ranks and categories use


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
        If the table lacks the target.
    """
    asked = from_json(Plan, plan or {}, place="plan")
    if _fits(source, asked):
        profile = _profile(pl.read_parquet(source), asked, report)
    else:
        profile = _streamed(source, folder, asked, report)
    content = profile.to_json()
    text = json.dumps(content, allow_nan=False, ensure_ascii=False)
    (folder / PROFILE_NAME).write_text(text, encoding="utf-8")
    report.progress(1.0, f"{profile.rows:,} rows profiled")
    return {
        "profile": PROFILE_NAME,
        "rows": profile.rows,
        "columns": len(profile.columns),
        "duplicate_rows": profile.duplicate_rows,
        "target": content["target"],
        "problems": content["problems"][:20],
        "engine_version": profile.engine_version,
    }


def _fits(source: str, asked: Plan) -> bool:
    """Whether the table is small enough to be looked at in memory."""
    with pq.ParquetFile(source) as file:
        rows, columns = file.metadata.num_rows, file.metadata.num_columns
        names = file.schema_arrow.names
    if asked.target is not None and asked.target not in names:
        raise EngineError(
            f"Target {asked.target!r} is no column of the table; it has "
            f"{', '.join(names[:20])}. Choose one of them."
        )
    fits: bool = rows <= asked.memory_rows and rows * columns <= asked.memory_cells
    return fits


def _streamed(source: str, folder: Path, asked: Plan, report: Reporter) -> Profile:
    """Return the profile of a table that is never in memory as a whole."""
    # A table in memory needs none of it.
    from engine.profile.streamed import files, finish, layout_of

    layout = layout_of(source, target=asked.target, seed=asked.seed)
    share = 0.9 if asked.approximate else 0.5
    part = Part(report, 0.0, share)
    if asked.cluster:
        try:
            from engine.profile.streamed.cluster import state_on_cluster
        except ImportError as error:
            raise EngineError(NO_DASK % {}) from error

        state = state_on_cluster(source, layout, asked.cluster, part)
    else:
        state = files.state_of_file(source, layout, part)
    profile = finish(state)
    if asked.approximate or (profile.exact and profile.duplicate_rows is not None):
        return profile
    from engine.profile.streamed.exact import with_exact_figures
    from engine.profile.streamed.finish import counted_columns, with_problems

    columns = counted_columns(state)
    del state
    part = Part(report, share, 1.0)
    exact = with_exact_figures(profile, source=source, folder=folder, report=part)
    return with_problems(exact, columns)


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
    gaps = gaps_of_columns(columns)
    rng = np.random.default_rng(asked.seed)
    related = correlations(columns, rng=rng, gaps=gaps)
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
        missingness=missingness(gaps),
        together=most_related(columns, related, exact=True),
    )


def duplicate_rows(table: pl.DataFrame, profiles: Sequence[ColumnProfile]) -> int:
    """Return how many rows equal an earlier one in every column, exactly."""
    if not table.height or any(p.distinct == table.height for p in profiles):
        return 0
    # Equal rows hash alike, so only rows that share a hash are compared.
    suspects = table.filter(table.hash_rows().is_duplicated())
    return suspects.height - suspects.n_unique()
