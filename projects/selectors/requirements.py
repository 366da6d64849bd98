"""How each requirement stands, from evidence rows and from nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.reading import read_together
from projects.models import Evidence, Project, Requirement, RequirementVersion
from projects.selectors.shown import shown, shown_range


class State(StrEnum):
    """How a requirement stands."""

    MET = "met"
    FAILED = "failed"
    TOO_LITTLE = "too_little"
    STALE = "stale"
    NOT_YET = "not_yet"


STATE_WORDS = {
    State.MET: _("met"),
    State.FAILED: _("failing"),
    State.TOO_LITTLE: _("too little evidence"),
    State.STALE: _("stale"),
    State.NOT_YET: _("not measured yet"),
}


@dataclass(frozen=True)
class Standing:
    """One requirement, how it stands, and the row that says so."""

    requirement: Requirement
    version: RequirementVersion
    state: State
    evidence: Evidence | None

    @property
    def glyph(self) -> str:
        """The shape that shows the state."""
        return {
            State.MET: "tick",
            State.FAILED: "failing",
            State.TOO_LITTLE: "waiting",
            State.STALE: "stale",
            State.NOT_YET: "todo",
        }[self.state]

    @property
    def is_loud(self) -> bool:
        """Whether it should stand out."""
        return self.state in {State.FAILED, State.STALE}

    @property
    def words(self) -> str:
        """The state in words."""
        return str(STATE_WORDS[self.state])

    @property
    def required(self) -> str:
        """The threshold with its unit."""
        if self.version.threshold is None:
            return ""
        currency = self.requirement.project.currency
        return shown(self.version.threshold, self.version.unit, currency)

    @property
    def measured(self) -> str:
        """What the evidence says, with its interval where there is one."""
        row = self.evidence
        if row is None:
            return ""
        if row.method == Evidence.Method.ATTESTED:
            return str(_("attested") if row.verdict == "met" else _("denied"))
        unit, currency = self.version.unit, self.requirement.project.currency
        between = shown_range(row.low, row.high, unit, currency)
        return f"{shown(row.value, unit, currency)} {between}".strip()


@read_together
def requirements_by(projects: Sequence[Project]) -> dict[int, list[Requirement]]:
    """Return each project's requirements with their versions, in two queries."""
    rows = Requirement.objects.filter(project__in=projects, deleted_at=None)
    found: dict[int, list[Requirement]] = {each.pk: [] for each in projects}
    for row in rows.prefetch_related("versions").select_related("project"):
        found[row.project_id].append(row)
    return found


def requirements_of(project: Project) -> list[Requirement]:
    """Return the project's requirements with their versions fetched."""
    return requirements_by([project])[project.pk]


def versions_in_force(project: Project) -> list[RequirementVersion]:
    """Return the current version of each requirement."""
    versions = (each.current for each in requirements_of(project))
    return [each for each in versions if each is not None]


def standings(project: Project) -> list[Standing]:
    """Return how each requirement stands for the nominated candidate.

    Rows of runs count only when they are the candidate's; those of data and of
    people count when they are the newest.
    """
    return standings_by([project])[project.pk]


@read_together
def standings_by(projects: Sequence[Project]) -> dict[int, list[Standing]]:
    """Return how each requirement of several projects stands, in three queries."""
    requirements = requirements_by(projects)
    in_force = {
        each.pk: each.current for rows in requirements.values() for each in rows
    }
    newest = _newest(projects, [each.pk for each in in_force.values() if each])
    return {
        project.pk: [
            Standing(each, version, _state(project, row), row)
            for each in requirements[project.pk]
            if (version := in_force[each.pk]) is not None
            for row in [newest.get(version.pk)]
        ]
        for project in projects
    }


def _newest(
    projects: Sequence[Project], version_ids: Iterable[int]
) -> dict[int, Evidence]:
    # Not each project with its own candidate: an id names one run of all.
    candidates = [p.candidate_id for p in projects if p.candidate_kind == "run"]
    counts = ~Q(subject_kind="run") | Q(subject_id__in=candidates)
    rows = Evidence.objects.filter(
        counts, requirement_version__in=list(version_ids), superseded_by=None
    ).order_by("at", "id")
    return {row.requirement_version_id or 0: row for row in rows}


