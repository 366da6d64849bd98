"""What people say, round by round, and the range a project goes on with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import NOBODY, Actor
from projects.models import (
    Estimate,
    EstimateRound,
    Invitation,
    Project,
    Quantity,
    Reconciliation,
    Stakeholder,
)
from projects.selectors.value import is_asked, is_complete, is_revealed
from projects.services.value import follow_answers


@dataclass(frozen=True)
class RangeGiven:
    """What one person says of one quantity, in the unit of the formula."""

    low: float
    likely: float
    high: float
    source: str = "guess"
    is_unknown: bool = False
    comment: str = ""


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
    project.refresh_from_db(fields=["estimate_round", "estimates_revealed_at"])
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
        close_round(project, actor=actor)


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
        for each in Estimate.objects.filter(
            stakeholder=stakeholder, round=project.estimate_round
        )
    }
    rows = {}
    for name, given in ranges.items():
        quantity = quantities[name]
        row = kept.get(quantity.pk) or Estimate(
            stakeholder=stakeholder, round=project.estimate_round
        )
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
    follow_answers(quantity.project, actor=actor)
    return row


def reveal_estimates(project: Project, *, actor: Actor) -> None:
    """Show everybody's numbers to everybody, though not all have answered."""
    _reveal(project)
    audit.record(actor, "reveal estimates", project_id=project.pk)
    follow_answers(project, actor=actor)


def _reveal(project: Project) -> None:
    project.estimates_revealed_at = timezone.now()
    project.save(update_fields=["estimates_revealed_at"])


def close_round(project: Project, *, actor: Actor) -> None:
    """Count what may be shown; reveal a later round once nobody is waited for.

    A later round is asked: one that nobody was asked in yet is not over.
    """
    if (
        project.estimate_round > 1
        and not is_revealed(project)
        and is_complete(project)
        and is_asked(project)
    ):
        _reveal(project)
    follow_answers(project, actor=actor)


DUE_WITHIN = timedelta(days=2)  # the scheduler was away for no longer than that


def close_due_rounds(*, now: datetime) -> None:
    """Close the first rounds whose last deadline has just passed."""
    due = Project.objects.filter(
        estimate_round=1,
        estimates_revealed_at=None,
        stakeholders__invitations__asks=Invitation.Asks.ESTIMATE,
        stakeholders__invitations__deadline__range=(now - DUE_WITHIN, now),
    ).distinct()
    for project in due:
        if is_revealed(project):
            close_round(project, actor=NOBODY)


@transaction.atomic
def open_round(project: Project, *, actor: Actor, reason: str) -> EstimateRound:
    """Let people estimate once more, blind, knowing what everybody said before.

    Raises
    ------
    ValidationError
        If the round before is not revealed yet, or no reason is given.
    """
    project.refresh_from_db(fields=["estimate_round", "estimates_revealed_at"])
    if not is_revealed(project):
        raise ValidationError(
            _("Round %(n)s is not over: show its answers before you ask again.")
            % {"n": project.estimate_round}
        )
    row = EstimateRound(
        project=project,
        number=project.estimate_round + 1,
        reason=reason.strip(),
        opened_by=actor.user,
    )
    row.full_clean()
    row.save()
    project.estimate_round, project.estimates_revealed_at = row.number, None
    project.save(update_fields=["estimate_round", "estimates_revealed_at"])
    audit.record(
        actor,
        "open round",
        project_id=project.pk,
        subject=f"round {row.number}",
        detail={"reason": row.reason},
    )
    return row
