"""The cells of a stored column as numbers or words."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

# Text that is missing becomes a word of its own before the pipeline sees it.
MISSING = "(missing)"


def as_text(column: pa.ChunkedArray) -> list[str]:
    """Return each value as text, missing ones as the word `MISSING`."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_boolean(kind):
        column = column.cast(pa.string())
    if pa.types.is_floating(kind):
        return [_float_text(value) for value in column.to_pylist()]
    return [MISSING if value is None else str(value) for value in column.to_pylist()]


def _float_text(value: float | None) -> str:
    if value is None or value != value:
        return MISSING
    return str(int(value)) if value.is_integer() else repr(value)


def is_text(kind: pa.DataType) -> bool:
    """Say whether a column of this type holds words."""
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_dictionary,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


def numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a numeric or boolean column as float64, NaN where missing."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return np.asarray(
        column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64
    )
