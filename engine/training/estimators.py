"""How each family of the catalogue is built with scikit-learn."""

from collections.abc import Callable, Mapping
from typing import Any

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

from engine.training.catalogue import Params, find
from engine.training.metrics import Task

Builder = Callable[[Task, Params, int, int], Any]


def build(
    family: str, task: Task, params: Params, seed: int, *, threads: int = 1
) -> Any:
    """Return an unfitted scikit-learn estimator; `params` as `resolve` returns them."""
    return _BUILDERS[find(family).key](task, params, seed, threads)


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


_BUILDERS: Mapping[str, Builder] = {
    "baseline": _baseline,
    "linear": _linear,
    "tree": _tree,
    "forest": _forest,
    "boosting": _boosting,
    "neural": _neural,
}
