"""The rules a run is measured under."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self, get_args

from engine import digests
from engine.errors import EngineError
from engine.training.impute import Strategy, check_impute
from engine.training.metrics import METRIC_VERSION, Direction, Task, specs

Splitter = Literal["kfold", "stratified", "group", "stratified_group", "time"]

# From this many rows on, ten single folds leave enough rows in each test fold.
ROWS_FOR_TEN_FOLDS = 2_000
GROUPED = ("group", "stratified_group")


@dataclass(frozen=True)
class Protocol:
    """What must be equal for two runs to be comparable.

    `data_digest` is the SHA-256 of the parquet file the run reads; `features` are
    the columns to learn from, None for all but target, group, time and `excluded`.
    `impute` names the columns whose gaps are filled inside each fold, and by what.
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
    impute: Mapping[str, Strategy] = field(default_factory=dict, hash=False)

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
        check_impute(
            self.impute,
            not_learnt={
                **dict.fromkeys(self.excluded, "left out"),
                self.group_column: "the group of rows",
                self.time_column: "the time of rows",
                self.target: "the target",
            },
        )

    def to_json(self) -> dict[str, Any]:
        """Return the protocol as plain JSON values.

        Rules that fill no gap do not speak of it, so that they keep the digest they
        had before any could.
        """
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
            if key != "impute" or value
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


def trial_key(
    protocol_digest: str, family: str, params: Mapping[str, Any], seed: int
) -> str:
    """Return what makes a trial the same trial; `params` as `resolve` returns them."""
    return digests.digest([protocol_digest, family, dict(params), seed])


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
    if protocol.group_column and splitter not in GROUPED:
        raise EngineError(
            f"protocol: rows of one {protocol.group_column!r} would fall into both "
            f"sides of a {splitter!r} split; choose group or stratified_group"
        )
    if splitter in GROUPED and not protocol.group_column:
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
