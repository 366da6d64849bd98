"""The evidence a decision stands on, as plain values."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from engine.digests import digest
from engine.value.simulate import ValueEstimate
from projects.models import Decision, Evidence, Requirement
from projects.selectors.requirements import STATE_WORDS, State, standings
from projects.selectors.shown import SwayWords, shown, shown_range, sway_words
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
                "method": each.evidence.method if each.evidence else "",
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


@dataclass(frozen=True)
class Must:
    """One must requirement as it stood."""

    title: str
    required: str
    measured: str
    glyph: str
    words: str


@dataclass(frozen=True)
class Sheet:
    """A decision's frozen evidence, ready to be read."""

    result: ValueEstimate
    version: int
    musts: tuple[Must, ...]
    candidate: dict[str, Any] | None
    is_current: bool  # whether the evidence of today is still the same
    sways: tuple[SwayWords, ...]  # the three inputs that decide most

    @property
    def met(self) -> int:
        """How many musts were met."""
        return sum(each.glyph == "tick" for each in self.musts)

    @property
    def paying(self) -> int:
        """In how many of twenty futures it pays back."""
        return sum(dot > 0 for dot in self.result.dots)


GLYPHS = {"met": "tick", "failed": "cross", "too_little": "waiting", "stale": "stale"}


def sheet(decision: Decision) -> Sheet:
    """Return the one-pager of a decision, from what was frozen with it."""
    content = decision.content
    now = evidence_for(decision)
    result = ValueEstimate.from_json(content["value_case"]["result"])
    quantities = decision.project.quantities.all()
    return Sheet(
        result=result,
        version=content["value_case"]["version"],
        musts=tuple(_must(each, content["currency"]) for each in content["musts"]),
        candidate=content["candidate"],
        is_current=digest(now) == decision.digest,
        sways=tuple(sway_words(result, quantities, content["currency"])[:3]),
    )


def _must(frozen: dict[str, Any], currency: str) -> Must:
    unit, state = frozen["unit"], frozen["state"]
    measured = shown(frozen["value"], unit, currency)
    between = shown_range(frozen["low"], frozen["high"], unit, currency)
    if frozen["method"] == Evidence.Method.ATTESTED:
        measured = _("attested")
    return Must(
        title=frozen["title"],
        required=shown(frozen["threshold"], unit, currency),
        measured=f"{measured} {between}".strip(),
        glyph=GLYPHS.get(state, "unknown"),
        words=str(STATE_WORDS[State(state)]),
    )
