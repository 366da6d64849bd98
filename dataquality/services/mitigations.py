"""What is done about missing values: steps that are noted, and tasks with an owner."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor, Right
from core.models import User
from core.notices import notify
from dataquality.models import DataSetVersion, Mitigation
from engine.kinds import Kind
from engine.training.impute import strategies_for
from projects.selectors.comments import members_of


@transaction.atomic
def plan_mitigation(row: Mitigation, *, actor: Actor) -> Mitigation:
    """Save what is to be done about a column, and tell who is to do it.

    Raises
    ------
    ValidationError
        If the column is not there, or the one who is to do it may not contribute.
    """
    row.created_by = actor.user
    if row.is_task:
        row.strategy = ""
    else:
        row.owner = row.due_on = None
    row.full_clean()
    _check(row)
    row.save()
    _record(actor, "plan mitigation", row)
    if row.owner and row.owner != actor.user:
        _tell(
            row.owner,
            row,
            _("Please collect %(column)s of “%(data_set)s” until %(day)s."),
        )
    return row


def _check(row: Mitigation) -> None:
    ready = row.data_set.versions.filter(state=DataSetVersion.State.READY).first()
    kinds = {each["name"]: each["kind"] for each in ready.columns} if ready else {}
    if row.column not in kinds:
        raise ValidationError(
            {"column": _("The newest version has no column of this name.")}
        )
    if not row.is_task:
        _check_strategy(row, kinds[row.column])
    may = members_of(row.data_set.project, Right.CONTRIBUTE)
    if row.owner and row.owner not in may:
        raise ValidationError(
            {"owner": _("Only who contributes to the project can take a task.")}
        )


def _check_strategy(row: Mitigation, kind: Kind) -> None:
    fitting = strategies_for(kind)
    if not fitting:
        words = _("“%(column)s” holds times, which are not filled in. Collect them.")
        raise ValidationError({"column": words % {"column": row.column[:80]}})
    if row.strategy not in fitting:
        labels = [str(Mitigation.Strategy(each).label) for each in fitting]
        words = _("“%(column)s” holds text. Choose %(labels)s.")
        said = {"column": row.column[:80], "labels": _(" or ").join(labels)}
        raise ValidationError({"strategy": words % said})


@transaction.atomic
def set_state_of_mitigation(row: Mitigation, state: str, *, actor: Actor) -> None:
    """Note that it is done, dropped or open again, and tell the other one."""
    if row.state == state:
        return
    row.state, row.changed_at, row.is_told = state, timezone.now(), False
    row.save(update_fields=["state", "changed_at", "is_told"])
    action, sentence = {
        Mitigation.State.OPEN: (
            "reopen mitigation",
            _("Open again: %(column)s of “%(data_set)s”."),
        ),
        Mitigation.State.DONE: (
            "finish mitigation",
            _("Done: %(column)s of “%(data_set)s”."),
        ),
        Mitigation.State.DROPPED: (
            "drop mitigation",
            _("Dropped: %(column)s of “%(data_set)s”."),
        ),
    }[Mitigation.State(state)]
    _record(actor, action, row)
    _tell_both(row, sentence, but=actor.user)


def tell_of_overdue(today: date) -> None:
    """Tell who is to collect values, and who asked for it, once that the day passed."""
    due = Mitigation.objects.filter(
        state=Mitigation.State.OPEN,
        due_on__lt=today,
        is_told=False,
        data_set__deleted_at=None,
        data_set__project__archived_at=None,
    )
    for row in due.select_related("data_set__project", "owner", "created_by"):
        # Whoever sets the mark tells: two schedulers tell it once.
        if Mitigation.objects.filter(pk=row.pk, is_told=False).update(is_told=True):
            sentence = _("Overdue since %(day)s: %(column)s of “%(data_set)s”.")
            _tell_both(row, sentence)


def _tell_both(row: Mitigation, sentence: str, *, but: User | None = None) -> None:
    for person in {row.owner, row.created_by}:
        if person is not None and person != but:
            _tell(person, row, sentence)


def _tell(person: User, row: Mitigation, sentence: str) -> None:
    data_set = row.data_set
    notify(
        [person],
        kind="task",
        group=f"mitigation:{row.pk}",
        text=sentence
        % {
            "column": row.column[:80],
            "data_set": data_set.name,
            "day": date_format(row.due_on, "j M Y") if row.due_on else "",
        },
        url=row.get_absolute_url(),
        project_id=data_set.project_id,
    )


def _record(actor: Actor, action: str, row: Mitigation) -> None:
    audit.record(actor, action, project_id=row.data_set.project_id, subject=str(row))
