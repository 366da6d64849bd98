"""Geometry of realised money: bars a period, and what they add up to.

Along x in per cent and along y in pixels, as the other small marks; the wedge of the
sum lies on a field of 100 x 100 that is stretched over its place.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from charts.marks import GAIN, LOSS, SMALLEST_SPAN, nice_step, per_cent
from engine.numbers import money

HEIGHT, TOP, BOTTOM = 180, 18, 152
LEFT = 11.0  # per cent; the room of the numbers on the scale
RIGHT = 95.0
MOST_NAMES = 6
BAR, BAND = 0.34, 0.62  # shares of a period's column


@dataclass(frozen=True)
class Period:
    """What one period brought, and the band signed for that time."""

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Box:
    """A bar, or the band behind it."""

    x: str
    width: str
    y: str
    height: str
    ink: str = ""


@dataclass(frozen=True)
class Level:
    """One number on the scale, with its line."""

    y: str
    text_y: str
    text: str
    line: str


@dataclass(frozen=True)
class Label:
    """The words below or above a column."""

    x: str
    y: str
    text: str


@dataclass(frozen=True)
class Panel:
    """One picture: levels, bands, bars, labels; or a wedge and a line."""

    levels: tuple[Level, ...]
    bands: tuple[Box, ...] = ()
    bars: tuple[Box, ...] = ()
    labels: tuple[Label, ...] = ()
    wedge: str = ""  # points on a field of 100 x 100
    line: str = ""
    dots: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Picture:
    """Each period, and what they add up to."""

    each: Panel
    added_up: Panel
    height: int = HEIGHT
    top: int = TOP
    field: int = BOTTOM - TOP
    left: str = per_cent(LEFT)
    width: str = per_cent(RIGHT - LEFT)
    right: str = per_cent(RIGHT)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    step: float

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return BOTTOM - share * (BOTTOM - TOP)

    def share(self, value: float) -> float:
        """Return where a value lies on a field of 100, from the top."""
        return 100 * (self.high - value) / (self.high - self.low)


def draw(periods: Sequence[Period], *, currency: str) -> Picture:
    """Return the periods in their order, and their sum so far after each.

    Raises
    ------
    ValueError
        Without a period, or if an amount is not finite.
    """
    numbers = [
        each for p in periods for each in (p.value, p.low, p.high) if each is not None
    ]
    if not periods or not all(map(math.isfinite, numbers)):
        raise ValueError("A picture of periods needs at least one, and finite money.")
    return Picture(
        each=_each(periods, _scale(numbers), currency),
        added_up=_added_up(periods, currency),
    )


def _scale(numbers: Iterable[float]) -> _Scale:
    known = [0.0, *numbers]
    low, high = min(known), max(known)
    if high - low < SMALLEST_SPAN:
        high = low + 1.0
    step = nice_step(high - low, parts=4)
    return _Scale(
        low=math.floor(low / step) * step, high=math.ceil(high / step) * step, step=step
    )


def _levels(scale: _Scale, currency: str) -> tuple[Level, ...]:
    count = round((scale.high - scale.low) / scale.step)
    first = round(scale.low / scale.step)
    return tuple(
        Level(
            y=f"{scale.y((first + n) * scale.step):.1f}",
            text_y=f"{scale.y((first + n) * scale.step) + 4:.1f}",
            text=money((first + n) * scale.step, currency),
            line="c-zero" if first + n == 0 else "c-grid",
        )
        for n in range(count + 1)
    )


def _column(n: int, count: int, share: float) -> tuple[str, str]:
    """Return where a column's part begins and how wide it is."""
    width = (RIGHT - LEFT) / count
    begins = LEFT + width * (n + (1 - share) / 2)
    return per_cent(begins), per_cent(width * share)


def _along(share: float) -> str:
    """Return a place along the field, whose right end keeps room for half a name."""
    return per_cent(LEFT + (RIGHT - LEFT) * share)


def _box(
    n: int, count: int, ends: tuple[float, float], share: float, scale: _Scale, ink: str
) -> Box:
    x, width = _column(n, count, share)
    top, bottom = scale.y(max(ends)), scale.y(min(ends))
    return Box(x, width, f"{top:.1f}", f"{max(bottom - top, 1.0):.1f}", ink)


def _each(periods: Sequence[Period], scale: _Scale, currency: str) -> Panel:
    count = len(periods)
    return Panel(
        levels=_levels(scale, currency),
        bands=tuple(
            _box(n, count, (each.low, each.high), BAND, scale, "c-band")
            for n, each in enumerate(periods)
            if each.low is not None and each.high is not None
        ),
        bars=tuple(
            _box(
                n,
                count,
                (0.0, each.value),
                BAR,
                scale,
                GAIN if each.value >= 0 else LOSS,
            )
            for n, each in enumerate(periods)
        ),
        labels=_names(periods),
    )


def _names(periods: Sequence[Period], *, at: float = 0.5) -> tuple[Label, ...]:
    """Return the names below, where a period is `at` its share of a column.

    Where they would touch, only some of them: the last always.
    """
    count = len(periods)
    every = math.ceil(count / MOST_NAMES)
    return tuple(
        Label(_along((n + at) / count), str(BOTTOM + 20), each.name)
        for n, each in enumerate(periods)
        if (count - 1 - n) % every == 0
    )


def _added_up(periods: Sequence[Period], currency: str) -> Panel:
    total = _sums(each.value for each in periods)
    has_band = all(each.low is not None for each in periods)
    low = _sums(each.low or 0.0 for each in periods) if has_band else []
    high = _sums(each.high or 0.0 for each in periods) if has_band else []
    scale = _scale([*total, *low, *high])
    steps = len(periods)

    def points(values: Sequence[float]) -> list[str]:
        return [
            f"{100 * n / steps:.2f},{scale.share(value):.2f}"
            for n, value in enumerate(values)
        ]

    return Panel(
        levels=_levels(scale, currency),
        wedge=" ".join([*points(low), *reversed(points(high))]),
        line=" ".join(points(total)),
        dots=(Label(_along(1.0), f"{scale.y(total[-1]):.1f}", ""),),
        labels=_names(periods, at=1.0),
    )


def _sums(values: Iterable[float]) -> list[float]:
    """Return 0 and the sums so far."""
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums
