"""Which columns move together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.profile.columns import Column, FloatArray
from engine.profile.missing import Gaps
from engine.profile.result import Correlation

MAX_COLUMNS = 40
MAX_ROWS = 500_000
MAX_CATEGORIES = 50
_CACHED = 2048

Values = tuple[tuple[float | None, ...], ...]


def correlations(
    columns: Sequence[Column], *, rng: np.random.Generator, gaps: Gaps | None
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
    found = [
        _linear("pearson", numeric, n_rows),
        _spearman(numeric, n_rows, picked),
        _cramers(named, n_rows, picked),
        _missingness(gaps),
    ]
    return tuple(matrix for matrix in found if matrix is not None)


def sampled_correlations(
    columns: Sequence[Column],
    *,
    names: Sequence[str],
    products: "Products",
    gaps: Gaps,
    rows: int,
) -> tuple[Correlation, ...]:
    """Return the matrices of a table of which only a sample is in memory.

    Parameters
    ----------
    columns : sequence of Column
        The sample.
    names : sequence of str
        Columns of `products`, which are sums over all rows.
    """
    n_rows = columns[0].rows if columns else 0
    numeric = [c for c in columns if c.kind in ("integer", "number") and _varies(c)]
    named = [c for c in columns if c.kind in ("text", "boolean") and _is_category(c)]
    linear = None
    if len(names) > 1:
        linear = Correlation(
            method="pearson",
            names=tuple(names),
            values=products.correlations(),
            rows=rows,
            exact=True,
            note="Pairs where both values are present.",
        )
    found = [
        linear,
        _of_sample(_spearman(numeric, n_rows, None)),
        _of_sample(_cramers(named, n_rows, None)),
        _missingness(gaps),
    ]
    return tuple(matrix for matrix in found if matrix is not None)


def _of_sample(matrix: Correlation | None) -> Correlation | None:
    if matrix is None:
        return None
    note = f"{matrix.note} A random sample of {matrix.rows:,} rows."
    return replace(matrix, exact=False, note=note)


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
    data = np.empty((len(some), n_rows))
    for j, column in enumerate(some):
        assert column.values is not None  # noqa: S101 — numeric by selection
        # A code of -1 takes the last one: nothing.
        data[j] = np.append(column.values.astype(np.float64), np.nan)[column.codes]
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
    data = np.full((len(some), rows), np.nan)
    for j, column in enumerate(some):
        codes = column.codes if picked is None else column.codes[picked]
        data[j, codes >= 0] = ranks_of(codes[codes >= 0], len(column.counts))
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
    ranks = np.cumsum(counts) - (counts - 1) / 2
    found: FloatArray = ranks[codes]
    return found


def spearman(left: Column, right: Column) -> float | None:
    """Return the correlation of mid-ranks over the rows where both are present."""
    both = (left.codes >= 0) & (right.codes >= 0)
    ranked = [ranks_of(c.codes[both], len(c.counts)) for c in (left, right)]
    return _pairwise(np.stack(ranked))[0][1] if both.any() else None


def _pairwise(data: FloatArray) -> Values:
    """Return r for every pair of columns, over the rows where both are finite.

    Parameters
    ----------
    data : ndarray of shape (n_columns, n_rows)
    """
    shift, scale = np.zeros(len(data)), np.zeros(len(data))
    for j, values in enumerate(data):
        finite = values[np.isfinite(values)]
        if len(finite):
            # Without the shift large means would cancel away the covariance.
            shift[j] = finite.mean()
            scale[j] = max(finite.max() - shift[j], shift[j] - finite.min())
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
    """Return the sums of some rows, with every column shifted and scaled alike.

    Parameters
    ----------
    data : ndarray of shape (n_columns, n_rows)
    """
    divisor = np.where(scale > 0, scale, 1.0)[:, None]
    none = np.zeros((len(data), len(data)))
    total = Products(none, none, none, none)
    # A few rows at a time stay in the processor's cache.
    for start in range(0, data.shape[1], _CACHED):
        centred = data[:, start : start + _CACHED] - shift[:, None]
        centred /= divisor
        finite = np.isfinite(centred)
        mask = finite.astype(np.float64)
        centred[~finite] = 0.0
        total += Products(
            n=mask @ mask.T,
            total=centred @ mask.T,
            squares=(centred * centred) @ mask.T,
            cross=centred @ centred.T,
        )
    return total


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


def _missingness(gaps: Gaps | None) -> Correlation | None:
    """Return the correlation of being missing, over columns that sometimes are."""
    if gaps is None:
        return None
    n_rows = int(gaps.rows.sum())
    missing = gaps.stretches.sum(axis=0)
    found = np.flatnonzero((missing > 0) & (missing < n_rows))
    if len(found) < 2:
        return None
    some = found[:MAX_COLUMNS]
    note = "1 = missing together, -1 = never both."
    if len(found) > len(some):
        note = f"{note} The first {MAX_COLUMNS} of {len(found)} columns."
    bits = gaps.bits(some)
    n = gaps.patterns["n"].to_numpy().astype(np.float64)
    shares = bits - n @ bits / n.sum()
    covariance = (shares * n[:, None]).T @ shares
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.clip(covariance / np.outer(spread, spread), -1.0, 1.0)
    return Correlation(
        method="missingness",
        names=tuple(gaps.names[j] for j in some),
        values=_cells(r, np.outer(spread > 0, spread > 0)),
        rows=n_rows,
        exact=not gaps.dropped,
        note=note,
    )
