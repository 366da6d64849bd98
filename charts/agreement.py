"""Geometry of the bars that show how metrics rank runs against money."""

import math
from dataclasses import dataclass

from charts.marks import per_cent

MARGIN = 4.0  # per cent left free on either side, so that a dot at the end is whole


@dataclass(frozen=True)
class TauTick:
    """One number of the scale from −1 to 1."""

    x: str
    text: str
    anchor: str


@dataclass(frozen=True)
class TauBar:
    """Kendall's τ of one metric, with its interval where there is one."""

    zero: str
    dot: str
    start: str  # of the interval; "" without one
    width: str


TICKS = (("-1", -1.0, "start"), ("0", 0.0, "middle"), ("1", 1.0, "end"))


def tau_axis() -> tuple[TauTick, ...]:
    """Return the scale of τ: all turned round, at random, all alike."""
    return tuple(
        TauTick(_at(value), text.replace("-", "\N{MINUS SIGN}"), anchor)
        for text, value, anchor in TICKS
    )


def tau_bar(tau: float, low: float | None, high: float | None) -> TauBar:
    """Return one metric's mark on the scale from −1 to 1.

    Raises
    ------
    ValueError
        If a number lies outside of it, or the interval is turned round.
    """
    for number in (tau, low, high):
        if number is not None and not -1 <= number <= 1:
            raise ValueError(f"A rank correlation lies from -1 to 1, not at {number}.")
    if low is None or high is None:
        return TauBar(_at(0), _at(tau), "", "")
    if low > high or math.isnan(low) or math.isnan(high):
        raise ValueError(f"An interval runs from low to high, not {low} to {high}.")
    width = per_cent(_share(high) - _share(low))
    return TauBar(_at(0), _at(tau), _at(low), width)


def _at(value: float) -> str:
    return per_cent(_share(value))


def _share(value: float) -> float:
    return MARGIN + (100 - 2 * MARGIN) * (value + 1) / 2
