"""Estimates in, value case out: one version for each content that was cited."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from engine.digests import digest
from engine.value.case import ValueCase as EngineCase
from engine.value.simulate import estimate
from engine.value.templates import TEMPLATES, Question
from engine.version import ENGINE_VERSION
from projects.models import (
    Estimate,
    Project,
    Quantity,
    Reconciliation,
    Stakeholder,
    ValueCase,
)
from projects.selectors.value import current_case, engine_case
from projects.services.evidence import note_input

DRAWS = 10_000


@dataclass(frozen=True)
class RangeGiven:
    """What one person says of one quantity, in the unit of the formula."""

    low: float
    likely: float
    high: float
    source: str = "guess"
    is_unknown: bool = False
    comment: str = ""


def start_case(project: Project, *, actor: Actor, seed: int) -> ValueCase:
    """Give a new project its template's quantities and its first value case."""
    template = TEMPLATES[project.template]
    Quantity.objects.bulk_create(
        _quantity(project, question, position)
        for position, question in enumerate(template.questions)
    )
    drivers = template.case({}).to_json()["drivers"]
    case = ValueCase(
        project=project,
        version=1,
        sentence=template.sentence,
        volume=template.volume or "",
        prevalence=template.prevalence or "",
        drivers=drivers,
        seed=seed,
        created_by=actor.user,
    )
    return _compute(case, engine_case(project, case))


def _quantity(project: Project, question: Question, position: int) -> Quantity:
    def bound(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return Quantity(
        project=project,
        name=question.name,
        label=question.label,
        asks=question.asks,
        why=question.why,
        unit=question.unit,
        prefix=question.prefix,
        suffix=question.suffix,
        scale=question.scale,
        lower=bound(question.lower),
        upper=bound(question.upper),
        default_low=question.low,
        default_likely=question.likely,
        default_high=question.high,
        is_refinement=question.refine,
        position=position,
    )


def _compute(case: ValueCase, engine: EngineCase) -> ValueCase:
    """Fill in content, digest and result, and save the version."""
    case.content = engine.to_json()
    case.digest = digest(case.content)
    case.result = estimate(engine, draws=DRAWS, seed=case.seed).to_json()
    case.engine_version = ENGINE_VERSION
    case.full_clean()
    case.save()
    note_input(case.project, "value_case", case.digest)
    return case


@transaction.atomic
def refresh_case(project: Project, *, actor: Actor) -> ValueCase:
    """Return the value case of what people say now.

    A version that nothing cites is brought up to date in place; one that is cited
    stays as it was, and a new version is made if the content differs.
    """
    case = current_case(project)
    engine = engine_case(project, case)
    if digest(engine.to_json()) == case.digest:
        return case
    return _compute(_writable(case, actor), engine)


def _writable(case: ValueCase, actor: Actor) -> ValueCase:
    if case.cited_at is None:
        return case
    case.pk, case._state.adding = None, True
    case.version += 1
    case.created_by, case.created_at, case.cited_at = actor.user, timezone.now(), None
    return case


def cite_case(case: ValueCase) -> None:
    """Note that something rests on this version: it is never changed again."""
    ValueCase.objects.filter(pk=case.pk, cited_at=None).update(cited_at=timezone.now())


@transaction.atomic
def edit_case(
    project: Project, *, actor: Actor, changes: Mapping[str, Any]
) -> ValueCase:
    """Change formulas, costs or horizon; the engine says what cannot be computed.

    Raises
    ------
    ValidationError, CaseProblem
        If a value or a formula cannot be used; nothing is changed then.
    """
    case = _writable(current_case(project), actor)
    for name, value in changes.items():
        setattr(case, name, value)
    project.refresh_from_db()
    case.project = project
    engine = engine_case(project, case)
    engine.check()
    audit.record(
        actor,
        "edit value case",
        project_id=project.pk,
        subject=f"version {case.version}",
        detail={"changed": sorted(changes)},
    )
    return _compute(case, engine)


@transaction.atomic
def save_estimates(
    project: Project,
    stakeholder: Stakeholder,
    ranges: Mapping[str, RangeGiven],
    *,
    actor: Actor,
    submit: bool,
) -> None:
    """Keep a person's ranges by quantity name; `submit` makes them count.

    Raises
    ------
    ValidationError
        Keyed `<quantity>_<field>` for every value that cannot be used.
    """
    rows = _estimate_rows(project, stakeholder, ranges, submit=submit)
    _check_all(rows)
    for row in rows.values():
        row.save()
    if submit:
        audit.record(
            actor,
            "estimate",
            project_id=project.pk,
            subject=stakeholder.name,
            detail={"quantities": sorted(ranges)},
        )
        refresh_case(project, actor=actor)


def _estimate_rows(
    project: Project,
    stakeholder: Stakeholder,
    ranges: Mapping[str, RangeGiven],
    *,
    submit: bool,
) -> dict[str, Estimate]:
    quantities = {each.name: each for each in project.quantities.all()}
    kept = {
        each.quantity_id: each
        for each in Estimate.objects.filter(stakeholder=stakeholder)
    }
    rows = {}
    for name, given in ranges.items():
        quantity = quantities[name]
        row = kept.get(quantity.pk) or Estimate(stakeholder=stakeholder)
        row.quantity = quantity
        for field, value in vars(given).items():
            setattr(row, field, value)
        if submit:
            row.submitted_at = timezone.now()
        rows[name] = row
    return rows


def _check_all(rows: Mapping[str, Estimate]) -> None:
    """Raise one error with every problem of every row."""
    problems: dict[str, Any] = {}
    for name, row in rows.items():
        try:
            row.full_clean()
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                problems[f"{name}_{field}"] = messages
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def settle_range(
    quantity: Quantity, given: RangeGiven, *, actor: Actor, reason: str
) -> Reconciliation:
    """Settle the range the project goes on with; everybody's own stays as given."""
    row = Reconciliation.objects.filter(quantity=quantity).first() or Reconciliation(
        quantity=quantity
    )
    row.low, row.likely, row.high = given.low, given.likely, given.high
    row.reason, row.by = reason, actor.user
    row.full_clean()
    row.save()
    audit.record(
        actor,
        "settle range",
        project_id=quantity.project_id,
        subject=quantity.name,
        detail={"low": row.low, "likely": row.likely, "high": row.high},
    )
    refresh_case(quantity.project, actor=actor)
    return row


def reveal_estimates(project: Project, *, actor: Actor) -> None:
    """Show everybody's numbers to everybody, though not all have answered."""
    project.estimates_revealed_at = timezone.now()
    project.save(update_fields=["estimates_revealed_at"])
    audit.record(actor, "reveal estimates", project_id=project.pk)


@transaction.atomic
def remove_quantity(quantity: Quantity, *, actor: Actor) -> None:
    """Take a quantity away with everybody's ranges for it.

    Raises
    ------
    CaseProblem
        If a formula still uses it; nothing is changed then.
    """
    project, name = quantity.project, quantity.name
    quantity.delete()
    audit.record(actor, "remove quantity", project_id=project.pk, subject=name)
    refresh_case(project, actor=actor)
