"""What a check comes down to: a condition on rows, or counts of its own."""

from dataclasses import dataclass

from engine.checks.room import Room
from engine.reading.kinds import quoted

DATA_HERE = "{data}"  # in a source: the rows that are looked at


@dataclass(frozen=True)
class Rows:
    """Rows that are tested, and which of them break the promise."""

    tested: str  # conditions in SQL
    broken: str
    source: str = DATA_HERE
    column: str = ""  # whose cells are tested; validity counts each of them once
    value: str = "NULL"  # aggregates over the source
    earned: str = "NULL"
    note: str = ""
    words: str = ""  # more exact than what was declared


@dataclass(frozen=True)
class Counted:
    """What a check counted itself."""

    tested: int
    violating: int
    value: float | None = None
    earned: float | None = None  # of the tested; None: those that do not violate
    failing: str = ""  # SQL for what is wrong, if it can be shown
    failing_file: str = ""  # a Parquet in the folder, instead
    numbered: bool = False  # whether `failing` begins with row numbers
    note: str = ""


Plan = Rows | Counted


def cells(column: str, broken: str, **more: str) -> Rows:
    """Return a condition on the values of a column that are there."""
    return Rows(f"{quoted(column)} IS NOT NULL", broken, column=column, **more)


def bounded(room: Room, query: str, low: float | None, high: float | None) -> Counted:
    """Return whether the number of a query lies between bounds; no number does not."""
    found = room.one(query)
    value = None if not found or found[0] is None else float(found[0])
    within = (
        value is not None
        and (low is None or value >= low)
        and (high is None or value <= high)
    )
    return Counted(1, int(not within), value)
