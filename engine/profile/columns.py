"""One column at a time: counts first, then everything from the counts."""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.kinds import Kind
from engine.missing import MISSING_SPELLINGS
from engine.profile.result import (
    ColumnProfile,
    Histogram,
    NumberSummary,
    Outliers,
    TextSummary,
    TimeSummary,
    ValueCount,
)

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
NumberArray = npt.NDArray[Any]

BINS = 50
SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
TOP = 20
MAX_VALUE = 80
_DENSE_SPAN = 4_000_000
_MAX_PATTERNS = 100_000
_MICROSECONDS = 1_000_000
DAY = 86_400 * _MICROSECONDS


@dataclass(frozen=True)
class Column:
    """One column made ready: what is missing is null, and values are counted once."""

    name: str
    kind: Kind
    series: pl.Series  # empty where only counts were kept
    values: NumberArray | None  # (n_distinct,) ascending; None for text
    counts: IntArray  # (n_distinct,)
    codes: IntArray  # (n_rows,) position in `values`, -1 where missing
    words: pl.Series | None  # (n_distinct,) of text, the most frequent first
    rows: int


def kind_of(series: pl.Series) -> Kind:
    """Return the kind of a canonical column."""
    if series.dtype.is_integer():
        return "integer"
    if series.dtype.is_float():
        return "number"
    if series.dtype == pl.Boolean:
        return "boolean"
    if series.dtype == pl.Date:
        return "date"
    return "datetime" if series.dtype == pl.Datetime else "text"


def cleaned(series: pl.Series) -> pl.Series:
    """Return the column with everything that means "no value" as null."""
    kind = kind_of(series)
    if kind == "number":
        return series.fill_nan(None)
    if kind != "text":
        return series
    series = series.cast(pl.String)
    missing = series.str.strip_chars(" ").is_in(list(MISSING_SPELLINGS))
    if missing.any():
        series = pl.select(pl.when(~missing).then(series)).to_series()
    return series


def prepare(series: pl.Series) -> Column:
    """Return the column with its distinct values counted."""
    kind = kind_of(series)
    series = cleaned(series)
    if kind == "text":
        return _prepare_text(series)
    present = ~series.is_null().to_numpy()
    values, counts, inverse = _count(as_numbers(series, kind))
    codes = np.full(len(series), -1, np.int64)
    codes[present] = inverse
    return Column(series.name, kind, series, values, counts, codes, None, len(series))


def _prepare_text(series: pl.Series) -> Column:
    """Return a text column, its values coded by order of frequency."""
    table = (
        series.alias("word")  # its own name may be any, "n" too
        .drop_nulls()
        .value_counts(name="n")
        .sort("n", "word", descending=[True, False])
    )
    words = table.to_series(0)
    lookup = pl.DataFrame({"w": words, "c": np.arange(len(words), dtype=np.int64)})
    coded = pl.DataFrame({"w": series}).join(
        lookup, on="w", how="left", maintain_order="left"
    )["c"]
    codes = coded.fill_null(-1).to_numpy()
    counts = table["n"].cast(pl.Int64).to_numpy()
    return Column(series.name, "text", series, None, counts, codes, words, len(series))


def as_numbers(series: pl.Series, kind: Kind) -> NumberArray:
    """Return the values present: numbers, or microseconds since 1970 for times."""
    present = series.drop_nulls()
    if kind == "number":
        return present.cast(pl.Float64).to_numpy()
    if kind == "date":
        return present.cast(pl.Int64).to_numpy() * DAY
    if kind == "datetime":
        return present.cast(pl.Datetime("us")).cast(pl.Int64).to_numpy()
    return present.cast(pl.Int64).to_numpy()


def _count(
    numbers: NumberArray,
) -> tuple[NumberArray, IntArray, IntArray]:
    """Return (ascending distinct values, their counts, each number's position)."""
    dense = _dense(numbers)
    if dense is None:
        distinct, inverse, counts = np.unique(
            numbers, return_inverse=True, return_counts=True
        )
        return distinct, counts.astype(np.int64), inverse.astype(np.int64)
    lowest, offsets = dense
    # Counting a short span costs one pass; sorting costs many.
    histogram = np.bincount(offsets)
    found = np.flatnonzero(histogram)
    position = np.zeros(len(histogram), np.int64)
    position[found] = np.arange(len(found))
    values: NumberArray = (found + lowest).astype(numbers.dtype)
    return values, histogram[found].astype(np.int64), position[offsets]


