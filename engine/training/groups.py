"""The groups of one column, and which rows of a table are in them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.slices import Slice, SliceError
from engine.training.cells import MISSING, as_text, numbers

MOST_GROUPS = 12  # the rarer values are one group
BANDS = 4  # of a column with more numbers than that, equally many cases each
OTHERS = "(others)"
Mask = NDArray[np.bool_]
_BOOLEANS = {"1": "true", "yes": "true", "0": "false", "no": "false"}


@dataclass(frozen=True)
class Grouped:
    """One column of a whole table, ready to be cut into groups."""

    name: str
    texts: NDArray[Any]  # (n_rows,) each value as text
    numbers: NDArray[np.float64] | None  # (n_rows,) NaN where missing; None of words
    is_boolean: bool

    def rows_of(self, asked: Slice) -> Mask:
        """Return which rows are in a slice that names a value.

        Raises
        ------
        SliceError
            If the value is not one of the column, or could be several.
        """
        if asked.value == MISSING:
            found = self._holding(MISSING)
            return ~found if asked.op == "!=" else found
        if self.numbers is not None:
            return self._by_number(self.numbers, asked)
        if asked.op not in {"=", "!="}:
            raise SliceError(
                f"slice {str(asked)!r}: column {self.name!r} holds no numbers, so "
                f"nothing is {asked.op} another; write = or != and one of its values"
            )
        found = self._holding(self._value(asked))
        return ~found if asked.op == "!=" else found

    def _holding(self, text: str) -> Mask:
        return np.asarray(self.texts == text, np.bool_)

    def groups(self) -> Iterator[tuple[str, Mask]]:
        """Yield each group's slice and rows, the most frequent first.

        Raises
        ------
        SliceError
            If nearly every row has a value of its own.
        """
        counted = Counter(self.texts.tolist())
        if self.numbers is not None and len(counted) > MOST_GROUPS:
            yield from self._bands(self.numbers)
            return
        if len(counted) > MOST_GROUPS and len(counted) > len(self.texts) / 2:
            raise SliceError(
                f"slice {self.name!r}: its column has {len(counted):,} different values "
                f"in {len(self.texts):,} rows, which are no groups; name a column with "
                "fewer, or one value"
            )
        order = sorted(counted, key=lambda each: (-counted[each], each))
        shown = order if len(order) <= MOST_GROUPS else order[: MOST_GROUPS - 1]
        for value in shown:
            yield str(Slice(self.name, "=", value)), self._holding(value)
        if len(order) > len(shown):
            yield str(Slice(self.name, "=", OTHERS)), ~np.isin(self.texts, shown)

    def _bands(self, values: NDArray[np.float64]) -> Iterator[tuple[str, Mask]]:
        present = ~np.isnan(values)
        shares = np.linspace(0, 1, BANDS + 1)[1:-1]
        edges = np.unique(np.quantile(values[present], shares, method="lower"))
        which = np.searchsorted(edges, values)
        for band in range(len(edges) + 1):
            mask = present & (which == band)
            if mask.any():
                low, high = (_said(end(values[mask])) for end in (np.min, np.max))
                value = low if low == high else f"{low}..{high}"
                yield str(Slice(self.name, "=", value)), mask
        if not present.all():
            yield str(Slice(self.name, "=", MISSING)), ~present

    def _by_number(self, values: NDArray[np.float64], asked: Slice) -> Mask:
        number, band = asked.number, asked.band
        if asked.op in {"=", "!="}:
            if band is not None:
                found = (values >= band[0]) & (values <= band[1])
            elif number is not None:
                found = values == number
            else:
                raise self._no_number(asked)
            return ~found if asked.op == "!=" else found
        if number is None:
            raise self._no_number(asked)
        compared: dict[str, Mask] = {
            "<": values < number,
            "<=": values <= number,
            ">": values > number,
            ">=": values >= number,
        }
        return compared[asked.op]

    def _no_number(self, asked: Slice) -> SliceError:
        return SliceError(
            f"slice {str(asked)!r}: column {self.name!r} holds numbers, and "
            f"{asked.value!r} is none; write one, or two such as 18..29"
        )

    def _value(self, asked: Slice) -> str:
        """Return the value as the column writes it."""
        known = dict.fromkeys(self.texts.tolist())
        if asked.value in known:
            return asked.value
        plain = asked.value.casefold()
        if self.is_boolean:
            plain = _BOOLEANS.get(plain, plain)
        alike = [each for each in known if each.casefold().strip() == plain]
        if len(alike) == 1:
            return str(alike[0])
        if alike:
            raise SliceError(
                f"slice {str(asked)!r}: could be {' or '.join(map(repr, alike[:4]))} of "
                f"column {self.name!r}; write it as the data does"
            )
        some = ", ".join(map(repr, list(known)[:8]))
        raise SliceError(
            f"slice {str(asked)!r}: no row of column {self.name!r} has that value; "
            f"choose one of its {len(known):,}, such as {some}"
        )


def grouped(name: str, column: pa.ChunkedArray) -> Grouped:
    """Return a column ready to be cut into groups.

    Raises
    ------
    SliceError
        If it holds lists, records or bytes.
    """
    kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise SliceError(
            f"slice {name!r}: its column holds values of type {kind}, which are no "
            "groups; name another column"
        )
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    is_number = is_number or pa.types.is_decimal(kind)
    return Grouped(
        name,
        np.array(as_text(column), dtype=object),
        numbers(column) if is_number else None,
        pa.types.is_boolean(kind),
    )


def _said(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
