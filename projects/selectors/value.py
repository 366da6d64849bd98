"""What a project is worth, as people say it now."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Prefetch, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from core.access import Actor, Right
from core.reading import read_together
from engine.digests import digest
from engine.errors import EngineError
from engine.value.case import Category, Correlation, Driver, Forecast, Per
from engine.value.case import Quantity as EngineQuantity
from engine.value.case import ValueCase as EngineCase
from engine.value.distributions import Distribution
from engine.value.distributions import belief as shaped
from engine.value.pooling import pool
from engine.value.simulate import MIN_DRAWS, ValueEstimate, estimate
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
from projects.models.access import holds
from projects.selectors.measured import assumed, named_metrics


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
    metrics = named_metrics(project, case)
    quantities += assumed(project, metrics, [each.name for each in quantities])
    known = {each.name for each in quantities}
    counted = counted_answers(project)
    return EngineCase(
        quantities=tuple(
            EngineQuantity(
                name=each.name,
                distribution=(beliefs or {}).get(each.name) or belief(each, counted),
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
        forecast=Forecast(**case.forecast) if case.forecast else None,
        correlations=tuple(Correlation(**each) for each in case.correlations),
        metrics=tuple(sorted(each.key for each in metrics if each.key in known)),
    )


def drivers_of(case: ValueCase) -> tuple[Driver, ...]:
    """Return a version's drivers as the engine knows them."""
    return tuple(
        Driver(
            **{
                **{name: each[name] for name in _DRIVER_FIELDS if name in each},
                "category": Category(each["category"]),
                "per": Per(each["per"]),
            }
        )
        for each in case.drivers
    )


# A kept driver says more, such as the source of its proxy, that changes no number.
_DRIVER_FIELDS = tuple(field.name for field in fields(Driver))


def belief(quantity: Quantity, counted: "Counted") -> Distribution:
    """Return what is believed of a quantity by the answers that count.

    The settled range if there is one; else the equal-weight pool of everybody's
    latest sent range; else the template's wide default.
    """
    if quantity._state.adding:
        return default_belief(quantity)
    try:
        settled: Reconciliation = quantity.reconciliation
    except Reconciliation.DoesNotExist:
        pass
    else:
        return belief_of(quantity, settled.low, settled.likely, settled.high)
    said = [
        belief_of(quantity, each.low, each.likely, each.high)
        for each in latest(quantity.estimates.all(), upto=counted.upto)
        if not each.is_unknown and counted.holds(each)
    ]
    return pool(said) if said else default_belief(quantity)


def belief_of(
    quantity: Quantity, low: float, likely: float, high: float
) -> Distribution:
    """Return a range of the quantity as a distribution of its shape.

    Raises
    ------
    DistributionProblem
        If the shape cannot hold the range, as numbers below 0 in a lognormal.
    """
    return shaped(quantity.shape, low, likely, high)


def default_belief(quantity: Quantity) -> Distribution:
    """Return the template's wide range, which stands in until somebody answers."""
    return belief_of(
        quantity,
        quantity.default_low,
        quantity.default_likely,
        quantity.default_high,
    )


def latest(rows: Iterable[Estimate], *, upto: int) -> list[Estimate]:
    """Return each person's newest sent range of a quantity, of a round up to `upto`."""
    found: dict[tuple[int, int], Estimate] = {}
    for row in sorted(rows, key=lambda row: row.round):
        if row.submitted_at and row.round <= upto:
            found[row.quantity_id, row.stakeholder_id] = row
    return sorted(found.values(), key=lambda row: row.pk)


def asked_quantities(project: Project) -> list[Quantity]:
    """Return the quantities of the form's first page."""
    return [each for each in project.quantities.all() if not each.is_refinement]


def estimates_of(stakeholder: Stakeholder) -> dict[str, Estimate]:
    """Return one person's newest ranges by quantity name, sent or not.

    Where this round has none yet, it is the one of a round before: people go on
    from their own numbers.
    """
    rows = Estimate.objects.filter(stakeholder=stakeholder).select_related("quantity")
    return {each.quantity.name: each for each in rows.order_by("round")}


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
    last: Invitation | None  # of those that ask for an estimate of this round
    has_sent: bool  # an estimate, in this round
    has_sent_before: bool  # in a round before
    has_primary: bool  # a metric they judge by, agreed or not


