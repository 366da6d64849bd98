"""Geometry of the small marks that the server draws as SVG.

Everything along x is in per cent, so a mark is as wide as its place and its
text keeps its size; everything along y is in pixels.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeGuard

from engine.numbers import money, two_digits

TEXT, STRONG = "c-text", "c-strong"
GRID, AXIS, ZERO = "c-grid", "c-axis", "c-zero"
GAIN, LOSS = "c-gain", "c-loss"
SMALLEST_SPAN = 1e-9  # less is as good as nothing, and its parts would vanish
NEAR_EDGE = 8.0  # per cent; a label nearer to the edge would be cut
BESIDE_NOTE = 22.0  # per cent; the room that a note at zero takes on either side


@dataclass(frozen=True)
class Tick:
    """One number on a scale."""

    x: str
    text: str
    ink: str
    line: str


@dataclass(frozen=True)
class Axis:
    """A scale from `low` to `high` that always has zero inside."""

    low: float
    high: float
    currency: str
    ticks: tuple[Tick, ...]

    def share(self, value: float) -> float:
        """Return where a value lies, in per cent of the width, 0 to 100."""
        return min(max(100 * (value - self.low) / (self.high - self.low), 0), 100)

    def at(self, value: float) -> str:
        """Return where a value lies, as SVG writes it: 19.25%."""
        return per_cent(self.share(value))


@dataclass(frozen=True)
class Part:
    """The losing or the paying part of a range bar."""

    ink: str
    x: str
    width: str
    height: str
    lift: str


@dataclass(frozen=True)
class RangeBar:
    """A range of money: 5 to 95 %, a dot at the mean, a line at zero."""

    height: int
    y: str
    radius: str
    zero: str
    zero_end: str
    mean: str
    parts: tuple[Part, ...]
    labels: tuple[Tick, ...]
    low_text: str
    mean_text: str
    high_text: str


@dataclass(frozen=True)
class Dot:
    """One future, or one run."""

    ink: str
    x: str
    y: str
    radius: str = ""
    key: str = ""
    is_picked: bool = False


@dataclass(frozen=True)
class DotPlot:
    """Equally likely futures in columns, losses left of the line at zero."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    zero: str
    left_of_zero: str
    left_anchor: str
    right_of_zero: str
    right_anchor: str
    losing: int
    paying: int


@dataclass(frozen=True)
class ScoreBar:
    """A score of 0 to 100, and what was agreed."""

    value: str
    value_text: str
    agreed: str
    agreed_text: str


@dataclass(frozen=True)
class Sparkline:
    """A short series on a field of 100 x 24, broken where values are missing."""

    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """A run to place: its metric, its money, and how its row is found."""

    x: float
    y: float
    key: str
    is_picked: bool = False
    note: str = ""
    detail: str = ""


@dataclass(frozen=True)
class GridLine:
    """A level of money across a scatter."""

    y: str
    text_y: str
    text: str
    ink: str
    line: str


@dataclass(frozen=True)
class Note:
    """The words beside a dot that stands out."""

    x: str
    y: str
    dx: str
    anchor: str
    text: str
    detail: str


@dataclass(frozen=True)
class Scatter:
    """Money against a metric."""

    lines: tuple[GridLine, ...]
    ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    notes: tuple[Note, ...]
    x_title: str


@dataclass(frozen=True)
class BarSize:
    """How large a range bar is drawn, in pixels."""

    height: int
    thickness: float
    radius: float
    middle: float | None = None  # None: half the height


BAR_SIZES = {
    "small": BarSize(26, 9, 6),
    "row": BarSize(35, 9, 6),
    "list": BarSize(51, 10, 6.5),
    "large": BarSize(52, 11, 7),
    "picture": BarSize(42, 12, 7.5, middle=14),
}


def per_cent(share: float) -> str:
    """Return a length as SVG writes it, at most two decimals: 19.25%."""
    return f"{_trim(share)}%"


def nice_step(span: float, *, parts: int) -> float:
    """Return 1, 2, 4 or 5 times a power of ten that cuts `span` in at most `parts`.

    Raises
    ------
    ValueError
        If the span is not a positive finite number.
    """
    if not (math.isfinite(span) and span >= SMALLEST_SPAN):
        raise ValueError(f"A scale needs a positive span, not {span}.")
    power = 10.0 ** math.floor(math.log10(span / parts))
    return next(m * power for m in (1, 2, 4, 5, 10, 20) if m * power * parts >= span)