def _dense(numbers: NumberArray) -> tuple[int, IntArray] | None:
    """Return (lowest, distances from it) of whole numbers of a short span."""
    if not len(numbers):
        return None
    # Plain numbers: the difference of two 64-bit integers could wrap round.
    low, high = numbers.min().item(), numbers.max().item()
    if not math.isfinite(low) or not math.isfinite(high):
        return None
    if high - low > _DENSE_SPAN or max(abs(low), abs(high)) > 2.0**53:
        return None
    offsets = (numbers - low).astype(np.int64)
    whole = float(low).is_integer() and bool(np.all(offsets == numbers - low))
    return (int(low), offsets) if whole else None


def describe(column: Column) -> ColumnProfile:
    """Return everything about one column."""
    n_rows = column.rows
    count = int(column.counts.sum())
    distinct = len(column.counts)
    text, approximate = _text(column) if column.kind == "text" else (None, ())
    times = _times(column) if column.kind in ("date", "datetime") else None
    numbers = _numbers(column) if column.kind in ("integer", "number") else None
    return ColumnProfile(
        name=column.name,
        kind=column.kind,
        count=count,
        missing=n_rows - count,
        missing_share=(n_rows - count) / n_rows if n_rows else 0.0,
        distinct=distinct,
        constant=distinct == 1,
        id_like=1 < distinct == n_rows and _may_identify(column),
        numbers=numbers,
        text=text,
        times=times,
        histogram=_histogram(column),
        top=top_values(column),
        approximate=approximate,
        outliers=_outliers(column, numbers),
    )


def _may_identify(column: Column) -> bool:
    """Whether different values could be names of rows: fractions could not."""
    return column.kind in ("integer", "text")


def _finite(column: Column) -> tuple[FloatArray, IntArray]:
    """Return the finite distinct values and their counts."""
    assert column.values is not None  # noqa: S101 — callers pass numbers and times
    values = column.values.astype(np.float64)
    finite = np.isfinite(values)
    return values[finite], column.counts[finite]


def _numbers(column: Column) -> NumberSummary | None:
    """Return moments and quantiles, or None if no value is finite."""
    values, counts = _finite(column)
    n = int(counts.sum())
    if not n:
        return None
    top = power_below(float(np.abs(values).max()))
    scaled = values / top
    mean = float(np.average(scaled, weights=counts))
    deviations = scaled - mean
    # Beside a large mean small deviations show how it was rounded.
    deviations -= np.average(deviations, weights=counts)
    sd, skewness, kurtosis = _moments(deviations, counts, scale=top)
    mean *= top
    q01, q05, q25, median, q75, q95, q99 = quantiles(values, counts, SHARES)
    return NumberSummary(
        minimum=float(values[0]),
        maximum=float(values[-1]),
        mean=mean,
        sd=sd,
        q05=q05,
        q25=q25,
        median=median,
        q75=q75,
        q95=q95,
        skewness=skewness,
        kurtosis=kurtosis,
        zeros=int(counts[values == 0].sum()),
        negatives=int(counts[values < 0].sum()),
        infinite=int(column.counts.sum()) - n,
        q01=q01,
        q99=q99,
    )


def power_below(size: float) -> float:
    """Return what values up to a size are divided by, so that no sum overflows.

    It is a power of two: dividing by it rounds nothing.
    """
    return math.ldexp(1.0, math.frexp(size or 1.0)[1] - 1)


def _outliers(column: Column, numbers: NumberSummary | None) -> Outliers | None:
    """Return how many values lie past Tukey's fences."""
    if numbers is None:
        return None
    low, high = fences(numbers.q25, numbers.q75)
    values, counts = _finite(column)
    below, above = values < low, values > high
    return Outliers(low, high, int(counts[below].sum()), int(counts[above].sum()))


def fences(q25: float, q75: float) -> tuple[float, float]:
    """Return where Tukey's outliers begin: 1.5 times the middle half's width away."""
    # Halves first: the width of extreme numbers could be infinite.
    reach = 3 * (q75 / 2 - q25 / 2)
    limit = float(np.finfo(np.float64).max)
    return max(q25 - reach, -limit), min(q75 + reach, limit)


