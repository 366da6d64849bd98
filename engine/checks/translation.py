"""What a translation between ways to write checks gives: all of it, or what is left."""

from dataclasses import dataclass
from typing import Any

from engine.checks.catalogue import Declared
from engine.errors import EngineError


@dataclass(frozen=True)
class Translation:
    """A document made of checks, and what it cannot say."""

    content: dict[str, Any]
    left: tuple[str, ...]


@dataclass(frozen=True)
class Translated:
    """Checks made of a document, and what was not understood."""

    checks: tuple[Declared, ...]
    left: tuple[str, ...]
    retention_days: int | None = None  # how long the data is kept, if that is said


def full(declared: Declared) -> dict[str, Any]:
    """Return all parameters of a check, defaults filled in; its own if it is none."""
    try:
        return declared.check().to_json()
    except EngineError:
        return dict(declared.params)


def words_of(declared: Declared) -> str:
    """Return a check as a sentence."""
    try:
        return declared.check().words()
    except EngineError:
        return declared.kind


def bounds(low: float | None, high: float | None) -> dict[str, float]:
    """Return parameters for the bounds that are there."""
    found = {"minimum": low, "maximum": high}
    return {name: value for name, value in found.items() if value is not None}


def number(value: Any) -> float | None:
    """Return a number of a document, or None for what is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None
