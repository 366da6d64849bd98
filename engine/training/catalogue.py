"""The families of models on offer, their parameters, and how to build one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from engine.errors import EngineError
from engine.training.metrics import Task

Value = int | float | str
Params = Mapping[str, Value]
Preparation = Literal["none", "dense", "ordinal"]


@dataclass(frozen=True)
class Param:
    """One parameter a person or a sweep may set, with its legal values."""

    key: str
    title: str
    default: Value
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()  # of a text parameter; numbers have a range instead
    logarithmic: bool = False
    tasks: tuple[Task, ...] = ("binary", "multiclass", "regression")

    def check(self, value: object, family: str) -> Value:
        """Return `value` in the parameter's own type.

        Raises
        ------
        EngineError
            If it has another type or lies outside the legal values.
        """
        place = f"{family}: parameter {self.key!r}"
        if self.choices:
            if value not in self.choices:
                raise EngineError(
                    f"{place} is {value!r}; choose among {', '.join(self.choices)}"
                )
            return str(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise EngineError(f"{place} is {value!r}; give a number")
        if not self.low <= value <= self.high:
            raise EngineError(
                f"{place} is {value:g}; choose between {self.low:g} and {self.high:g}"
            )
        if isinstance(self.default, int):
            if int(value) != value:
                raise EngineError(f"{place} is {value:g}; give a whole number")
            return int(value)
        return float(value)


Builder = Callable[[Task, Params, int, int], Any]


@dataclass(frozen=True)
class Family:
    """A kind of model."""

    key: str
    title: str
    plain: str
    simplicity: int  # 0 is the simplest; breaks ties between equal runs
    preparation: Preparation
    params: tuple[Param, ...]
    builder: Builder

    def params_of(self, task: Task) -> tuple[Param, ...]:
        """Return the parameters that exist for `task`."""
        return tuple(param for param in self.params if task in param.tasks)


def resolve(family: str, task: Task, params: Mapping[str, object]) -> dict[str, Value]:
    """Return every parameter of a family, checked, with defaults filled in.

    Raises
    ------
    EngineError
        If the family or a parameter is unknown, or a value is illegal.
    """
    found = find(family)
    known = {param.key: param for param in found.params_of(task)}
    for key in params:
        if key not in known:
            legal = ", ".join(known) or "none"
            raise EngineError(f"{family}: no parameter {key!r}; it has: {legal}")
    return {
        key: param.check(params.get(key, param.default), family)
        for key, param in known.items()
    }


def build(
    family: str, task: Task, params: Params, seed: int, *, threads: int = 1
) -> Any:
    """Return an unfitted scikit-learn estimator; `params` as `resolve` returns them."""
    return find(family).builder(task, params, seed, threads)


def find(family: str) -> Family:
    """Return the family of that key.

    Raises
    ------
    EngineError
        If there is none.
    """
    if family not in FAMILIES:
        raise EngineError(
            f"catalogue: no family {family!r}; choose among {', '.join(FAMILIES)}"
        )
    return FAMILIES[family]


def _baseline(task: Task, params: Params, seed: int, threads: int) -> Any:
    if task == "regression":
        return DummyRegressor(strategy="mean")
    return DummyClassifier(strategy="prior")


def _class_weight(params: Params) -> str | None:
    return "balanced" if params.get("class_weight") == "balanced" else None


def _linear(task: Task, params: Params, seed: int, threads: int) -> Any:
    if task == "regression":
        return Ridge(alpha=params["alpha"], random_state=seed)
    return LogisticRegression(
        C=params["C"],
        max_iter=1000,
        class_weight=_class_weight(params),
        random_state=seed,
    )


def _tree(task: Task, params: Params, seed: int, threads: int) -> Any:
    shape = {
        "max_depth": params["max_depth"],
        "min_samples_leaf": params["min_samples_leaf"],
        "random_state": seed,
    }
    if task == "regression":
        return DecisionTreeRegressor(**shape)
    return DecisionTreeClassifier(class_weight=_class_weight(params), **shape)


def _forest(task: Task, params: Params, seed: int, threads: int) -> Any:
    shape = {
        "n_estimators": params["n_estimators"],
        "min_samples_leaf": params["min_samples_leaf"],
        "max_features": params["max_features"],
        "random_state": seed,
        "n_jobs": threads,
    }
    if task == "regression":
        return RandomForestRegressor(**shape)
    return RandomForestClassifier(class_weight=_class_weight(params), **shape)


def _boosting(task: Task, params: Params, seed: int, threads: int) -> Any:
    shape = {
        "learning_rate": params["learning_rate"],
        "max_iter": params["max_iter"],
        "max_leaf_nodes": params["max_leaf_nodes"],
        "min_samples_leaf": params["min_samples_leaf"],
        "l2_regularization": params["l2_regularization"],
        # Inside folds it would spend rows of its own on a second split.
        "early_stopping": False,
        "random_state": seed,
    }
    if task == "regression":
        return HistGradientBoostingRegressor(**shape)
    return HistGradientBoostingClassifier(class_weight=_class_weight(params), **shape)


def _neural(task: Task, params: Params, seed: int, threads: int) -> Any:
    # By name: the first positional argument of MLPRegressor is its loss.
    shape = {
        "hidden_layer_sizes": (int(params["width"]),) * int(params["depth"]),
        "alpha": params["alpha"],
        "learning_rate_init": params["learning_rate"],
        "max_iter": params["max_iter"],
        "batch_size": 128,
        "early_stopping": True,
        "n_iter_no_change": 5,
        "random_state": seed,
    }
    if task == "regression":
        return TransformedTargetRegressor(
            regressor=MLPRegressor(**shape), transformer=StandardScaler()
        )
    return MLPClassifier(**shape)


_CLASSES: tuple[Task, ...] = ("binary", "multiclass")
_WEIGHT = Param(
    "class_weight",
    "Weight of classes",
    "equal",
    choices=("equal", "balanced"),
    tasks=_CLASSES,
)

FAMILIES: Mapping[str, Family] = {
    family.key: family
    for family in (
        Family(
            "baseline",
            "Baseline",
            "always says the average; every model must beat it",
            0,
            "none",
            (),
            _baseline,
        ),
        Family(
            "linear",
            "Linear model",
            "adds up one effect per feature",
            1,
            "dense",
            (
                Param("C", "Freedom (C)", 1.0, 1e-3, 1e2, logarithmic=True,
                      tasks=_CLASSES),
                Param("alpha", "Shrinkage (alpha)", 1.0, 1e-3, 1e3, logarithmic=True,
                      tasks=("regression",)),
                _WEIGHT,
            ),
            _linear,
        ),
        Family(
            "tree",
            "Decision tree",
            "asks a few questions in turn; can be read by people",
            2,
            "ordinal",
            (
                Param("max_depth", "Questions in a row", 5, 2, 8),
                Param("min_samples_leaf", "Fewest rows in a leaf", 20, 5, 200,
                      logarithmic=True),
                _WEIGHT,
            ),
            _tree,
        ),
        Family(
            "forest",
            "Random forest",
            "averages many trees, each grown on other rows",
            3,
            "ordinal",
            (
                Param("n_estimators", "Trees", 100, 50, 400),
                Param("min_samples_leaf", "Fewest rows in a leaf", 5, 1, 20,
                      logarithmic=True),
                Param("max_features", "Share of features per question", 0.4, 0.1, 1.0),
                _WEIGHT,
            ),
            _forest,
        ),
        Family(
            "boosting",
            "Gradient boosting",
            "adds small trees, each correcting those before",
            4,
            "ordinal",
            (
                Param("learning_rate", "Learning rate", 0.08, 0.02, 0.3,
                      logarithmic=True),
                Param("max_iter", "Rounds", 100, 20, 400),
                Param("max_leaf_nodes", "Leaves per tree", 15, 7, 63,
                      logarithmic=True),
                Param("min_samples_leaf", "Fewest rows in a leaf", 20, 5, 100,
                      logarithmic=True),
                Param("l2_regularization", "Shrinkage", 1e-3, 1e-4, 10.0,
                      logarithmic=True),
                _WEIGHT,
            ),
            _boosting,
        ),
        Family(
            "neural",
            "Neural network",
            "layers of weighted sums, trained until it stops improving",
            5,
            "dense",
            (
                Param("width", "Units per layer", 32, 8, 128, logarithmic=True),
                Param("depth", "Layers", 1, 1, 2),
                Param("alpha", "Shrinkage", 1e-3, 1e-6, 1e-1, logarithmic=True),
                Param("learning_rate", "Learning rate", 3e-3, 1e-4, 1e-2,
                      logarithmic=True),
                Param("max_iter", "Most passes over the rows", 40, 5, 200),
            ),
            _neural,
        ),
    )
}  # fmt: skip
