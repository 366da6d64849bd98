"""What each station of the loop says of a project: one fact, one worded state."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.reading import read_together
from engine.numbers import money
from projects.models import Decision, Project, Requirement
from projects.selectors.metrics import waiting_for
from projects.selectors.requirements import Standing, State, standings
from projects.selectors.value import (
    Answer,
    answers,
    case_result,
    current_case,
    said_so_far,
)


@dataclass(frozen=True)
class StationFact:
    """One station: what is known there, and how it stands.

    States: met, waiting, failing, stale, todo.
    """

    fact: str
    state: str
    state_text: str

    @property
    def is_loud(self) -> bool:
        """Whether the state should stand out."""
        return self.state in {"failing", "stale", "waiting"}


NOT_STARTED = "todo"


def value_station(project: Project) -> StationFact:
    """Return the value on average, and whose answer is missing."""
    result = case_result(current_case(project))
    said = answers(project)
    if not any(each.state == "sent" for each in said):
        waiting = _waiting(said)
        return StationFact(
            _("no estimate yet"),
            "waiting" if waiting else NOT_STARTED,
            waiting or _("not started"),
        )
    fact = _("%(money)s a year on average") % {
        "money": money(result.annual.mean, project.currency)
    }
    if waiting := _waiting(said):
        return StationFact(fact, "waiting", waiting)
    count = sum(each.state == "sent" for each in said)
    return StationFact(
        fact,
        "met",
        ngettext("%(n)s person answered", "%(n)s people answered", count)
        % {"n": count},
    )


def _waiting(said: list[Answer]) -> str:
    names = [each.stakeholder.first_name for each in said if each.is_waiting]
    return waiting_words(names)


def waiting_words(names: list[str]) -> str:
    """Return "waiting for Ana", "waiting for Ana and 2 others", or nothing."""
    if not names:
        return ""
    if len(names) == 1:
        return _("waiting for %(name)s") % {"name": names[0]}
    return ngettext(
        "waiting for %(name)s and %(n)s other",
        "waiting for %(name)s and %(n)s others",
        len(names) - 1,
    ) % {"name": names[0], "n": len(names) - 1}


def musts_of(rows: list[Standing]) -> list[Standing]:
    """Return how the musts stand, what needs a look first."""
    order = [State.FAILED, State.STALE, State.TOO_LITTLE, State.NOT_YET, State.MET]
    musts = [
        each for each in rows if each.requirement.priority == Requirement.Priority.MUST
    ]
    return sorted(musts, key=lambda each: order.index(each.state))


def requirements_station(project: Project) -> StationFact:
    """Return how many musts are met, and what keeps the others."""
    musts = musts_of(standings(project))
    if not musts:
        return StationFact(_("no must yet"), NOT_STARTED, _("not started"))
    count = {state: sum(each.state is state for each in musts) for state in State}
    fact = _("%(met)s of %(all)s musts met") % {
        "met": count[State.MET],
        "all": len(musts),
    }
    parts = [
        words % {"n": number}
        for words, number in (
            (_("%(n)s failing"), count[State.FAILED]),
            (_("%(n)s stale"), count[State.STALE]),
            (_("%(n)s with too little evidence"), count[State.TOO_LITTLE]),
            (_("%(n)s not measured"), count[State.NOT_YET]),
        )
        if number
    ]
    if count[State.FAILED]:
        return StationFact(fact, "failing", ", ".join(parts))
    if count[State.STALE]:
        return StationFact(fact, "stale", ", ".join(parts))
    return StationFact(
        fact, "waiting" if parts else "met", ", ".join(parts) or _("all met")
    )


def metrics_station(project: Project) -> StationFact:
    """Return how many people named a primary metric, and who did not."""
    people = len(said_so_far([project])[project.pk])
    if not people:
        return StationFact(_("nobody named one"), NOT_STARTED, _("not started"))
    silent = waiting_for(project)
    said = people - len(silent)
    fact = _("%(said)s of %(all)s people agreed") % {"said": said, "all": people}
    if not said:
        return StationFact(fact, NOT_STARTED, _("not started"))
    words = waiting_words([each.first_name for each in silent])
    return StationFact(fact, "waiting" if words else "met", words or _("agreed"))


@read_together
def last_decisions(projects: Sequence[Project]) -> dict[int, Decision | None]:
    """Return each project's newest decision with its signatures, in two queries."""
    newest = Decision.objects.filter(project=OuterRef("project")).values("pk")[:1]
    rows = Decision.objects.filter(project__in=projects, pk=Subquery(newest))
    found = {each.project_id: each for each in rows.prefetch_related("signatures")}
    return {each.pk: found.get(each.pk) for each in projects}


def decision_station(project: Project) -> StationFact:
    """Return the last decision and whether it is signed."""
    last = last_decisions([project])[project.pk]
    if last is None:
        return StationFact(_("Design gate"), NOT_STARTED, _("not started"))
    fact = f"{last.get_gate_display()}: {last.get_verdict_display()}"
    signatures = list(last.signatures.all())
    if not signatures:
        return StationFact(fact, "waiting", _("waiting for a signature"))
    if any(each.word == "reject" for each in signatures):
        return StationFact(fact, "failing", _("rejected"))
    return StationFact(
        fact,
        "met",
        _("signed %(date)s") % {"date": date_format(signatures[-1].at, "j M")},
    )