def axis_for(values: Iterable[float], *, currency: str, zero_note: str = "") -> Axis:
    """Return a scale that holds all values and zero, with about four numbers.

    Parameters
    ----------
    values : iterable of float
        Money; what is not finite is left out.
    currency : str
        ISO 4217 code.
    zero_note : str
        Words that follow the zero, such as ", do nothing".
    """
    inside = [0.0, *(value for value in values if math.isfinite(value))]
    low, high = min(inside), max(inside)
    span = _wide_enough(high - low)
    fine = nice_step(span, parts=24)
    low = math.floor((low - 0.04 * span) / fine) * fine
    high = math.ceil((high + 0.04 * span) / fine) * fine
    bare = Axis(low, high, currency, ())
    # Few numbers read best; fewer than three do not tell the scale.
    choices = [
        _ticks(bare, nice_step(high - low, parts=parts), zero_note=zero_note)
        for parts in (5, 7, 9)
    ]
    enough = (ticks for ticks in choices if len(ticks) >= 3)
    return Axis(low, high, currency, next(enough, max(choices, key=len)))


def _ticks(axis: Axis, step: float, *, zero_note: str = "") -> tuple[Tick, ...]:
    zero = axis.share(0)
    room = BESIDE_NOTE if zero_note else 0.0
    ticks = []
    for n in range(math.ceil(axis.low / step), math.floor(axis.high / step) + 1):
        share = axis.share(n * step)
        if n == 0:
            text = money(0, axis.currency) + zero_note
            ticks.append(Tick(per_cent(share), text, STRONG, ZERO))
        elif NEAR_EDGE <= share <= 100 - NEAR_EDGE and abs(share - zero) >= room:
            text = money(n * step, axis.currency)
            ticks.append(Tick(per_cent(share), text, TEXT, AXIS))
    return tuple(ticks)


def range_bar(
    low: float, mean: float, high: float, *, axis: Axis, size: str = "row"
) -> RangeBar:
    """Return a range of money on a shared scale; what lies beyond it is cut.

    Parameters
    ----------
    low, mean, high : float
        5th percentile, mean and 95th percentile, in the axis's currency.
    size : str
        A key of `BAR_SIZES`; a picture carries its own numbers.

    Raises
    ------
    ValueError
        If `low` is above `high`.
    """
    if low > high:
        raise ValueError(f"A range runs from low to high, not from {low} to {high}.")
    drawn = BAR_SIZES[size]
    loss = _part(LOSS, low, min(high, 0), axis=axis, thickness=drawn.thickness - 1.8)
    gain = _part(GAIN, max(low, 0), high, axis=axis, thickness=drawn.thickness)
    return RangeBar(
        height=drawn.height,
        y="50%" if drawn.middle is None else _trim(drawn.middle),
        radius=_trim(drawn.radius),
        zero=axis.at(0),
        zero_end="100%" if drawn.middle is None else "28",
        mean=axis.at(mean),
        parts=tuple(part for part in (loss, gain) if part is not None),
        labels=_bar_labels(low, high, axis) if drawn.middle is not None else (),
        low_text=money(low, axis.currency),
        mean_text=money(mean, axis.currency),
        high_text=money(high, axis.currency),
    )


def _part(
    ink: str, start: float, end: float, *, axis: Axis, thickness: float
) -> Part | None:
    if start >= end:
        return None
    left, right = axis.share(start), axis.share(end)
    return Part(
        ink=ink,
        x=per_cent(left),
        width=per_cent(right - left),
        height=_trim(thickness),
        lift=_trim(-thickness / 2),
    )


def _bar_labels(low: float, high: float, axis: Axis) -> tuple[Tick, ...]:
    zero = axis.share(0)
    ends = [(low, axis.share(low)), (high, axis.share(high))]
    labels = [Tick(per_cent(zero), money(0, axis.currency), STRONG, ZERO)]
    labels += [
        Tick(per_cent(share), money(value, axis.currency), TEXT, AXIS)
        for value, share in ends
        if abs(share - zero) > 12  # nearer, the two texts would touch
    ]
    return tuple(labels)


# The dot plot: 162 px high, dots stand on a line at 138, counts above.
FLOOR, CEILING, PITCH, RADIUS, COLUMNS = 138.0, 22.0, 29.0, 13.0, 10


