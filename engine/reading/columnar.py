"""Parquet to a canonical table, by batches."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.kinds import Kind
from engine.progress import Reporter
from engine.reading.dialect import unique_names
from engine.reading.errors import ReadError
from engine.reading.limits import Limits, size
from engine.reading.records import MAX_REJECTS
from engine.reading.result import BATCH_ROWS, TABLE_NAME, ColumnRead, TableRead
from engine.words import gettext_noop as _


@dataclass
class _Column:
    """How one Parquet column is copied, and what was found on the way."""

    original: str
    name: str
    kind: Kind
    target: pa.DataType
    missing: int = 0
    failures: int = 0


def _is_whole(kind: pa.DataType) -> bool:
    """Whether a type holds decimals without decimals."""
    return bool(pa.types.is_decimal(kind) and kind.scale == 0)


# The first and the last day that a calendar knows, 0001-01-01 and 9999-12-31, in days
# since 1970, and what each unit has of a day.
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_SECONDS = 24 * 60 * 60
_PER_DAY = {"s": _SECONDS, "ms": _SECONDS * 10**3, "us": _SECONDS * 10**6}
_PER_DAY["ns"] = _SECONDS * 10**9
_DIGITS = 15  # of a decimal that double precision keeps

_Convert = tuple[Callable[[pa.DataType], bool], Kind, pa.DataType]
_TARGETS: tuple[_Convert, ...] = (
    (pa.types.is_boolean, "boolean", pa.bool_()),
    (pa.types.is_integer, "integer", pa.int64()),
    (pa.types.is_floating, "number", pa.float64()),
    (_is_whole, "integer", pa.int64()),
    (pa.types.is_decimal, "number", pa.float64()),
    (pa.types.is_date, "date", pa.date32()),
    (pa.types.is_timestamp, "datetime", pa.timestamp("us")),
    (pa.types.is_string, "text", pa.string()),
    (pa.types.is_large_string, "text", pa.string()),
    (pa.types.is_string_view, "text", pa.string()),
    (pa.types.is_null, "text", pa.string()),
    (pa.types.is_time, "text", pa.string()),
)


def read_parquet(
    source: Path, *, filename: str, folder: Path, report: Reporter, limits: Limits
) -> TableRead:
    """Return what was read; the table is in `folder`.

    Extension types are read as what they are stored as. Whole numbers become 64-bit,
    decimals and floats double precision, times UTC in microseconds; a NaN becomes
    missing, and so does, counted as a failure, a time outside the years 1 to 9999.

    Raises
    ------
    ReadError
        If the footer or a page is damaged, a limit is broken, a column is nested or
        holds bytes, or a text or a name holds a NUL character.
    """
    try:
        with _open(source) as plain:
            _check_footer(plain.metadata, filename, limits)
            schema = plain.schema_arrow
        columns = _plan(schema, filename)
        texts = [c.original for c in columns if c.kind == "text"]
        with _open(source, texts) as file:
            rows = _copy(file, columns, folder / TABLE_NAME, filename, report, limits)
    except (pa.ArrowException, OSError) as error:
        raise ReadError(
            _("%(file)s is damaged: %(why)s. Save and upload it again.")
            % {"file": filename, "why": str(error).splitlines()[0][:200]}
        ) from error
    renames = unique_names([c.original for c in columns])[1]
    return TableRead(
        parquet=TABLE_NAME,
        format="parquet",
        encoding="",
        delimiter="",
        newline="",
        rows_read=rows,
        rows_kept=rows,
        rows_rejected=0,
        blank_lines=0,
        rejects=(),
        columns=tuple(
            ColumnRead(
                name=c.name,
                original=c.original[:200],
                kind=c.kind,
                missing=c.missing,
                cast_failures=c.failures,
                why=_("stored so in the file"),
            )
            for c in columns
        ),
        renames=tuple(asdict(rename) for rename in renames[:MAX_REJECTS]),
        notes=_notes(schema, rows),
        limits=asdict(limits),
    )


def _notes(schema: pa.Schema, rows: int) -> tuple[str, ...]:
    """Return what the table cannot keep as the file has it."""
    kept = {
        _("Times were stored in UTC, without their zone: %(columns)s."): [
            field.name
            for field in schema
            if pa.types.is_timestamp(field.type) and field.type.tz
        ],
        _("Times were rounded down to microseconds: %(columns)s."): [
            field.name
            for field in schema
            if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        ],
        _("Decimals keep some 15 digits: %(columns)s."): [
            field.name
            for field in schema
            if pa.types.is_decimal(field.type)
            and not _is_whole(field.type)
            and field.type.precision > _DIGITS
        ],
    }
    notes = [
        sentence % {"columns": ", ".join(names[:10])}
        for sentence, names in kept.items()
        if names
    ]
    return (*notes, *(() if rows else (_("The file has a schema and no rows."),)))


def _open(source: Path, dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
    """Return the open file; text stays in its dictionary, so that it can be weighed."""
    return pq.ParquetFile(
        source, read_dictionary=list(dictionaries), pre_buffer=False, memory_map=False
    )


def _check_footer(footer: pq.FileMetaData, filename: str, limits: Limits) -> None:
    """Refuse what the footer itself says is too large."""
    inflated = sum(
        footer.row_group(i).total_byte_size for i in range(footer.num_row_groups)
    )
    checks = (
        (_("columns"), footer.num_columns, limits.max_columns),
        (_("rows"), footer.num_rows, limits.max_rows),
    )
    for what, found, most in checks:
        if found > most:
            raise ReadError(
                _(
                    "%(file)s has %(found)s %(what)s; %(most)s are allowed. Upload a "
                    "part of it."
                )
                % {
                    "file": filename,
                    "found": f"{found:,}",
                    "what": what,
                    "most": f"{most:,}",
                }
            )
    if inflated > limits.max_uncompressed:
        raise ReadError(
            _(
                "%(file)s unpacks to %(found)s; %(most)s are allowed. Upload a part of "
                "it."
            )
            % {
                "file": filename,
                "found": size(inflated),
                "most": size(limits.max_uncompressed),
            }
        )
    if footer.num_columns == 0:
        raise ReadError(
            _("%(file)s has no columns. Upload a table.") % {"file": filename}
        )


def _plan(schema: pa.Schema, filename: str) -> list[_Column]:
    """Return how each column is copied, refusing what no table cell can hold."""
    if len(set(schema.names)) < len(schema.names):
        raise ReadError(
            _("%(file)s has two columns of one name. Rename one of them.")
            % {"file": filename}
        )
    for name in schema.names:
        if "\0" in name:
            raise _nul(name, filename)
    names = unique_names(schema.names)[0]
    return [
        _Column(field.name, name, *_target(field, filename))
        for field, name in zip(schema, names, strict=True)
    ]


def _nul(name: str, filename: str) -> ReadError:
    """Return the refusal of a character that databases do not store."""
    return ReadError(
        _("Column %(column)r of %(file)s holds a NUL character. Remove it.")
        % {"column": name, "file": filename}
    )


def _target(field: pa.Field, filename: str) -> tuple[Kind, pa.DataType]:
    """Return the kind and the stored type of a column."""
    kind = field.type
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    for fits, name, target in _TARGETS:
        if fits(kind):
            return name, target
    raise ReadError(
        _(
            "Column %(column)r of %(file)s holds values (%(what)s) that a table cell "
            "cannot. Flatten it, write it as text, or leave it out."
        )
        % {
            "column": field.name,
            "file": filename,
            "what": _("nested") if pa.types.is_nested(kind) else str(kind),
        }
    )


def _copy(
    file: pq.ParquetFile,
    columns: Sequence[_Column],
    path: Path,
    filename: str,
    report: Reporter,
    limits: Limits,
) -> int:
    """Write every batch; return the number of rows."""
    schema = pa.schema([(column.name, column.target) for column in columns])
    expected = file.metadata.num_rows
    rows = 0
    batch_rows = max(512, min(BATCH_ROWS, 4_000_000 // len(columns)))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in file.iter_batches(batch_size=batch_rows, use_threads=False):
            arrays = [
                _array(array, column, filename, limits)
                for array, column in zip(batch.columns, columns, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            rows += batch.num_rows
            report.progress(0.9 * rows / max(expected, 1), f"{rows:,} rows")
    if rows != expected:
        raise ReadError(
            _(
                "%(file)s says it has %(said)s rows and holds %(found)s. Save and "
                "upload it again."
            )
            % {"file": filename, "said": f"{expected:,}", "found": f"{rows:,}"}
        )
    return rows


def _array(array: pa.Array, column: _Column, filename: str, limits: Limits) -> pa.Array:
    """Return one column of a batch in its stored type."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        _weigh(array, column, filename, limits)
        _check_text(array.dictionary, column, filename)
        array = array.dictionary_decode()
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_nan(array), None, array)
    present = len(array) - array.null_count
    converted = _cast(array, column)
    column.missing += converted.null_count
    column.failures += present - (len(converted) - converted.null_count)
    return converted


