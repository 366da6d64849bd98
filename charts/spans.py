"""Geometry of ranges and figures that are not money: one scale, no gain and no loss."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from charts.marks import per_cent


@dataclass(frozen=True)
class Span:
    """A range on a shared scale, in per cent of the width, with its likely value."""

    x: str
    width: str
    likely: str


@dataclass(frozen=True)
class SpanScale:
    """A scale that holds every range of one quantity."""

    low: float
    high: float

    def span(self, low: float, likely: float, high: float) -> Span:
        """Return a range on the scale; a single number keeps a visible width."""
        left, right = self._share(low), self._share(high)
        return Span(
            x=per_cent(left),
            width=per_cent(max(right - left, 0.5)),
            likely=per_cent(self._share(likely)),
        )

    def _share(self, value: float) -> float:
        return 2 + 96 * (value - self.low) / (self.high - self.low)


def span_scale(values: Iterable[float]) -> SpanScale:
    """Return the scale of the finite values, with a little room at both ends."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    return SpanScale(low, high if high > low else low + (abs(low) or 1.0))


@dataclass(frozen=True)
class BandBar:
    """A figure from 0 on, and the marks that cut its scale into bands."""

    value: str
    marks: tuple[str, ...]


def band_bar(value: float, bounds: Sequence[float]) -> BandBar:
    """Return a figure against the bounds of its bands, on twice the last bound.

    What lies beyond fills the scale: its number is beside it.
    """
    most = 2 * bounds[-1]
    return BandBar(
        value=per_cent(100 * min(max(value, 0.0) / most, 1.0)),
        marks=tuple(per_cent(100 * each / most) for each in bounds),
    )