def dot_plot(dots: Sequence[float], *, currency: str) -> DotPlot:
    """Return equally likely futures in at most about ten columns, zero between two.

    A column's width is a nice number, so each dot stands in the middle of an
    interval such as €0 to €40k. Zero counts as paying back.

    Parameters
    ----------
    dots : sequence of float, shape (n_dots,)
        Money, in any order.

    Raises
    ------
    ValueError
        If there are no dots, or one is not finite.
    """
    axis = dot_axis(dots, currency=currency)
    width = _column_width(min(dots), max(dots))
    columns = sorted(math.floor(dot / width) for dot in dots)
    tallest = max(len(list(group)) for _, group in groupby(columns))
    pitch = min(PITCH, (FLOOR - CEILING) / tallest)
    zero = axis.share(0)
    left, left_anchor = _beside(zero, -2)
    right, right_anchor = _beside(zero, 2)
    return DotPlot(
        dots=tuple(_stacked(columns, width=width, pitch=pitch, axis=axis)),
        ticks=axis.ticks,
        zero=per_cent(zero),
        left_of_zero=left,
        left_anchor=left_anchor,
        right_of_zero=right,
        right_anchor=right_anchor,
        losing=sum(dot < 0 for dot in dots),
        paying=sum(dot >= 0 for dot in dots),
    )


def dot_axis(dots: Sequence[float], *, currency: str) -> Axis:
    """Return the scale of a dot plot, for a range bar that stands below it.

    Raises
    ------
    ValueError
        If there are no dots, or one is not finite.
    """
    if not dots or not all(math.isfinite(dot) for dot in dots):
        raise ValueError("A dot plot needs at least one dot, and finite ones.")
    width = _column_width(min(dots), max(dots))
    lowest, highest = math.floor(min(dots) / width), math.floor(max(dots) / width)
    # Whole numbers of two columns, as every second boundary carries a number.
    low = 2 * math.floor(min(lowest, -1) / 2)
    high = 2 * math.ceil((max(highest, 0) + 1) / 2)
    bare = Axis(low * width, high * width, currency, ())
    return Axis(bare.low, bare.high, currency, _ticks(bare, 2 * width))


def _column_width(low: float, high: float) -> float:
    span = max(high, 0.0) - min(low, 0.0)
    return nice_step(_wide_enough(span), parts=COLUMNS)


def _beside(zero: float, step: float) -> tuple[str, str]:
    """Return where the count beside zero stands, pushed inwards at the edges."""
    if step < 0 and zero < 25:
        return "0", "start"
    if step > 0 and zero > 75:
        return "100%", "end"
    return per_cent(zero + step), "end" if step < 0 else "start"


def _stacked(
    columns: Sequence[int], *, width: float, pitch: float, axis: Axis
) -> Iterable[Dot]:
    gain_radius = pitch * RADIUS / PITCH
    for column, group in groupby(columns):
        losing = column < 0
        # A ring's stroke lies half outside: a smaller radius makes both as large.
        radius = gain_radius * (12.1 / 13 if losing else 1)
        for level, _ in enumerate(group):
            yield Dot(
                ink=LOSS if losing else GAIN,
                x=axis.at((column + 0.5) * width),
                y=_trim(FLOOR - pitch * level - pitch / 2 - 1),
                radius=_trim(radius),
            )


def score_bar(value: float, agreed: float | None = None) -> ScoreBar:
    """Return a score of 0 to 100, with a tick at what was agreed.

    Raises
    ------
    ValueError
        If a number lies outside 0 to 100.
    """
    for number in (value, agreed):
        if number is not None and not 0 <= number <= 100:
            raise ValueError(f"A score lies between 0 and 100, not at {number}.")
    return ScoreBar(
        value=per_cent(value),
        value_text=_score_text(value),
        agreed="" if agreed is None else per_cent(agreed),
        agreed_text="" if agreed is None else _score_text(agreed),
    )


def _score_text(score: float) -> str:
    """Return a score in two digits that never rounds up to a perfect 100."""
    return "99" if 99 < score < 100 else two_digits(score)


def sparkline(values: Sequence[float | None]) -> Sparkline:
    """Return a series as lines on a field of 100 x 24; a lone value is a dash.

    Parameters
    ----------
    values : sequence of float or None, shape (n_values,)
        None, and what is not finite, leaves a gap.
    """
    known = [value for value in values if _is_known(value)]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    step = 100 / max(len(values) - 1, 1)
    pieces = []
    for is_known, run in groupby(
        enumerate(values), key=lambda item: _is_known(item[1])
    ):
        if is_known:
            places = [(n * step, _spark_y(value, low, high)) for n, value in run]
            places += [(places[0][0] + step / 2, places[0][1])] * (len(places) == 1)
            pieces.append(" ".join(f"{_trim(x)},{_trim(y)}" for x, y in places))
    return Sparkline(tuple(pieces))


