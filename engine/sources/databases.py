"""The answer of one query, by a cursor that stays on the server."""

import socket
import sqlite3
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pyarrow as pa
import pymysql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ
from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.converters import conversions
from pymysql.cursors import SSCursor

from engine.progress import Reporter
from engine.sources.landing import (
    Column,
    Landing,
    Most,
    SourceError,
    batch_of,
    schema_of,
)
from engine.sources.query import check_query
from engine.words import gettext_noop as _

CONNECT_SECONDS = 5
LONGEST_DECIMAL = 38  # digits that Arrow's decimals hold
SAFE_DIGITS = 18  # digits that every 64-bit integer holds
Json = dict[str, Any]
Rows = tuple[list[Column], Iterator[Sequence[Sequence[Any]]]]

UTC_MOMENT, MOMENT = pa.timestamp("us", "UTC"), pa.timestamp("us")
_POSTGRESQL = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    26: pa.int64(),
    700: pa.float64(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: MOMENT,
    1184: UTC_MOMENT,
}
_NUMERIC = 1700
_MYSQL = {
    FIELD_TYPE.TINY: pa.int64(),
    FIELD_TYPE.SHORT: pa.int64(),
    FIELD_TYPE.LONG: pa.int64(),
    FIELD_TYPE.INT24: pa.int64(),
    FIELD_TYPE.LONGLONG: pa.int64(),
    FIELD_TYPE.YEAR: pa.int64(),
    FIELD_TYPE.BIT: pa.uint64(),
    FIELD_TYPE.FLOAT: pa.float64(),
    FIELD_TYPE.DOUBLE: pa.float64(),
    FIELD_TYPE.DATE: pa.date32(),
    FIELD_TYPE.DATETIME: MOMENT,
    # The session is set to UTC, which is what a TIMESTAMP is kept in.
    FIELD_TYPE.TIMESTAMP: UTC_MOMENT,
}
# Spans of time stay as the server writes them, "34:00:00"; bits are a number.
_CONVERSIONS: dict[Any, Any] = {
    **{key: way for key, way in conversions.items() if key != FIELD_TYPE.TIME},
    FIELD_TYPE.BIT: int.from_bytes,
}


def fetch_query(
    *,
    kind: str,
    settings: Json,
    secrets: Json,
    address: str,
    most: Json,
    folder: Path,
    report: Reporter,
) -> Json:
    """Write the answer of a query as Parquet into `folder`.

    Parameters
    ----------
    kind : {"postgresql", "mysql", "sqlite"}
        What is asked.
    settings, secrets : dict
        host, port, database, user, encryption and query; password. For SQLite query.
    address : str
        The checked address of the host, which is the one that is connected to; for
        SQLite the path of the file.
    most : dict
        As of `Most`.

    Returns
    -------
    dict
        file (its name in the folder), rows and columns.

    Raises
    ------
    SourceError
        If the query does more than read, nothing answers, or a limit is broken.
    """
    limits = Most(**most)
    query = check_query(settings["query"], dialect=kind)
    report.progress(0.1, "Connecting")
    ask = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}[kind]
    try:
        return ask(settings, secrets, address, query, limits, folder, report)
    except _FAILURES as error:
        raise SourceError(_failure(error, secrets)) from error


_FAILURES = (psycopg2.Error, pymysql.Error, sqlite3.Error, OSError)


def _failure(error: Exception, secrets: Json) -> str:
    """Return what a database said, without what nobody should read."""
    told = error.args[-1] if error.args else error
    first = (str(told).strip().splitlines() or [type(error).__name__])[0]
    for secret in filter(None, secrets.values()):
        first = first.replace(str(secret), "…")
    return _("The database said: %(why)s. Nothing was changed.") % {
        "why": first[:300].rstrip(".")
    }


def _land(
    columns: list[Column],
    batches: Iterator[Sequence[Sequence[Any]]],
    most: Most,
    folder: Path,
    report: Reporter,
) -> Json:
    landing = Landing(folder, schema_of(columns), most, report)
    for rows in batches:
        landing.add(batch_of(rows, columns))
        if most.is_look:
            break
    return landing.close()


def _batches(
    first: Sequence[Sequence[Any]], more: Callable[[], Sequence[Sequence[Any]]]
) -> Iterator[Sequence[Sequence[Any]]]:
    rows = first
    while rows:
        yield rows
        rows = more()


def _postgresql(
    settings: Json,
    secrets: Json,
    address: str,
    query: str,
    most: Most,
    folder: Path,
    report: Reporter,
) -> Json:
    milliseconds = most.seconds * 1000
    mode = settings["encryption"]
    connection = psycopg2.connect(
        host=settings["host"],
        hostaddr=address,
        port=settings["port"],
        dbname=settings["database"],
        user=settings["user"],
        password=secrets.get("password", ""),
        sslmode=mode,
        **({"sslrootcert": "system"} if mode == "verify-full" else {}),
        connect_timeout=CONNECT_SECONDS,
        application_name="MLOps Portal",
        options=(
            f"-c statement_timeout={milliseconds} -c lock_timeout=5000 "
            "-c default_transaction_read_only=on -c TimeZone=UTC"
        ),
    )
    with closing(connection):
        connection.set_session(
            readonly=True, isolation_level=ISOLATION_LEVEL_REPEATABLE_READ
        )
        cursor = connection.cursor("portal_fetch")
        cursor.itersize = most.batch_rows
        cursor.execute(query)
        first = cursor.fetchmany(most.batch_rows)
        columns = [_from_postgresql(each) for each in cursor.description or ()]
        more = partial(cursor.fetchmany, most.batch_rows)
        return _land(columns, _batches(first, more), most, folder, report)


