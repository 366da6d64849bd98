"""The list of a project's experiments."""

from dataclasses import dataclass

from experiments.models import Experiment, Lifecycle, Run
from projects.models import Project


@dataclass(frozen=True)
class Line:
    """One experiment: its question, how many runs, the best of them."""

    experiment: Experiment
    runs: int
    running: int
    best: Run | None


def experiment_lines(project: Project, *, archived: bool = False) -> list[Line]:
    """Return the project's experiments with the best run of each, in two queries."""
    stage = Lifecycle.DELETED if archived else Lifecycle.ACTIVE
    rows = list(
        Experiment.objects.filter(
            project=project, lifecycle_stage=stage
        ).select_related("project", "concluded_by")
    )
    runs = Run.objects.filter(experiment__in=rows, lifecycle_stage=stage)
    by_experiment: dict[int, list[Run]] = {row.pk: [] for row in rows}
    wanted = ("experiment", "name", "status", "project", *MONEY)
    for run in runs.select_related("project").only(*wanted, "project__slug"):
        by_experiment[run.experiment_id].append(run)
    return [_line(row, by_experiment[row.pk]) for row in rows]


MONEY = ("money_mean", "money_low", "money_high", "price_state")


def _line(experiment: Experiment, runs: list[Run]) -> Line:
    priced = [run for run in runs if run.is_priced and run.is_finished]
    return Line(
        experiment=experiment,
        runs=len(runs),
        running=sum(not run.is_over for run in runs),
        best=max(priced, key=lambda run: run.money_mean or 0.0, default=None),
    )
