"""How one model does for groups of cases, from its stored predictions.

The metrics and their intervals are those of the whole holdout, on fewer rows.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.slices import LEAST_CASES, MAX_LENGTH, SliceError, read_slice
from engine.training.groups import Grouped, grouped
from engine.training.metrics import (
    COUNTS,
    FloatArray,
    Task,
    affordable_draws,
    intervals,
    measure,
    resample,
    specs,
)
from engine.training.predictions import Predictions

LEVEL = 0.05
# Metrics of a binary task that rest on some of the cases; all others on every one.
_RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "recall": ("tp", "fn"),
    "average_precision": ("tp", "fn"),
    "f1": ("tp", "fn"),
    "fpr": ("fp", "tn"),
    "precision": ("tp", "fp"),
}


@dataclass(frozen=True)
class Cell:
    """One metric of one group; without a value where no case says anything."""

    value: float | None
    low: float | None
    high: float | None
    n: int  # cases it rests on: the positive ones for a recall

    @property
    def is_enough(self) -> bool:
        """Whether there are cases enough to compare it with others."""
        return self.value is not None and self.n >= LEAST_CASES


@dataclass(frozen=True)
class Group:
    """One group of the holdout."""

    slice: str
    of: str  # the slice that was asked for
    rows: int
    metrics: dict[str, Cell]


@dataclass(frozen=True)
class Spread:
    """A metric over the groups of a slice: its worst value, or its largest gap."""

    of: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    groups: tuple[str, ...]  # the worst one; or of a gap the lower and the higher one


@dataclass(frozen=True)
class Problem:
    """A slice that could not be measured, and why."""

    slice: str
    sentence: str


@dataclass(frozen=True)
class SliceReport:
    """What was asked for, what was measured, and what could not be."""

    groups: tuple[Group, ...]
    worst: tuple[Spread, ...]
    gaps: tuple[Spread, ...]
    problems: tuple[Problem, ...]
    cases: dict[str, int]  # by metric, what it rests on in the whole holdout

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Sample:
    """Predictions of one holdout, and how they are measured."""

    predictions: Predictions
    task: Task
    metrics: tuple[str, ...]
    threshold: float | None
    seed: int


def measure_slices(
    sample: Sample, table: Path, *, named: Sequence[str], compared: Sequence[str]
) -> SliceReport:
    """Return the metrics of each slice, and how far apart the compared ones are.

    Parameters
    ----------
    table
        The data set version that the rows of the predictions belong to.
    named, compared
        Slices as people write them. A compared slice is a column, whose groups are
        held against each other, or one group, held against everybody else.
    """
    known = set(specs(sample.task))
    kept = tuple(key for key in sample.metrics if key in known)
    sample = Sample(
        sample.predictions, sample.task, kept, sample.threshold, sample.seed
    )
    tables = _Columns(table)
    measured: dict[str, tuple[Group, dict[str, FloatArray]]] = {}
    worst: list[Spread] = []
    gaps: list[Spread] = []
    problems: list[Problem] = []
    for text in dict.fromkeys([*named, *compared]):
        try:
            parts = tables.parts(text, with_others=text in compared)
            inside = _inside(text, parts, sample.predictions.rows)
        except SliceError as problem:
            problems.append(Problem(text, str(problem)))
            continue
        for name, rows in inside:
            if name not in measured:
                measured[name] = _measured(name, text, rows, sample)
        own = [measured[name] for name, _rows in inside]
        if parts.is_column:
            worst += _worst(text, [group for group, _d in own], sample.task, kept)
        if text in compared:
            gaps += _gaps(text, own, kept)
    groups = tuple(group for group, _drawn in measured.values())
    return SliceReport(
        groups, tuple(worst), tuple(gaps), tuple(problems), _cases_of_all(sample)
    )


def _cases_of_all(sample: Sample) -> dict[str, int]:
    labels, scores = sample.predictions.labels, sample.predictions.scores
    values = measure(sample.task, labels, scores, threshold=sample.threshold)
    return {key: _cases(key, values, labels, sample.task) for key in sample.metrics}


class _Columns:
    """The columns of a table, read once each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = pq.read_schema(path).names
        self.read: dict[str, Grouped] = {}

    def parts(self, text: str, *, with_others: bool) -> "Parts":
        """Return the groups a slice stands for.

        Raises
        ------
        SliceError
            If the column or the value is unknown, or its groups cannot be told.
        """
        # A column may itself be called “a = b”.
        if text in self.names:
            return self._groups(text)
        asked = read_slice(text)
        if asked.column not in self.names:
            raise SliceError(
                f"slice {text!r}: the data has no column {asked.column!r}, only "
                f"{_some(self.names)}; correct the name, or add the column to the data"
            )
        if asked.is_column:
            return self._groups(asked.column)
        mask = self._column(asked.column).rows_of(asked)
        if not with_others:
            return Parts(((text, mask),))
        return Parts(((text, mask), (str(asked.others), ~mask)), is_pair=True)

    def _groups(self, name: str) -> "Parts":
        found = self._column(name).groups()
        return Parts(
            tuple((_short(slice_), mask) for slice_, mask in found), is_column=True
        )

    def _column(self, name: str) -> Grouped:
        if name not in self.read:
            column = pq.read_table(self.path, columns=[name])[name]
            self.read[name] = grouped(name, column)
        return self.read[name]


