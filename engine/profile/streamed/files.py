"""A Parquet file of any size, a batch of its rows in memory at a time."""

from collections.abc import Iterator
from functools import reduce

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from engine.profile.streamed.layout import Layout
from engine.profile.streamed.state import State, merge, profile_partition
from engine.progress import Reporter


def state_of_file(source: str, layout: Layout, report: Reporter) -> State:
    """Return the state of all rows of a canonical table."""
    states = states_of(source, layout, range(_groups(source)), report)
    empty = profile_partition(_empty(source), layout, 0)
    return reduce(merge, states, empty)


def states_of(
    source: str, layout: Layout, groups: range, report: Reporter
) -> Iterator[State]:
    """Yield the states of some consecutive row groups, batch by batch."""
    with pq.ParquetFile(source, pre_buffer=False) as file:
        sizes = [
            file.metadata.row_group(i).num_rows
            for i in range(file.metadata.num_row_groups)
        ]
        first = sum(sizes[: groups.start])
        asked = sum(sizes[groups.start : groups.stop]) or 1
        done = 0
        for batch in file.iter_batches(layout.batch_rows, row_groups=list(groups)):
            yield profile_partition(pl.DataFrame(batch), layout, first + done)
            done += batch.num_rows
            report.progress(done / asked, f"{first + done:,} rows")
            # What was decoded goes back to the system, or it would add up.
            pa.default_memory_pool().release_unused()


def _groups(source: str) -> int:
    return int(pq.read_metadata(source).num_row_groups)


def _empty(source: str) -> pl.DataFrame:
    return pl.DataFrame(pq.read_schema(source).empty_table())
