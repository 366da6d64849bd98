"""Whom a sweep that is over is told to."""

from django.utils.translation import ngettext

from core.notices import notify
from experiments.models import Run


def tell_of_sweep(run: Run) -> None:
    """Tell who asked for a run's sweep that it is over; say nothing before."""
    sweep = run.sweep
    if sweep is None or sweep.created_by is None:
        return
    statuses = list(sweep.runs.values_list("status", flat=True))
    if {Run.Status.RUNNING, Run.Status.SCHEDULED} & set(statuses):
        return
    done = statuses.count(Run.Status.FINISHED)
    experiment = run.experiment
    notify(
        [sweep.created_by],
        kind="sweep",
        group=f"sweep:{sweep.pk}",
        text=ngettext(
            "%(experiment)s: the run asked for is over; %(done)s was trained.",
            "%(experiment)s: all %(n)s runs asked for are over; %(done)s were trained.",
            len(statuses),
        )
        % {"experiment": experiment.name, "n": len(statuses), "done": done},
        url=experiment.get_absolute_url(),
        project_id=experiment.project_id,
    )
