"""The parts of a table looked at by the workers of a Dask cluster."""

from functools import reduce

import pyarrow.parquet as pq
from dask.distributed import Client, as_completed

from engine.errors import EngineError
from engine.profile.streamed.files import states_of
from engine.profile.streamed.layout import Layout
from engine.profile.streamed.state import State, merge
from engine.progress import Reporter, Silent
from engine.words import gettext_noop

_WAIT = "20s"
_ROWS_OF_A_TASK = 1_000_000


def state_on_cluster(
    source: str, layout: Layout, address: str, report: Reporter
) -> State:
    """Return the state of all rows of a table that every worker can read.

    Parameters
    ----------
    source : str
        A path that means the same file here and on every worker.
    address : str
        Of the scheduler, such as tcp://scheduler:8786.

    Raises
    ------
    EngineError
        If no scheduler answers there. A worker that dies loses nothing: its part is
        given to another one.
    """
    try:
        client = Client(  # type: ignore[no-untyped-call]
            address, timeout=_WAIT, set_as_default=False
        )
    except (OSError, TimeoutError, ValueError) as error:
        raise EngineError(
            gettext_noop(
                "No Dask scheduler answers at %(address)s. Start it, or profile the "
                "table without a cluster."
            )
            % {"address": address}
        ) from error
    with client:
        parts = [
            client.submit(part_of, source, layout, part, pure=False)
            for part in _tasks(source)
        ]
        total: State | None = None
        # With results: asked for afterwards, one whose worker died in between would
        # not be waited for again. Their order makes no difference.
        arriving = as_completed(parts, with_results=True)  # type: ignore[no-untyped-call]  # dask has no types
        for done, (future, state) in enumerate(arriving, 1):
            total = state if total is None else merge(total, state)
            report.progress(done / len(parts), f"{total.rows:,} rows")
            future.release()
    if total is None:
        raise EngineError(gettext_noop("The table has no rows to hand out.") % {})
    return total


def part_of(source: str, layout: Layout, groups: range) -> State:
    """Return the state of some row groups; what a worker runs."""
    return reduce(merge, states_of(source, layout, groups, Silent()))


def _tasks(source: str) -> list[range]:
    """Return the row groups of each task: about a million rows."""
    metadata = pq.read_metadata(source)
    tasks, start, rows = [], 0, 0
    for i in range(metadata.num_row_groups):
        rows += metadata.row_group(i).num_rows
        if rows >= _ROWS_OF_A_TASK or i == metadata.num_row_groups - 1:
            tasks.append(range(start, i + 1))
            start, rows = i + 1, 0
    return tasks
