"""The value case: computed when what it rests on changes, a version for each model."""

import contextlib
import math
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from engine.digests import digest
from engine.errors import EngineError
from engine.value.case import ValueCase as EngineCase
from engine.value.simulate import estimate
from engine.value.templates import TEMPLATES, Question
from engine.version import ENGINE_VERSION
from projects.models import Project, Quantity, ValueCase
from projects.selectors.measured import assumed, named_metrics
from projects.selectors.units import hold_units
from projects.selectors.value import current_case, engine_case
from projects.services.evidence import note_input

DRAWS = 10_000


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
        forecast=dict(template.forecast.items()) if template.forecast else {},
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
        formula_unit=question.formula_unit,
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


def follow_answers(project: Project, *, actor: Actor) -> None:
    """Bring the value case up to what people say, as far as it can be computed.

    An answer is kept whatever a formula makes of it: where one cannot take it, as
    when it divides by what may now be 0, the case stays as it last came out, and
    `why_not_counted` says why.
    """
    with contextlib.suppress(EngineError):
        refresh_case(project, actor=actor)


def _writable(case: ValueCase, actor: Actor) -> ValueCase:
    return case if case.cited_at is None else _next_version(case, actor)


def _next_version(case: ValueCase, actor: Actor) -> ValueCase:
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

    Each change makes a version of its own, so that it can be undone.

    Raises
    ------
    ValidationError, EngineError
        If a value or a formula cannot be used; nothing is changed then.
    """
    case = _changed_case(project, actor=actor, changes=changes)
    audit.record(
        actor,
        "edit value case",
        project_id=project.pk,
        subject=f"version {case.version}",
        detail={"changed": sorted(changes)},
    )
    return case


# What makes the model; the beliefs of its quantities are what people say now.
MODEL = (
    "sentence",
    "volume",
    "prevalence",
    "drivers",
    "discount_rate",
    "ramp_up",
    "success_probability",
    "correlations",
    "forecast",
)


@transaction.atomic
def restore_case(old: ValueCase, *, actor: Actor) -> ValueCase:
    """Make an earlier version's model the current one again, as a new version.

    People's estimates stay as they are now: the model comes back, not the beliefs.

    Raises
    ------
    ValidationError, EngineError
        If it cannot be computed any more, as when a quantity it names is gone;
        nothing is changed then.
    """
    project = old.project
    project.horizon_years = old.content["horizon_years"]
    project.save(update_fields=["horizon_years", "changed_at"])
    changes = {name: getattr(old, name) for name in MODEL}
    case = _changed_case(project, actor=actor, changes=changes)
    audit.record(
        actor,
        "restore value case",
        project_id=project.pk,
        subject=f"version {old.version}",
        detail={"from": old.version, "as": case.version},
    )
    return case


def _changed_case(
    project: Project, *, actor: Actor, changes: Mapping[str, Any]
) -> ValueCase:
    case = current_case(project)
    before = {name: getattr(case, name) for name in changes}
    for name, value in changes.items():
        setattr(case, name, value)
    project.refresh_from_db()
    case.project = project
    _state_metrics(project, case)
    engine = engine_case(project, case)
    engine.check()
    hold_units(project, engine)
    if before == dict(changes) and digest(engine.to_json()) == case.digest:
        return case
    return _compute(_next_version(case, actor), engine)


def _state_metrics(project: Project, case: ValueCase) -> None:
    """Keep a quantity for each share that a formula names and a run will measure."""
    names = project.quantities.values_list("name", flat=True)
    for quantity in assumed(project, named_metrics(project, case), names):
        quantity.save()


@transaction.atomic
def save_quantity(quantity: Quantity, *, actor: Actor) -> Quantity:
    """Keep a quantity's question, unit, shape or default, and compute again.

    Raises
    ------
    UnitsDoNotAdd
        If a formula does not come out with its unit; nothing is changed then.
    """
    quantity.save()
    project = quantity.project
    hold_units(project, engine_case(project, current_case(project)))
    audit.record(actor, "write quantity", project_id=project.pk, subject=quantity.name)
    refresh_case(project, actor=actor)
    return quantity


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
