"""Which columns move together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.profile.columns import Column, FloatArray
from engine.profile.result import Correlation

MAX_COLUMNS = 40
MAX_ROWS = 500_000
MAX_CATEGORIES = 50

Values = tuple[tuple[float | None, ...], ...]


def correlations(
    columns: Sequence[Column], *, rng: np.random.Generator
) -> tuple[Correlation, ...]:
    """Return every matrix that at least two columns have.

    Above 500,000 rows Spearman and Cramér's V use a random sample of so many.
    """
    n_rows = len(columns[0].codes) if columns else 0
    picked = None
    if n_rows > MAX_ROWS:
        picked = np.sort(rng.choice(n_rows, MAX_ROWS, replace=False))
    # A constant has no correlation, a name of rows a meaningless one.
    numeric = [c for c in columns if c.kind in ("integer", "number") and _varies(c)]
    named = [c for c in columns if c.kind in ("text", "boolean") and _is_category(c)]
    gaps = [c for c in columns if 0 < int((c.codes < 0).sum()) < n_rows]
    found = [
        _linear("pearson", numeric, n_rows),
        _spearman(numeric, n_rows, picked),
        _cramers(named, n_rows, picked),
        _missingness(gaps, n_rows),
    ]
    return tuple(matrix for matrix in found if matrix is not None)


def _varies(column: Column) -> bool:
    return len(column.counts) > 1


def _is_category(column: Column) -> bool:
    return 1 < len(column.counts) <= MAX_CATEGORIES


def _first(columns: Sequence[Column], what: str) -> tuple[list[Column], str]:
    """Return the first forty columns and a note if there were more."""
    if len(columns) <= MAX_COLUMNS:
        return list(columns), what
    return (
        list(columns[:MAX_COLUMNS]),
        f"{what} The first {MAX_COLUMNS} of {len(columns)} columns.",
    )


def _linear(method: str, columns: Sequence[Column], n_rows: int) -> Correlation | None:
    """Return Pearson's r over the rows where both values are present and finite."""
    some, note = _first(columns, "Pairs where both values are present.")
    if len(some) < 2:
        return None
    data = np.full((n_rows, len(some)), np.nan)
    for j, column in enumerate(some):
        assert column.values is not None  # noqa: S101 — numeric by selection
        present = column.codes >= 0
        data[present, j] = column.values[column.codes[present]]
    return Correlation(
        method="pearson",
        names=tuple(c.name for c in some),
        values=_pairwise(data),
        rows=n_rows,
        exact=True,
        note=note,
    )


def _spearman(
    columns: Sequence[Column], n_rows: int, picked: np.ndarray | None
) -> Correlation | None:
    """Return Pearson's r of mid-ranks, ranked once a column."""
    some, note = _first(columns, "Mid-ranks, taken once a column.")
    if len(some) < 2:
        return None
    rows = n_rows if picked is None else len(picked)
    data = np.full((rows, len(some)), np.nan)
    for j, column in enumerate(some):
        codes = column.codes if picked is None else column.codes[picked]
        data[codes >= 0, j] = ranks_of(codes[codes >= 0], len(column.counts))
    return Correlation(
        method="spearman",
        names=tuple(c.name for c in some),
        values=_pairwise(data),
        rows=rows,
        exact=picked is None,
        note=note if picked is None else f"{note} A random sample of {rows:,} rows.",
    )


def ranks_of(codes: np.ndarray, n_distinct: int) -> FloatArray:
    """Return the mid-rank of each value, by its position among the distinct ones."""
    counts = np.bincount(codes, minlength=n_distinct)
    ranks: FloatArray = np.cumsum(counts) - (counts - 1) / 2
    return ranks[codes]


def spearman(left: Column, right: Column) -> float | None:
    """Return the correlation of mid-ranks over the rows where both are present."""
    both = (left.codes >= 0) & (right.codes >= 0)
    ranked = [ranks_of(c.codes[both], len(c.counts)) for c in (left, right)]
    return _pairwise(np.column_stack(ranked))[0][1] if both.any() else None


def _pairwise(data: FloatArray) -> Values:
    """Return r for every pair of columns, over the rows where both are finite."""
    finite = np.isfinite(data)
    # Without the shift large means would cancel away the covariance.
    shift = np.where(finite, data, 0).sum(axis=0) / np.maximum(finite.sum(axis=0), 1)
    scale = np.abs(np.where(finite, data - shift, 0.0)).max(axis=0, initial=0.0)
    return products_of(data, shift=shift, scale=scale).correlations()


