"""How the figures of a data set moved from version to version."""

from dataclasses import dataclass
from datetime import datetime

from dataquality.models import DataSet, DataSetVersion
from engine.checks import DIMENSIONS
from engine.history import Series

MOST_VERSIONS = 60  # the newest ones
ROWS = "rows"


@dataclass(frozen=True)
class Trends:
    """Scores, rows and missing shares over the versions, the oldest first."""

    numbers: tuple[int, ...]
    at: tuple[datetime, ...]
    scores: tuple[Series, ...]  # by dimension, as shares
    rows: Series
    missing: tuple[Series, ...]  # by column, where anything was ever missing

    @property
    def has_course(self) -> bool:
        """Whether there is more than one version to compare."""
        return len(self.numbers) > 1


def trends_of(data_set: DataSet, *, upto: int | None = None) -> Trends:
    """Return the course of a data set's newest ready versions, by one query.

    Parameters
    ----------
    upto : int, optional
        The number of the last version that is looked at.
    """
    ready = DataSetVersion.objects.filter(
        data_set=data_set, state=DataSetVersion.State.READY
    )
    if upto is not None:
        ready = ready.filter(number__lte=upto)
    # Scores and shares are a few hundred bytes; a whole profile may be megabytes.
    rows = (
        ready.select_related("profile")
        .only("number", "rows", "created_at", "profile__scores", "profile__missing")
        .order_by("-number")[:MOST_VERSIONS]
    )
    versions = list(reversed(rows))
    return Trends(
        numbers=tuple(each.number for each in versions),
        at=tuple(each.created_at for each in versions),
        scores=_scores(versions),
        rows=Series.of_rows(ROWS, [each.rows or 0 for each in versions]),
        missing=_missing(versions),
    )


def _scores(versions: list[DataSetVersion]) -> tuple[Series, ...]:
    found = [
        {score.dimension: score.value for score in each.profile.dimensions()}
        for each in versions
    ]
    return tuple(
        Series.of(name, [each.get(name) for each in found]) for name in DIMENSIONS
    )


def _missing(versions: list[DataSetVersion]) -> tuple[Series, ...]:
    shares = [each.profile.missing for each in versions]
    names = dict.fromkeys(
        name for each in reversed(shares) for name, share in each.items() if share
    )
    return tuple(Series.of(name, [each.get(name) for each in shares]) for name in names)