def _is_known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _spark_y(value: float | None, low: float, high: float) -> float:
    return 12.0 if high == low else 22 - 20 * ((value or 0) - low) / (high - low)


# The scatter: 168 px high, numbers of the metric below a field from 24 to 142.
SCATTER_TOP, SCATTER_BOTTOM = 24.0, 142.0
NOTE_WIDTH, NOTE_HEIGHT = 34.0, 20.0  # per cent, pixels: two notes nearer would touch
NOTE_LIFT = 14.0  # pixels


def scatter(
    points: Sequence[Point], *, currency: str, x_title: str, top_note: str = ""
) -> Scatter:
    """Return runs by money and metric, with the level at zero always drawn.

    Parameters
    ----------
    points : sequence of Point, shape (n_points,)
        Finite numbers; losses are drawn as rings.
    top_note : str
        Words that follow the highest number, such as " a year".

    Raises
    ------
    ValueError
        If there are no points.
    """
    if not points:
        raise ValueError("A scatter needs at least one point.")
    money_axis = axis_for((point.y for point in points), currency=currency)
    metric_axis, ticks = _metric_axis([point.x for point in points])

    def height(value: float) -> float:
        share = money_axis.share(value) / 100
        return SCATTER_BOTTOM - share * (SCATTER_BOTTOM - SCATTER_TOP)

    return Scatter(
        lines=tuple(_grid(money_axis, height, top_note)),
        ticks=ticks,
        dots=tuple(
            Dot(
                ink=LOSS if point.y < 0 else GAIN,
                x=metric_axis.at(point.x),
                y=_trim(height(point.y)),
                key=point.key,
                is_picked=point.is_picked,
            )
            for point in points
        ),
        notes=_notes(
            [
                (point, metric_axis.share(point.x), height(point.y))
                for point in points
                if point.note
            ]
        ),
        x_title=x_title,
    )


def _grid(
    axis: Axis, height: Callable[[float], float], top_note: str
) -> Iterable[GridLine]:
    step = nice_step(axis.high - axis.low, parts=5)
    levels = range(math.ceil(axis.low / step), math.floor(axis.high / step) + 1)
    for n in levels:
        y = height(n * step)
        yield GridLine(
            y=_trim(y),
            text_y=_trim(y - 4),
            text=money(n * step, axis.currency) + (top_note if n == levels[-1] else ""),
            ink=TEXT if n else STRONG,
            line=GRID if n else ZERO,
        )


def _metric_axis(
    values: Sequence[float],
) -> tuple[Axis, tuple[Tick, ...]]:
    low, high = min(values), max(values)
    span = _wide_enough(high - low)
    # The levels of money are written at the left end.
    axis = Axis(low - 0.18 * span, high + 0.06 * span, "", ())
    step = nice_step(axis.high - axis.low, parts=5)
    numbers = range(math.ceil(axis.low / step), math.floor(axis.high / step) + 1)
    ticks = [
        Tick(axis.at(n * step), two_digits(n * step), TEXT, AXIS)
        for n in numbers
        # The axis's title stands at the right end.
        if NEAR_EDGE <= axis.share(n * step) <= 90
    ]
    return axis, tuple(ticks)


def _notes(placed: Sequence[tuple[Point, float, float]]) -> tuple[Note, ...]:
    """Return the words beside dots; where two would touch, one goes up, one down.

    Parameters
    ----------
    placed : sequence of (point, per cent from the left, pixels from the top)
    """
    notes = []
    for point, share, y in placed:
        near = [
            other_y
            for other, other_share, other_y in placed
            if other is not point
            and abs(other_share - share) < NOTE_WIDTH
            and abs(other_y - y) < NOTE_HEIGHT
        ]
        # The higher dot's words go above it; of two equals, the first one's.
        is_upper = point is min(placed, key=lambda each: each[2])[0]
        lift = 0.0 if not near else -NOTE_LIFT if is_upper else NOTE_LIFT
        notes.append(_note(point, share, y + lift))
    return tuple(notes)


def _note(point: Point, share: float, y: float) -> Note:
    is_right = share > 70
    return Note(
        x=per_cent(share),
        y=_trim(y + 4),
        dx="-9" if is_right else "9",
        anchor="end" if is_right else "start",
        text=point.note,
        detail=point.detail,
    )


def _wide_enough(span: float) -> float:
    return span if span >= SMALLEST_SPAN else 1.0


def _trim(number: float) -> str:
    """Return at most two decimals, never in a locale's way, never as -0."""
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
