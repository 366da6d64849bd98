"""Everything one run's page shows, and the differences of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.models import ObjectRef
from core.objects import references
from engine.training.metrics import METRICS, in_words
from experiments.models import Param, Run, RunDetail, RunMetric
from experiments.selectors.board import leading, ranked
from experiments.selectors.candidate import tied_with
from experiments.selectors.columns import number_text, title_of
from experiments.selectors.curves import (
    Picture,
    folds_picture,
    importance_picture,
    overlays,
)
from experiments.selectors.impute import Filled, filled_by
from experiments.selectors.slices import SlicesShown, lacks_slices, slices_shown
from projects.models import Evidence, RequirementVersion
from projects.selectors.requirements import is_stale, verdicts_on
from projects.selectors.shown import shown, shown_range

SPECS = {spec.key: spec for spec in METRICS}
NOT_METRICS = ("tp", "fn", "fp", "tn")
MOST_SHOWN = 200


@dataclass(frozen=True)
class Verdict:
    """One requirement and what this run's evidence says of it."""

    version: RequirementVersion
    glyph: str
    words: str
    required: str
    measured: str


@dataclass(frozen=True)
class MetricLine:
    """One metric: holdout with its interval, cross-validated mean, in words."""

    key: str
    title: str
    value: str
    interval: str
    cv: str
    words: str
    last_step: int


@dataclass(frozen=True)
class RunPage:
    """What the page shows."""

    run: Run
    detail: RunDetail | None
    verdicts: tuple[Verdict, ...]
    metrics: tuple[MetricLine, ...]
    params: tuple[Param, ...]
    files: tuple[ObjectRef, ...]
    pictures: tuple[Picture, ...]
    tied: tuple[Run, ...]
    findings: tuple[dict[str, Any], ...]
    packages: tuple[tuple[str, str], ...]
    surroundings: tuple[tuple[str, str], ...]
    is_candidate: bool
    slices: SlicesShown | None
    lacks_slices: bool
    filled: tuple[Filled, ...]

    @property
    def met(self) -> int:
        """How many requirements are met."""
        return sum(verdict.glyph == "tick" for verdict in self.verdicts)


def run_page(run: Run) -> RunPage:
    """Return what a run's page shows."""
    detail = RunDetail.objects.filter(run=run).first()
    result = detail.result if detail else {}
    project = run.project
    environment = detail.environment if detail else {}
    return RunPage(
        run=run,
        detail=detail,
        verdicts=_verdicts(run),
        metrics=_metrics(run, result),
        params=tuple(run.params.all()[:MOST_SHOWN]),
        files=tuple(references("run", run.pk).values()),
        pictures=_pictures(run) if detail else (),
        tied=tuple(tied_with(run)),
        findings=tuple(result.get("findings", [])),
        packages=tuple(environment.get("packages", {}).items()),
        surroundings=_surroundings(environment),
        is_candidate=(project.candidate_kind, project.candidate_id) == ("run", run.pk),
        slices=slices_shown(result),
        lacks_slices=lacks_slices(run, result),
        filled=tuple(filled_by(run.protocol)) if run.protocol else (),
    )


def _verdicts(run: Run) -> tuple[Verdict, ...]:
    found = verdicts_on(run.project, "run", [run.pk], musts_only=False)[run.pk]
    return tuple(_verdict(run, version, row) for version, row in found.rows)


def _verdict(run: Run, version: RequirementVersion, row: Evidence | None) -> Verdict:
    currency = run.project.currency
    glyph, words = "unknown", _("not measured")
    if row is not None and is_stale(run.project, row):
        glyph, words = "stale", _("stale: an input has changed")
    elif row is not None:
        glyph, words = {
            Evidence.Verdict.MET: ("tick", _("met")),
            Evidence.Verdict.FAILED: ("failing", _("failing")),
        }.get(Evidence.Verdict(row.verdict), ("waiting", _("too little evidence")))
    measured = row.note if row is not None and row.value is None else ""
    if row is not None and row.value is not None:
        between = shown_range(row.low, row.high, version.unit, currency)
        measured = f"{shown(row.value, version.unit, currency)} {between}".strip()
    return Verdict(
        version=version,
        glyph=glyph,
        words=words,
        required=shown(version.threshold, version.unit, currency),
        measured=measured,
    )


def _metrics(run: Run, result: dict[str, Any]) -> tuple[MetricLine, ...]:
    rows = {
        row.key: row
        for row in run.metrics.exclude(key__startswith="fold/")[:MOST_SHOWN]
        if row.key not in NOT_METRICS
    }
    plain = [key for key in rows if not key.startswith("cv/")]
    order = [key for key in SPECS if key in plain]
    return tuple(
        _metric(rows[key], rows.get(f"cv/{key}"), result)
        for key in [*order, *sorted(set(plain) - set(order))]
    )


