"""What a project is worth, as people say it now."""

import math
from dataclasses import dataclass

from django.utils import timezone

from core.access import Actor, Right
from engine.value.case import Category, Driver, Per
from engine.value.case import Quantity as EngineQuantity
from engine.value.case import ValueCase as EngineCase
from engine.value.distributions import Distribution, pert_from_quantiles
from engine.value.pooling import pool
from engine.value.simulate import ValueEstimate
from engine.value.templates import TEMPLATES
from projects.models import (
    Estimate,
    Project,
    Quantity,
    Reconciliation,
    Stakeholder,
    ValueCase,
)
from projects.models.access import project_ids_allowing


def current_case(project: Project) -> ValueCase:
    """Return the newest version of the project's value case."""
    return ValueCase.objects.filter(project=project).latest("version")


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


def assumed_names(project: Project) -> tuple[str, ...]:
    """Return the quantities a run replaces by what it measured."""
    return TEMPLATES[project.template].assumed


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


def answers(project: Project) -> list[Answer]:
    """Return who has answered, and who is still waited for; no numbers."""
    sent = set(
        Estimate.objects.filter(
            quantity__project=project, submitted_at__isnull=False
        ).values_list("stakeholder_id", flat=True)
    )
    rows = []
    for person in project.stakeholders.prefetch_related("invitations"):
        invitations = list(person.invitations.all())
        last = invitations[-1] if invitations else None
        if person.pk in sent:
            rows.append(Answer(person, "sent", "answered", is_waiting=False))
        elif last is None:
            rows.append(Answer(person, "not asked", "not asked", is_waiting=False))
        else:
            rows.append(
                Answer(person, last.state.value, str(last.state.label), last.is_waiting)
            )
    return rows


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
