"""What a column would be as a target, read without the rest of its table."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from engine.errors import EngineError
from engine.training.cells import as_text


@dataclass(frozen=True)
class TargetColumn:
    """A column's distinct values, the rarest first, and how many rows have none."""

    name: str
    rows: int
    missing: int
    values: tuple[tuple[str, int], ...]

    @property
    def rarest(self) -> str:
        """The value of fewest rows: most often the one to look for."""
        return self.values[0][0] if self.values else ""


def target_column(table: Path, name: str) -> TargetColumn:
    """Return what a column of a parquet file holds.

    Raises
    ------
    EngineError
        If there is no such column.
    """
    if name not in pq.read_schema(table).names:
        raise EngineError(f"target {name!r}: the table has no such column")
    column = pq.read_table(table, columns=[name])[name]
    counted = Counter(as_text(column.drop_null()))
    values = sorted(counted.items(), key=lambda pair: (pair[1], pair[0]))
    return TargetColumn(name, len(column), column.null_count, tuple(values))


def check_target(column: TargetColumn, *, task: str, positive: str = "") -> None:
    """Refuse a column that cannot be predicted.

    Raises
    ------
    EngineError
        Naming the column, what is wrong with it and the remedy.
    """
    place = f"target {column.name!r}"
    if column.missing == column.rows:
        raise EngineError(f"{place}: no row has a value; choose another column")
    if column.missing:
        raise EngineError(
            f"{place}: {column.missing} of {column.rows} rows have no value; remove "
            "them and upload the table again, or choose another column"
        )
    if len(column.values) < 2:
        raise EngineError(
            f"{place}: every row holds {column.values[0][0]!r}; choose a column with "
            "at least two values"
        )
    if task != "binary":
        return
    if len(column.values) > 2:
        raise EngineError(
            f"{place}: {len(column.values)} different values, a yes-or-no question "
            "needs two; choose another column"
        )
    if positive and positive not in dict(column.values):
        words = ", ".join(repr(value) for value, _n in column.values)
        raise EngineError(f"{place}: no row holds {positive!r}; choose one of {words}")
