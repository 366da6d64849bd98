"""The rules a run is measured under, and the split of rows that follows from them."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn import model_selection

from engine import digests
from engine.errors import EngineError
from engine.training.metrics import METRIC_VERSION, Direction, Task, specs

Splitter = Literal["kfold", "stratified", "group", "stratified_group", "time"]
IndexArray = NDArray[np.int64]

# From this many rows on, ten single folds leave enough rows in each test fold.
ROWS_FOR_TEN_FOLDS = 2_000
_GROUPED = ("group", "stratified_group")


@dataclass(frozen=True)
class Protocol:
    """What must be equal for two runs to be comparable.

    `data_digest` is the SHA-256 of the parquet file the run reads; `features` are
    the columns to learn from, None for all but target, group, time and `excluded`.
    """

    task: Task
    target: str
    data_digest: str
    primary_metric: str
    positive: str = ""
    features: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()
    holdout_share: float = 0.2
    holdout_seed: int = 1
    splitter: Splitter = "stratified"
    folds: int = 10
    repeats: int = 1
    fold_seed: int = 1
    group_column: str | None = None
    time_column: str | None = None
    shuffle_reason: str = ""
    direction: Direction = "higher"
    metrics: tuple[str, ...] = ()
    metric_code_version: str = METRIC_VERSION
    value_case_digest: str = ""
    budget_trials: int = 20
    seeds: tuple[int, ...] = (1,)

    def __post_init__(self) -> None:
        """Refuse rules that contradict each other.

        Raises
        ------
        EngineError
            With the field, its value and the remedy.
        """
        _check_choices(self)
        _check_sizes(self)
        _check_splitter(self)
        _check_metrics(self)

    def to_json(self) -> dict[str, Any]:
        """Return the protocol as plain JSON values."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the protocol that `to_json` wrote.

        Raises
        ------
        EngineError
            If a field is unknown or missing, or the rules contradict each other.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(content) - known)
        if unknown:
            raise EngineError(
                f"protocol: unknown fields {', '.join(unknown)}; remove them"
            )
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in content.items()
        }
        try:
            return cls(**values)
        except TypeError as error:
            raise EngineError(f"protocol: {error}; state every field") from error

    def digest(self) -> str:
        """Return the SHA-256 that the leaderboard is keyed by."""
        return digests.digest(self.to_json())


def default_folds(rows: int) -> tuple[int, int]:
    """Return (folds, repeats) that make ten fits: 10 × 1 from 2,000 rows, else 5 × 2."""
    return (10, 1) if rows >= ROWS_FOR_TEN_FOLDS else (5, 2)


def differences(first: Protocol, second: Protocol) -> tuple[str, ...]:
    """Return the fields in which two protocols differ; empty when comparable."""
    return tuple(
        field.name
        for field in fields(Protocol)
        if getattr(first, field.name) != getattr(second, field.name)
    )


@dataclass(frozen=True)
class Fold:
    """One fit of the cross-validation."""

    train: IndexArray  # (n_train,) rows of the table
    test: IndexArray  # (n_test,) rows of the table
    repeat: int


@dataclass(frozen=True)
class Split:
    """Which rows are sealed away, and which are trained and tested on in each fit."""

    holdout: IndexArray  # (n_holdout,) rows of the table, sorted
    training: IndexArray  # (n_training,) all other rows; in time order if time splits
    folds: tuple[Fold, ...]

    @property
    def holdout_digest(self) -> str:
        """The SHA-256 of the sealed rows' numbers."""
        return index_digest(self.holdout)

    @property
    def folds_digest(self) -> str:
        """The SHA-256 over the rows of every fit."""
        return digests.digest(
            [[index_digest(fold.train), index_digest(fold.test)] for fold in self.folds]
        )


def index_digest(index: IndexArray) -> str:
    """Return the SHA-256 of row numbers, independent of the machine's byte order."""
    return hashlib.sha256(np.asarray(index).astype("<i8").tobytes()).hexdigest()


