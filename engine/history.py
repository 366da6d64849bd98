"""What is out of step in a series of versions, by how it usually moves.

Reference: Iglewicz and Hoaglin, *How to Detect and Handle Outliers* (1993).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from engine.words import Sentence, gettext_noop

LEAST_KNOWN = 5  # versions; below it nothing is usual yet
ODD = 3.5
MAD_TO_SD = 0.6745  # the MAD of a normal distribution in standard deviations
SHARE_FLOOR = 0.005
ROWS_FLOOR = 0.005  # of the median number of rows

_FORMULA = gettext_noop(
    "z = (d − median of all d) / s, where d is the change from one version to the next "
    "and s the greater of MAD / %(mad)s and %(floor)s; odd beyond ±%(odd)s. Needs "
    "%(least)s versions."
)


@dataclass(frozen=True)
class Series:
    """One figure of a data set over its versions; None where it is not known."""

    name: str
    values: tuple[float | None, ...]  # (n_versions,), the oldest first
    z: tuple[float | None, ...]  # (n_versions,), of the change to each version
    floor: float

    @classmethod
    def of(
        cls, name: str, values: Sequence[float | None], *, floor: float = SHARE_FLOOR
    ) -> "Series":
        """Return the series with how odd each change is."""
        return cls(name, tuple(values), robust_z(values, floor=floor), floor)

    @classmethod
    def of_rows(cls, name: str, rows: Sequence[int]) -> "Series":
        """Return a series of row counts, whose floor follows from their size."""
        floor = max(ROWS_FLOOR * median(rows), 1.0) if rows else 1.0
        return cls.of(name, rows, floor=floor)

    @property
    def odd(self) -> tuple[int, ...]:
        """The places of the versions it came to by an odd change."""
        return tuple(i for i, z in enumerate(self.z) if z is not None and abs(z) > ODD)

    @property
    def ends_odd(self) -> bool:
        """Whether the newest version is out of step."""
        return bool(self.values) and len(self.values) - 1 in self.odd

    @property
    def spread(self) -> float:
        """How far apart the least and the greatest are; 0 without a value."""
        known = [each for each in self.values if each is not None]
        return max(known) - min(known) if known else 0.0


def robust_z(
    values: Sequence[float | None], *, floor: float
) -> tuple[float | None, ...]:
    """Return the robust z-score of the change to each value from the known one before.

    z = (d − median d) / max(MAD d / 0.6745, floor). None for the first known value,
    for an unknown one, and for all of them with fewer than five known.

    Parameters
    ----------
    values : sequence of float or None, shape (n,)
    floor : float
        Above 0: the least spread, so that rounding is not odd where nothing moves.

    Raises
    ------
    ValueError
        If the floor is not above 0.
    """
    if not floor > 0:
        msg = f"floor {floor}: choose one above 0"
        raise ValueError(msg)
    known = [(i, each) for i, each in enumerate(values) if each is not None]
    scores: list[float | None] = [None] * len(values)
    if len(known) < LEAST_KNOWN:
        return tuple(scores)
    changes = {i: each - before for (_j, before), (i, each) in pairwise(known)}
    middle = median(changes.values())
    mad = median(abs(change - middle) for change in changes.values())
    spread = max(mad / MAD_TO_SD, floor)
    for i, change in changes.items():
        scores[i] = (change - middle) / spread
    return tuple(scores)


def formula(floor: float) -> Sentence:
    """Return how odd changes are found, in words."""
    return _FORMULA % {
        "mad": MAD_TO_SD,
        "floor": f"{floor:.4g}",
        "odd": ODD,
        "least": LEAST_KNOWN,
    }
