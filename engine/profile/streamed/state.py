"""A part of a table, looked at once: what is kept of it, and how two parts are one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.profile.association import Products, products_of
from engine.profile.columns import cleaned
from engine.profile.missing import Gaps, gaps_of
from engine.profile.streamed.column import ColumnState, column_state, merged, own
from engine.profile.streamed.layout import Layout

# Rows whose hashes are kept, eight bytes each, to count equal ones.
MOST_HASHED = 30_000_000


@dataclass(frozen=True)
class State:
    """What is kept of some rows of a table: a few megabytes, whatever their number."""

    layout: Layout
    rows: int
    columns: tuple[ColumnState, ...]
    products: Products
    gaps: Gaps
    hashes: tuple[npt.NDArray[np.uint64], ...]  # of rows, each part's by itself
    sample: pl.DataFrame
    sample_at: npt.NDArray[np.int64]  # (n_sample,) numbers of its rows


def profile_partition(data: pl.DataFrame, layout: Layout, first_row: int) -> State:
    """Return the state of a part of a table.

    Parameters
    ----------
    data : DataFrame
        Consecutive rows.
    first_row : int
        The number of the first one in the table, from 0.
    """
    series = [cleaned(each) for each in data.iter_columns()]
    columns = tuple(
        column_state(each, layout.columns[j]) for j, each in enumerate(series)
    )
    missing = [each.is_null().to_numpy() for each in series]
    names = [column.name for column in layout.columns]
    gaps = gaps_of(missing, names, first_row=first_row, table_rows=layout.rows)
    hashed = layout.rows <= MOST_HASHED
    chosen = np.flatnonzero(layout.sampled(first_row, data.height))
    return State(
        layout=layout,
        rows=data.height,
        columns=columns,
        products=_products(series, layout),
        gaps=gaps,
        hashes=(data.hash_rows(seed=1).to_numpy(),) if hashed else (),
        sample=pl.DataFrame([own(each) for each in data[chosen].iter_columns()]),
        sample_at=chosen + first_row,
    )


def _products(series: list[pl.Series], layout: Layout) -> Products:
    """Return the sums of products of the numbers, shifted alike in every part."""
    some = layout.correlated
    spans = [layout.columns[j] for j in some]
    shift = np.array([column.shift for column in spans])
    scale = np.array([column.reach for column in spans])
    data = np.empty((len(some), len(series[0]) if series else 0))
    for at, j in enumerate(some):
        data[at] = series[j].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return products_of(data, shift=shift, scale=scale)


def merge(left: State, right: State) -> State:
    """Return the state of both parts; the order of merging makes no difference."""
    layout = left.layout
    return State(
        layout=layout,
        rows=left.rows + right.rows,
        columns=tuple(
            merged(a, b, column)
            for a, b, column in zip(
                left.columns, right.columns, layout.columns, strict=True
            )
        ),
        products=left.products + right.products,
        gaps=left.gaps + right.gaps,
        hashes=left.hashes + right.hashes,
        sample=pl.concat([left.sample, right.sample]),
        sample_at=np.concatenate([left.sample_at, right.sample_at]),
    )
