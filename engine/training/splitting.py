"""Which rows are sealed, trained on and tested on under a protocol."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import model_selection

from engine import digests
from engine.errors import EngineError
from engine.training.metrics import IndexArray
from engine.training.protocol import GROUPED, Protocol


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
    grouped = protocol.splitter in GROUPED
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
    if protocol.splitter in GROUPED:
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
