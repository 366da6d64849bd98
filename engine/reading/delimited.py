"""Delimited text to a canonical table: counted, parsed, compared, cast."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from engine.kinds import Kind
from engine.progress import Reporter
from engine.reading.dialect import Dialect, choose
from engine.reading.encoding import TextFile, to_plain_text
from engine.reading.errors import ReadError
from engine.reading.kinds import Casting, cast_sql, infer, literal, quoted
from engine.reading.limits import Limits
from engine.reading.records import MAX_REJECTS, RecordCount, Reject, count_records
from engine.reading.result import (
    BATCH_ROWS,
    TABLE_NAME,
    ColumnRead,
    Options,
    TableRead,
)
from engine.words import gettext_noop as _
from engine.workshop import workshop

_RAW = "raw"
_RAW_NAME = "raw.parquet"
_SHOWN = 120  # characters of a record that was left out
_PART = 50  # columns that are typed at once


def read_delimited(
    source: Path,
    *,
    filename: str,
    folder: Path,
    report: Reporter,
    options: Options,
    limits: Limits,
) -> TableRead:
    """Return what was read; the table is in `folder`.

    Raises
    ------
    ReadError
        If the file cannot be read without guessing, breaks a limit, or two
        independent parsers do not agree on its number of records.
    """
    text = to_plain_text(
        source,
        filename=filename,
        folder=folder,
        confirmed=options.encoding,
        skip_lines=options.skip_lines,
    )
    dialect = choose(
        text.path,
        filename=filename,
        delimiter=options.delimiter,
        header=options.header,
        line_offset=text.skipped_lines,
        limits=limits,
        quote=options.quote,
    )
    read = tabulate(
        text,
        dialect,
        filename=filename,
        folder=folder,
        report=report,
        options=options,
        limits=limits,
    )
    if text.path != source:
        text.path.unlink()
    return read


def tabulate(
    text: TextFile,
    dialect: Dialect,
    *,
    filename: str,
    folder: Path,
    report: Reporter,
    options: Options,
    limits: Limits,
    texts: frozenset[str] = frozenset(),
) -> TableRead:
    """Return what was read from plain text of a known dialect.

    Parameters
    ----------
    texts : frozenset of str
        Columns that a file of another format holds as text and not as numbers.

    Raises
    ------
    ReadError
        As `read_delimited`.
    """
    chosen = _chosen_kinds(options.kinds or {}, dialect.names, filename)
    report.progress(0.1, "Counting records")
    count = count_records(text, dialect, filename=filename, limits=limits)
    report.progress(0.3, f"Parsing {count.records:,} records")
    with _workshop(folder, limits, filename) as connection:
        raw = folder / _RAW_NAME
        kept, rejects = _parse(connection, text, dialect, limits, raw)
        rejected = len(rejects)
        _agree(filename, count, kept, rejected)
        castings, missing = _type(
            connection, dialect, raw, folder, chosen, options, texts
        )
        report.progress(0.9, "Writing the table")
        _merge(folder, len(castings))
    return TableRead(
        parquet=TABLE_NAME,
        format="delimited",
        encoding=text.encoding,
        delimiter=dialect.delimiter,
        newline=text.newline,
        rows_read=count.records,
        rows_kept=kept,
        rows_rejected=rejected,
        blank_lines=count.blank_lines,
        rejects=_first_rejects(rejects, count),
        columns=_columns(dialect, castings, missing),
        renames=tuple(asdict(rename) for rename in dialect.renames[:MAX_REJECTS]),
        notes=_notes(text, dialect, kept),
        limits=asdict(limits),
        header=dialect.header,
        skipped_lines=text.skipped_lines,
    )


@contextmanager
def _workshop(
    folder: Path, limits: Limits, filename: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB in the job's folder; what it cannot do is said of the file.

    Times with an offset are stored in UTC; those without are taken as UTC.
    """
    try:
        with workshop(folder, limits.memory_mb) as connection:
            yield connection
    except BaseException as error:
        for path in folder.glob("part*.parquet"):
            path.unlink()
        if isinstance(error, duckdb.Error):
            raise _unparsed(error, limits, filename) from error
        raise
    finally:
        (folder / _RAW_NAME).unlink(missing_ok=True)