def _metric(row: RunMetric, cv: RunMetric | None, result: dict[str, Any]) -> MetricLine:
    measured = result.get("holdout", {}).get(row.key)
    interval = ""
    if measured:
        ends = (number_text(row.key, measured[end]) for end in ("low", "high"))
        interval = "–".join(ends)
    spec = SPECS.get(row.key)
    return MetricLine(
        key=row.key,
        title=spec.title if spec else title_of(row.key),
        value=number_text(row.key, row.shown),
        interval=interval,
        cv=number_text(row.key, cv.shown) if cv else "",
        words=in_words(spec, row.last) if spec and not row.is_nan else "",
        last_step=row.last_step,
    )


def _pictures(run: Run) -> tuple[Picture, ...]:
    found = [
        *overlays([run], currency=run.project.currency),
        importance_picture(run),
        folds_picture([run], run.primary_key),
    ]
    return tuple(picture for picture in found if picture)


def _surroundings(environment: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    pools = environment.get("thread_pools", [])
    blas = ", ".join(
        f"{pool['library']} {pool['version'] or ''} {pool['architecture']}".strip()
        for pool in pools
    )
    rows = [
        ("Python", environment.get("python", "")),
        (_("platform"), environment.get("platform", "")),
        (_("arithmetic"), blas),
    ]
    return tuple((name, text) for name, text in rows if text)


@dataclass(frozen=True)
class Difference:
    """One thing in which the compared runs differ."""

    name: str
    values: tuple[str, ...]
    is_number: bool
    best: tuple[int, ...] = ()  # which runs have the best value


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side: only what differs."""

    answer: str
    runs: tuple[Run, ...]
    params: tuple[Difference, ...]
    metrics: tuple[Difference, ...]
    pictures: tuple[Picture, ...]
    is_comparable: bool


def comparison(runs: Sequence[Run]) -> Comparison:
    """Return in what the runs differ, and their curves where the rules are equal."""
    ids = [run.pk for run in runs]
    params = {(p.run_id, p.key): p.value for p in Param.objects.filter(run__in=ids)}
    metrics = {
        (m.run_id, m.key): m
        for m in RunMetric.objects.filter(run__in=ids)
        .exclude(key__contains="/")
        .exclude(key__in=NOT_METRICS)
    }
    protocols = {run.protocol_id for run in runs}
    is_comparable = len(protocols) == 1 and None not in protocols
    pictures = (
        overlays(runs, currency=runs[0].project.currency) if is_comparable else []
    )
    metric, folds = runs[0].primary_key, None
    if is_comparable:
        detailed = [run for run in runs if hasattr(run, "detail")]
        folds = folds_picture(detailed, metric) if detailed else None
    return Comparison(
        answer=leading(ranked(runs, metric), metric) if is_comparable else "",
        runs=tuple(runs),
        params=tuple(_differing_params(ids, params)),
        metrics=tuple(_differing_metrics(ids, metrics)),
        pictures=(*pictures, *([folds] if folds else [])),
        is_comparable=is_comparable,
    )


def _differing_params(
    ids: list[str], params: dict[tuple[str, str], str]
) -> list[Difference]:
    keys = sorted({key for _pk, key in params})
    lines = [(key, tuple(params.get((pk, key), "–") for pk in ids)) for key in keys]
    return [
        Difference(key, values, is_number=False)
        for key, values in lines
        if len(set(values)) > 1
    ]


def _differing_metrics(
    ids: list[str], metrics: dict[tuple[str, str], RunMetric]
) -> list[Difference]:
    keys = {key for _pk, key in metrics}
    order = [key for key in SPECS if key in keys]
    found = []
    for key in [*order, *sorted(keys - set(order))]:
        rows = [metrics.get((pk, key)) for pk in ids]
        known = [row.shown if row else None for row in rows]
        if len(set(known)) > 1:
            texts = _told_apart(key, known)
            found.append(
                Difference(title_of(key), texts, is_number=True, best=_best(key, rows))
            )
    return found


def _told_apart(key: str, values: Sequence[float | None]) -> tuple[str, ...]:
    """Return a metric's values, finer where two of them would look the same."""
    for decimals in (2, 3, 4):
        texts = tuple(number_text(key, each, decimals=decimals) for each in values)
        if len(set(texts)) == len(set(values)):
            break
    return texts


def _best(key: str, rows: Sequence[RunMetric | None]) -> tuple[int, ...]:
    spec = SPECS.get(key)
    known = {
        at: row.last
        for at, row in enumerate(rows)
        if row is not None and not row.is_nan
    }
    if spec is None or not known:
        return ()
    best = (max if spec.direction == "higher" else min)(known.values())
    return tuple(at for at, value in known.items() if value == best)