def _moments(
    deviations: FloatArray, counts: IntArray, *, scale: float
) -> tuple[float | None, float | None, float | None]:
    """Return (sd, skewness, excess kurtosis), bias-corrected.

    Parameters
    ----------
    deviations : ndarray of shape (n_distinct,)
        From the mean, in units of `scale`.

    References
    ----------
    Joanes and Gill, "Comparing measures of sample skewness and kurtosis" (1998):
    G1 and G2, which pandas computes.
    """
    return shape_of(
        int(counts.sum()),
        float((counts * deviations**2).sum()),
        float((counts * deviations**3).sum()),
        float((counts * deviations**4).sum()),
        scale=scale,
    )


def shape_of(
    n: int, m2: float, m3: float, m4: float, *, scale: float
) -> tuple[float | None, float | None, float | None]:
    """Return (sd, skewness, excess kurtosis) from sums of powers of deviations."""
    if n < 2:
        return None, None, None
    m2 /= n
    sd = scale * math.sqrt(m2 * n / (n - 1))
    # What differs only by the rounding of the mean has no shape.
    if m2 < 1e-28 or n < 3 or not math.isfinite(sd):
        return (sd if math.isfinite(sd) else None), None, None
    g1 = m3 / n / m2**1.5
    skewness = g1 * math.sqrt(n * (n - 1)) / (n - 2)
    if n < 4:
        return sd, skewness, None
    g2 = m4 / n / m2**2 - 3
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6)
    return sd, skewness, kurtosis


def quantiles(
    values: FloatArray, counts: IntArray, shares: tuple[float, ...]
) -> tuple[float, ...]:
    """Return quantiles by linear interpolation, as numpy's default.

    Parameters
    ----------
    values : ndarray of shape (n_distinct,)
        Ascending.
    counts : ndarray of shape (n_distinct,)
        How often each occurs; the sum is at least one.
    """
    last = np.cumsum(counts)
    position = np.asarray(shares) * (last[-1] - 1)
    lower = np.floor(position)
    below = values[np.searchsorted(last, lower, side="right")]
    above = values[np.searchsorted(last, np.ceil(position), side="right")]
    share = position - lower
    # Both products stay finite where the difference might not.
    return tuple((below * (1 - share) + above * share).tolist())


def _histogram(column: Column) -> Histogram | None:
    """Return fifty equal bins, or one a value for whole numbers of a short span."""
    if column.kind in ("text", "boolean"):
        return None
    values, counts = _finite(column)
    if not len(values):
        return None
    if column.kind in ("date", "datetime"):
        values = values / _MICROSECONDS
    low, high = float(values[0]), float(values[-1])
    edges = edges_of(low, high, whole=column.kind == "integer")
    binned, _ = np.histogram(values, bins=edges, weights=counts)
    return Histogram(tuple(edges.tolist()), tuple(int(c) for c in binned))


def edges_of(low: float, high: float, *, whole: bool, bins: int = BINS) -> FloatArray:
    """Return bin edges that rise strictly."""
    if low == high or (whole and high - low < bins):
        edges = np.arange(low - 0.5, high + 1.0)
        fallback = [np.nextafter(low, -np.inf), np.nextafter(high, np.inf)]
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            edges = np.linspace(low, high, bins + 1)
        fallback = [low, high]
    # Doubles so close, or so far, cannot be parted.
    if len(edges) > 1 and np.isfinite(edges).all() and (edges[1:] > edges[:-1]).all():
        return edges
    return np.array(fallback)


def top_values(column: Column) -> tuple[ValueCount, ...]:
    """Return the most frequent values, ties in ascending order."""
    order = np.argsort(-column.counts, kind="stable")[:TOP]
    if column.values is None:
        # Text codes are in order of frequency, so the first of each is enough.
        names = words_of(column, len(order))
        return tuple(
            ValueCount(shorten(name), int(column.counts[i]))
            for i, name in enumerate(names)
        )
    return tuple(
        ValueCount(label(column.values[i], column.kind), int(column.counts[i]))
        for i in order
    )


def words_of(column: Column, first: int) -> list[str]:
    """Return the text of the `first` most frequent values."""
    return [] if column.words is None else column.words.head(first).to_list()


