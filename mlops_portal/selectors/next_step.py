"""The one thing a project should do next, why, and whose it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dataquality.selectors import has_data
from experiments.selectors import best_run, has_runs
from projects.models import GateKey, Project, Requirement
from projects.selectors.gates import GateStanding, answer, gates_of
from projects.selectors.metrics import unresolved
from projects.selectors.requirements import State, requirements_of, standings
from projects.selectors.stations import gate_in_focus, musts_of
from projects.selectors.value import answers, said_so_far


@dataclass(frozen=True)
class NextStep:
    """One verb, the reason, the person."""

    what: str
    why: str
    verb: str
    url: str


def next_step(project: Project) -> NextStep | None:
    """Return the first step of the loop that is open; None if all is done."""
    return next((step for rule in RULES for step in rule(project)), None)


def _people(project: Project) -> Iterator[NextStep]:
    if not said_so_far([project])[project.pk]:
        yield NextStep(
            _("List who has a say"),
            _("Value, metrics and signatures come from people."),
            _("Add people"),
            project.url("projects:people"),
        )


def _estimates(project: Project) -> Iterator[NextStep]:
    said = answers(project)
    waiting = [each.stakeholder for each in said if each.is_waiting]
    if waiting:
        yield NextStep(
            _("Wait for %(name)s, or remind them") % {"name": waiting[0].name},
            ngettext(
                "%(n)s person has not answered yet.",
                "%(n)s people have not answered yet.",
                len(waiting),
            )
            % {"n": len(waiting)},
            _("See replies"),
            project.url("projects:value_ask"),
        )
    elif not any(each.state == "sent" for each in said):
        yield NextStep(
            _("Ask for the first estimate"),
            _("A handful of numbers says whether this is worth anybody's time."),
            _("Ask people"),
            project.url("projects:value_ask"),
        )


def _musts(project: Project) -> Iterator[NextStep]:
    priorities = {each.priority for each in requirements_of(project)}
    if Requirement.Priority.MUST not in priorities:
        yield NextStep(
            _("Say what must hold"),
            _("The value case tells how good a model has to be to pay."),
            _("Derive a requirement"),
            project.url("projects:derive"),
        )


def _data(project: Project) -> Iterator[NextStep]:
    if not has_data(project):
        yield NextStep(
            _("Bring the data"),
            _("A profile shows what it can carry before anybody trains on it."),
            _("Upload data"),
            project.url("dataquality:data_set_create"),
        )


def _metrics(project: Project) -> Iterator[NextStep]:
    for each in unresolved(project)[:1]:
        yield NextStep(
            _("Settle what success is called"),
            each.words,
            _("See the metrics"),
            each.url,
        )


def _design_gate(project: Project) -> Iterator[NextStep]:
    """Yield what opens the design gate: no candidate is nominated before it."""
    gate = gates_of(project)[GateKey.DESIGN]
    if gate.is_on and not gate.is_open:
        yield from _of_gate(gate)


def _runs(project: Project) -> Iterator[NextStep]:
    if not has_runs(project):
        yield NextStep(
            _("Try the first hypothesis"),
            _("A linear, a tree and a neural model under one protocol."),
            _("Plan an experiment"),
            project.url("experiments:experiment_create"),
        )


def _nomination(project: Project) -> Iterator[NextStep]:
    if not project.candidate_id and (best := best_run(project)):
        yield NextStep(
            _("Nominate %(run)s") % {"run": best.name},
            _("The musts are judged by the run you nominate."),
            _("Look at it"),
            best.get_absolute_url(),
        )


def _gates(project: Project) -> Iterator[NextStep]:
    gate = gate_in_focus(project)
    if gate is not None and not gate.is_open:
        yield from _of_gate(gate)


def _of_gate(gate: GateStanding) -> Iterator[NextStep]:
    """Yield what opens a gate: propose, sign, or look at what keeps it closed."""
    project, name = gate.project, {"gate": gate.name}
    if gate.proposal is not None and (gate.decision is None or gate.is_stale):
        yield NextStep(
            gate.proposal.question,
            answer(gate),
            _("Read and sign"),
            gate.proposal.get_absolute_url(),
        )
    elif gate.decision is None and not gate.failing:
        yield NextStep(
            _("Open the %(gate)s") % name,
            answer(gate),
            _("Propose a decision"),
            project.url("projects:decision_create") + f"?gate={gate.key.value}",
        )
    else:
        yield NextStep(
            _("Open the %(gate)s") % name,
            answer(gate),
            _("See what keeps it closed"),
            gate.url,
        )


def _failing(project: Project) -> Iterator[NextStep]:
    loud = [
        each
        for each in musts_of(standings(project))
        if each.state in {State.FAILED, State.STALE}
    ]
    if loud:
        yield NextStep(
            loud[0].version.title,
            _("This must is %(state)s: %(measured)s.")
            % {"state": loud[0].words, "measured": loud[0].measured},
            _("Look at it"),
            loud[0].requirement.get_absolute_url(),
        )


RULES: tuple[Callable[[Project], Iterator[NextStep]], ...] = (
    _people,
    _estimates,
    _musts,
    _data,
    _metrics,
    _design_gate,
    _runs,
    _nomination,
    _failing,
    _gates,
)
