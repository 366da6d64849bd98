"""Reads of data sets for pages."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from projects.models import Project
from projects.selectors.stations import NOT_STARTED, StationFact


def data_station(project: Project) -> StationFact:
    """Return what the loop's strip says of the project's data."""
    return StationFact(_("no data yet"), NOT_STARTED, _("not started"))


@dataclass(frozen=True)
class ScoreShown:
    """One dimension of data quality, of 100; None is "not assessed"."""

    label: str
    value: float | None
    agreed: float | None


@dataclass(frozen=True)
class DataSummary:
    """What the overview says of the project's data."""

    title: str
    version: str
    url: str
    scores: tuple[ScoreShown, ...]
    problem: str


def has_data(project: Project) -> bool:
    """Whether any version of any data set is ready."""
    return False


def data_summary(project: Project) -> DataSummary | None:
    """Return the newest ready version's four scores, or None without data."""
    return None
