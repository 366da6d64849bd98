"""What the overview of a project shows."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.models import Job
from core.selectors.activity import ActivityLine, activity
from dataquality.selectors import DataSummary, data_summary
from engine.value.simulate import ValueEstimate
from experiments.selectors import Candidate, candidate
from mlops_portal.selectors.next_step import NextStep, next_step
from projects.models import Project, ValueCase
from projects.selectors.requirements import Standing, State, standings
from projects.selectors.shown import SwayWords, sway_words
from projects.selectors.stations import musts_of
from projects.selectors.value import (
    Answer,
    answers,
    case_result,
    current_case,
    is_revealed,
)

# Between these chances of paying back nobody should call it.
CLOSE_CALL = (0.2, 0.8)


@dataclass(frozen=True)
class Overview:
    """One page that says where a project stands."""

    case: ValueCase
    result: ValueEstimate
    call: str
    sways: tuple[SwayWords, ...]
    next_step: NextStep | None
    musts: tuple[Standing, ...]
    met: int
    data: DataSummary | None
    candidate: Candidate | None
    answers: tuple[Answer, ...]
    is_blind: bool  # some have answered, and their numbers may not be seen yet
    running: tuple[Job, ...]
    lately: tuple[ActivityLine, ...]


def call_of(result: ValueEstimate) -> str:
    """Return whether it is worth it, in three words."""
    low, high = CLOSE_CALL
    if result.p_pays_back < low:
        return _("Not worth it as it stands.")
    return _("Worth doing.") if result.p_pays_back > high else _("Too close to call.")


def overview(project: Project) -> Overview:
    """Return everything the overview shows, composed of each app's selectors."""
    case = current_case(project)
    result = case_result(case)
    musts = musts_of(standings(project))
    said = answers(project)
    return Overview(
        case=case,
        result=result,
        call=call_of(result),
        sways=tuple(sway_words(result, project.quantities.all(), project.currency)[:1]),
        next_step=next_step(project),
        musts=tuple(musts),
        met=sum(each.state is State.MET for each in musts),
        data=data_summary(project),
        candidate=candidate(project),
        answers=tuple(said),
        is_blind=any(each.state == "sent" for each in said)
        and not is_revealed(project),
        running=tuple(Job.objects.for_projects([project.pk]).unfinished()[:5]),
        lately=tuple(activity([project.pk], limit=6)),
    )
