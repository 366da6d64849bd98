"""What a project is worth, as people say it now."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.utils import timezone

from core.access import Actor, Right
from core.reading import read_together
from engine.value.case import Category, Driver, Per
from engine.value.case import Quantity as EngineQuantity
from engine.value.case import ValueCase as EngineCase
from engine.value.distributions import Distribution, pert_from_quantiles
from engine.value.pooling import pool
from engine.value.simulate import ValueEstimate
from projects.models import (
    Estimate,
    Invitation,
    MetricAlignment,
    Project,
    Quantity,
    Reconciliation,
    Stakeholder,
    ValueCase,
)
from projects.models.access import project_ids_allowing


@read_together
def current_cases(projects: Sequence[Project]) -> dict[int, ValueCase]:
    """Return the newest version of each project's value case, by project id."""
    newest = ValueCase.objects.filter(project=OuterRef("project")).order_by("-version")
    rows = ValueCase.objects.filter(
        project__in=projects, version=Subquery(newest.values("version")[:1])
    )
    return {each.project_id: each for each in rows}


def current_case(project: Project) -> ValueCase:
    """Return the newest version of the project's value case.

    Raises
    ------
    KeyError
        If the project has none; each gets one when it is made.
    """
    return current_cases([project])[project.pk]


def case_result(case: ValueCase) -> ValueEstimate:
    """Return the engine's estimate that is kept with a version."""
    return ValueEstimate.from_json(case.result)


def engine_case(
    project: Project,
    case: ValueCase,
    *,
    beliefs: dict[str, Distribution] | None = None,
) -> EngineCase:
    """Return the case the engine computes with.

    `beliefs` takes the place of what people said, by quantity name: one person's
    numbers while they are typed.
    """
    quantities = list(
        project.quantities.prefetch_related("estimates", "reconciliation")
    )
    return EngineCase(
        quantities=tuple(
            EngineQuantity(
                name=each.name,
                distribution=(beliefs or {}).get(each.name) or belief(each),
                lower=-math.inf if each.lower is None else each.lower,
                upper=math.inf if each.upper is None else each.upper,
            )
            for each in quantities
        ),
        drivers=drivers_of(case),
        volume=case.volume or None,
        prevalence=case.prevalence or None,
        horizon_years=project.horizon_years,
        discount_rate=case.discount_rate,
        ramp_up=tuple(case.ramp_up),
        success_probability=case.success_probability,
    )


def drivers_of(case: ValueCase) -> tuple[Driver, ...]:
    """Return a version's drivers as the engine knows them."""
    return tuple(
        Driver(
            **{
                **each,
                "category": Category(each["category"]),
                "per": Per(each["per"]),
            }
        )
        for each in case.drivers
    )


def belief(quantity: Quantity) -> Distribution:
    """Return what is believed of a quantity.

    The settled range if there is one; else the equal-weight pool of everybody's
    sent ranges; else the template's wide default.
    """
    try:
        settled: Reconciliation = quantity.reconciliation
    except Reconciliation.DoesNotExist:
        pass
    else:
        return pert_from_quantiles(settled.low, settled.likely, settled.high)
    said = [
        pert_from_quantiles(each.low, each.likely, each.high)
        for each in quantity.estimates.all()
        if each.submitted_at and not each.is_unknown
    ]
    if not said:
        return pert_from_quantiles(
            quantity.default_low, quantity.default_likely, quantity.default_high
        )
    return pool(said)


def asked_quantities(project: Project) -> list[Quantity]:
    """Return the quantities of the form's first page."""
    return [each for each in project.quantities.all() if not each.is_refinement]


def estimates_of(stakeholder: Stakeholder) -> dict[str, Estimate]:
    """Return one person's ranges by quantity name."""
    rows = Estimate.objects.filter(stakeholder=stakeholder).select_related("quantity")
    return {each.quantity.name: each for each in rows}


@dataclass(frozen=True)
class Answer:
    """How far one stakeholder's estimates are."""

    stakeholder: Stakeholder
    state: str  # "sent", "asked", "opened", "declined", "expired", "not asked"
    words: str
    is_waiting: bool


@dataclass(frozen=True)
class Said:
    """One stakeholder, and what they have said so far."""

    person: Stakeholder
    last: Invitation | None
    has_sent: bool  # an estimate
    has_primary: bool  # a metric they judge by, agreed or not


@read_together
def said_so_far(projects: Sequence[Project]) -> dict[int, list[Said]]:
    """Return each project's stakeholders by name with what they said, in two queries."""
    sent = Estimate.objects.filter(
        stakeholder=OuterRef("pk"), submitted_at__isnull=False
    )
    primary = MetricAlignment.objects.filter(
        stakeholder=OuterRef("pk"), weight=MetricAlignment.Weight.PRIMARY
    ).exclude(agreed=MetricAlignment.Agreed.OPEN)
    people = (
        Stakeholder.objects.filter(project__in=projects)
        .annotate(has_sent=Exists(sent), has_primary=Exists(primary))
        .prefetch_related(
            Prefetch("invitations", to_attr="asked")  # oldest first, by the model
        )
    )
    found: dict[int, list[Said]] = {each.pk: [] for each in projects}
    for person in people:
        last = person.asked[-1] if person.asked else None
        found[person.project_id].append(
            Said(person, last, person.has_sent, person.has_primary)
        )
    return found


def answers(project: Project) -> list[Answer]:
    """Return who has answered, and who is still waited for; no numbers."""
    return [_answer(each) for each in said_so_far([project])[project.pk]]


def _answer(said: Said) -> Answer:
    if said.has_sent:
        return Answer(said.person, "sent", "answered", is_waiting=False)
    if said.last is None:
        return Answer(said.person, "not asked", "not asked", is_waiting=False)
    state = said.last.state
    return Answer(said.person, state.value, str(state.label), said.last.is_waiting)


def is_revealed(project: Project) -> bool:
    """Whether people's numbers may be shown side by side.

    Blind until everybody who was asked has answered or declined, the deadline has
    passed, or the owner revealed them.
    """
    if (
        project.estimates_revealed_at
        and project.estimates_revealed_at <= timezone.now()
    ):
        return True
    states = answers(project)
    return any(each.state == "sent" for each in states) and not any(
        each.is_waiting for each in states
    )


def may_edit(project: Project, actor: Actor) -> bool:
    """Whether the actor may change the project."""
    return _holds(project, actor, Right.EDIT)


def may_contribute(project: Project, actor: Actor) -> bool:
    """Whether the actor may answer, comment and sign."""
    return _holds(project, actor, Right.CONTRIBUTE)


def may_own(project: Project, actor: Actor) -> bool:
    """Whether the actor may give roles, archive and delete."""
    return _holds(project, actor, Right.OWN)


def _holds(project: Project, actor: Actor, right: Right) -> bool:
    return project_ids_allowing(actor, right).filter(project_id=project.pk).exists()
