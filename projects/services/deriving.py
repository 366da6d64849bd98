"""Thresholds derived from the value case, kept with all they were computed from."""

from typing import Any

from django.db import transaction

from core import audit
from core.access import Actor
from engine.digests import digest
from engine.value.classifier import Asked, Required, required
from engine.value.measured import required_metric
from engine.value.regression import required_mae
from engine.version import ENGINE_VERSION
from projects.models import (
    Calculation,
    Project,
    Requirement,
    RequirementVersion,
    ValueCase,
)
from projects.selectors.deriving import (
    AT_LEAST,
    AT_MOST,
    CONFIDENCES,
    MAE,
    SHARE,
    Derivation,
    held_by,
    source_of,
    title_of,
)
from projects.selectors.value import current_case
from projects.services.calculations import keep_calculation
from projects.services.requirements import save_requirement
from projects.services.value import DRAWS

# Metrics of single cases; the portal has keys of its own for them.
ENGINE_NAMES: dict[str, Asked] = {
    "recall": "recall",
    "precision": "precision",
    "fpr": "fpr",
    "roc_auc": "auc",
}


class NothingPays(ValueError):
    """No value of the metric breaks even as surely as asked."""


def derive(
    project: Project,
    *,
    metric: str = "",
    at: float | None = None,
    confidence: float = 0.9,
) -> Derivation:
    """Return what to require of a metric, at three confidences.

    Parameters
    ----------
    metric : str, optional
        What is bounded, one of `held_by`; by default the first of them.
    at : float, optional
        The rate held: the false alarm rate for recall, the recall for precision and
        false alarms; nothing for any other metric.

    Raises
    ------
    EngineError
        If the value case prices no runs by the metric, or a share is none.
    """
    case = current_case(project)
    metrics = held_by(case)
    metric = metric or next(iter(metrics))
    found = _required(case, metric, at=at, confidence=confidence)
    held = metrics.get(metric, "")
    fixed = {held: at} if held and at is not None else {}
    if metric == MAE and found.at is not None:
        fixed = {"low_share": found.at}
    return Derivation(
        metric=metric,
        comparison=AT_MOST if found.comparison == "at_most" else AT_LEAST,
        at=fixed,
        confidence=confidence,
        value=found.threshold,
        ladder=dict(zip(CONFIDENCES, (found.p50, found.p80, found.p90), strict=True)),
        draws=found.draws,
        seed=found.seed,
        value_case=case.digest,
        case_version=case.version,
        inputs=case.content,
        unit=_unit(project, case, metric),
        by_formula=bool(case.metrics),
    )


def _required(
    case: ValueCase, metric: str, *, at: float | None, confidence: float
) -> Required:
    engine = case.to_engine()
    sure: dict[str, Any] = {"confidence": confidence, "draws": DRAWS, "seed": case.seed}
    if engine.metrics:
        return required_metric(engine, metric, **sure)
    if metric == MAE:
        return required_mae(engine, **sure)
    return required(engine, metric=ENGINE_NAMES[metric], at=at, **sure)


def _unit(project: Project, case: ValueCase, metric: str) -> str:
    """Return the unit of a metric as the catalogue has it; that of rates is known."""
    if not case.metrics and metric != MAE:
        return SHARE
    named = project.metrics.filter(key=metric).first()
    return named.unit if named else ""


@transaction.atomic
def require_derived(
    derived: Derivation,
    *,
    project: Project,
    actor: Actor,
    requirement: Requirement | None = None,
    reason: str = "",
) -> RequirementVersion:
    """Make a derived threshold a requirement, or the next version of one.

    Raises
    ------
    NothingPays
        If there is no threshold to ask for.
    """
    if derived.threshold is None:
        raise NothingPays("no threshold pays at this confidence")
    calculation = keep_derivation(derived, project=project, actor=actor)
    before = requirement.current if requirement else None
    said: dict[str, Any] = before.said() if before else {}
    said |= {
        "title": title_of(derived, project)[:200],
        "test": RequirementVersion.Test.COMPUTED,
        "metric_key": derived.metric,
        "comparison": derived.comparison,
        "threshold": derived.threshold,
        "unit": derived.unit,
        "source": source_of(derived),
        "derivation": {**derived.kept(), "calculation": calculation.pk},
        "reason": reason,
    }
    row = requirement or Requirement(
        project=project,
        kind=Requirement.Kind.ACCURACY,
        position=project.requirements.count(),
    )
    return save_requirement(row, actor=actor, said=said)


def keep_derivation(
    derived: Derivation, *, project: Project, actor: Actor
) -> Calculation:
    """Keep what was derived, with all that is needed to derive it again."""
    inputs = {
        "value_case": dict(derived.inputs),
        "metric": derived.metric,
        "at": dict(derived.at),
        "confidence": derived.confidence,
        "draws": derived.draws,
    }
    kept = keep_calculation(
        Calculation.Kind.REQUIREMENT,
        project=project,
        inputs=inputs,
        seed=derived.seed,
        digest=digest(
            {"inputs": inputs, "seed": derived.seed, "engine_version": ENGINE_VERSION}
        ),
        result={
            "value": derived.value,
            "threshold": derived.threshold,
            "ladder": {f"{c:g}": value for c, value in derived.ladder.items()},
        },
        actor=actor,
    )
    audit.record(
        actor,
        "derive requirement",
        project_id=project.pk,
        subject=f"{derived.metric}, {100 * derived.confidence:g} %",
        detail={"calculation": kept.pk, "digest": kept.digest},
    )
    return kept
