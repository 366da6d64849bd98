"""One column of a part: counted while its values are few, sketched from there on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.profile.columns import (
    DAY,
    FloatArray,
    IntArray,
    NumberArray,
    as_numbers,
    power_below,
)
from engine.profile.streamed.layout import MICROSECONDS, ColumnLayout

MOST_COUNTED = 16_384
SMALLEST = 16_384  # hashes that the number of distinct values is estimated from
_QUANTILE_K = 4096  # ranks are right to 0.07 %, so that tails are too
_HASH_SEED = 7
_MOST_LETTERS = 4096
_AT_ONCE = 1_000_000
_CACHED = 16_384
_TRIED = 50_000

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Moments:
    """Sums of powers of deviations from the mean; two of them merge without loss."""

    n: int
    mean: float
    m2: float
    m3: float
    m4: float

    def __add__(self, other: "Moments") -> "Moments":
        # Pébay, "Formulas for robust, one-pass parallel computation of covariances
        # and arbitrary-order statistical moments" (2008).
        a, b = self, other
        if not a.n or not b.n:
            return b if not a.n else a
        n, d = a.n + b.n, b.mean - a.mean
        m2 = a.m2 + b.m2 + d**2 * a.n * b.n / n
        m3 = a.m3 + b.m3 + d**3 * a.n * b.n * (a.n - b.n) / n**2
        m3 += 3 * d * (a.n * b.m2 - b.n * a.m2) / n
        m4 = a.m4 + b.m4
        m4 += d**4 * a.n * b.n * (a.n**2 - a.n * b.n + b.n**2) / n**3
        m4 += 6 * d**2 * (a.n**2 * b.m2 + b.n**2 * a.m2) / n**2
        m4 += 4 * d * (a.n * b.m3 - b.n * a.m3) / n
        return Moments(n, a.mean + d * b.n / n, m2, m3, m4)


@dataclass(frozen=True)
class Sketch:
    """What is kept of many values; arrays of counts add up."""

    smallest: Hashes  # ascending: of values, each once
    quantiles: bytes  # a KLL sketch of the finite values
    moments: Moments  # of the finite values over `scale`
    low: float  # exact, as numbers; times in microseconds
    high: float
    infinite: int
    zeros: int
    negatives: int
    histogram: IntArray
    lengths: IntArray  # of texts: how many have so many characters
    days: IntArray  # of times: those with a row, ascending


@dataclass(frozen=True)
class ColumnState:
    """One column of some rows."""

    count: int  # present
    counted: pl.DataFrame | None  # v and n of every value, while they are few
    sketch: Sketch | None


def column_state(series: pl.Series, layout: ColumnLayout) -> ColumnState:
    """Return the state of a cleaned column of a part."""
    present = series.drop_nulls().alias("v")
    few = present.head(_TRIED).n_unique() <= MOST_COUNTED
    if few:
        counted = _counted(present)
        if counted.height <= MOST_COUNTED:
            return ColumnState(len(present), counted, None)
    return ColumnState(len(present), None, sketch(present, layout))


def _counted(present: pl.Series) -> pl.DataFrame:
    counted = present.value_counts(name="n")
    if counted.height > MOST_COUNTED:
        return counted
    return pl.DataFrame([own(counted["v"]), counted["n"].cast(pl.Int64)])


def own(series: pl.Series) -> pl.Series:
    """Return a column that keeps nothing else in memory.

    A few texts of a batch would hold all of it: they are views into its buffers.
    """
    if series.dtype != pl.String:
        return series
    return pl.Series(series.name, series.to_list(), dtype=pl.String)


def merged(left: ColumnState, right: ColumnState, layout: ColumnLayout) -> ColumnState:
    """Return the state of both parts."""
    count = left.count + right.count
    if left.counted is not None and right.counted is not None:
        both = pl.concat([left.counted, right.counted])
        both = both.group_by("v").agg(pl.col("n").sum())
        if both.height <= MOST_COUNTED:
            return ColumnState(count, both, None)
        return ColumnState(count, None, _sketch_of_counts(both, layout))
    sketches = [_sketched(each, layout) for each in (left, right)]
    return ColumnState(count, None, _both(sketches[0], sketches[1]))


def _sketched(state: ColumnState, layout: ColumnLayout) -> Sketch:
    if state.sketch is not None:
        return state.sketch
    assert state.counted is not None  # noqa: S101 — one of the two is always there
    return _sketch_of_counts(state.counted, layout)


def _sketch_of_counts(counted: pl.DataFrame, layout: ColumnLayout) -> Sketch:
    values, counts = counted["v"], counted["n"].to_numpy()
    found: Sketch | None = None
    for chunk in _repeated(values, counts):
        one = sketch(chunk, layout)
        found = one if found is None else _both(found, one)
    return found or sketch(values, layout)


def _repeated(values: pl.Series, counts: IntArray) -> Iterator[pl.Series]:
    """Yield every value as often as it occurs, not too many at once."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    for start in range(0, total, _AT_ONCE):
        rows = np.arange(start, min(start + _AT_ONCE, total))
        yield values.gather(np.searchsorted(ends, rows, side="right"))


