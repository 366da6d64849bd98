"""What is logged to runs, by the rules other tools rely on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.access import Actor
from engine.training.metrics import METRICS
from experiments.models import (
    Experiment,
    MetricPoint,
    Param,
    Run,
    RunMetric,
    RunTag,
)
from experiments.models.logged import KEY_CHARS, PARAM_CHARS, TAG_CHARS, Kept
from experiments.models.run import new_run_id
from experiments.services.names import name_from

NAME_TAG = "mlflow.runName"
MOST_METRICS, MOST_PARAMS, MOST_TAGS, MOST_IN_ALL = 1000, 100, 100, 1000
LOWER_IS_BETTER = {spec.key for spec in METRICS if spec.direction == "lower"}
INT64 = 2**63


@dataclass(frozen=True)
class MetricGiven:
    """One value of one metric as somebody logs it; NaN and infinities are values."""

    key: str
    value: float
    timestamp: int  # milliseconds since 1970, UTC
    step: int = 0


@dataclass(frozen=True)
class Logged:
    """Several things logged at once."""

    metrics: Sequence[MetricGiven] = ()
    params: Sequence[tuple[str, str]] = ()
    tags: Sequence[tuple[str, str]] = field(default=())


@transaction.atomic
def create_run(
    experiment: Experiment,
    *,
    actor: Actor,
    start_time: int,
    name: str = "",
    parent: Run | None = None,
    tags: Iterable[tuple[str, str]] = (),
    user_name: str = "",
    **columns: Any,
) -> Run:
    """Return a new run; without a name it gets one of its own.

    Raises
    ------
    ValidationError
        If the experiment is archived, or a value cannot be used.
    """
    if not experiment.is_active:
        raise ValidationError(
            {
                "experiment": _("“%(name)s” is archived. Restore it first.")
                % {"name": experiment.name}
            }
        )
    given = dict(tags)
    pk = new_run_id()
    run = Run(
        pk=pk,
        project_id=experiment.project_id,
        experiment=experiment,
        name=name or given.get(NAME_TAG) or name_from(pk),
        parent=parent,
        start_time=start_time,
        user_name=user_name or actor.name,
        created_by=actor.user,
        **columns,
    )
    run.full_clean()
    run.save(force_insert=True)
    write_tags(run, {**given, NAME_TAG: run.name})
    return run


@transaction.atomic
def update_run(
    run: Run,
    *,
    status: str | None = None,
    end_time: int | None = None,
    name: str | None = None,
) -> Run:
    """Change what a run says of itself; name and its tag stay in step."""
    run = _writable(run)
    if status is not None:
        run.status = status
    if end_time is not None:
        run.end_time = end_time
    if name:
        run.name = name
    run.full_clean()
    run.save(update_fields=["status", "end_time", "name"])
    if name:
        write_tags(run, {NAME_TAG: name})
    return run


@transaction.atomic
def log_batch(run: Run, logged: Logged) -> None:
    """Write metrics, params and tags, all or nothing.

    Raises
    ------
    ValidationError
        If a limit is passed, a param would change, or the run is archived.
    """
    _check_batch(logged)
    # Locked, so that two batches at once do not fold over each other.
    run = _writable(run)
    write_params(run, logged.params)
    write_metrics(run, logged.metrics)
    write_tags(run, dict(logged.tags))


def _writable(run: Run) -> Run:
    """Return the run, locked; an archived one takes no writes."""
    fresh = Run.objects.select_for_update().get(pk=run.pk)
    if not fresh.is_active:
        raise ValidationError(
            _("Run %(name)s is archived and takes no writes. Restore it first.")
            % {"name": fresh.name}
        )
    return fresh


def _check_batch(logged: Logged) -> None:
    limits = (
        ("metrics", len(logged.metrics), MOST_METRICS),
        ("params", len(logged.params), MOST_PARAMS),
        ("tags", len(logged.tags), MOST_TAGS),
    )
    for name, count, most in limits:
        if count > most:
            raise ValidationError(
                {
                    name: _("%(n)s at once; send at most %(most)s in a request.")
                    % {"n": count, "most": most}
                }
            )
    total = sum(count for _name, count, _most in limits)
    if total > MOST_IN_ALL:
        raise ValidationError(
            _("%(n)s values at once; send at most %(most)s in a request.")
            % {"n": total, "most": MOST_IN_ALL}
        )
    _check_texts("params", logged.params, PARAM_CHARS)
    _check_texts("tags", logged.tags, TAG_CHARS)
    for metric in logged.metrics:
        _check_key("metrics", metric.key)
        if not all(-INT64 <= n < INT64 for n in (metric.step, metric.timestamp)):
            raise ValidationError(
                {"metrics": _("Step and timestamp are whole numbers of 64 bits.")}
            )


def _check_texts(where: str, pairs: Sequence[tuple[str, str]], most: int) -> None:
    twice = [key for key, n in Counter(key for key, _v in pairs).items() if n > 1]
    if where == "params" and twice:
        raise ValidationError(
            {where: _("%(key)s is given twice; send it once.") % {"key": twice[0]}}
        )
    for key, value in pairs:
        _check_key(where, key)
        if len(value) > most:
            raise ValidationError(
                {
                    where: _(
                        "%(key)s has %(n)s characters; at most %(most)s are kept. "
                        "Log it as a file."
                    )
                    % {"key": key, "n": len(value), "most": most}
                }
            )


def _check_key(where: str, key: str) -> None:
    if not key or len(key) > KEY_CHARS or "\x00" in key:
        raise ValidationError(
            {
                where: _("A key has 1 to %(most)s characters, this one has %(n)s.")
                % {"most": KEY_CHARS, "n": len(key)}
            }
        )


def write_params(run: Run, params: Iterable[tuple[str, str]]) -> None:
    """Write params that are new; the same again is fine, another value is not."""
    kept = dict(run.params.values_list("key", "value"))
    for key, value in params:
        if key in kept and kept[key] != value:
            raise ValidationError(
                {
                    "params": _(
                        "%(key)s is %(old)s already and a param never changes. Start "
                        "another run, or choose another key."
                    )
                    % {"key": key, "old": kept[key][:200]}
                }
            )
    Param.objects.bulk_create(
        [Param(run=run, key=k, value=v) for k, v in params if k not in kept],
        ignore_conflicts=True,
    )


def write_tags(run: Run, tags: Mapping[str, str]) -> None:
    """Write tags, replacing what they said before; the name's tag renames the run."""
    if not tags:
        return
    RunTag.objects.bulk_create(
        [RunTag(run=run, key=key, value=value) for key, value in tags.items()],
        update_conflicts=True,
        unique_fields=["run", "key"],
        update_fields=["value"],
    )
    name = tags.get(NAME_TAG, "")
    if name and name != run.name:
        run.name = name[:KEY_CHARS]
        run.save(update_fields=["name"])


