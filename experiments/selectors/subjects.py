"""What of experiments people can talk about."""

from django.utils.translation import gettext_lazy as _

from experiments.models import Experiment, Run
from projects.models import Project
from projects.selectors.comments import Subject, register, row_by_id


def find_experiment(project: Project, subject_id: str) -> Subject | None:
    """Return one of the project's experiments, as comments name it."""
    rows = Experiment.objects.filter(project=project).select_related("project")
    row = row_by_id(rows, subject_id)
    if row is None:
        return None
    return Subject("experiment", subject_id, row.name, row.get_absolute_url())


def find_run(project: Project, subject_id: str) -> Subject | None:
    """Return one of the project's runs, as comments name it."""
    rows = Run.objects.filter(project=project).select_related("project")
    row = rows.filter(pk=subject_id).first()
    if row is None:
        return None
    return Subject("run", subject_id, row.name, row.get_absolute_url())


def register_subjects() -> None:
    """Let people talk about experiments and runs."""
    register("experiment", _("experiment"), find_experiment)
    register("run", _("run"), find_run)
