"""The evidence of a project as plain values: what decisions freeze and are held to."""

from typing import Any

from core.reading import one_reading
from projects.models import Project, Requirement
from projects.selectors.gates.facts import (
    candidate_names,
    candidate_prices,
    data_of,
)
from projects.selectors.requirements import Standing, standings
from projects.selectors.value import current_case


@one_reading
def evidence_of(project: Project) -> dict[str, Any]:
    """Return the value case, the musts, the candidate and the data as they are now."""
    case = current_case(project)
    return {
        "currency": project.currency,
        "value_case": {
            "version": case.version,
            "digest": case.digest,
            "seed": case.seed,
            "engine_version": case.engine_version,
            "result": case.result,
        },
        "musts": [
            _must(each)
            for each in standings(project)
            if each.requirement.priority == Requirement.Priority.MUST
        ],
        "candidate": _candidate(project),
        "data": {
            name: {"digest": each.digest, "label": each.label}
            for name, each in data_of(project).items()
        },
        "inputs": project.current_inputs,
    }


def _must(standing: Standing) -> dict[str, Any]:
    version, row = standing.version, standing.evidence
    return {
        "requirement": standing.requirement.pk,
        "title": version.title,
        "version": version.pk,
        "threshold": version.threshold,
        "comparison": version.comparison,
        "slice": version.slice,
        "unit": version.unit,
        "bounds": [
            [each.metric_key, each.slice, each.comparison, each.threshold, each.unit]
            for each in version.bounds
        ],
        "state": standing.state.value,
        "evidence": row.pk if row else None,
        "method": row.method if row else "",
        "value": row.value if row else None,
        "low": row.low if row else None,
        "high": row.high if row else None,
    }


def _candidate(project: Project) -> dict[str, Any] | None:
    if not project.candidate_id:
        return None
    price = candidate_prices([project])[project.pk]
    return {
        "kind": project.candidate_kind,
        "id": project.candidate_id,
        "label": candidate_names([project])[project.pk],
        "value": price.value if price else None,
        "low": price.low if price else None,
        "high": price.high if price else None,
    }
