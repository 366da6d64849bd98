"""Keeping what was computed, so that anybody can compute it again to the same number."""

from collections.abc import Collection, Mapping
from typing import Any

from core import audit
from core.access import Actor
from engine.version import ENGINE_VERSION
from projects.models import Calculation, Project, ValueCase
from projects.selectors.analysis import analysis_of, kept_analysis
from projects.selectors.together import kept_together, together_of


def keep_calculation(
    kind: Calculation.Kind,
    *,
    project: Project | None,
    inputs: Mapping[str, Any],
    seed: int | None,
    digest: str,
    result: Mapping[str, Any],
    actor: Actor,
) -> Calculation:
    """Return the kept row of this digest; the first to ask makes it.

    `digest` is that of inputs, seed and engine version together: the same digest
    has the same result, so it is never kept twice in a project (or, over several
    projects, for a person).
    """
    kept = Calculation.objects.filter(kind=kind, project=project, digest=digest)
    if project is None:
        kept = kept.filter(by=actor.user)
    return kept.first() or Calculation.objects.create(
        project=project,
        kind=kind,
        inputs=dict(inputs),
        seed=seed,
        engine_version=ENGINE_VERSION,
        digest=digest,
        result=dict(result),
        by=actor.user,
    )


def analyse_case(case: ValueCase, *, actor: Actor) -> Calculation:
    """Return the kept analysis of a version; the first to ask has it computed.

    Raises
    ------
    EngineError
        If the value case cannot be computed.
    """
    kept = kept_analysis(case)
    if kept is not None:
        return kept
    found = analysis_of(case)
    audit.record(
        actor,
        "analyse value case",
        project_id=case.project_id,
        subject=f"version {case.version}",
        detail={"digest": found.digest},
    )
    return keep_calculation(
        Calculation.Kind.ANALYSIS,
        project=case.project,
        inputs={"value_case": case.version, "case": case.content, "draws": found.draws},
        seed=found.seed,
        digest=found.digest,
        result=found.to_json(),
        actor=actor,
    )


def find_out_together(
    case: ValueCase, names: Collection[str], *, actor: Actor
) -> Calculation:
    """Return the kept worth of finding all of `names` out; the first to ask makes it.

    Raises
    ------
    EngineError
        If the value case cannot be computed, or the names are none of its own.
    """
    kept = kept_together(case, names)
    if kept is not None:
        return kept
    found = together_of(case, names)
    audit.record(
        actor,
        "analyse value case",
        project_id=case.project_id,
        subject=f"version {case.version}",
        detail={"digest": found.digest, "together": list(found.names)},
    )
    return keep_calculation(
        Calculation.Kind.ANALYSIS,
        project=case.project,
        inputs={
            "value_case": case.version,
            "case": case.content,
            "together": list(found.names),
            "draws": found.draws,
        },
        seed=found.seed,
        digest=found.digest,
        result=found.to_json(),
        actor=actor,
    )
