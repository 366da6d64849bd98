"""The state of all rows to a profile, every figure that is no count marked."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from engine.profile.association import sampled_correlations
from engine.profile.columns import (
    SHARES,
    TOP,
    Column,
    column_of_counts,
    describe,
    fences,
    patterns,
    period,
    prepare,
    shape_of,
    shorten,
    text_summary,
    top_values,
)
from engine.profile.missing import missingness
from engine.profile.personal import find_personal
from engine.profile.problems import find_problems
from engine.profile.result import (
    SCHEMA,
    Approximation,
    ColumnProfile,
    Histogram,
    NumberSummary,
    Outliers,
    Profile,
    ValueCount,
)
from engine.profile.streamed.column import (
    SMALLEST,
    ColumnState,
    Sketch,
    distinct_of,
    scale_of,
)
from engine.profile.streamed.layout import ColumnLayout
from engine.profile.streamed.state import State
from engine.profile.target import target_summary
from engine.profile.together import most_related
from engine.version import ENGINE_VERSION

_IN_99 = 2.576  # standard errors that 99 of 100 estimates lie within
NOTES = (
    "Standard deviation, skewness and kurtosis are bias-corrected (as in pandas).",
    "Histograms have 50 equal bins, or one per value for short ranges of integers.",
    "Columns of at most 16,384 different values are counted; of others, numbers of "
    "different values are estimated from their 16,384 smallest hashes (KMV) and "
    "quantiles by a KLL sketch, as marked, within the error of 99 in 100 cases.",
    "Equal rows are told by hashes of 64 bits.",
    "Outliers lie further than 1.5 times the middle half's width outside of it (Tukey).",
)


def finish(state: State) -> Profile:
    """Return the profile of a table of which all parts were merged."""
    layout = state.layout
    order = np.argsort(state.sample_at, kind="stable")
    sample = [prepare(each) for each in state.sample[order].iter_columns()]
    is_whole = state.sample.height == state.rows
    counted = [
        _counted(column, each, state.rows)
        for column, each in zip(layout.columns, state.columns, strict=True)
    ]
    profiles = [
        _column(column, each, whole, some, state.rows)
        for column, each, whole, some in zip(
            layout.columns, state.columns, counted, sample, strict=True
        )
    ]
    related = sampled_correlations(
        sample,
        names=[layout.columns[j].name for j in layout.correlated],
        products=state.products,
        gaps=state.gaps,
        rows=state.rows,
    )
    position = {column.name: j for j, column in enumerate(layout.columns)}
    of_target = counted[position[layout.target]] if layout.target else None
    profile = Profile(
        schema=SCHEMA,
        engine_version=ENGINE_VERSION,
        rows=state.rows,
        columns=tuple(profiles),
        duplicate_rows=_duplicates(state),
        correlations=related,
        target=target_summary(layout.target, sample, profiles, counted=of_target),
        problems=(),
        notes=(*NOTES, _sample_note(state, is_whole=is_whole)),
        personal=find_personal(c or s for c, s in zip(counted, sample, strict=True)),
        missingness=missingness(state.gaps),
        together=most_related(sample, related, exact=is_whole),
        sampled_rows=0 if is_whole else state.sample.height,
        method="streamed",
    )
    return with_problems(profile, counted)


def with_problems(profile: Profile, counted: Sequence[Column | None]) -> Profile:
    """Return the profile with the problems that its figures show."""
    found = find_problems(
        counted,
        profile.columns,
        duplicate_rows=profile.duplicate_rows,
        correlations=profile.correlations,
        target=profile.target,
    )
    return replace(profile, problems=found)


def _sample_note(state: State, *, is_whole: bool) -> str:
    if is_whole:
        return "Ranks, categories and grids rest on all rows."
    return (
        "Ranks, categories, grids, the target's relations and shapes of text rest on a "
        f"random sample of {state.sample.height:,} rows."
    )


def _counted(layout: ColumnLayout, state: ColumnState, rows: int) -> Column | None:
    if state.counted is None:
        return None
    return column_of_counts(layout.name, layout.kind, state.counted, rows)


def counted_columns(state: State) -> list[Column | None]:
    """Return the columns whose values were all counted, None for the others."""
    return [
        _counted(column, each, state.rows)
        for column, each in zip(state.layout.columns, state.columns, strict=True)
    ]


def _duplicates(state: State) -> int | None:
    """Return how many rows equal an earlier one; None if hashes were not kept."""
    if state.rows and not state.hashes:
        return None
    if any(
        each.counted is not None and each.counted.height == state.rows
        for each in state.columns
    ):
        return 0
    hashes = np.concatenate(state.hashes) if state.hashes else np.empty(0, np.uint64)
    hashes.sort()
    return int((hashes[1:] == hashes[:-1]).sum())


def _column(
    layout: ColumnLayout,
    state: ColumnState,
    counted: Column | None,
    sample: Column,
    rows: int,
) -> ColumnProfile:
    if counted is not None:
        return describe(counted)
    assert state.sketch is not None  # noqa: S101 — what is not counted is sketched
    return _sketched(layout, state, state.sketch, sample, rows)


def _sketched(
    layout: ColumnLayout, state: ColumnState, found: Sketch, sample: Column, rows: int
) -> ColumnProfile:
    """Return the profile of a column whose values were too many to count."""
    of_distinct = _IN_99 / math.sqrt(SMALLEST - 2)
    distinct = min(distinct_of(found.smallest), state.count)
    in_sample = int(sample.counts.sum())
    of_sample = _IN_99 / (2 * math.sqrt(max(in_sample, 1)))
    blurred = [
        Approximation("distinct", of_distinct, "of the value"),
        Approximation("top", of_sample, "of the rows"),
    ]
    numbers, outliers, histogram = None, None, None
    if layout.has_order:
        histogram = _histogram(layout, found)
    if layout.kind in ("integer", "number"):
        numbers, outliers, rank_error = _numbers(layout, found)
        blurred += [
            Approximation("numbers.quantiles", rank_error, "of the ranks"),
            Approximation("outliers", rank_error, "of the rows"),
        ]
    text, times = None, None
    if layout.kind == "text":
        text = text_summary(found.lengths, _patterns(sample, state.count))
        if in_sample < state.count:
            blurred.append(Approximation("text.patterns", of_sample, "of the rows"))
    if layout.kind in ("date", "datetime"):
        times = period(int(found.low), int(found.high), found.days, layout.kind)
    is_own = layout.kind in ("integer", "text") and distinct >= rows * (1 - of_distinct)
    return ColumnProfile(
        name=layout.name,
        kind=layout.kind,
        count=state.count,
        missing=rows - state.count,
        missing_share=(rows - state.count) / rows,
        distinct=distinct,
        constant=False,
        id_like=is_own and state.count == rows,
        numbers=numbers,
        text=text,
        times=times,
        histogram=histogram,
        top=_top(sample, state.count),
        approximate=tuple(each.field for each in blurred),
        errors=tuple(blurred),
        outliers=outliers,
    )


def _histogram(layout: ColumnLayout, found: Sketch) -> Histogram | None:
    edges = layout.edges
    if edges is None or not found.histogram.sum():
        return None
    counts = tuple(int(c) for c in found.histogram)
    return Histogram(tuple(edges.tolist()), counts)


def _numbers(
    layout: ColumnLayout, found: Sketch
) -> tuple[NumberSummary | None, Outliers | None, float]:
    """Return moments and quantiles, outliers, and the error of the ranks."""
    import datasketches

    moments, scale = found.moments, scale_of(layout)
    kll = datasketches.kll_doubles_sketch.deserialize(found.quantiles)
    error = float(kll.normalized_rank_error(as_pmf=False))
    if not moments.n:
        return None, None, error
    sd, skewness, kurtosis = shape_of(
        moments.n, moments.m2, moments.m3, moments.m4, scale=scale
    )
    q01, q05, q25, median, q75, q95, q99 = (float(q) for q in kll.get_quantiles(SHARES))
    summary = NumberSummary(
        minimum=found.low,
        maximum=found.high,
        mean=moments.mean * scale,
        sd=sd,
        q05=q05,
        q25=q25,
        median=median,
        q75=q75,
        q95=q95,
        skewness=skewness,
        kurtosis=kurtosis,
        zeros=found.zeros,
        negatives=found.negatives,
        infinite=found.infinite,
        q01=q01,
        q99=q99,
    )
    low, high = fences(q25, q75)
    below = round(moments.n * float(kll.get_rank(low, inclusive=False)))
    above = round(moments.n * (1 - float(kll.get_rank(high, inclusive=True))))
    return summary, Outliers(low, high, below, above), error


def _top(sample: Column, count: int) -> tuple[ValueCount, ...]:
    """Return the most frequent values of the sample, in numbers of the whole."""
    return _scaled(top_values(sample)[:TOP], sample, count)


def _patterns(sample: Column, count: int) -> tuple[ValueCount, ...]:
    words = sample.words if sample.words is not None else pl.Series([], dtype=pl.String)
    return _scaled(patterns(words, sample.counts), sample, count)


def _scaled(
    values: tuple[ValueCount, ...], sample: Column, count: int
) -> tuple[ValueCount, ...]:
    share = count / max(int(sample.counts.sum()), 1)
    return tuple(
        ValueCount(shorten(each.value), round(each.count * share)) for each in values
    )
