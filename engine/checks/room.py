"""Where checks run: a DuckDB shut in with the tables it may read, under limits."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
import pyarrow as pa

from engine.checks.base import CheckProblem, listed
from engine.reading.kinds import literal, quoted
from engine.words import gettext_noop as _
from engine.workshop import workshop

MEMORY_MB = 1024
SECONDS = 120.0
SPILL = "8GiB"  # on the disk, which others need too
DATA = "data"
NUMBERED = "numbered_data"
FILE_ROW = "file_row_number"
TRUE = "true "  # before the name of a column of an authority


@dataclass(frozen=True)
class Table:
    """A view of a Parquet table, and DuckDB's types of its columns."""

    view: str
    path: str
    types: dict[str, str]

    @property
    def names(self) -> list[str]:
        """The columns, in order."""
        return list(self.types)


class Alarm:
    """Ends what runs too long; its thread is started while there is memory for one."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._set = threading.Condition()
        self._deadline: float | None = None
        self._is_open = True
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def after(self, seconds: float) -> Iterator[None]:
        """Ring if what is done here takes longer."""
        self._change(deadline=monotonic() + seconds)
        try:
            yield
        finally:
            self._change(deadline=None)

    def close(self) -> None:
        """End the thread."""
        self._is_open = False
        self._change(deadline=None)

    def _change(self, *, deadline: float | None) -> None:
        with self._set:
            self._deadline = deadline
            self._set.notify()

    def _watch(self) -> None:
        with self._set:
            while self._is_open:
                now = monotonic()
                if self._deadline is not None and self._deadline <= now:
                    self._deadline = None
                    self._end()
                self._set.wait(self._deadline and self._deadline - now)


@dataclass(frozen=True)
class Room:
    """A table, those it is compared with, and when it came."""

    connection: duckdb.DuckDBPyConnection
    alarm: Alarm
    data: Table
    row: str  # a column of numbers from 1, under a name that the table has not
    others: Mapping[str, Table]  # by the names that checks call them
    folder: Path
    as_of: datetime
    delivered_at: str = ""  # ISO 8601
    deliveries: tuple[str, ...] = ()  # of all versions until this one
    previous: str = ""  # path of the version before
    seconds: float = SECONDS
    masked: frozenset[str] = field(default_factory=frozenset)

    def one(self, query: str) -> tuple[Any, ...]:
        """Return the only row of a query, within the limit of time."""
        with self._in_time():
            rows = self.connection.execute(query).fetchall()
        return rows[0] if rows else ()

    def table(self, query: str) -> pa.Table:
        """Return the rows of a query, within the limit of time."""
        with self._in_time():
            return self.connection.sql(query).to_arrow_table()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        try:
            with self.alarm.after(self.seconds):
                yield
        except duckdb.InterruptException as error:
            raise CheckProblem(
                _("It took longer than %(seconds)s seconds and was ended.")
                % {"seconds": f"{self.seconds:g}"}
            ) from error
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            raise CheckProblem(
                _("It needs more memory than a check may take.")
            ) from error
        except duckdb.Error as error:
            raise CheckProblem(
                _("It could not be run: %(why)s")
                % {"why": str(error).splitlines()[0][:300]}
            ) from error

    def other(self, name: str) -> Table:
        """Return a table that a check compares with.

        Raises
        ------
        CheckProblem
            If the project has none of that name.
        """
        if name in self.others:
            return self.others[name]
        raise CheckProblem(
            _(
                "It compares with “%(name)s”, and the project has no data set of that "
                "name that is ready. Upload it, then run the checks again."
            )
            % {"name": name}
        )


def need(table: Table, columns: tuple[str, ...], *, named: str = "") -> None:
    """Raise if a table lacks a column that a check names."""
    for column in columns:
        if column in table.types:
            continue
        said = {"column": column, "table": named, "has": listed(table.names, 20)}
        if named:
            raise CheckProblem(
                _("“%(table)s” has no column “%(column)s”; it has %(has)s.") % said
            )
        raise CheckProblem(
            _("This version has no column “%(column)s”; it has %(has)s.") % said
        )


def family(kind: str) -> str:
    """Return what a DuckDB type is about: number, text, time or its own name."""
    if any(word in kind for word in ("INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL")):
        return "number"
    if kind.startswith(("DATE", "TIMESTAMP")):
        return "time"
    return "text" if kind == "VARCHAR" else kind.lower()


def need_numbers(table: Table, columns: tuple[str, ...]) -> None:
    """Raise if a column that is calculated with holds no numbers."""
    for column in columns:
        if family(table.types[column]) != "number":
            raise CheckProblem(
                _(
                    "Column “%(column)s” holds no numbers, but the check calculates "
                    "with it. Read it as a number, or drop the check."
                )
                % {"column": column}
            )


def need_same(mine: Table, column: str, theirs: Table, other: str) -> None:
    """Raise if two columns that are held together hold values of different kinds."""
    kinds = mine.types[column], theirs.types[other]
    if family(kinds[0]) != family(kinds[1]):
        raise CheckProblem(
            _(
                "Column “%(column)s” is %(kind)s and “%(other)s”, which it is compared "
                "with, is %(other_kind)s; the two cannot be compared. Read both as "
                "one kind."
            )
            % {
                "column": column,
                "kind": kinds[0],
                "other": other,
                "other_kind": kinds[1],
            }
        )


@contextmanager
def open_room(
    source: str,
    folder: Path,
    *,
    tables: Mapping[str, str],
    memory_mb: int = MEMORY_MB,
    **about: Any,
) -> Iterator[Room]:
    """Give a room with the table as `data`; nothing but these files can be read."""
    with workshop(folder, memory_mb) as connection:
        paths = ", ".join(literal(each) for each in {source, *tables.values()})
        connection.execute(f"SET allowed_paths = [{paths}]")
        connection.execute("SET enable_external_access = false")
        connection.execute(f"SET max_temp_directory_size = '{SPILL}'")
        connection.execute("SET lock_configuration = true")
        data = _view(connection, DATA, source)
        row = free_name("row", data.names)
        # A file may have a column of that name, which stands before the reader's.
        is_taken = FILE_ROW in map(str.lower, data.names)
        number = "row_number() OVER ()" if is_taken else f"{FILE_ROW} + 1"
        connection.execute(
            f"CREATE VIEW {NUMBERED} AS SELECT {_all(data)}, "  # noqa: S608 — every name and path is quoted
            f"{number} AS {quoted(row)} FROM read_parquet({literal(source)})"
        )
        others = {
            name: _view(connection, f"other_{number}", path)
            for number, (name, path) in enumerate(tables.items())
        }
        alarm = Alarm(connection.interrupt)
        try:
            yield Room(connection, alarm, data, row, others, folder, **about)
        finally:
            alarm.close()


def free_name(name: str, taken: list[str]) -> str:
    """Return the name, or one like it that no column has; case does not count."""
    lower = {each.lower() for each in taken}
    while name.lower() in lower:
        name = f"_{name}"
    return name


def _view(connection: duckdb.DuckDBPyConnection, name: str, path: str) -> Table:
    described = connection.execute(
        f"DESCRIBE FROM read_parquet({literal(path)})"
    ).fetchall()
    table = Table(name, path, {str(each[0]): str(each[1]) for each in described})
    connection.execute(
        f"CREATE VIEW {name} AS SELECT {_all(table)} FROM read_parquet({literal(path)})"  # noqa: S608 — every name and path is quoted
    )
    return table


def _all(table: Table) -> str:
    return ", ".join(quoted(each) for each in table.names)