def _state(project: Project, row: Evidence | None) -> State:
    if row is None:
        return State.NOT_YET
    if is_stale(project, row):
        return State.STALE
    return {
        Evidence.Verdict.MET: State.MET,
        Evidence.Verdict.FAILED: State.FAILED,
    }.get(Evidence.Verdict(row.verdict), State.TOO_LITTLE)


def is_stale(project: Project, row: Evidence) -> bool:
    """Whether an input of the evidence is no longer the project's current one."""
    return any(
        project.current_inputs.get(name, digest) != digest
        for name, digest in row.inputs.items()
    )


@dataclass(frozen=True)
class SubjectVerdicts:
    """The verdicts on one subject, such as a run, in the order of requirements."""

    rows: tuple[tuple[RequirementVersion, Evidence | None], ...]

    @property
    def met(self) -> int:
        """How many are met."""
        return sum(
            bool(row and row.verdict == Evidence.Verdict.MET) for _v, row in self.rows
        )


def verdicts_on(
    project: Project, kind: str, ids: Iterable[str], *, musts_only: bool = True
) -> dict[str, SubjectVerdicts]:
    """Return the verdicts on several subjects by id, in three queries."""
    versions = [
        version
        for each in requirements_of(project)
        if (version := each.current) is not None
        and version.test == RequirementVersion.Test.COMPUTED
        and (not musts_only or each.priority == Requirement.Priority.MUST)
    ]
    ids = list(ids)
    judged = Evidence.objects.filter(
        project=project, requirement_version__in=versions, superseded_by=None
    )
    # What only other kinds of subject were ever measured by says nothing here.
    kinds: dict[int | None, set[str]] = {}
    pairs = judged.order_by().values_list("requirement_version_id", "subject_kind")
    for version_id, subject_kind in pairs.distinct():
        kinds.setdefault(version_id, {subject_kind}).add(subject_kind)
    versions = [each for each in versions if kind in kinds.get(each.pk, {kind})]
    rows = judged.filter(subject_kind=kind, subject_id__in=ids)
    by_both = {(row.subject_id, row.requirement_version_id): row for row in rows}
    return {
        each: SubjectVerdicts(
            tuple((version, by_both.get((each, version.pk))) for version in versions)
        )
        for each in ids
    }


@dataclass(frozen=True)
class KindRows:
    """The requirements of one kind."""

    kind: Requirement.Kind
    rows: tuple[Standing, ...]


@dataclass(frozen=True)
class Board:
    """All requirements by kind, and how many musts are met."""

    kinds: tuple[KindRows, ...]
    musts: int
    met: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is required yet."""
        return not any(each.rows for each in self.kinds)


def board(project: Project) -> Board:
    """Return the project's requirements as their page shows them."""
    rows = standings(project)
    musts = [
        each for each in rows if each.requirement.priority == Requirement.Priority.MUST
    ]
    return Board(
        kinds=tuple(
            KindRows(kind, tuple(r for r in rows if r.requirement.kind == kind))
            for kind in Requirement.Kind
        ),
        musts=len(musts),
        met=sum(each.state is State.MET for each in musts),
    )


def standing_of(requirement: Requirement) -> Standing | None:
    """Return how one requirement stands."""
    rows = standings(requirement.project)
    return next((each for each in rows if each.requirement.pk == requirement.pk), None)


def assumed_fpr(project: Project) -> str:
    """Return the false alarm rate the value case assumes, in per cent, as text."""
    quantity = project.quantities.filter(name="fpr").first()
    return f"{100 * quantity.default_likely:g}" if quantity else "10"


@dataclass(frozen=True)
class EvidenceLine:
    """One row of evidence with its values in words."""

    row: Evidence
    value: str
    between: str

    @property
    def glyph(self) -> str:
        """The shape that shows the verdict."""
        return {"met": "tick", "failed": "failing"}.get(self.row.verdict, "waiting")


def evidence_lines(requirement: Requirement, *, limit: int = 50) -> list[EvidenceLine]:
    """Return the evidence on a requirement, the newest first."""
    rows = Evidence.objects.filter(requirement_version__requirement=requirement)
    unit = requirement.current.unit if requirement.current else ""
    currency = requirement.project.currency
    return [
        EvidenceLine(
            row,
            shown(row.value, unit, currency),
            shown_range(row.low, row.high, unit, currency).strip("()"),
        )
        for row in rows[:limit]
    ]
