"""The steps before the model, inside its pipeline, so each fold fits its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)

from engine.training.catalogue import Preparation
from engine.training.fill import Fill
from engine.training.impute import Strategy
from engine.training.metrics import IndexArray
from engine.training.table import Features

# Above this many words, one column per word costs more than it tells.
MOST_ONE_HOT = 20


@dataclass(frozen=True)
class Layout:
    """Which columns are prepared in which way."""

    numeric: tuple[str, ...]
    few: tuple[str, ...]  # text with few different words
    many: tuple[str, ...]  # text with many


def layout(features: Features, rows: IndexArray) -> Layout:
    """Return how to prepare the columns, looking at the training rows only."""
    words = {name: features.frame[name].iloc[rows].nunique() for name in features.text}
    return Layout(
        numeric=features.numeric,
        few=tuple(name for name in features.text if words[name] <= MOST_ONE_HOT),
        many=tuple(name for name in features.text if words[name] > MOST_ONE_HOT),
    )


def pipeline(
    preparation: Preparation,
    columns: Layout,
    model: Any,
    *,
    seed: int,
    rows: int,
    impute: Mapping[str, Strategy] | None = None,
) -> Pipeline:
    """Return preparation and model as one unfitted estimator.

    `rows` is the number of training rows; words rarer than 1 in 200 (at least 2)
    share one column. Gaps that `impute` does not fill are left to the model: those of
    numbers get the median and a mark, or a branch of their own, those of text a word.
    """
    if preparation == "none":
        return Pipeline([("model", model)])
    filled = [("fill", Fill(dict(impute), list(columns.numeric)))] if impute else []
    make = _dense if preparation == "dense" else _ordinal
    prepare = ColumnTransformer(make(columns, seed, max(2, rows // 200)))
    steps: list[tuple[str, Any]] = [*filled, ("prepare", prepare)]
    if preparation == "ordinal":
        # Boosting cannot bin a column that is empty in one fold's training rows.
        steps.append(("vary", VarianceThreshold()))
    return Pipeline([*steps, ("model", model)])


def _dense(columns: Layout, seed: int, rarest: int) -> list[tuple[str, Any, list[str]]]:
    numeric = Pipeline(
        [
            (
                "impute",
                SimpleImputer(
                    strategy="median", add_indicator=True, keep_empty_features=True
                ),
            ),
            ("scale", StandardScaler()),
        ]
    )
    few = OneHotEncoder(
        min_frequency=rarest,
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
    )
    many = Pipeline(
        [
            ("encode", TargetEncoder(random_state=seed)),
            ("scale", StandardScaler()),
        ]
    )
    return _with_columns(columns, numeric, few, many)


def _ordinal(
    columns: Layout, seed: int, rarest: int
) -> list[tuple[str, Any, list[str]]]:
    def encoder() -> OrdinalEncoder:
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)

    return _with_columns(columns, "passthrough", encoder(), encoder())


def _with_columns(
    columns: Layout, numeric: Any, few: Any, many: Any
) -> list[tuple[str, Any, list[str]]]:
    steps = [
        ("numeric", numeric, list(columns.numeric)),
        ("few", few, list(columns.few)),
        ("many", many, list(columns.many)),
    ]
    return [step for step in steps if step[2]]
