"""What the pages of requirements show: the list, one of them, its history."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import kinds
from projects.kinds.catalogue import LEVELS, allowed_families
from projects.models import Evidence, Project, Requirement, RequirementVersion
from projects.models.requirements import SAID
from projects.selectors.compliance import (
    Compared,
    PersonalFound,
    Subject,
    candidate_of,
    compared,
    personal_found,
)
from projects.selectors.documents import Document, documents_behind
from projects.selectors.requirements import (
    STATE_WORDS,
    Standing,
    State,
    standing_of,
    standings,
)
from projects.selectors.shown import shown, shown_range

STATES = (
    State.FAILED,
    State.STALE,
    State.TOO_LITTLE,
    State.NOT_YET,
    State.MET,
)


@dataclass(frozen=True)
class Wanted:
    """Which requirements a reader asked for; empty words mean any."""

    state: str = ""
    kind: str = ""
    priority: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """Return what an address asks for; unknown words are left out."""
        known: dict[str, Collection[str]] = {
            "state": [each.value for each in State],
            "kind": [str(each) for each in Requirement.Kind],
            "priority": [str(each) for each in Requirement.Priority],
        }
        return cls(
            **{
                name: query.get(name, "")
                for name, values in known.items()
                if query.get(name, "") in values
            }
        )

    @property
    def is_any(self) -> bool:
        """Whether everything is shown."""
        return not (self.state or self.kind or self.priority)

    def takes(self, row: Standing, *, but_state: bool = False) -> bool:
        """Whether a requirement is asked for."""
        return (
            (but_state or not self.state or row.state == self.state)
            and (not self.kind or row.requirement.kind == self.kind)
            and (not self.priority or row.requirement.priority == self.priority)
        )


@dataclass(frozen=True)
class KindRows:
    """The requirements of one kind."""

    kind: Requirement.Kind
    rows: tuple[Standing, ...]


@dataclass(frozen=True)
class StateCount:
    """A state and how many requirements are in it; none: all states."""

    state: str
    words: str
    n: int
    is_current: bool


@dataclass(frozen=True)
class Board:
    """The requirements asked for by kind, and how many musts are met of all."""

    kinds: tuple[KindRows, ...]
    missing: tuple[Requirement.Kind, ...]  # kinds nothing is required of yet
    states: tuple[StateCount, ...]
    wanted: Wanted
    all: int
    musts: int
    met: int
    not_met: tuple[Standing, ...]  # musts that are loud

    @property
    def is_empty(self) -> bool:
        """Whether nothing is required yet."""
        return self.all == 0

    @property
    def is_filterable(self) -> bool:
        """Whether there is enough to look through."""
        return self.all > 3 or not self.wanted.is_any


def board(project: Project, wanted: Wanted | None = None) -> Board:
    """Return the project's requirements as their page shows them."""
    wanted = wanted or Wanted()
    rows = standings(project)
    musts = [
        each for each in rows if each.requirement.priority == Requirement.Priority.MUST
    ]
    taken = [each for each in rows if wanted.takes(each)]
    by_kind = {
        kind: tuple(r for r in taken if r.requirement.kind == kind)
        for kind in Requirement.Kind
    }
    present = {each.requirement.kind for each in rows}
    return Board(
        kinds=tuple(KindRows(kind, found) for kind, found in by_kind.items() if found),
        missing=tuple(kind for kind in Requirement.Kind if kind not in present),
        states=_states(rows, wanted),
        wanted=wanted,
        all=len(rows),
        musts=len(musts),
        met=sum(each.state is State.MET for each in musts),
        not_met=tuple(each for each in musts if each.is_loud),
    )


def _states(rows: Iterable[Standing], wanted: Wanted) -> tuple[StateCount, ...]:
    counted = Counter(each.state for each in rows if wanted.takes(each, but_state=True))
    everything = StateCount("", _("all"), counted.total(), not wanted.state)
    return (
        everything,
        *(
            StateCount(
                state.value,
                str(STATE_WORDS[state]),
                counted[state],
                wanted.state == state,
            )
            for state in STATES
            if counted[state] or wanted.state == state
        ),
    )


@dataclass(frozen=True)
class EvidenceLine:
    """One row of evidence with its values in words, and the documents behind it."""

    row: Evidence
    value: str
    between: str
    documents: tuple[Document, ...] = ()

    @property
    def glyph(self) -> str:
        """The shape that shows the verdict."""
        return {"met": "tick", "failed": "failing"}.get(self.row.verdict, "waiting")


def evidence_lines(requirement: Requirement, *, limit: int = 50) -> list[EvidenceLine]:
    """Return the evidence on a requirement, the newest first."""
    rows = Evidence.objects.filter(requirement_version__requirement=requirement)
    current = requirement.current
    bounds = current.bounds if current else ()
    units = {each.metric_key: each.unit for each in bounds}
    return [_line(row, units, requirement.project.currency) for row in rows[:limit]]


def _line(row: Evidence, units: Mapping[str, str], currency: str) -> EvidenceLine:
    unit = units.get(row.metric_key) or row.unit
    return EvidenceLine(
        row,
        shown(row.value, unit, currency),
        shown_range(row.low, row.high, unit, currency).strip("()"),
        tuple(documents_behind(row)),
    )


@dataclass(frozen=True)
class RequirementPage:
    """What the page of one requirement shows."""

    standing: Standing | None
    details: tuple[tuple[str, str], ...]
    allowed: tuple[str, ...]  # families of models its level allows
    questions: tuple["AnswerLine", ...]
    score: kinds.compliance.Score | None
    evidence: tuple[EvidenceLine, ...]
    history: tuple["VersionLine", ...]
    has_several: bool  # tests, so that its evidence names the metric
    unmeasured: Subject | None  # the candidate, where it lacks a group
    compared: Compared | None
    personal: PersonalFound | None

    @property
    def is_vouched_for(self) -> bool:
        """Whether a person has attested already what has to be attested."""
        parts = self.standing.parts if self.standing else ()
        return all(part.evidence for part in parts if part.bound is None)


