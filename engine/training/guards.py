"""Traps in the data that make a model look better than it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.training.cells import as_text, is_text, numbers
from engine.training.splitting import Split
from engine.training.table import Features, Labels

Kind = Literal[
    "identifier", "constant", "empty", "target_copy", "duplicates", "infinite"
]
# Below this many rows, distinct values are what any column may have.
ROWS_FOR_IDENTIFIER = 20


@dataclass(frozen=True)
class Finding:
    """One trap, and what was done about it."""

    column: str  # empty when the finding is about rows
    kind: Kind
    sentence: str
    action: Literal["excluded", "warned", "refused"]


def inspect_columns(
    table: pa.Table, names: Sequence[str], labels: Labels
) -> tuple[Finding, ...]:
    """Return a finding for each identifier, constant, empty or target-copying column."""
    found = (_inspect_column(name, table[name], labels) for name in names)
    return tuple(finding for finding in found if finding is not None)


def refuse(findings: Sequence[Finding]) -> None:
    """Stop at the first finding that must not be trained on.

    Raises
    ------
    EngineError
        With that finding's sentence.
    """
    for finding in findings:
        if finding.action == "refused":
            raise EngineError(finding.sentence)


def inspect_infinite(features: Features) -> tuple[Finding, ...]:
    """Return a finding for each column in which infinity was read as missing."""
    return tuple(
        Finding(
            name,
            "infinite",
            f"Column {name!r} holds infinity; it is treated as missing.",
            "warned",
        )
        for name in features.infinite
    )


def inspect_duplicates(features: Features, split: Split) -> tuple[Finding, ...]:
    """Return a finding if equal rows of features fall on both sides of a split."""
    codes = _row_codes(features.frame)
    across = int(np.isin(codes[split.holdout], codes[split.training]).sum())
    worst = max(
        (int(np.isin(codes[f.test], codes[f.train]).sum()) for f in split.folds),
        default=0,
    )
    if across + worst == 0:
        return ()
    return (
        Finding(
            "",
            "duplicates",
            f"{across} of {len(split.holdout)} holdout rows, and up to {worst} rows of "
            "a test fold, equal a training row in every feature; remove duplicates, or "
            "declare a group column.",
            "warned",
        ),
    )


def _row_codes(frame: pd.DataFrame) -> NDArray[np.uint64]:
    # Categories are hashed once per word instead of once per row.
    compact = frame.astype(
        {name: "category" for name in frame if frame[name].dtype == object}
    )
    codes = pd.util.hash_pandas_object(compact, index=False)
    return np.asarray(codes, dtype=np.uint64)


def _inspect_column(
    name: str, column: pa.ChunkedArray, labels: Labels
) -> Finding | None:
    present = len(column) - column.null_count
    distinct = pc.count_distinct(column).as_py() if present else 0
    if present == 0:
        return Finding(
            name, "empty", f"Column {name!r} has no value in any row.", "excluded"
        )
    if distinct == 1 and present == len(column):
        return Finding(
            name, "constant", f"Column {name!r} has one value in every row.", "excluded"
        )
    if _copies_target(column, distinct, labels):
        return Finding(
            name,
            "target_copy",
            f"Column {name!r} tells the target exactly; a model would only copy it: "
            "exclude the column.",
            "refused",
        )
    if _identifies(column, distinct):
        return Finding(
            name,
            "identifier",
            f"Column {name!r} has another value in each of {present} rows, so it "
            "names rows instead of describing them; if it is a measurement, store it "
            "as a decimal number.",
            "excluded",
        )
    return None


def _identifies(column: pa.ChunkedArray, distinct: int) -> bool:
    countable = is_text(column.type) or pa.types.is_integer(column.type)
    return countable and distinct == len(column) >= ROWS_FOR_IDENTIFIER


def _copies_target(column: pa.ChunkedArray, distinct: int, labels: Labels) -> bool:
    if labels.classes:
        classes = len(labels.classes)
        if distinct != classes or column.null_count:
            return False
        pairs = set(zip(as_text(column), labels.values.tolist(), strict=True))
        return len(pairs) == classes
    if is_text(column.type) or pa.types.is_temporal(column.type) or column.null_count:
        return False
    values = numbers(column)
    spread = float(values.std())
    if spread == 0 or not np.isfinite(spread):
        return False
    alike = abs(float(np.corrcoef(values, labels.values)[0, 1]))
    return alike > 1 - 1e-12
