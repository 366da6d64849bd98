"""Runs as lines of a CSV file that no spreadsheet runs."""

from collections.abc import Iterator

from engine.export import escaped
from experiments.models import Param, Run, RunMetric
from projects.models import Project, ProjectScopedQuerySet

BLOCK = 500
FIXED = (
    "id",
    "name",
    "experiment",
    "status",
    "family",
    "user",
    "start_time",
    "end_time",
    "money_mean",
    "money_p5",
    "money_p95",
    "not_priced",
    "musts_met",
)


def csv_rows(project: Project, runs: ProjectScopedQuerySet[Run]) -> Iterator[list[str]]:
    """Yield a header and one line a run: what is fixed, then metrics, then params."""
    ids = runs.order_by().values("pk")
    metrics = _keys(RunMetric.objects.filter(run__in=ids))
    params = _keys(Param.objects.filter(run__in=ids))
    yield [
        *FIXED,
        *(escaped(f"metric {key}") for key in metrics),
        *(escaped(f"param {key}") for key in params),
    ]
    rows = runs.select_related("experiment").order_by("-start_time", "pk")
    block: list[Run] = []
    for run in rows.iterator(chunk_size=BLOCK):
        block.append(run)
        if len(block) == BLOCK:
            yield from _lines(block, metrics, params)
            block = []
    yield from _lines(block, metrics, params)


def _keys(
    rows: "ProjectScopedQuerySet[RunMetric] | ProjectScopedQuerySet[Param]",
) -> list[str]:
    found = (
        rows.exclude(key__startswith="fold/").order_by().values_list("key", flat=True)
    )
    return sorted(set(found.distinct()[:2000]))


def _lines(
    runs: list[Run], metrics: list[str], params: list[str]
) -> Iterator[list[str]]:
    values = {
        (row.run_id, row.key): repr(row.shown)
        for row in RunMetric.objects.filter(run__in=runs)
    }
    texts = {
        (row.run_id, row.key): row.value for row in Param.objects.filter(run__in=runs)
    }
    for run in runs:
        yield [
            *(escaped(text) for text in _fixed(run)),
            *(values.get((run.pk, key), "") for key in metrics),
            *(escaped(texts.get((run.pk, key), "")) for key in params),
        ]


def _fixed(run: Run) -> list[str]:
    plain = (
        run.pk,
        run.name,
        run.experiment.name,
        run.status,
        run.family,
        run.user_name,
        run.started_at.isoformat() if run.started_at else None,
        run.ended_at.isoformat() if run.ended_at else None,
        run.money_mean,
        run.money_low,
        run.money_high,
        run.not_priced,
        run.musts_met,
    )
    return ["" if each is None else str(each) for each in plain]
