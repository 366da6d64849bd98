"""Which groups a run was measured for, and which it still lacks."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from charts.spans import Span, SpanScale, span_scale
from core.models import Job
from engine.numbers import MINUS
from engine.slices import LEAST_CASES
from engine.training.metrics import specs
from experiments.models import Run, RunDetail
from experiments.selectors.columns import number_text
from projects.selectors.slices import asked_slices

PREDICTIONS = "holdout.parquet"
JOB_KIND = "experiments.slices"


@dataclass(frozen=True)
class Wanted:
    """What is to be measured by group of one run, in the engine's words."""

    metrics: tuple[str, ...]
    named: tuple[str, ...]
    compared: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.named or self.compared)

    def is_within(self, measured: Mapping[str, Any]) -> bool:
        """Whether a report holds all of it already."""
        return all(
            set(names) <= set(measured.get(part, ()))
            for part, names in self.to_json().items()
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, as the report keeps it."""
        return asdict(self)


def wanted_slices(run: Run) -> Wanted:
    """Return what the requirements of a run's project name; nothing without groups."""
    asked = asked_slices(run.project)
    if not asked or run.protocol is None:
        return Wanted((), (), ())
    known = specs(run.protocol.rules.task)
    metrics = tuple(key for key in asked.agreed if key in known)
    return Wanted(metrics or (run.primary_key,), asked.named, asked.compared)


def lacks_slices(run: Run, result: Mapping[str, Any] | None = None) -> bool:
    """Whether groups are named that a finished trial was not measured for.

    `result` is its detail's, where the caller has it already.
    """
    if not (run.is_trial and run.is_finished and run.is_active and run.protocol_id):
        return False
    wanted = wanted_slices(run)
    if not wanted:
        return False
    if result is None:
        detail = RunDetail.objects.filter(run=run).first()
        result = detail.result if detail else {}
    measured = result.get("slices") or {}
    return not wanted.is_within(measured.get("asked", {}))


def slices_job(run: Run) -> Job | None:
    """Return the job that measures a run by group, while it is not over."""
    waiting = Job.objects.unfinished().filter(kind=JOB_KIND, params__run_id=run.pk)
    return waiting.first()


# -- the page


@dataclass(frozen=True)
class Line:
    """One metric of one group in words; the whole holdout has no name."""

    name: str
    n: int
    value: str
    interval: str
    span: Span | None
    gap: str  # to the whole holdout
    is_worst: bool = False
    is_little: bool = False


@dataclass(frozen=True)
class MetricByGroup:
    """One metric for the whole holdout and for each group, on one scale."""

    title: str
    whole: Line
    groups: tuple[Line, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class SlicesShown:
    """What a run was measured for by group, and what it could not be."""

    metrics: tuple[MetricByGroup, ...]
    problems: tuple[str, ...]
    least: int = LEAST_CASES


def slices_shown(result: Mapping[str, Any]) -> SlicesShown | None:
    """Return the groups a run was measured for; None if it was for none."""
    report = result.get("slices")
    if not report:
        return None
    keys = report["asked"]["metrics"]
    known = [k for k in keys if any(k in each["metrics"] for each in report["groups"])]
    problems = tuple(each["sentence"] for each in report["problems"])
    if not known and not problems:
        return None
    return SlicesShown(tuple(_by_group(key, result) for key in known), problems)


def _by_group(key: str, result: Mapping[str, Any]) -> MetricByGroup:
    report, holdout = result["slices"], result["holdout"][key]
    cells = {g["slice"]: g["metrics"][key] for g in report["groups"]}
    ends = [each[end] for each in (holdout, *cells.values()) for end in ("low", "high")]
    scale = span_scale(each for each in ends if each is not None)
    worst = _worst_of(key, cells, result["task"])
    whole = {**holdout, "n": report["cases"][key]}
    return MetricByGroup(
        title=specs(result["task"])[key].title,
        whole=_line(key, "", whole, scale),
        groups=tuple(
            _line(key, name, cell, scale, whole=holdout["value"], worst=worst)
            for name, cell in cells.items()
        ),
        gaps=tuple(_gap(each) for each in report["gaps"] if each["metric"] == key),
    )


def _worst_of(key: str, cells: Mapping[str, Mapping[str, Any]], task: str) -> str:
    """Return the worst group with cases enough; nothing without two of them."""
    known = {
        name: cell["value"]
        for name, cell in cells.items()
        if cell["value"] is not None and cell["n"] >= LEAST_CASES
    }
    if len(known) < 2:
        return ""
    pick = min if specs(task)[key].direction == "higher" else max
    return pick(known, key=lambda name: known[name])


def _line(
    key: str,
    name: str,
    cell: Mapping[str, Any],
    scale: SpanScale,
    *,
    whole: float | None = None,
    worst: str = "",
) -> Line:
    value, low, high = cell["value"], cell["low"], cell["high"]
    if value is None:
        return Line(name, cell["n"], "–", "", None, "", is_little=True)
    return Line(
        name=name,
        n=cell["n"],
        value=number_text(key, value),
        interval=_between(key, low, high),
        span=scale.span(low, value, high),
        gap="" if whole is None else _signed(key, value - whole),
        is_worst=bool(name) and name == worst,
        is_little=bool(name) and cell["n"] < LEAST_CASES,
    )


def _between(key: str, low: float, high: float) -> str:
    return f"{number_text(key, low)}–{number_text(key, high)}"


def _signed(key: str, gap: float) -> str:
    text = number_text(key, abs(gap))
    sign = "+" if gap > 0 else MINUS
    return text if text.strip("0.") == "" else f"{sign}{text}"


def _gap(spread: Mapping[str, Any]) -> str:
    of, key = spread["of"], spread["metric"]
    if spread["value"] is None:
        return _("%(of)s: fewer than two groups have %(n)s cases to compare.") % {
            "of": of,
            "n": LEAST_CASES,
        }
    return _(
        "%(of)s: %(gap)s apart (%(between)s), lowest in %(lowest)s, highest in "
        "%(highest)s."
    ) % {
        "of": of,
        "gap": number_text(key, spread["value"]),
        "between": _between(key, spread["low"], spread["high"]),
        "lowest": spread["groups"][0],
        "highest": spread["groups"][1],
    }