def _check_text(values: pa.Array, column: _Column, filename: str) -> None:
    """Refuse bytes that are no UTF-8, and NUL characters."""
    values.validate(full=True)
    if column.kind == "text" and pc.any(pc.match_substring(values, "\0")).as_py():
        raise _nul(column.original, filename)


def _in_calendar(array: pa.Array) -> pa.Array:
    """Return dates or times, missing where they are outside the years 1 to 9999."""
    if pa.types.is_timestamp(array.type):
        per_day = _PER_DAY[array.type.unit]
    else:
        per_day = 1 if pa.types.is_date32(array.type) else _PER_DAY["ms"]
    days = pc.cast(array, pa.int32()) if per_day == 1 else array
    since = days.cast(pa.int64())
    # Nanoseconds of 64 bits end before the calendar does.
    first = max(_FIRST_DAY * per_day, -(2**63))
    last = min((_LAST_DAY + 1) * per_day - 1, 2**63 - 1)
    fits = pc.and_(pc.greater_equal(since, first), pc.less_equal(since, last))
    return pc.if_else(fits, array, None)


def _cast(array: pa.Array, column: _Column) -> pa.Array:
    """Return the array cast; what the table's type cannot hold becomes missing."""
    if pa.types.is_temporal(array.type) and not pa.types.is_time(array.type):
        array = _in_calendar(array)
    if pa.types.is_timestamp(array.type):
        # Nanoseconds are rounded down: the table keeps microseconds of UTC.
        return array.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_uint64(array.type) or _is_whole(array.type):
        array = _in_64_bits(array)
    return array.cast(column.target, safe=not pa.types.is_decimal(array.type))