@transaction.atomic
def tag_runs(runs: Iterable[Run], *, key: str, value: str) -> int:
    """Write one tag on several runs; return on how many."""
    _check_texts("tags", [(key, value)], TAG_CHARS)
    count = 0
    for run in runs:
        write_tags(run, {key: value})
        count += 1
    return count


def write_metrics(run: Run, metrics: Iterable[MetricGiven]) -> None:
    """Keep every point once, and fold it into the metric's row."""
    points = [_point(run, metric) for metric in metrics]
    if not points:
        return
    MetricPoint.objects.bulk_create(points, ignore_conflicts=True)
    rows = {
        row.key: row
        for row in run.metrics.filter(key__in={point.key for point in points})
    }
    for point in points:
        rows[point.key] = folded(rows.get(point.key), point)
    RunMetric.objects.bulk_create(
        [_fresh(row) for row in rows.values()],
        update_conflicts=True,
        unique_fields=["run", "key"],
        update_fields=[
            "last",
            "is_nan",
            "last_step",
            "last_timestamp",
            "min",
            "max",
            "best_step",
        ],
    )


def _point(run: Run, metric: MetricGiven) -> MetricPoint:
    kept = Kept.of(metric.value)
    return MetricPoint(
        run=run,
        key=metric.key,
        value=kept.value,
        is_nan=kept.is_nan,
        timestamp=metric.timestamp,
        step=metric.step,
    )


def _fresh(row: RunMetric) -> RunMetric:
    row.pk = None
    return row


def folded(row: RunMetric | None, point: MetricPoint) -> RunMetric:
    """Return the metric's row after one more point, whatever the order of points."""
    if row is None:
        row = RunMetric(
            run=point.run,
            key=point.key,
            last=point.value,
            is_nan=point.is_nan,
            last_step=point.step,
            last_timestamp=point.timestamp,
        )
    elif (point.step, point.timestamp, point.value) >= (
        row.last_step,
        row.last_timestamp,
        row.last,
    ):
        row.last, row.is_nan = point.value, point.is_nan
        row.last_step, row.last_timestamp = point.step, point.timestamp
    if not point.is_nan:
        _fold_extremes(row, point)
    return row


def _fold_extremes(row: RunMetric, point: MetricPoint) -> None:
    best = row.min if point.key in LOWER_IS_BETTER else row.max
    if best is None or _is_better(point, best):
        row.best_step = point.step
    row.min = point.value if row.min is None else min(row.min, point.value)
    row.max = point.value if row.max is None else max(row.max, point.value)


def _is_better(point: MetricPoint, best: float) -> bool:
    if point.key in LOWER_IS_BETTER:
        return point.value < best
    return point.value > best
