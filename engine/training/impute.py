"""Which gaps a protocol has filled, and by what; scikit-learn stays out."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from engine.errors import EngineError
from engine.kinds import Kind

Strategy = Literal["median", "most_frequent", "category", "model"]

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
FOR_TEXT: tuple[Strategy, ...] = ("most_frequent", "category")


def strategies_for(kind: Kind) -> tuple[Strategy, ...]:
    """Return what may fill a column of a profile's kind; none for times.

    A model learns from parts of a time, such as its month: there is no one gap to fill.
    """
    if kind == "text":
        return FOR_TEXT
    return () if kind in {"date", "datetime"} else STRATEGIES


def check_impute(
    impute: Mapping[str, str], *, not_learnt: Mapping[str | None, str]
) -> None:
    """Refuse a strategy nobody knows, or a column that no model learns from.

    Parameters
    ----------
    not_learnt : mapping of column to what it is instead

    Raises
    ------
    EngineError
        With the column, its value and the remedy.
    """
    if not isinstance(impute, Mapping):
        raise EngineError(
            f"protocol: impute is {impute!r}; give a strategy for each column, such as "
            '{"age": "median"}'
        )
    for column, strategy in impute.items():
        if strategy not in STRATEGIES:
            raise EngineError(
                f"protocol: impute fills {column!r} by {strategy!r}; choose one of "
                f"{', '.join(STRATEGIES)}"
            )
        if column in not_learnt:
            raise EngineError(
                f"protocol: impute names {column!r}, which is {not_learnt[column]}; "
                "take it out"
            )


def check_features(impute: Mapping[str, str], features: Any) -> None:
    """Refuse columns that are no features, and strategies that do not suit theirs.

    Parameters
    ----------
    features : Features

    Raises
    ------
    EngineError
        With the column, its strategy and the remedy.
    """
    for column, strategy in impute.items():
        if column in features.text:
            if strategy not in FOR_TEXT:
                raise EngineError(
                    f"impute: column {column!r} holds text, which has no {strategy}; "
                    f"choose {' or '.join(FOR_TEXT)}"
                )
        elif column not in features.numeric:
            raise EngineError(
                f"impute: column {column!r} is no number or text that a model learns "
                "from; take it out, or correct the name"
            )
        elif strategy == "model" and len(features.numeric) < 2:
            raise EngineError(
                f"impute: column {column!r} has no other number to be predicted from; "
                "choose median"
            )
