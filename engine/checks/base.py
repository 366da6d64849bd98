"""What every check has: a dimension, a severity, words, and what it looks at."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from engine.errors import EngineError
from engine.profile.records import to_json

Dimension = Literal[
    "accuracy",
    "completeness",
    "consistency",
    "timeliness",
    "validity",
    "uniqueness",
]
# Those that the portal leads with come first.
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
Value = str | int | float | bool


@dataclass(frozen=True)
class Check(ABC):
    """Something a table is promised to be; a subclass for each kind."""

    kind: ClassVar[str]
    dimension: ClassVar[Dimension]
    severity: ClassVar[Severity] = "error"
    takes_filter: ClassVar[bool] = True

    @abstractmethod
    def words(self) -> str:
        """Return the promise as a sentence."""

    def columns(self) -> tuple[str, ...]:
        """Return the columns that the table must have."""
        return ()

    def tables(self) -> tuple[str, ...]:
        """Return the names of other data sets that it compares with."""
        return ()

    def problem(self) -> str:
        """Return what is wrong with the parameters, or nothing."""
        return ""

    @property
    def allowed(self) -> float:
        """The share of what was tested that may break the promise."""
        return 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the parameters as JSON."""
        return to_json(self)


class CheckProblem(EngineError):
    """A check that cannot be run on this table; made with a sentence."""

    @property
    def sentence(self) -> str:
        """Why not, to be said in any language."""
        return str(self.args[0])


def listed(names: tuple[Any, ...] | list[Any], most: int = 5) -> str:
    """Return the first names with commas between."""
    return ", ".join(map(str, names[:most])) + (", …" if len(names) > most else "")


def bounds_problem(low: float | None, high: float | None) -> bool:
    """Whether no bound is given, or the lower one is above the other."""
    if low is None or high is None:
        return low is None and high is None
    return low > high
