"""Batches of rows become one Parquet file, within limits."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import EngineError
from engine.progress import Reporter
from engine.reading.limits import size
from engine.words import gettext_noop as _

LANDED_NAME = "landed.parquet"
BATCH_ROWS = 10_000
LOOKED_AT = 5  # rows of a test


class SourceError(EngineError):
    """A source that cannot be read; the message says why and what helps."""


@dataclass(frozen=True)
class Most:
    """What one fetch may bring."""

    rows: int
    bytes: int
    seconds: int  # of one statement
    is_look: bool = False  # a test: the first rows and no more

    @property
    def batch_rows(self) -> int:
        """How many rows are asked for at once."""
        return LOOKED_AT if self.is_look else BATCH_ROWS


@dataclass(frozen=True)
class Column:
    """A column of a query's answer."""

    name: str
    type: pa.DataType


class Landing:
    """A Parquet file that grows batch by batch."""

    def __init__(
        self, folder: Path, schema: pa.Schema, most: Most, report: Reporter
    ) -> None:
        self.rows = 0
        self._most, self._report = most, report
        self._path = folder / LANDED_NAME
        self._schema = schema
        self._writer = pq.ParquetWriter(self._path, schema, compression="zstd")

    def add(self, batch: pa.RecordBatch) -> None:
        """Write one batch.

        Raises
        ------
        SourceError
            If the rows or bytes so far are more than allowed.
        """
        self.rows += batch.num_rows
        if self.rows > self._most.rows:
            raise SourceError(
                _(
                    "The source has more than the %(most)s rows that are allowed. Ask "
                    "for fewer."
                )
                % {"most": f"{self._most.rows:,}"}
            )
        self._writer.write_batch(batch)
        if self._path.stat().st_size > self._most.bytes:
            raise too_large(self._most)
        self._report.progress(0.5, f"{self.rows:,} rows")

    def close(self) -> dict[str, Any]:
        """Finish the file; return what landed."""
        self._writer.close()
        return {
            "file": LANDED_NAME,
            "rows": self.rows,
            "columns": list(self._schema.names),
        }


def too_large(most: Most) -> SourceError:
    """Return the refusal of more bytes than are allowed."""
    return SourceError(
        _("The source has more than the %(most)s that are allowed. Ask for less.")
        % {"most": size(most.bytes)}
    )


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """Return the schema of a query's answer.

    Raises
    ------
    SourceError
        If two columns have one name, or there are none.
    """
    names = [each.name for each in columns]
    if not names:
        raise SourceError(_("The query brings no columns. Write one SELECT."))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            _("The query brings two columns named %(name)s. Name one of them with AS.")
            % {"name": twice[0]}
        )
    return pa.schema([(each.name, each.type) for each in columns])


def batch_of(
    rows: Iterable[Sequence[Any]], columns: Sequence[Column]
) -> pa.RecordBatch:
    """Return rows as one batch of exactly these types.

    Raises
    ------
    SourceError
        If a value does not fit its column's type.
    """
    by_column = list(zip(*rows, strict=True)) or [() for _each in columns]
    arrays = [
        _array(values, column)
        for values, column in zip(by_column, columns, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema_of(columns))


def _array(values: Sequence[Any], column: Column) -> pa.Array:
    if pa.types.is_string(column.type):
        values = [_text(value, column.name) for value in values]
    elif pa.types.is_floating(column.type):
        values = [None if value is None else float(value) for value in values]
    elif pa.types.is_boolean(column.type):
        values = [None if value is None else bool(value) for value in values]
    try:
        return pa.array(values, column.type)
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
        raise SourceError(
            _(
                "Column %(name)s holds a value that does not fit %(type)s (%(why)s). "
                "Cast it in the query."
            )
            % {
                "name": column.name,
                "type": str(column.type),
                "why": str(error).splitlines()[0][:120],
            }
        ) from error


def _text(value: Any, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        raise SourceError(
            _(
                "Column %(name)s holds bytes. Write it as text in the query, or leave it out."
            )
            % {"name": name}
        )
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)
