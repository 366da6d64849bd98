"""Reads of experiments and runs for pages."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from charts.marks import Axis
from projects.models import Project
from projects.selectors.stations import NOT_STARTED, StationFact


def experiments_station(project: Project) -> StationFact:
    """Return what the loop's strip says of the project's experiments."""
    return StationFact(_("no runs yet"), NOT_STARTED, _("not started"))


@dataclass(frozen=True)
class CandidateRow:
    """One row of the candidate's picture: a run or a policy, with its money."""

    label: str
    note: str
    url: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Candidate:
    """The nominated or best run beside what needs no model."""

    title: str
    rows: tuple[CandidateRow, ...]
    axis: Axis


def has_runs(project: Project) -> bool:
    """Whether any run exists."""
    return False


def best_run(project: Project) -> Any | None:
    """Return the best priced run."""
    return None


def candidate(project: Project) -> Candidate | None:
    """Return the nominated or best run against acting on everybody."""
    return None
