"""Geometry of the picture of linked metrics: three columns, and lines between them.

Along x all is in per cent of the width, along y in pixels, so that names wrap as the
page's width lets them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

COLUMNS = 3
PITCH = 72  # pixels from one metric to the next
WIDTH, GAP = 28.0, 8.0  # per cent of a column and of the space between two
BOW = 3.0  # per cent by which a link inside a column leaves it


@dataclass(frozen=True)
class Node:
    """One metric: in which column it stands."""

    key: str
    column: int  # 0 technical, 1 domain, 2 business


@dataclass(frozen=True)
class Line:
    """A straight piece of a link; the last one carries the arrow's head."""

    x1: str
    y1: str
    x2: str
    y2: str
    has_head: bool


@dataclass(frozen=True)
class LinkMap:
    """The picture: the metrics of each column from top to bottom, and the lines."""

    height: int
    columns: tuple[tuple[str, ...], ...]  # keys
    lines: tuple[Line, ...]


def link_map(nodes: Sequence[Node], edges: Iterable[tuple[str, str]]) -> LinkMap:
    """Return where the metrics stand and how the lines between them run.

    Within a column the given order is kept in the first; later columns stand as
    near as they can to what moves them, so that lines cross little.

    Parameters
    ----------
    edges : iterable of (cause, effect)
        Keys of nodes; an effect never stands left of its cause.
    """
    pairs = list(edges)
    columns = _columns(nodes, pairs)
    rows = {key: row for column in columns for row, key in enumerate(column)}
    column_of = {node.key: node.column for node in nodes}
    lines = [
        line
        for cause, effect in pairs
        for line in _lines(
            (column_of[cause], rows[cause]), (column_of[effect], rows[effect])
        )
    ]
    tallest = max((len(column) for column in columns), default=0)
    return LinkMap(tallest * PITCH, columns, tuple(lines))


def _columns(
    nodes: Sequence[Node], edges: Sequence[tuple[str, str]]
) -> tuple[tuple[str, ...], ...]:
    placed: dict[str, int] = {}
    columns = []
    for number in range(COLUMNS):
        keys = [node.key for node in nodes if node.column == number]
        wanted = {key: _height_wanted(key, edges, placed) for key in keys}
        # Sorting is stable: what nothing moves keeps its place among its like.
        keys.sort(key=wanted.__getitem__)
        placed |= {key: row for row, key in enumerate(keys)}
        columns.append(tuple(keys))
    return tuple(columns)


def _height_wanted(
    key: str, edges: Sequence[tuple[str, str]], placed: Mapping[str, int]
) -> float:
    rows = [
        placed[cause] for cause, effect in edges if effect == key and cause in placed
    ]
    return sum(rows) / len(rows) if rows else float(len(placed))


def _lines(cause: tuple[int, int], effect: tuple[int, int]) -> list[Line]:
    start, end = _right(cause[0]), _left(effect[0])
    y1, y2 = _middle(cause[1]), _middle(effect[1])
    if cause[0] != effect[0]:
        return [_line(start, y1, end, y2, has_head=True)]
    # Out on the right, along, and back in; the last column bows to the left.
    is_last = cause[0] == COLUMNS - 1
    side = _left(cause[0]) if is_last else start
    out = side - BOW if is_last else side + BOW
    return [
        _line(side, y1, out, y1),
        _line(out, y1, out, y2),
        _line(out, y2, side, y2, has_head=True),
    ]


def _line(
    x1: float, y1: float, x2: float, y2: float, *, has_head: bool = False
) -> Line:
    return Line(f"{x1:g}%", f"{y1:g}", f"{x2:g}%", f"{y2:g}", has_head)


def _left(column: int) -> float:
    return column * (WIDTH + GAP)


def _right(column: int) -> float:
    return _left(column) + WIDTH


def _middle(row: int) -> float:
    return PITCH * (row + 0.5)