def _unparsed(error: duckdb.Error, limits: Limits, filename: str) -> ReadError:
    """Return the refusal of a file that the parser gave up on."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return ReadError(
            _(
                "%(file)s needs more than %(most)d MiB to be read: its rows are "
                "too wide. Upload fewer columns, or Parquet."
            )
            % {"file": filename, "most": limits.memory_mb}
        )
    return ReadError(
        _(
            "%(file)s could not be parsed: %(why)s. Export it again as CSV UTF-8 with "
            "every field quoted."
        )
        % {"file": filename, "why": str(error).splitlines()[0][:200]}
    )


def _chosen_kinds(
    kinds: Mapping[str, Kind], names: Sequence[str], filename: str
) -> dict[str, Kind]:
    """Return the chosen kinds, refusing a column that is not there."""
    for name in kinds:
        if name not in names:
            raise ReadError(
                _("Kind for %(name)r: %(file)s has no such column; it has %(columns)s.")
                % {"name": name, "file": filename, "columns": ", ".join(names[:10])}
            )
    return dict(kinds)


def _parse(
    connection: duckdb.DuckDBPyConnection,
    text: TextFile,
    dialect: Dialect,
    limits: Limits,
    raw: Path,
) -> tuple[int, dict[int, tuple[str, str]]]:
    """Load every record as text; return the rows kept and the rejects by ordinal."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in dialect.names)
    connection.execute(
        f"COPY (SELECT * FROM read_csv({literal(str(text.path))}, "  # noqa: S608 — every name and path is quoted
        f"auto_detect=false, columns={{{columns}}}, "
        f"delim={literal(dialect.delimiter)}, quote={literal(dialect.quote)}, "
        f"escape={literal(dialect.quote)}, comment='', "
        f"header={str(dialect.header).lower()}, new_line='\\n', strict_mode=true, "
        "null_padding=false, store_rejects=true, nullstr='', "
        f"max_line_size={limits.max_record})) TO {literal(str(raw))} "
        f"(FORMAT parquet, ROW_GROUP_SIZE {_group(dialect.width)})"
    )
    kept = connection.execute(
        "SELECT count(*) FROM read_parquet(?)", [str(raw)]
    ).fetchone()
    rows = connection.execute(
        "SELECT line, any_value(error_message), any_value(csv_line) FROM reject_errors "
        "GROUP BY line ORDER BY line"
    ).fetchall()
    return (kept or (0,))[0], {
        int(line): (str(reason), str(begin or "")) for line, reason, begin in rows
    }


def _agree(filename: str, count: RecordCount, kept: int, rejected: int) -> None:
    """Refuse a file whose records two parsers do not count alike."""
    if kept + rejected != count.records:
        raise ReadError(
            _(
                "%(file)s reads differently by two parsers: %(records)s records "
                "counted, %(kept)s kept and %(rejected)s rejected. Nothing was kept. "
                "Look for stray quotes, or export the file again with every field "
                "quoted."
            )
            % {
                "file": filename,
                "records": f"{count.records:,}",
                "kept": f"{kept:,}",
                "rejected": f"{rejected:,}",
            }
        )
    if rejected and not kept:
        raise ReadError(
            _(
                "None of the %(rejected)s records of %(file)s fits its header. Check "
                "the delimiter and the header line."
            )
            % {"file": filename, "rejected": f"{rejected:,}"}
        )


def _first_rejects(
    rejects: Mapping[int, tuple[str, str]], count: RecordCount
) -> tuple[Reject, ...]:
    """Return the first rejects with the lines of the uploaded file."""
    # DuckDB numbers records; a quoted line end makes lines run ahead of them.
    ordinals = sorted(rejects)[:MAX_REJECTS]
    return tuple(
        Reject(
            line=count.lines.get(n, n),
            reason=_sentence(rejects[n][0]),
            text=shortened(rejects[n][1]),
        )
        for n in ordinals
    )


