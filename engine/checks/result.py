"""What checks find, and the scores that come of it."""

from dataclasses import dataclass
from typing import Any, Literal

from engine.checks.base import Dimension
from engine.profile.records import from_json, to_json
from engine.words import again, kept

State = Literal["kept", "failed", "error"]


@dataclass(frozen=True)
class Score:
    """How good a table is in one dimension."""

    dimension: Dimension
    value: float | None  # in [0, 1]; None if not assessed
    n: int  # what the value is a share of
    formula: str
    note: str
    assessed: bool


@dataclass(frozen=True)
class Found:
    """What one check found."""

    id: str
    kind: str
    dimension: str
    severity: str
    state: State
    words: str  # the promise, such as "tenure between 0 and 100"
    note: str = ""  # why it could not be run, or what there is to add
    tested: int = 0
    violating: int = 0
    value: float | None = None  # the number that was measured, if there is one
    earned: float = 0.0  # of what was tested; scores add it up
    is_cells: bool = False  # whether it tested the values of one column
    example_rows: tuple[int, ...] = ()  # at most twenty, from 1, the header excluded
    failing: str = ""  # a Parquet in the folder with what is wrong
    failing_rows: int = 0  # in that file; there may be more


@dataclass(frozen=True)
class Assessment:
    """Six scores and the checks behind them."""

    rows: int
    as_of: str
    scores: tuple[Score, ...]  # in the order of DIMENSIONS
    results: tuple[Found, ...]
    engine_version: str

    def to_json(self) -> dict[str, Any]:
        """Return the assessment as JSON; its sentences can be said again."""
        told: dict[str, Any] = kept(to_json(self))
        return told

    @classmethod
    def from_json(cls, content: Any) -> "Assessment":
        """Return the assessment that `to_json` made JSON of.

        Raises
        ------
        EngineError
            If it does not have this schema.
        """
        return from_json(cls, again(content))

    def score(self, dimension: Dimension) -> Score:
        """Return the score of one dimension."""
        return next(each for each in self.scores if each.dimension == dimension)
