"""The run a project's musts are judged by."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.access import Actor
from experiments.models import Run
from experiments.services.pricing import subject_of
from projects.models import GateKey
from projects.services import check_gate, nominate_candidate


@transaction.atomic
def nominate(run: Run, *, actor: Actor, override_reason: str = "") -> None:
    """Make a run the project's candidate, if the design gate lets it.

    Raises
    ------
    ValidationError
        If it did not finish, or is archived.
    GateClosed
        If the design gate is closed, and no owner gives a reason to go past.
    """
    if not run.is_finished or not run.is_active:
        raise ValidationError(
            _("%(name)s cannot be the candidate: only a finished run can.")
            % {"name": run.name}
        )
    check_gate(
        run.project,
        GateKey.DESIGN,
        action="nominate",
        subject=subject_of(run),
        actor=actor,
        override_reason=override_reason,
    )
    nominate_candidate(
        run.project, actor=actor, kind="run", subject_id=run.pk, label=run.name
    )
