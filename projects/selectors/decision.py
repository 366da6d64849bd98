"""The evidence a decision stands on, as plain values."""

from typing import Any

from projects.models import Decision, Evidence, Requirement
from projects.selectors.requirements import standings
from projects.selectors.value import current_case


def evidence_for(decision: Decision) -> dict[str, Any]:
    """Return what is frozen with a decision: value, musts, candidate, inputs."""
    project = decision.project
    case = current_case(project)
    return {
        "gate": decision.gate,
        "question": decision.question,
        "verdict": decision.verdict,
        "rationale": decision.rationale,
        "currency": project.currency,
        "value_case": {
            "version": case.version,
            "digest": case.digest,
            "seed": case.seed,
            "engine_version": case.engine_version,
            "result": case.result,
        },
        "musts": [
            {
                "title": each.version.title,
                "version": each.version.pk,
                "threshold": each.version.threshold,
                "comparison": each.version.comparison,
                "unit": each.version.unit,
                "state": each.state.value,
                "evidence": each.evidence.pk if each.evidence else None,
                "value": each.evidence.value if each.evidence else None,
                "low": each.evidence.low if each.evidence else None,
                "high": each.evidence.high if each.evidence else None,
            }
            for each in standings(project)
            if each.requirement.priority == Requirement.Priority.MUST
        ],
        "candidate": _candidate(decision),
        "inputs": project.current_inputs,
    }


def _candidate(decision: Decision) -> dict[str, Any] | None:
    project = decision.project
    if not project.candidate_id:
        return None
    price = Evidence.objects.filter(
        project=project,
        subject_kind=project.candidate_kind,
        subject_id=project.candidate_id,
        metric_key="net_value",
        requirement_version=None,
        superseded_by=None,
    ).first()
    return {
        "kind": project.candidate_kind,
        "id": project.candidate_id,
        "label": price.subject_label if price else project.candidate_id,
        "value": price.value if price else None,
        "low": price.low if price else None,
        "high": price.high if price else None,
    }
