"""The run a project's musts are judged by."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.access import Actor
from experiments.models import Run
from projects.services import nominate_candidate


def nominate(run: Run, *, actor: Actor) -> None:
    """Make a run the project's candidate.

    Raises
    ------
    ValidationError
        If it did not finish, or is archived.
    """
    if not run.is_finished or not run.is_active:
        raise ValidationError(
            _("%(name)s cannot be the candidate: only a finished run can.")
            % {"name": run.name}
        )
    nominate_candidate(
        run.project, actor=actor, kind="run", subject_id=run.pk, label=run.name
    )