@dataclass(frozen=True)
class AnswerLine:
    """One question of a template with its answer in words."""

    question: kinds.compliance.Question
    answer: str  # "" while it is open
    note: str
    document: Document | None
    glyph: str


def page_of(requirement: Requirement) -> RequirementPage:
    """Return what the page of one requirement shows."""
    standing = standing_of(requirement)
    version = standing.version if standing else requirement.current
    details = version.details if version else {}
    has_questions = bool(details.get("template"))
    level = LEVELS.get(details.get("level", ""))
    return RequirementPage(
        standing=standing,
        details=tuple(kinds.lines_of(requirement.kind, details, with_tests=False)),
        allowed=() if level is None else allowed_families(level),
        questions=tuple(_answer_lines(details)),
        score=kinds.compliance.score(details) if has_questions else None,
        evidence=tuple(evidence_lines(requirement)),
        history=tuple(history(requirement)),
        has_several=bool(standing and len(standing.parts) > 1),
        unmeasured=_unmeasured(requirement.project, standing),
        compared=compared(requirement.project, details),
        personal=personal_found(requirement.project, details)
        if requirement.kind == Requirement.Kind.COMPLIANCE
        else None,
    )


def _unmeasured(project: Project, standing: Standing | None) -> Subject | None:
    """Return the candidate, if a test names a group it was never measured for."""
    parts = standing.parts if standing else ()
    if any(p.bound and p.bound.slice and p.evidence is None for p in parts):
        return candidate_of(project)
    return None


def _answer_lines(details: Mapping[str, Any]) -> Iterable[AnswerLine]:
    answers: Mapping[str, Any] = details.get("answers") or {}
    for question in kinds.compliance.asked(details):
        given = answers.get(question.key, {})
        answer = given.get("answer", "")
        settled = answer == "na" or question.is_met_by(answer)
        document = given.get("document")
        yield AnswerLine(
            question,
            str(kinds.compliance.SAID_WORDS.get(answer, "")),
            given.get("note", ""),
            Document(**document) if document else None,
            "tick" if settled else "failing" if answer else "todo",
        )


# -- history

LABELS = {
    "title": gettext_lazy("what must hold"),
    "test": gettext_lazy("tested"),
    "metric_key": gettext_lazy("metric"),
    "slice": gettext_lazy("slice"),
    "comparison": gettext_lazy("comparison"),
    "threshold": gettext_lazy("threshold"),
    "minimum_n": gettext_lazy("least evidence"),
    "unit": gettext_lazy("unit"),
    "source": gettext_lazy("source"),
}


@dataclass(frozen=True)
class Change:
    """One field whose words differ between two versions."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionLine:
    """One version and what it changed; the first changed nothing."""

    version: RequirementVersion
    changes: tuple[Change, ...]
    is_current: bool


def history(requirement: Requirement) -> list[VersionLine]:
    """Return every version with its differences to the one before, newest first."""
    rows = list(requirement.versions.select_related("created_by", "requirement"))
    currency = requirement.project.currency
    befores: list[RequirementVersion | None] = [*rows[1:], None]
    return [
        VersionLine(
            version,
            differences(before, version, currency) if before else (),
            is_current=index == 0,
        )
        for index, (version, before) in enumerate(zip(rows, befores, strict=True))
    ]


def differences(
    before: RequirementVersion, after: RequirementVersion, currency: str
) -> tuple[Change, ...]:
    """Return what reads differently in `after`, field by field."""
    one, other = _worded(before, currency), _worded(after, currency)
    names = list(dict.fromkeys([*one, *other]))
    return tuple(
        Change(name, one.get(name, ""), other.get(name, ""))
        for name in names
        if one.get(name, "") != other.get(name, "")
    )


def _worded(version: RequirementVersion, currency: str) -> dict[str, str]:
    """Return the version's fields by label, in the words of a reader."""
    found: dict[str, Any] = {
        name: getattr(version, name) for name in SAID if name in LABELS
    }
    found["test"] = version.get_test_display()
    found["comparison"] = version.get_comparison_display() if version.metric_key else ""
    found["threshold"] = (
        ""
        if version.threshold is None
        else shown(version.threshold, version.unit, currency)
    )
    found["minimum_n"] = "" if version.minimum_n is None else str(version.minimum_n)
    words = {str(LABELS[name]): str(value) for name, value in found.items()}
    words |= dict(kinds.lines_of(version.kind, version.details))
    return words | _answers_worded(version) | _derived_worded(version)


def _answers_worded(version: RequirementVersion) -> dict[str, str]:
    from_template = kinds.compliance.questions_of(version.details.get("template", ""))
    labels = {each.key: str(each.words) for each in from_template}
    answers: Mapping[str, Any] = version.details.get("answers") or {}
    return {
        labels.get(key, key): ", ".join(
            part
            for part in (
                str(kinds.compliance.SAID_WORDS.get(given.get("answer", ""), "")),
                given.get("note", ""),
                (given.get("document") or {}).get("name", ""),
            )
            if part
        )
        for key, given in answers.items()
    }


def _derived_worded(version: RequirementVersion) -> dict[str, str]:
    derived = version.derivation
    if not derived.get("value_case"):
        return {}
    return {_("value case it was derived from"): derived["value_case"][:12]}
