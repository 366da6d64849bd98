"""Over several projects: rates between currencies, platforms, scenarios."""

from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from projects.models import (
    Calculation,
    CurrencyRate,
    Platform,
    PlatformUse,
    Project,
    Scenario,
)
from projects.selectors.portfolio.choice import SEED, Choice, Problem
from projects.services.calculations import keep_calculation


def save_rate(row: CurrencyRate, *, actor: Actor) -> CurrencyRate:
    """Keep a rate; every sum over its currency follows it from its day on.

    Raises
    ------
    ValidationError
        If it is no rate, or its day has one already.
    """
    row.typed_by = actor.user
    row.full_clean()
    row.save()
    audit.record(actor, "write rate", subject=_said(row))
    return row


def delete_rate(row: CurrencyRate, *, actor: Actor) -> None:
    """Take a rate away; the one before it holds again."""
    audit.record(actor, "remove rate", subject=_said(row))
    row.delete()


def _said(row: CurrencyRate) -> str:
    return f"{row.currency} {row.rate.normalize():f}, {row.valid_from.isoformat()}"


def keep_choice(problem: Problem, choice: Choice, *, actor: Actor) -> Calculation:
    """Keep a choice with its inputs, seed and engine version; once for one digest."""
    return keep_calculation(
        Calculation.Kind.PORTFOLIO,
        project=None,
        inputs=problem.inputs(),
        seed=SEED,
        digest=problem.digest,
        result=choice.to_json(),
        actor=actor,
    )


@transaction.atomic
def save_scenario(
    row: Scenario, problem: Problem, choice: Choice, *, actor: Actor
) -> Scenario:
    """Keep rules under a name, with what they come to now.

    Raises
    ------
    ValidationError
        If it has no name.
    """
    if actor.user is None:
        raise ValueError("a scenario is somebody's")
    row.created_by = actor.user
    row.rules = {**problem.rules.to_json(), "shrink": problem.shrink is not None}
    row.full_clean()
    row.calculation = keep_choice(problem, choice, actor=actor)
    row.save()
    return row


def delete_scenario(row: Scenario, *, actor: Actor) -> None:
    """Put a scenario in the trash; it is its maker's alone, so nobody is told."""
    row.deleted_at, row.deleted_by = timezone.now(), actor.user
    row.save(update_fields=["deleted_at", "deleted_by"])


def restore_scenario(row: Scenario) -> None:
    """Take a scenario out of the trash."""
    row.deleted_at = row.deleted_by = None
    row.save(update_fields=["deleted_at", "deleted_by"])


@transaction.atomic
def save_platform(row: Platform, *, actor: Actor) -> Platform:
    """Keep a platform; each project that builds on it is told of the change.

    Raises
    ------
    ValidationError
        If a cost is below zero or the currency is no code.
    """
    row.created_by = row.created_by or actor.user
    row.full_clean()
    row.save()
    _tell_projects(row, "write platform", actor)
    return row


def delete_platform(row: Platform, *, actor: Actor) -> None:
    """Put a platform in the trash: its projects are chosen as if it were not needed."""
    row.deleted_at, row.deleted_by = timezone.now(), actor.user
    row.save(update_fields=["deleted_at", "deleted_by"])
    _tell_projects(row, "delete platform", actor)


def restore_platform(row: Platform, *, actor: Actor) -> None:
    """Take a platform out of the trash."""
    row.deleted_at = row.deleted_by = None
    row.save(update_fields=["deleted_at", "deleted_by"])
    _tell_projects(row, "restore platform", actor)


def _tell_projects(row: Platform, action: str, actor: Actor) -> None:
    for project_id in row.uses.values_list("project_id", flat=True):
        audit.record(actor, action, project_id=project_id, subject=row.name)


@transaction.atomic
def save_use(row: PlatformUse, *, actor: Actor) -> PlatformUse:
    """Have a project build on a platform, or change its share.

    Raises
    ------
    ValidationError
        If a number is below zero.
    """
    before = PlatformUse.objects.filter(platform=row.platform, project=row.project)
    row.pk = before.values_list("pk", flat=True).first()
    row._state.adding = row.pk is None
    row.full_clean()
    row.save()
    audit.record(
        actor, "use platform", project_id=row.project_id, subject=row.platform.name
    )
    return row


def remove_use(platform: Platform, project: Project, *, actor: Actor) -> None:
    """Have a project build on a platform no longer."""
    gone, _kinds = PlatformUse.objects.filter(
        platform=platform, project=project
    ).delete()
    if gone:
        audit.record(
            actor, "leave platform", project_id=project.pk, subject=platform.name
        )