def shortened(record: str) -> str:
    """Return how a record begins, on one line."""
    text = " ".join(record.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _sentence(reason: str) -> str:
    """Return DuckDB's reason in the words of the page."""
    first = reason.strip().splitlines()[0]
    if first.startswith("Expected Number of Columns"):
        expected, found = (int(part.split()[0]) for part in first.split(":")[1:3])
        # DuckDB stops counting at the first field too many.
        if found > expected:
            return _("more fields than the %(expected)s of the header") % {
                "expected": expected
            }
        return _("%(found)s fields where the header has %(expected)s") % {
            "found": found,
            "expected": expected,
        }
    if "quote" in first:
        return _("text follows a closing quote, or a quote is not closed")
    return first[:200]


def _group(n_columns: int) -> int:
    """Return the rows of a group, which is held in memory, for so many columns."""
    return max(2_048, min(BATCH_ROWS, 4_000_000 // n_columns))


def _type(
    connection: duckdb.DuckDBPyConnection,
    dialect: Dialect,
    raw: Path,
    folder: Path,
    chosen: Mapping[str, Kind],
    options: Options,
    texts: frozenset[str],
) -> tuple[list[Casting], dict[str, int]]:
    """Write typed parts of a few columns each; return castings and missing cells."""
    castings: list[Casting] = []
    missing: dict[str, int] = {}
    # Thousands of casts in one statement would not fit in memory.
    for start in range(0, dialect.width, _PART):
        names = dialect.names[start : start + _PART]
        stored = "VIEW" if dialect.width <= _PART else "TABLE"
        connection.execute(
            f"CREATE OR REPLACE {stored} {_RAW} AS SELECT "  # noqa: S608 — every name and path is quoted
            f"{', '.join(map(quoted, names))} FROM read_parquet({literal(str(raw))})"
        )
        part = infer(
            connection,
            table=_RAW,
            names=names,
            chosen={n: kind for n, kind in chosen.items() if n in names},
            decimal=options.decimal,
            texts=texts,
        )
        path = _part(folder, start)
        missing.update(_write(connection, part, path, _group(dialect.width)))
        castings.extend(part)
    return castings, missing


def _part(folder: Path, start: int) -> Path:
    """Return where the columns from `start` on are written."""
    return folder / f"part{start}.parquet"


def _merge(folder: Path, n_columns: int) -> None:
    """Join the parts side by side into the table, one row group at a time."""
    paths = [_part(folder, start) for start in range(0, n_columns, _PART)]
    if len(paths) == 1:
        paths[0].rename(folder / TABLE_NAME)
        return
    with ExitStack() as opened:
        files = [opened.enter_context(pq.ParquetFile(path)) for path in paths]
        schema = pa.schema([field for file in files for field in file.schema_arrow])
        writer = opened.enter_context(
            pq.ParquetWriter(folder / TABLE_NAME, schema, compression="zstd")
        )
        # The parts hold the same rows in groups of the same size.
        for i in range(files[0].num_row_groups):
            groups = [file.read_row_group(i, use_threads=False) for file in files]
            columns = [column for group in groups for column in group.columns]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    for path in paths:
        path.unlink()


def _write(
    connection: duckdb.DuckDBPyConnection,
    castings: Sequence[Casting],
    path: Path,
    group: int,
) -> dict[str, int]:
    """Write the typed table; return each column's number of missing cells."""
    columns = ", ".join(
        f"{cast_sql(c.name, c.kind, c.decimal)} AS {quoted(c.name)}" for c in castings
    )
    connection.execute(
        f"COPY (SELECT {columns} FROM {_RAW}) TO {literal(str(path))} "  # noqa: S608 — every name and path is quoted
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group})"
    )
    counts = ", ".join(f"count(*) - count({quoted(c.name)})" for c in castings)
    row = connection.execute(
        f"SELECT {counts} FROM read_parquet({literal(str(path))})"  # noqa: S608 — every name and path is quoted
    ).fetchone()
    return dict(zip((c.name for c in castings), row or (), strict=True))


def _columns(
    dialect: Dialect, castings: Sequence[Casting], missing: Mapping[str, int]
) -> tuple[ColumnRead, ...]:
    """Return the account of every column."""
    return tuple(
        ColumnRead(
            name=casting.name,
            original=original[:200],
            kind=casting.kind,
            missing=missing[casting.name],
            cast_failures=casting.failures,
            failed_examples=casting.examples,
            why=casting.why,
            proposal=casting.proposal,
            option=casting.option,
            answer=casting.answer,
        )
        for original, casting in zip(dialect.originals, castings, strict=True)
    )


def _notes(text: TextFile, dialect: Dialect, kept: int) -> tuple[str, ...]:
    """Return what a reader of the report should know."""
    notes: list[str] = []
    if text.newline in ("mixed", "CR", "CRLF"):
        notes.append(
            _("Line ends were %(found)s; they are now LF, in cells too.")
            % {"found": text.newline}
        )
    if not kept:
        notes.append(_("The file has a header and no rows."))
    if not dialect.header:
        notes.append(_("No header: the columns were numbered."))
    if dialect.width == 1:
        notes.append(_("The file has one column."))
    return tuple(notes)
