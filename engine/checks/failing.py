"""The rows that break a check, kept as a file: so many, and personal values masked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from engine.checks.base import CheckProblem
from engine.checks.plans import Counted, Rows
from engine.checks.room import TRUE, Room
from engine.profile.personal import mask
from engine.reading.kinds import quoted
from engine.words import gettext_noop as _

MOST_ROWS = 10_000
EXAMPLES = 20


def columns_to_mask(personal: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return which of the columns that look personal are masked.

    A number that only names somebody stays: without it nobody finds the row again.
    """
    return [each["column"] for each in personal if each["kind"] != "person_id"]


def failing_of(rows: Rows, source: str, room: Room) -> str:
    """Return SQL for the rows that break a condition, their number first."""
    listed = ", ".join(quoted(each) for each in (room.row, *room.data.names))
    return (
        f"SELECT {listed} FROM {source} WHERE ({rows.tested}) AND ({rows.broken}) "  # noqa: S608 — quoted
        f"ORDER BY {quoted(room.row)}"
    )


def keep_rows(
    query: str, room: Room, path: Path, *, numbered: bool
) -> tuple[int, tuple[int, ...]]:
    """Write the first rows of a query; return how many, and the numbers of a few.

    Raises
    ------
    CheckProblem
        If a person's query gives what no file of rows holds, such as intervals.
    """
    try:
        table = room.table(f"SELECT * FROM ({query}) LIMIT {MOST_ROWS}")  # noqa: S608 — ours, or checked
        _write(table, room, path)
    except pa.ArrowException as error:
        raise CheckProblem(
            _("What it found cannot be kept (%(why)s). Cast it to VARCHAR.")
            % {"why": str(error).splitlines()[0][:200]}
        ) from error
    numbers = table.column(0)[:EXAMPLES].to_pylist() if numbered else []
    return table.num_rows, tuple(int(each) for each in numbers)


def keep_file(counted: Counted, room: Room, path: Path) -> int:
    """Write the first rows of a file that a check left; return how many."""
    found = pl.scan_parquet(room.folder / counted.failing_file).head(MOST_ROWS)
    table = found.collect()
    if room.masked:
        hidden = pl.col("cell").is_in(list(room.masked))
        values = [
            pl.when(hidden).then(_dots(name)).otherwise(pl.col(name)).alias(name)
            for name in ("left_value", "right_value")
        ]
        keys = pl.col("key").list.eval(_dots(""))
        table = table.with_columns(*values, keys.alias("key"))
    table.write_parquet(path, compression="zstd")
    return table.height


def _dots(name: str) -> pl.Expr:
    column = pl.col(name) if name else pl.element()
    return column.str.replace_all(r"\w", "•")


def _write(table: pa.Table, room: Room, path: Path) -> None:
    for place, name in enumerate(table.column_names):
        if _is_hidden(name, room):
            values: list[Any] = table.column(place).to_pylist()
            masked = [None if each is None else mask(str(each)) for each in values]
            table = table.set_column(place, name, pa.array(masked, pa.string()))
    pq.write_table(table, path, compression="zstd")


def _is_hidden(name: str, room: Room) -> bool:
    """Whether a column may show personal values: also one that SQL made of others."""
    if not room.masked or name == room.row:
        return False
    plain = name.removeprefix(TRUE)
    return plain in room.masked or plain not in room.data.types