def split(
    labels: NDArray[Any],
    groups: NDArray[Any] | None,
    protocol: Protocol,
    *,
    times: NDArray[Any] | None = None,
) -> Split:
    """Return the sealed rows and the folds that `protocol` asks for.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        Class numbers, or the target's values for regression.
    groups, times : ndarray of shape (n_rows,), optional
        The values of the group and the time column.

    Raises
    ------
    EngineError
        If a class or the table is too small for the folds, or a fold would hold
        one class only.
    """
    _check_rows(labels, protocol)
    if protocol.splitter == "time":
        result = _split_by_time(_given(times, "time column"), protocol)
    else:
        result = _split_shuffled(labels, groups, protocol)
    if protocol.task != "regression":
        _check_fold_classes(labels, result, protocol)
    return result


def _split_by_time(times: NDArray[Any], protocol: Protocol) -> Split:
    order = np.argsort(times, kind="stable").astype(np.int64)
    cut = int(np.ceil(len(order) * (1 - protocol.holdout_share)))
    # Rows of the same instant stay on one side, or the future would leak.
    cut = int(np.searchsorted(times[order], times[order][cut], side="left"))
    training = order[:cut]
    if len(training) <= protocol.folds:
        raise EngineError(
            f"time column {protocol.time_column!r}: {len(training)} rows lie before "
            f"the holdout, too few for {protocol.folds} folds; use fewer folds or a "
            "finer time column"
        )
    splitter = model_selection.TimeSeriesSplit(n_splits=protocol.folds)
    folds = tuple(
        Fold(training[train], training[test], 0)
        for train, test in splitter.split(training)
    )
    return Split(np.sort(order[cut:]), training, folds)


def _split_shuffled(
    labels: NDArray[Any], groups: NDArray[Any] | None, protocol: Protocol
) -> Split:
    rows = np.arange(len(labels), dtype=np.int64)
    grouped = protocol.splitter in _GROUPED
    if grouped:
        groups = _given(groups, "group column")
        _check_groups(groups, protocol)
    training, holdout = next(
        _holdout_splitter(protocol).split(rows, labels, groups if grouped else None)
    )
    training = np.sort(training).astype(np.int64)
    folds = []
    for repeat in range(protocol.repeats):
        parts = _fold_splitter(protocol, repeat).split(
            training,
            labels[training],
            groups[training] if grouped and groups is not None else None,
        )
        folds += [Fold(training[a], training[b], repeat) for a, b in parts]
    return Split(np.sort(holdout).astype(np.int64), training, tuple(folds))


def _holdout_splitter(protocol: Protocol) -> Any:
    if protocol.splitter in _GROUPED:
        kind = model_selection.GroupShuffleSplit
    elif protocol.splitter == "stratified":
        kind = model_selection.StratifiedShuffleSplit
    else:
        kind = model_selection.ShuffleSplit
    return kind(
        n_splits=1, test_size=protocol.holdout_share, random_state=protocol.holdout_seed
    )


def _fold_splitter(protocol: Protocol, repeat: int) -> Any:
    kind = {
        "kfold": model_selection.KFold,
        "stratified": model_selection.StratifiedKFold,
        "group": model_selection.GroupKFold,
        "stratified_group": model_selection.StratifiedGroupKFold,
    }[protocol.splitter]
    return kind(
        n_splits=protocol.folds, shuffle=True, random_state=protocol.fold_seed + repeat
    )


def _given(values: NDArray[Any] | None, name: str) -> NDArray[Any]:
    if values is None:
        raise EngineError(f"split: the values of the {name} are missing; pass them")
    return values


def _check_choices(protocol: Protocol) -> None:
    for name, legal in (
        ("task", get_args(Task)),
        ("splitter", get_args(Splitter)),
        ("direction", get_args(Direction)),
    ):
        if getattr(protocol, name) not in legal:
            raise EngineError(
                f"protocol: {name} is {getattr(protocol, name)!r}; "
                f"choose one of {', '.join(legal)}"
            )
    if not protocol.target:
        raise EngineError("protocol: target is empty; name the column to predict")
    if protocol.task == "binary" and not protocol.positive:
        raise EngineError(
            "protocol: positive is empty; name the target's value to look for"
        )


