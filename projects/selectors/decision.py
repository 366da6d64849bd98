"""A decision as one page: what it froze, what changed since, what came of it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.reading import one_reading
from engine.numbers import money
from engine.value.simulate import ValueEstimate
from projects.models import Decision, Evidence, GateKey, Signature
from projects.selectors.comparison import MUCH, side_by_side
from projects.selectors.gates import (
    Change,
    changes_since,
    evidence_of,
    gate_of,
    rules_of,
)
from projects.selectors.gates.facts import (
    Realised,
    candidate_names,
    candidate_prices,
    frozen_band,
    realised_by,
    worth_of_knowing,
)
from projects.selectors.paper import Printed, printed
from projects.selectors.requirements import STATE_WORDS, State
from projects.selectors.shown import (
    SwayWords,
    shown,
    shown_range,
    sway_words,
    time_shown,
    times_shown,
)
from projects.selectors.value import revealed_round

MUSTS_SHOWN = 7


@one_reading
def evidence_for(decision: Decision) -> dict[str, Any]:
    """Return what is frozen with a decision: its words, and the evidence of now."""
    project, key = decision.project, GateKey(decision.gate)
    cost = rules_of(project)[key].cost_of_finding_out
    return {
        "gate": decision.gate,
        "question": decision.question,
        "verdict": decision.verdict,
        "rationale": decision.rationale,
        **evidence_of(project),
        "checks": {each.key: each.state.value for each in gate_of(project, key).checks},
        "knowing": {"worth": worth_of_knowing(project), "cost": cost},
        "disagreement": _disagreement(decision),
    }


def _disagreement(decision: Decision) -> dict[str, str]:
    """Return where people differ most, once their answers are shown to all."""
    upto = revealed_round(decision.project)
    if not upto:
        return {}
    rows = side_by_side(decision.project, upto=upto, settled=False)
    if not rows or rows[0].disagreement < MUCH:
        return {}
    return {"title": rows[0].title, "sentence": rows[0].sentence}


@dataclass(frozen=True)
class Must:
    """One must requirement as it stood."""

    title: Printed
    required: str
    measured: str
    glyph: str
    words: str


@dataclass(frozen=True)
class Said:
    """One signature, with what was said beside it."""

    signature: Signature
    comment: Printed


@dataclass(frozen=True)
class Best:
    """The candidate of today, with its money."""

    label: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Sheet:
    """A decision's frozen evidence, ready to be read."""

    result: ValueEstimate
    version: int
    address: str  # of the page, which holds all of it
    rationale: Printed
    signatures: tuple[Said, ...]
    musts: tuple[Must, ...]
    candidate: dict[str, Any] | None
    changes: tuple[Change, ...]  # what matters and differs today
    sways: tuple[SwayWords, ...]  # the three inputs that decide most
    disagreement: str
    question: str  # what is worth finding out, and for how much
    best: Best | None  # today's candidate, if it is another one
    realised: Realised | None
    promised: tuple[float, float] | None  # for the same time as what is realised

    @property
    def met(self) -> int:
        """How many musts were met."""
        return sum(each.glyph == "tick" for each in self.musts)

    @property
    def shown_musts(self) -> tuple[Must, ...]:
        """The musts that fit on one page, what is not met first."""
        ordered = sorted(self.musts, key=lambda each: each.glyph == "tick")
        return tuple(ordered[:MUSTS_SHOWN]) if self.hidden_musts else self.musts

    @property
    def hidden_musts(self) -> int:
        """How many musts do not fit on the page."""
        return max(0, len(self.musts) - MUSTS_SHOWN)

    @property
    def is_shortened(self) -> bool:
        """Whether paper holds less than the page."""
        comments = (each.comment for each in self.signatures)
        titles = (each.title for each in self.shown_musts)
        return any(each.short for each in (self.rationale, *comments, *titles))

    @property
    def payback(self) -> str:
        """When the money is back, in the middle of the futures that pay back."""
        years = self.result.payback_years
        return time_shown(years) if years is not None else "–"

    @property
    def payback_range(self) -> str:
        """Between which times the money is back, 9 times in 10."""
        first, last = self.result.payback_p5, self.result.payback_p95
        if first is None or last is None:
            return ""
        return times_shown(first, last)

    @property
    def paying(self) -> int:
        """In how many of twenty futures it pays back."""
        return sum(dot > 0 for dot in self.result.dots)


GLYPHS = {"met": "tick", "failed": "cross", "too_little": "waiting", "stale": "stale"}


def sheet(decision: Decision) -> Sheet:
    """Return the one-pager of a decision, from what was frozen with it."""
    content, project = decision.content, decision.project
    result = ValueEstimate.from_json(content["value_case"]["result"])
    realised = realised_by([project])[project.pk]
    band = frozen_band(content)
    sways = sway_words(result, project.quantities.all(), content["currency"])
    return Sheet(
        result=result,
        version=content["value_case"]["version"],
        address=f"{settings.PUBLIC_URL}{decision.get_absolute_url()}",
        rationale=printed(decision.rationale, lines=5, columns=92),
        signatures=tuple(
            Said(each, printed(each.comment, lines=3, columns=24))
            for each in decision.signatures.all()
        ),
        musts=tuple(_must(each, content["currency"]) for each in content["musts"]),
        candidate=content["candidate"],
        changes=changes_since(decision) if decision.is_live else (),
        sways=tuple(sways[:3]),
        disagreement=_said(content.get("disagreement", {})),
        question=_question(content, sways),
        best=_best(decision),
        realised=realised,
        promised=(band[0] * realised.years, band[1] * realised.years)
        if realised and band
        else None,
    )


def _said(found: dict[str, str]) -> str:
    if not found:
        return ""
    return f"{found['title']}: {found['sentence']}"


def _question(content: dict[str, Any], sways: list[SwayWords]) -> str:
    """Return the question most worth paying for, or nothing if none is."""
    knowing, currency = content.get("knowing", {}), content["currency"]
    if not sways or sways[0].worth <= 0 or not knowing.get("worth"):
        return ""
    said = _("Worth finding out: %(what)s, up to %(worth)s a year.") % {
        "what": sways[0].label,
        "worth": money(sways[0].worth, currency),
    }
    if knowing["cost"] is None:
        return said
    cost = _("Finding out costs %(cost)s.") % {"cost": money(knowing["cost"], currency)}
    return f"{said} {cost}"


def _best(decision: Decision) -> Best | None:
    project = decision.project
    was = (decision.content["candidate"] or {}).get("id", "")
    if not project.candidate_id or project.candidate_id == was:
        return None
    price = candidate_prices([project])[project.pk]
    return Best(
        candidate_names([project])[project.pk],
        price.value if price else None,
        price.low if price else None,
        price.high if price else None,
    )


def _must(frozen: dict[str, Any], currency: str) -> Must:
    unit, state = frozen["unit"], frozen["state"]
    measured = shown(frozen["value"], unit, currency)
    between = shown_range(frozen["low"], frozen["high"], unit, currency)
    if frozen["method"] == Evidence.Method.ATTESTED:
        measured = _("attested")
    return Must(
        title=printed(frozen["title"], lines=2, columns=58),
        required=shown(frozen["threshold"], unit, currency),
        measured=f"{measured} {between}".strip(),
        glyph=GLYPHS.get(state, "unknown"),
        words=str(STATE_WORDS[State(state)]),
    )
