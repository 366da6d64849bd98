"""What each station of the loop says of a project: one fact, one worded state."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine.numbers import money
from projects.models import Project, Requirement
from projects.selectors.gates import GateStanding, brief, gates_of
from projects.selectors.metrics import Why, unresolved, waiting_for
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
    open_ones = {each.why: each for each in unresolved(project)}
    if dissent := open_ones.get(Why.DISSENT):
        words = _("%(names)s: against") % {"names": ", ".join(dissent.people)}
        return StationFact(fact, "failing", words)
    if Why.OUTDATED in open_ones:
        return StationFact(fact, "stale", _("changed since: ask again"))
    words = waiting_words([each.first_name for each in silent])
    return StationFact(fact, "waiting" if words else "met", words or _("agreed"))


def gate_in_focus(project: Project) -> GateStanding | None:
    """Return the first gate in use that is not open, else the last; None if all are off."""
    in_use = [each for each in gates_of(project).values() if each.is_on]
    closed = [each for each in in_use if not each.is_open]
    return next(iter(closed or in_use[-1:]), None)


def decision_station(project: Project) -> StationFact:
    """Return the gate that is next, and what it waits for."""
    gate = gate_in_focus(project)
    if gate is None:
        return StationFact(_("no gate in use"), NOT_STARTED, _("not started"))
    fact = capfirst(gate.name)
    if gate.decision is None and gate.proposal is None:
        return StationFact(fact, NOT_STARTED, _("not started"))
    said = brief(gate)
    return StationFact(fact, said.state, said.words)