def _check_sizes(protocol: Protocol) -> None:
    if not 0.05 <= protocol.holdout_share <= 0.5:
        raise EngineError(
            f"protocol: holdout_share is {protocol.holdout_share}; "
            "choose between 0.05 and 0.5"
        )
    for name, low, high in (
        ("folds", 2, 20),
        ("repeats", 1, 10),
        ("budget_trials", 1, 10_000),
    ):
        value = getattr(protocol, name)
        if not low <= value <= high:
            raise EngineError(
                f"protocol: {name} is {value}; choose between {low} and {high}"
            )
    if not protocol.seeds:
        raise EngineError("protocol: seeds are missing; state at least one")


def _check_splitter(protocol: Protocol) -> None:
    splitter = protocol.splitter
    if protocol.task == "regression" and "stratified" in splitter:
        raise EngineError(
            f"protocol: splitter {splitter!r} needs classes; choose kfold or group"
        )
    if protocol.group_column and splitter not in _GROUPED:
        raise EngineError(
            f"protocol: rows of one {protocol.group_column!r} would fall into both "
            f"sides of a {splitter!r} split; choose group or stratified_group"
        )
    if splitter in _GROUPED and not protocol.group_column:
        raise EngineError(f"protocol: splitter {splitter!r} needs group_column")
    if splitter == "time":
        if not protocol.time_column:
            raise EngineError("protocol: splitter 'time' needs time_column")
        if protocol.repeats != 1:
            raise EngineError("protocol: a time split has one order; set repeats to 1")
    elif protocol.time_column and not protocol.shuffle_reason.strip():
        raise EngineError(
            f"protocol: time column {protocol.time_column!r} is declared, but the "
            f"{splitter!r} split shuffles time; choose time, or write shuffle_reason"
        )


def _check_metrics(protocol: Protocol) -> None:
    known = specs(protocol.task)
    for key in (protocol.primary_metric, *protocol.metrics):
        if key not in known:
            raise EngineError(
                f"protocol: metric {key!r} is not one of {protocol.task}; "
                f"choose among {', '.join(known)}"
            )
    if known[protocol.primary_metric].direction != protocol.direction:
        raise EngineError(
            f"protocol: direction is {protocol.direction!r}, but "
            f"{known[protocol.primary_metric].direction} "
            f"{protocol.primary_metric} is better; change direction"
        )


def _check_rows(labels: NDArray[Any], protocol: Protocol) -> None:
    if len(labels) < 2 * protocol.folds:
        raise EngineError(
            f"table: {len(labels)} rows are too few for {protocol.folds} folds; "
            "use fewer folds or more rows"
        )
    if protocol.splitter != "stratified":
        return
    counts = np.unique(labels, return_counts=True)[1]
    left = int(counts.min() * (1 - protocol.holdout_share))
    if left < protocol.folds:
        raise EngineError(
            f"target {protocol.target!r}: the smallest class has {counts.min()} rows, "
            f"about {left} after the holdout, fewer than {protocol.folds} folds; use "
            "fewer folds, or merge or collect more of that class"
        )


def _check_groups(groups: NDArray[Any], protocol: Protocol) -> None:
    count = len(np.unique(groups))
    if count * (1 - protocol.holdout_share) < protocol.folds + 1:
        raise EngineError(
            f"group column {protocol.group_column!r}: {count} groups are too few for "
            f"{protocol.folds} folds and a holdout; use fewer folds"
        )


def _check_fold_classes(
    labels: NDArray[Any], result: Split, protocol: Protocol
) -> None:
    classes = len(np.unique(labels))
    parts = [("the holdout", result.holdout)]
    for number, fold in enumerate(result.folds, start=1):
        parts += [
            (f"the training part of fold {number}", fold.train),
            (f"the test part of fold {number}", fold.test),
        ]
    for name, rows in parts:
        found = len(np.unique(labels[rows]))
        needed = classes if "training" in name else 2
        if found < needed:
            raise EngineError(
                f"target {protocol.target!r}: {name} holds {found} of {classes} "
                "classes; use fewer folds, a stratified splitter or another seed"
            )
