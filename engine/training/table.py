"""A stored table as labels and features a pipeline can learn from."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.training.cells import as_text, is_text, numbers
from engine.training.protocol import Protocol

MOST_CLASSES = 50


@dataclass(frozen=True)
class Labels:
    """The target as numbers."""

    values: NDArray[Any]  # (n_rows,) class numbers (int64) or float64 for regression
    classes: tuple[
        str, ...
    ]  # by class number; the positive one is 1; () for regression


@dataclass(frozen=True)
class Features:
    """The columns a model may learn from, one row per row of the table."""

    frame: pd.DataFrame  # (n_rows, n_features) float64 or object columns
    numeric: tuple[str, ...]
    text: tuple[str, ...]
    infinite: tuple[str, ...]  # numeric columns in which infinity became missing


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_table(path: Path, protocol: Protocol) -> pa.Table:
    """Return the columns of a parquet file that `protocol` speaks of.

    Raises
    ------
    EngineError
        If the file is another one than the protocol's, or lacks a column.
    """
    found = file_digest(path)
    if protocol.data_digest != found:
        raise EngineError(
            f"table: its digest is {found[:12]}…, the protocol's is "
            f"{protocol.data_digest[:12]}…; use the protocol's data set version"
        )
    names = pq.read_schema(path).names
    named = [protocol.target, *(protocol.features or ())]
    named += [c for c in (protocol.group_column, protocol.time_column) if c]
    for name in named:
        if name not in names:
            raise EngineError(
                f"table: column {name!r} of the protocol is not among its "
                f"{len(names)} columns ({', '.join(names[:8])}…); correct the name"
            )
    return pq.read_table(path)


def candidate_features(table: pa.Table, protocol: Protocol) -> list[str]:
    """Return the columns to learn from, in the table's order.

    Raises
    ------
    EngineError
        If one holds lists, records or bytes.
    """
    left_out = {
        protocol.target,
        protocol.group_column,
        protocol.time_column,
        *protocol.excluded,
    }
    chosen = table.column_names if protocol.features is None else protocol.features
    names = [name for name in chosen if name not in left_out]
    for name in names:
        kind = table[name].type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind):
            raise EngineError(
                f"column {name!r}: values of type {kind} cannot be learnt from; "
                "exclude the column"
            )
    return names


def read_labels(table: pa.Table, protocol: Protocol) -> Labels:
    """Return the target as class numbers or float64.

    Raises
    ------
    EngineError
        If a value is missing, the positive value never occurs, there are too few
        or too many classes, or a regression target is no number.
    """
    column = table[protocol.target]
    _check_complete(column, protocol.target)
    if protocol.task == "regression":
        return Labels(_numeric_target(column, protocol.target), ())
    texts = as_text(column)
    classes = sorted(set(texts))
    if len(classes) < 2:
        raise EngineError(
            f"target {protocol.target!r}: every row holds {classes[0]!r}; "
            "choose a target with at least two values"
        )
    if protocol.task == "binary":
        classes = _binary_classes(classes, protocol)
    if len(classes) > MOST_CLASSES:
        raise EngineError(
            f"target {protocol.target!r}: {len(classes)} classes are more than "
            f"{MOST_CLASSES}; merge rare ones, or choose regression"
        )
    number = {name: index for index, name in enumerate(classes)}
    return Labels(np.array([number[t] for t in texts], np.int64), tuple(classes))


def read_features(table: pa.Table, names: list[str]) -> Features:
    """Return `names` as float64 and object columns; dates become calendar parts.

    Raises
    ------
    EngineError
        If no column is left.
    """
    if not names:
        raise EngineError(
            "table: no column is left to learn from; exclude fewer columns"
        )
    columns: dict[str, pd.Series[Any]] = {}
    text: list[str] = []
    infinite: list[str] = []
    for name in names:
        column = table[name]
        if is_text(column.type):
            columns[name] = pd.Series(as_text(column), dtype=object)
            text.append(name)
        elif pa.types.is_temporal(column.type):
            columns |= _calendar_parts(name, column)
        else:
            values = numbers(column)
            if np.isinf(values).any():
                infinite.append(name)
                values = np.where(np.isinf(values), np.nan, values)
            columns[name] = pd.Series(values)
    numeric = tuple(name for name in columns if name not in set(text))
    return Features(pd.DataFrame(columns), numeric, tuple(text), tuple(infinite))


def _calendar_parts(name: str, column: pa.ChunkedArray) -> "dict[str, pd.Series[Any]]":
    if pa.types.is_duration(column.type) or pa.types.is_time(column.type):
        whole = column.cast(pa.int64() if column.type.bit_width == 64 else pa.int32())
        return {name: pd.Series(numbers(whole))}
    moments = column.cast(pa.timestamp("us"), safe=False)
    day = moments.cast(pa.int64())
    parts = {
        "year": pc.year(moments),
        "month": pc.month(moments),
        "weekday": pc.day_of_week(moments),
        "days since 1970": pc.divide(day.cast(pa.float64()), 86_400e6),
    }
    return {
        f"{name} ({part})": pd.Series(numbers(values)) for part, values in parts.items()
    }


def _binary_classes(classes: list[str], protocol: Protocol) -> list[str]:
    if protocol.positive not in classes:
        raise EngineError(
            f"target {protocol.target!r}: the positive value {protocol.positive!r} "
            f"never occurs; choose among {', '.join(classes[:8])}"
        )
    if len(classes) != 2:
        raise EngineError(
            f"target {protocol.target!r}: {len(classes)} values "
            f"({', '.join(classes[:8])}) are not two; choose the multiclass task, or "
            "exclude rows"
        )
    return [name for name in classes if name != protocol.positive] + [protocol.positive]


def _check_complete(column: pa.ChunkedArray, name: str) -> None:
    missing = column.is_null(nan_is_null=True).to_numpy()
    if missing.any():
        first = int(np.flatnonzero(missing)[0])
        raise EngineError(
            f"target {name!r}: missing in {int(missing.sum())} of {len(missing)} rows, "
            f"first in row {first + 1}; fill or remove these rows"
        )


def _numeric_target(column: pa.ChunkedArray, name: str) -> NDArray[np.float64]:
    if is_text(column.type) or pa.types.is_temporal(column.type):
        raise EngineError(
            f"target {name!r}: values of type {column.type} are no numbers; choose a "
            "numeric column or a classification task"
        )
    values = numbers(column)
    if not np.isfinite(values).all():
        raise EngineError(f"target {name!r}: holds infinity; correct these rows")
    if values.min() == values.max():
        raise EngineError(
            f"target {name!r}: every row holds {values[0]:g}; choose another target"
        )
    return values
