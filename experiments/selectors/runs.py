"""Reads of many runs at once."""

from experiments.models import Lifecycle, Run, RunDetail, RunMetric
from experiments.selectors.pricing import Holdout
from projects.models import Project, ValueCase

PRICED_BY = (
    *("tp", "fn", "fp", "tn", "recall", "fpr", "precision", "prevalence"),
    *("test_rows", "under", "over", "under_sd", "over_sd", "mae", "bias"),
)


def measured_of(project: Project, case: ValueCase) -> dict[str, dict[str, float]]:
    """Return, by run, the numbers a price is made of; for every finished run."""
    ids = Run.objects.filter(
        project=project,
        status=Run.Status.FINISHED,
        lifecycle_stage=Lifecycle.ACTIVE,
    ).values_list("pk", flat=True)
    found: dict[str, dict[str, float]] = {pk: {} for pk in ids}
    rows = RunMetric.objects.filter(
        run__project=project, key__in=(*PRICED_BY, *case.metrics), is_nan=False
    ).values_list("run_id", "key", "last")
    for pk, key, value in rows:
        if pk in found:
            found[pk][key] = value
    return found


def holdouts_of(project: Project, case: ValueCase) -> dict[str, Holdout]:
    """Return the holdouts of the runs the portal trained, where metrics price them."""
    if not case.metrics:
        return {}
    rows = RunDetail.objects.filter(run__project=project)
    found = rows.values_list("run_id", "result__holdout", "result__rows")
    return {
        pk: Holdout.of({"holdout": holdout, "rows": counted})
        for pk, holdout, counted in found
        if holdout and counted
    }
