"""A value case: what turns the estimates of several people into money."""

from engine.value.case.correlation import Correlation
from engine.value.case.parts import (
    CELLS,
    COUNTED,
    MISSES,
    CaseProblem,
    Category,
    Counted,
    Driver,
    Forecast,
    Per,
    Quantity,
)
from engine.value.case.value_case import MAX_HORIZON_YEARS, ValueCase

__all__ = [
    "CELLS",
    "COUNTED",
    "MAX_HORIZON_YEARS",
    "MISSES",
    "CaseProblem",
    "Category",
    "Correlation",
    "Counted",
    "Driver",
    "Forecast",
    "Per",
    "Quantity",
    "ValueCase",
]