def _in_64_bits(array: pa.Array) -> pa.Array:
    """Return whole numbers, missing where 64 bits do not hold them."""
    kind, largest, sizes = array.type, pa.scalar(2**63 - 1, pa.uint64()), array
    if pa.types.is_decimal(kind):
        if kind.precision < 19:
            return array
        largest, sizes = pa.scalar(Decimal(2**63 - 1), kind), pc.abs(array)
    return pc.if_else(pc.greater(sizes, largest), None, array)


def _weigh(
    array: pa.DictionaryArray, column: _Column, filename: str, limits: Limits
) -> None:
    """Refuse text whose repetitions would not fit in memory, before it is unpacked."""
    values = array.dictionary
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return
    lengths = np.asarray(pc.fill_null(pc.binary_length(values), 0))
    if not len(lengths):
        return
    if lengths.max() > limits.max_field:
        raise ReadError(
            _(
                "Column %(column)r of %(file)s has a cell of %(found)s; %(most)s are "
                "allowed. Shorten it, or leave it out."
            )
            % {
                "column": column.original,
                "file": filename,
                "found": size(int(lengths.max())),
                "most": size(limits.max_field),
            }
        )
    weight = int(lengths[np.asarray(array.indices.drop_null())].sum())
    if weight > limits.max_batch:
        raise ReadError(
            _(
                "Column %(column)r of %(file)s unpacks to %(found)s in %(rows)s rows; "
                "%(most)s are allowed. Shorten it."
            )
            % {
                "column": column.original,
                "file": filename,
                "found": size(weight),
                "rows": f"{len(array):,}",
                "most": size(limits.max_batch),
            }
        )