def shorten(text: str) -> str:
    """Return text of at most eighty characters."""
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"


def label(value: Any, kind: Kind) -> str:
    """Return a stored number as its column shows it."""
    if kind == "boolean":
        return "true" if value else "false"
    if kind in ("date", "datetime"):
        moment = _moment(int(value))
        return moment.date().isoformat() if kind == "date" else moment.isoformat()
    # Zero is one value, whatever its sign.
    return str(int(value)) if kind == "integer" else repr(float(value) + 0.0)


def _moment(microseconds: int) -> dt.datetime:
    """Return the instant, UTC."""
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    try:
        return epoch + dt.timedelta(microseconds=microseconds)
    except OverflowError:
        return dt.datetime.max.replace(tzinfo=dt.UTC)


def _text(column: Column) -> tuple[TextSummary | None, tuple[str, ...]]:
    """Return the text summary, and the names of its approximate fields."""
    words, counts = column.words, column.counts
    if words is None or not len(counts):
        return None, ()
    past = len(counts) > _MAX_PATTERNS
    lengths = np.bincount(words.str.len_chars().to_numpy(), weights=counts)
    summary = text_summary(lengths.astype(np.int64), patterns(words, counts))
    return summary, ("text.patterns",) if past else ()


def text_summary(lengths: IntArray, shapes: tuple[ValueCount, ...]) -> TextSummary:
    """Return the summary of texts.

    Parameters
    ----------
    lengths : ndarray of shape (n_longest + 1,)
        How many texts have so many characters; the sum is at least one.
    """
    found = np.flatnonzero(lengths)
    low, high = int(found[0]), int(found[-1])
    values, counts = found.astype(np.float64), lengths[found]
    edges = edges_of(low, high, whole=True)
    binned, _ = np.histogram(values, bins=edges, weights=counts)
    mean = float(np.average(values, weights=counts))
    return TextSummary(
        shortest=low,
        longest=high,
        mean_length=mean,
        patterns=shapes,
        lengths=Histogram(tuple(edges.tolist()), tuple(int(c) for c in binned)),
    )


def patterns(words: pl.Series, counts: IntArray) -> tuple[ValueCount, ...]:
    """Return the five most frequent shapes of the hundred thousand first words."""
    shapes = (
        words.head(_MAX_PATTERNS)
        .str.slice(0, 30)
        .str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"[\p{Ll}\p{Lo}]", "a")
        .str.replace_all(r"\p{Nd}", "9")
    )
    found = (
        pl.DataFrame({"s": shapes, "n": counts[: len(shapes)]})
        .group_by("s")
        .agg(pl.col("n").sum())
        .sort("n", "s", descending=[True, False])
        .head(5)
    )
    return tuple(ValueCount(s, int(n)) for s, n in found.rows())


def _times(column: Column) -> TimeSummary | None:
    """Return the period that a column of times covers."""
    assert column.values is not None  # noqa: S101 — times are counted as numbers
    if not len(column.values):
        return None
    days = np.unique(column.values // DAY)
    first, last = int(column.values[0]), int(column.values[-1])
    return period(first, last, days, column.kind)


def period(first: int, last: int, days: IntArray, kind: Kind) -> TimeSummary:
    """Return what times cover, from the ends and the days that have any."""
    gaps = np.diff(days) - 1
    return TimeSummary(
        first=label(first, kind),
        last=label(last, kind),
        span_days=(last - first) / DAY,
        days_present=len(days),
        days_absent=int(gaps.sum()),
        longest_gap_days=int(gaps.max(initial=0)),
    )


def column_of_counts(name: str, kind: Kind, counted: pl.DataFrame, rows: int) -> Column:
    """Return a column of which only its values and their counts were kept.

    Parameters
    ----------
    counted : DataFrame
        v and n: every value present, in any order.
    """
    none = np.empty(0, np.int64)
    if kind == "text":
        table = counted.sort("n", "v", descending=[True, False])
        counts = table["n"].to_numpy()
        empty = table["v"].clear()
        return Column(name, kind, empty, None, counts, none, table["v"], rows)
    table = counted.sort("v")
    values = as_numbers(table["v"], kind)
    empty = table["v"].clear()
    return Column(name, kind, empty, values, table["n"].to_numpy(), none, None, rows)
