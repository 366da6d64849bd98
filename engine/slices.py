"""How a slice, a group of cases, is written: `column` or `column = value`.

    slice    := column | column op value
    op       := "=" | "!=" | "<" | "<=" | ">" | ">="
    value    := text | number | number ".." number     (both ends belong to it)

A column alone stands for each of its groups.
"""

import re
from dataclasses import dataclass

from engine.errors import EngineError

# Fewer cases than this say too little of a group, unless somebody asks for another.
LEAST_CASES = 50
MAX_LENGTH = 120

# How everybody else is written.
OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_WRITTEN = re.compile(r"(?P<column>.+?)\s*(?P<op><=|>=|!=|=|<|>)\s*(?P<value>.*)")
_BAND = re.compile(r"(?P<low>.+?)\.\.(?P<high>.+)")


class SliceError(EngineError):
    """A slice that cannot be used; names it, its column and the remedy."""


@dataclass(frozen=True)
class Slice:
    """One slice; without an operator it stands for each group of its column."""

    column: str
    op: str = ""
    value: str = ""

    @property
    def is_column(self) -> bool:
        """Whether it stands for each group of its column."""
        return not self.op

    @property
    def others(self) -> "Slice":
        """Everybody who is not in it."""
        return Slice(self.column, OPPOSITE[self.op], self.value)

    @property
    def number(self) -> float | None:
        """The value as a number, if it is one."""
        return _number(self.value)

    @property
    def band(self) -> tuple[float, float] | None:
        """The two ends of the value, if it is written as low..high."""
        found = _BAND.fullmatch(self.value)
        if found is None:
            return None
        low, high = _number(found["low"]), _number(found["high"])
        return None if low is None or high is None else (low, high)

    def __str__(self) -> str:
        return f"{self.column} {self.op} {self.value}" if self.op else self.column


def read_slice(text: str) -> Slice:
    """Return the slice that a text writes.

    Raises
    ------
    SliceError
        If there is no column or no value.
    """
    plain = " ".join(text.split())
    found = _WRITTEN.fullmatch(plain)
    if found is None:
        if not plain or plain[0] in "=<>!":
            raise SliceError(
                f"slice {text!r}: names no column; write a column, or one such as "
                "“region = north” or “age < 30”"
            )
        return Slice(plain)
    if not found["value"]:
        raise SliceError(
            f"slice {text!r}: names no value of {found['column']!r}; write one after "
            f"the {found['op']}, or the column alone for each of its groups"
        )
    return Slice(found["column"], found["op"], found["value"])


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