def _from_postgresql(told: Any) -> Column:
    if told.type_code == _NUMERIC:
        return Column(told.name, _decimal(told.precision, told.scale))
    return Column(told.name, _POSTGRESQL.get(told.type_code, pa.string()))


def _decimal(precision: int | None, scale: int | None) -> pa.DataType:
    """Return what holds a decimal: an integer or text if it has no fraction."""
    if precision is None or scale is None or not 0 < precision <= LONGEST_DECIMAL:
        return pa.float64()
    if scale == 0:
        return pa.int64() if precision <= SAFE_DIGITS else pa.string()
    if not 0 <= scale <= precision:
        return pa.float64()
    return pa.decimal128(precision, scale)


class _Answer(SSCursor):
    """An answer read row by row, and left where it stands.

    pymysql's own cursor reads an answer to its end before it closes, however long.
    """

    _result: Any

    def fields(self) -> Sequence[Any]:
        """Return what the server told of each column, with its flags."""
        return self._result.fields if self._result else ()

    def close(self) -> None:
        """Forget the rest of the answer; the connection is not used again."""
        if self._result is not None:
            self._result.unbuffered_active = False
        self.connection = None  # type: ignore[assignment]  # as pymysql's own does

    __del__ = close


def _mysql(
    settings: Json,
    secrets: Json,
    address: str,
    query: str,
    most: Most,
    folder: Path,
    report: Reporter,
) -> Json:
    port = int(settings["port"])
    connection = pymysql.connect(
        host=settings["host"],
        port=port,
        user=settings["user"],
        password=secrets.get("password", ""),
        database=settings["database"],
        charset="utf8mb4",
        ssl=_tls(settings["encryption"]),
        connect_timeout=CONNECT_SECONDS,
        read_timeout=most.seconds + CONNECT_SECONDS,
        local_infile=False,
        cursorclass=_Answer,
        conv=_CONVERSIONS,
        # Quotes and backslashes mean what the reading of the query took them for.
        sql_mode="",
        defer_connect=True,
    )
    # To the address that was checked; TLS keeps the name.
    connection.connect(socket.create_connection((address, port), CONNECT_SECONDS))
    with closing(connection), closing(connection.cursor()) as cursor:
        cursor.execute("SET SESSION time_zone = '+00:00'")
        _limit_mysql(cursor, most.seconds)
        cursor.execute("START TRANSACTION READ ONLY")
        cursor.execute(query)
        columns = [_from_mysql(each) for each in cursor.fields()]
        more = partial(cursor.fetchmany, most.batch_rows)
        return _land(columns, _batches(more(), more), most, folder, report)


def _limit_mysql(cursor: Any, seconds: int) -> None:
    """Bound a statement's time, which MySQL and MariaDB call by different names."""
    try:
        cursor.execute(f"SET SESSION max_execution_time = {seconds * 1000}")
    except pymysql.err.OperationalError:
        cursor.execute(f"SET SESSION max_statement_time = {seconds}")


def _tls(mode: str) -> ssl.SSLContext | None:
    if mode == "disable":
        return None
    context = ssl.create_default_context()
    if mode != "verify-full":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _from_mysql(field: Any) -> Column:
    if field.type_code == FIELD_TYPE.NEWDECIMAL:
        # Its length counts sign and point too: room for more digits does no harm.
        digits = min(field.get_column_length(), LONGEST_DECIMAL)
        return Column(field.name, _decimal(digits, field.scale))
    kind = _MYSQL.get(field.type_code, pa.string())
    if kind == pa.int64() and field.flags & FLAG.UNSIGNED:
        kind = pa.uint64()
    return Column(field.name, kind)


def _sqlite(
    settings: Json,
    secrets: Json,
    address: str,
    query: str,
    most: Most,
    folder: Path,
    report: Reporter,
) -> Json:
    del settings, secrets
    uri = f"{Path(address).as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.set_authorizer(_reads_only)
        # Columns have no types of their own there: a first pass sees what they hold.
        types = _types_in_sqlite(connection.execute(query), most)
        cursor = connection.execute(query)
        columns = [
            Column(told[0], kind)
            for told, kind in zip(cursor.description, types, strict=True)
        ]
        more = partial(cursor.fetchmany, most.batch_rows)
        return _land(columns, _batches(more(), more), most, folder, report)


_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}
_ALLOWED |= {sqlite3.SQLITE_RECURSIVE}


def _reads_only(action: int, *_about: Any) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _types_in_sqlite(cursor: sqlite3.Cursor, most: Most) -> list[pa.DataType]:
    held: list[set[type]] = [set() for _each in cursor.description]
    more = partial(cursor.fetchmany, most.batch_rows)
    for rows in _batches(more(), more):
        for row in rows:
            for types, value in zip(held, row, strict=True):
                types.add(type(value))
        if most.is_look:
            break
    return [_type_in_sqlite(types - {type(None)}) for types in held]


def _type_in_sqlite(types: set[type]) -> pa.DataType:
    if types == {int}:
        return pa.int64()
    return pa.float64() if types and types <= {int, float} else pa.string()