@dataclass(frozen=True)
class Parts:
    """The groups a slice stands for, each with its rows of the whole table."""

    masks: tuple[tuple[str, NDArray[np.bool_]], ...]
    is_column: bool = False  # each group of a column
    is_pair: bool = False  # one group and everybody else


def _some(names: Sequence[str], most: int = 8) -> str:
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")


def _short(name: str) -> str:
    """Return a group's name as long as evidence keeps it."""
    plain = name.replace("\0", "")
    return plain if len(plain) <= MAX_LENGTH else f"{plain[: MAX_LENGTH - 1]}…"


def _inside(
    text: str, parts: Parts, rows: NDArray[Any]
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return the groups that have rows among the predictions."""
    found = [(name, mask[rows]) for name, mask in parts.masks]
    kept = [(name, mask) for name, mask in found if mask.any()]
    if not parts.is_column and not found[0][1].any():
        raise SliceError(
            f"slice {text!r}: none of the {len(rows):,} cases of the holdout is in it, "
            f"and {int(parts.masks[0][1].sum()):,} of the whole table; choose a larger "
            "group"
        )
    if parts.is_pair and len(kept) < 2:
        raise SliceError(
            f"slice {text!r}: all {len(rows):,} cases of the holdout are in it, so there "
            "is nobody to compare it with; choose a smaller group"
        )
    return kept


def _measured(
    name: str, of: str, rows: NDArray[np.bool_], sample: Sample
) -> tuple[Group, dict[str, FloatArray]]:
    labels = sample.predictions.labels[rows]
    scores = sample.predictions.scores[rows]
    values = measure(sample.task, labels, scores, threshold=sample.threshold)
    drawn = resample(
        sample.task,
        labels,
        scores,
        seed=_seed(sample.seed, name),
        threshold=sample.threshold,
        draws=affordable_draws(len(labels)),
    )
    found = intervals(values, drawn)
    cells = {}
    for key in sample.metrics:
        if key in found:
            n = _cases(key, values, labels, sample.task)
            each = found[key]
            is_known = n > 0 and np.isfinite([each.value, each.low, each.high]).all()
            cells[key] = (
                Cell(each.value, each.low, each.high, n)
                if is_known
                else Cell(None, None, None, n)
            )
    return Group(name, of, len(labels), cells), drawn


def _seed(seed: int, name: str) -> int:
    """Return a seed of the group's own: two groups must not be drawn alike."""
    told = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(told[:8])


def _cases(
    key: str, values: Mapping[str, float], labels: NDArray[Any], task: Task
) -> int:
    if task != "binary":
        return len(labels)
    if key == "roc_auc":
        positive = int(labels.sum())
        return min(positive, len(labels) - positive)
    if key == "average_precision":
        return int(labels.sum())
    if key in _RESTS_ON and all(count in values for count in COUNTS):
        return int(sum(values[count] for count in _RESTS_ON[key]))
    return len(labels)


def _worst(
    of: str, groups: Sequence[Group], task: Task, metrics: Sequence[str]
) -> Iterator[Spread]:
    """Yield each metric as far as it holds in every group.

    Whatever holds for the worst value and both worst ends holds in all groups.
    """
    for key in metrics:
        cells = [(group.slice, group.metrics[key]) for group in groups]
        known = [(name, cell) for name, cell in cells if cell.value is not None]
        if not known:
            continue
        pick = min if specs(task)[key].direction == "higher" else max
        name, _cell = pick(known, key=lambda each: each[1].value or 0.0)
        yield Spread(
            of,
            key,
            pick(cell.value or 0.0 for _n, cell in known),
            pick(cell.low or 0.0 for _n, cell in known),
            pick(cell.high or 0.0 for _n, cell in known),
            min(cell.n for _n, cell in cells),
            (name,),
        )


def _gaps(
    of: str,
    measured: Sequence[tuple[Group, dict[str, FloatArray]]],
    metrics: Sequence[str],
) -> Iterator[Spread]:
    """Yield how far apart the groups are that have cases enough, for each metric."""
    for key in metrics:
        known = [
            (group, drawn[key])
            for group, drawn in measured
            if key in group.metrics and group.metrics[key].is_enough
        ]
        if len(known) < 2:
            least = min((g.metrics[key].n for g, _d in measured), default=0)
            yield Spread(of, key, None, None, None, least, ())
            continue
        known.sort(key=lambda each: each[0].metrics[key].value or 0.0)
        lowest, highest = known[0][0], known[-1][0]
        value = (highest.metrics[key].value or 0.0) - (lowest.metrics[key].value or 0.0)
        pairs = list(combinations([drawn for _g, drawn in known], 2))
        ends = [_apart(one, other, pairs=len(pairs)) for one, other in pairs]
        yield Spread(
            of,
            key,
            value,
            min(max(low for low, _high in ends), value),
            max(max(high for _low, high in ends), value),
            min(group.metrics[key].n for group, _drawn in known),
            (lowest.slice, highest.slice),
        )


def _apart(one: FloatArray, other: FloatArray, *, pairs: int) -> tuple[float, float]:
    """Return between what a gap of two groups lies, wider the more pairs there are."""
    draws = min(len(one), len(other))
    apart = other[:draws] - one[:draws]
    apart = apart[np.isfinite(apart)]
    tail = LEVEL / 2 / pairs  # Bonferroni: one of many pairs is far apart by chance
    low, high = (float(end) for end in np.quantile(apart, [tail, 1 - tail]))
    if low <= 0 <= high:
        return 0.0, max(high, -low)
    return (low, high) if low > 0 else (-high, -low)