@read_together
def said_so_far(projects: Sequence[Project]) -> dict[int, list[Said]]:
    """Return each project's stakeholders by name with what they said, in two queries."""
    this_round = OuterRef("project__estimate_round")
    sent = Estimate.objects.filter(
        stakeholder=OuterRef("pk"), submitted_at__isnull=False
    )
    asking = Invitation.objects.filter(
        asks=Invitation.Asks.ESTIMATE, round=F("stakeholder__project__estimate_round")
    )
    primary = MetricAlignment.objects.filter(
        stakeholder=OuterRef("pk"),
        weight=MetricAlignment.Weight.PRIMARY,
        metric__retired_at=None,
    ).exclude(agreed=MetricAlignment.Agreed.OPEN)
    people = (
        Stakeholder.objects.filter(project__in=projects)
        .annotate(
            has_sent=Exists(sent.filter(round=this_round)),
            has_sent_before=Exists(sent.filter(round__lt=this_round)),
            has_primary=Exists(primary),
        )
        .prefetch_related(
            Prefetch("invitations", asking, to_attr="asked")  # oldest first
        )
    )
    found: dict[int, list[Said]] = {each.pk: [] for each in projects}
    for person in people:
        last = person.asked[-1] if person.asked else None
        found[person.project_id].append(
            Said(
                person,
                last,
                person.has_sent,
                person.has_sent_before,
                person.has_primary,
            )
        )
    return found


def answers(project: Project) -> list[Answer]:
    """Return who has answered, and who is still waited for; no numbers."""
    return [_answer(each) for each in said_so_far([project])[project.pk]]


def _answer(said: Said) -> Answer:
    # Whom nobody asked again stands by what they said before.
    if said.has_sent or (said.has_sent_before and said.last is None):
        return Answer(said.person, "sent", "answered", is_waiting=False)
    if said.last is None:
        return Answer(said.person, "not asked", "not asked", is_waiting=False)
    state = said.last.state
    return Answer(said.person, state.value, str(state.label), said.last.is_waiting)


def is_revealed(project: Project) -> bool:
    """Whether people's numbers of this round may be shown side by side.

    Blind until the owner revealed them, or all who were asked have answered or
    declined; in the first round also once the deadline has passed. Later rounds are
    revealed by a write alone: the value case counts them from then on.
    """
    if (
        project.estimates_revealed_at
        and project.estimates_revealed_at <= timezone.now()
    ):
        return True
    return project.estimate_round == 1 and is_complete(project)


def is_complete(project: Project) -> bool:
    """Whether somebody has answered in this round and nobody is waited for."""
    said = said_so_far([project])[project.pk]
    return any(each.has_sent for each in said) and not any(
        _answer(each).is_waiting for each in said
    )


def is_asked(project: Project) -> bool:
    """Whether anybody has been asked for an estimate of this round."""
    return any(each.last for each in said_so_far([project])[project.pk])


def revealed_round(project: Project) -> int:
    """Return the last round whose numbers may be shown; 0 if none is."""
    return project.estimate_round - (not is_revealed(project))


@dataclass(frozen=True)
class Counted:
    """Which answers the value case counts."""

    upto: int  # the last round
    before: datetime | None = None  # when the first round turned blind, if it is

    def holds(self, row: Estimate) -> bool:
        """Whether an answer of these rounds counts; drafts have no time."""
        if self.before is None:
            return True
        return row.submitted_at is not None and row.submitted_at < self.before


def counted_answers(project: Project) -> Counted:
    """Return which answers count: those that may be shown.

    A value that moved with each blind answer would tell what was said. While the first
    round is blind, what was sent before anybody was asked was there to be seen and goes
    on counting; a later round replaces the one before when it is revealed.
    """
    if project.estimate_round > 1 or is_revealed(project):
        return Counted(upto=revealed_round(project))
    said = said_so_far([project])[project.pk]
    waiting = [each.last for each in said if each.last and _answer(each).is_waiting]
    asked = [each.created_at for each in waiting]
    return Counted(upto=1, before=min(asked, default=None))


def why_not_counted(project: Project, case: ValueCase) -> str:
    """Return why the case does not follow what people say now; "" where it does."""
    engine = engine_case(project, case)
    if digest(engine.to_json()) == case.digest:
        return ""
    try:
        estimate(engine, draws=MIN_DRAWS, seed=case.seed)
    except EngineError as error:
        return str(error)
    return _("the deadline has passed, and nobody has shown the answers yet")


def may_edit(project: Project, actor: Actor) -> bool:
    """Whether the actor may change the project."""
    return holds(actor, Right.EDIT, project_id=project.pk)


def may_contribute(project: Project, actor: Actor) -> bool:
    """Whether the actor may answer, comment and sign."""
    return holds(actor, Right.CONTRIBUTE, project_id=project.pk)


def may_own(project: Project, actor: Actor) -> bool:
    """Whether the actor may give roles, archive and delete."""
    return holds(actor, Right.OWN, project_id=project.pk)
