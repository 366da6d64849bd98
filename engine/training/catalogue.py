"""The families of models on offer and their parameters; scikit-learn stays out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True)
class Family:
    """A kind of model."""

    key: str
    title: str
    plain: str
    simplicity: int  # 0 is the simplest; breaks ties between equal runs
    preparation: Preparation
    params: tuple[Param, ...]

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
        ),
    )
}  # fmt: skip