@dataclass(frozen=True)
class Products:
    """Sums over the rows where both of two columns are finite; two of them add up.

    Each of shape (n_columns, n_columns): [i, j] sums column i where j is there too.
    """

    n: FloatArray
    total: FloatArray
    squares: FloatArray
    cross: FloatArray

    def __add__(self, other: "Products") -> "Products":
        return Products(
            self.n + other.n,
            self.total + other.total,
            self.squares + other.squares,
            self.cross + other.cross,
        )

    def correlations(self) -> Values:
        """Return Pearson's r of every pair, None where one does not vary."""
        with np.errstate(divide="ignore", invalid="ignore"):
            covariance = self.cross - self.total * self.total.T / self.n
            variance = self.squares - self.total**2 / self.n
            r = covariance / np.sqrt(variance * variance.T)
        defined = (self.n >= 2) & (variance > 1e-14) & (variance.T > 1e-14)
        return _cells(np.clip(r, -1.0, 1.0), defined)


def products_of(data: FloatArray, *, shift: FloatArray, scale: FloatArray) -> Products:
    """Return the sums of some rows, with every column shifted and scaled alike."""
    finite = np.isfinite(data)
    mask = finite.astype(np.float64)
    with np.errstate(invalid="ignore"):
        centred = np.where(finite, data - shift, 0.0)
    centred = centred / np.where(scale > 0, scale, 1.0)
    return Products(
        n=mask.T @ mask,
        total=centred.T @ mask,
        squares=(centred**2).T @ mask,
        cross=centred.T @ centred,
    )


def _cells(values: FloatArray, defined: np.ndarray) -> Values:
    """Return the matrix as plain numbers."""
    return tuple(
        tuple(float(v) if ok else None for v, ok in zip(row, oks, strict=True))
        for row, oks in zip(values, defined, strict=True)
    )


def _cramers(
    columns: Sequence[Column], n_rows: int, picked: np.ndarray | None
) -> Correlation | None:
    """Return Cramér's V without bias correction, for categories of at most fifty."""
    some, note = _first(columns, "No bias correction; pairs where both are present.")
    if len(some) < 2:
        return None
    codes = [c.codes if picked is None else c.codes[picked] for c in some]
    sizes = [len(c.counts) for c in some]
    values = np.ones((len(some), len(some)))
    defined = np.ones(values.shape, bool)
    for i in range(len(some)):
        for j in range(i):
            v = cramers_v(codes[i], codes[j], sizes[i], sizes[j])
            values[i, j] = values[j, i] = 0.0 if v is None else v
            defined[i, j] = defined[j, i] = v is not None
    rows = n_rows if picked is None else len(picked)
    return Correlation(
        method="cramers_v",
        names=tuple(c.name for c in some),
        values=_cells(values, defined),
        rows=rows,
        exact=picked is None,
        note=note if picked is None else f"{note} A random sample of {rows:,} rows.",
    )


def cramers_v(
    left: np.ndarray, right: np.ndarray, n_left: int, n_right: int
) -> float | None:
    """Return Cramér's V of two columns of codes, -1 where missing.

    None if one of them does not vary over the rows where both are present.
    """
    both = (left >= 0) & (right >= 0)
    cells = np.bincount(
        left[both] * n_right + right[both], minlength=n_left * n_right
    ).reshape(n_left, n_right)
    rows, cols = cells.sum(axis=1), cells.sum(axis=0)
    n = rows.sum()
    smaller = min((rows > 0).sum(), (cols > 0).sum())
    if smaller < 2:
        return None
    expected = np.outer(rows, cols) / n
    used = expected > 0
    chi2 = ((cells[used] - expected[used]) ** 2 / expected[used]).sum()
    return float(min(1.0, np.sqrt(chi2 / (n * (smaller - 1)))))


def _missingness(columns: Sequence[Column], n_rows: int) -> Correlation | None:
    """Return the correlation of being missing, over columns that sometimes are."""
    some, note = _first(columns, "1 = missing together, -1 = never both.")
    if len(some) < 2:
        return None
    data = np.column_stack([(c.codes < 0).astype(np.float64) for c in some])
    return Correlation(
        method="missingness",
        names=tuple(c.name for c in some),
        values=_pairwise(data),
        rows=n_rows,
        exact=True,
        note=note,
    )
