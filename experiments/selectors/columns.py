"""The columns of the runs table: chosen sets, and what a cell says."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from engine.numbers import MINUS, two_digits
from engine.training.metrics import METRICS, specs
from experiments.models import Param, Run, RunMetric
from projects.models import Project

SETS = ("money", "metrics", "times")
MOST_PARAMS = 2
MOST_METRICS = 9
HIDDEN_PARAMS = ("family", "seed")
TITLES = {spec.key: spec.title for spec in METRICS} | {
    "fpr": "FPR",
    "average_precision": "AP",
    "mcc": "MCC",
    "latency_p50": "p50 ms",
    "latency_p99": "p99 ms",
    "model_bytes": "MB",
    "fit_seconds": "Fit s",
    "threshold": "Threshold",
    "money_per_1000": "Money per 1,000 cases",
}
LOWER = {spec.key for spec in METRICS if spec.direction == "lower"}
IN_MONEY_SET = ("recall", "fpr", "f1")
IN_TIMES_SET = ("fit_seconds", "latency_p50", "latency_p99", "model_bytes")
NOT_SHOWN = {"tp", "fn", "fp", "tn", "threshold", "money_per_1000", *IN_TIMES_SET}


@dataclass(frozen=True)
class Column:
    """One column right of the money."""

    key: str
    title: str
    kind: str  # metric, param, family, age, seconds, user
    is_sortable: bool = True

    @property
    def is_number(self) -> bool:
        """Whether its cells stand to the right."""
        return self.kind in {"metric", "seconds", "age", "param"}

    @property
    def is_age(self) -> bool:
        """Whether its cells are times."""
        return self.kind == "age"


@dataclass(frozen=True)
class Cell:
    """One cell: words, or a moment."""

    text: str
    is_number: bool
    moment: datetime | None = None
    is_quiet: bool = False


def set_titles() -> list[tuple[str, str]]:
    """Return the column sets by name."""
    return [
        ("money", _("Money, musts, settings")),
        ("metrics", _("Metrics only")),
        ("times", _("Times and cost")),
    ]


def metric_keys(project: Project) -> list[str]:
    """Return the project's metrics by name, those of the task first."""
    keys = set(
        RunMetric.objects.filter(run__project=project)
        .exclude(key__contains="/")
        .order_by()
        .values_list("key", flat=True)
        .distinct()[:200]
    )
    known = [key for key in specs(project.task) if key in keys]
    return known + sorted(keys - set(known) - NOT_SHOWN)


def title_of(key: str) -> str:
    """Return how a metric heads its column."""
    return TITLES.get(key, key)


def family_title(key: str) -> str:
    """Return a family's short name for tables; its key where it is not ours."""
    known = {
        "baseline": _("Baseline"),
        "linear": _("Linear"),
        "tree": _("Tree"),
        "forest": _("Forest"),
        "boosting": _("Boosting"),
        "neural": _("Neural net"),
    }
    return known.get(key, key or "–")


def columns_for(name: str, project: Project, runs: Sequence[Run]) -> list[Column]:
    """Return the columns of a set for the runs that are shown."""
    model = Column("family", _("Model"), "family")
    age = Column("age", _("Age"), "age")
    if name == "times":
        keys = _metrics(IN_TIMES_SET)
        user = Column("user", _("By"), "user", is_sortable=False)
        return [
            model,
            Column("seconds", _("Took"), "seconds", is_sortable=False),
            *keys,
            user,
            age,
        ]
    keys_known = metric_keys(project)
    if name == "metrics":
        return [*_metrics(keys_known[:MOST_METRICS]), model, age]
    wanted = [key for key in IN_MONEY_SET if key in keys_known] or keys_known[:3]
    return [*_metrics(wanted), model, *param_columns(runs), age]


def _metrics(keys: Iterable[str]) -> list[Column]:
    return [Column(key, title_of(key), "metric") for key in keys]


def param_columns(runs: Sequence[Run]) -> list[Column]:
    """Return the parameters most of the shown runs have."""
    counted = Counter(
        Param.objects.filter(run__in=runs)
        .exclude(key__in=HIDDEN_PARAMS)
        .values_list("key", flat=True)
    )
    return [
        Column(key, key.replace("_", " "), "param", is_sortable=False)
        for key, _n in counted.most_common(MOST_PARAMS)
    ]


@dataclass(frozen=True)
class Values:
    """Metrics and params of the shown runs, by run and key."""

    metrics: dict[tuple[str, str], float]
    params: dict[tuple[str, str], str]


def values_for(columns: Sequence[Column], runs: Sequence[Run]) -> Values:
    """Return what the columns need, two queries for all rows."""
    metrics = [column.key for column in columns if column.kind == "metric"]
    params = [column.key for column in columns if column.kind == "param"]
    rows = RunMetric.objects.filter(run__in=runs, key__in=metrics)
    texts = Param.objects.filter(run__in=runs, key__in=params) if params else []
    return Values(
        metrics={(row.run_id, row.key): row.shown for row in rows},
        params={(row.run_id, row.key): row.value for row in texts},
    )


def cell(column: Column, run: Run, values: Values) -> Cell:
    """Return what a run says in a column."""
    if column.is_age:
        return Cell("", is_number=True, moment=run.started_at, is_quiet=True)
    return Cell(_text(column, run, values), is_number=column.is_number)


def _text(column: Column, run: Run, values: Values) -> str:
    if column.kind == "metric":
        return number_text(column.key, values.metrics.get((run.pk, column.key)))
    if column.kind == "param":
        return short(values.params.get((run.pk, column.key), "–"))
    if column.kind == "seconds":
        return "–" if run.seconds is None else f"{run.seconds:.1f} s"
    return run.user_name if column.kind == "user" else family_title(run.family)


def number_text(key: str, value: float | None, *, decimals: int = 2) -> str:
    """Return a metric as tables show it: two decimals for shares, else two digits."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    if key == "model_bytes":
        value /= 1e6
    if key not in TITLES or key in IN_TIMES_SET or abs(value) >= 10:
        return two_digits(value)
    return f"{value:.{decimals}f}".replace("-", MINUS)


def short(text: str, most: int = 14) -> str:
    """Return a parameter that fits its column."""
    try:
        return f"{float(text):.4g}"
    except ValueError:
        return text if len(text) <= most else text[: most - 1] + "…"


def is_lower_better(key: str) -> bool:
    """Whether a smaller value of the metric is the better one."""
    return key in LOWER