def sketch(present: pl.Series, layout: ColumnLayout) -> Sketch:
    """Return the sketch of values, none of which is missing."""
    smallest = _smallest(present)
    if not layout.has_order:
        letters = present.str.len_chars().clip(upper_bound=_MOST_LETTERS)
        lengths = np.bincount(letters.to_numpy(), minlength=_MOST_LETTERS + 1)
        return _text_sketch(smallest, lengths.astype(np.int64))
    return _number_sketch(smallest, as_numbers(present, layout.kind), layout)


def _days(numbers: NumberArray) -> IntArray:
    days = np.sort(numbers // DAY)
    found: IntArray = days[np.append(True, days[1:] != days[:-1])[: len(days)]]
    return found


def _text_sketch(smallest: Hashes, lengths: IntArray) -> Sketch:
    none = np.empty(0, np.int64)
    return Sketch(
        smallest, b"", Moments(0, 0, 0, 0, 0), 0, 0, 0, 0, 0, none, lengths, none
    )


def _number_sketch(
    smallest: Hashes, numbers: NumberArray, layout: ColumnLayout
) -> Sketch:
    import datasketches

    is_time = layout.kind in ("date", "datetime")
    values = numbers.astype(np.float64)
    finite = values[np.isfinite(values)] if layout.kind == "number" else values
    kll = datasketches.kll_doubles_sketch(_QUANTILE_K)
    kll.update(finite)
    edges = layout.edges
    binned = np.empty(0, np.int64)
    if edges is not None:
        placed = finite / MICROSECONDS if is_time else finite
        binned = np.histogram(placed, bins=edges)[0].astype(np.int64)
    none = np.empty(0, np.int64)
    return Sketch(
        smallest=smallest,
        quantiles=kll.serialize(),
        moments=_moments(finite / scale_of(layout)),
        low=float(finite.min()) if len(finite) else np.inf,
        high=float(finite.max()) if len(finite) else -np.inf,
        infinite=len(values) - len(finite),
        zeros=int((finite == 0).sum()),
        negatives=int((finite < 0).sum()),
        histogram=binned,
        lengths=none,
        days=_days(numbers) if is_time else none,
    )


def scale_of(layout: ColumnLayout) -> float:
    """Return what values are divided by, so that no sum of powers overflows."""
    return power_below(max(abs(layout.low or 0.0), abs(layout.high or 0.0)))


def _moments(values: FloatArray) -> Moments:
    """Return the sums of a few values at a time: they stay in the processor's cache."""
    total = Moments(0, 0.0, 0.0, 0.0, 0.0)
    for start in range(0, len(values), _CACHED):
        some = values[start : start + _CACHED]
        mean = float(some.mean())
        deviations = some - mean
        squares = deviations * deviations
        # Products and sums, since a dot product would wait for threads.
        m2, m3, m4 = (
            float(each.sum())
            for each in (squares, squares * deviations, squares * squares)
        )
        total += Moments(len(some), mean, m2, m3, m4)
    return total


def _both(left: Sketch, right: Sketch) -> Sketch:
    return Sketch(
        smallest=_each_once(np.append(left.smallest, right.smallest)),
        quantiles=_both_quantiles(left.quantiles, right.quantiles),
        moments=left.moments + right.moments,
        low=min(left.low, right.low),
        high=max(left.high, right.high),
        infinite=left.infinite + right.infinite,
        zeros=left.zeros + right.zeros,
        negatives=left.negatives + right.negatives,
        histogram=left.histogram + right.histogram,
        lengths=left.lengths + right.lengths,
        days=np.union1d(left.days, right.days),
    )


def _both_quantiles(left: bytes, right: bytes) -> bytes:
    if not left or not right:
        return left or right
    import datasketches

    one = datasketches.kll_doubles_sketch.deserialize(left)
    one.merge(datasketches.kll_doubles_sketch.deserialize(right))
    merged_bytes: bytes = one.serialize()
    return merged_bytes


def _smallest(present: pl.Series) -> Hashes:
    """Return the smallest hashes of the values, each once (a KMV sketch)."""
    hashes = present.hash(seed=_HASH_SEED).to_numpy()
    share = 1.5 * SMALLEST / max(len(hashes), 1)
    while share < 1:
        # Few hashes lie below the bound, so few are sorted.
        found = _each_once(hashes[hashes < np.uint64(share * 2.0**64)])
        if len(found) == SMALLEST:
            return found
        share *= 4
    return _each_once(hashes)


def _each_once(hashes: Hashes) -> Hashes:
    """Return the smallest hashes, ascending (`np.unique` is many times slower)."""
    ordered = np.sort(hashes)
    is_new = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    found: Hashes = ordered[is_new][:SMALLEST].copy()
    return found


def distinct_of(smallest: Hashes) -> int:
    """Return how many distinct values there are: exactly while all hashes are kept."""
    if len(smallest) < SMALLEST:
        return len(smallest)
    return round((SMALLEST - 1) / (float(smallest[-1]) / 2.0**64))
