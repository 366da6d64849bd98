"""How each requirement stands, from evidence rows and from nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.reading import read_together
from projects.kinds import Bound
from projects.kinds.catalogue import DATA_AGE
from projects.models import Evidence, Project, Requirement, RequirementVersion
from projects.selectors.shown import shown, shown_range

# The metric of an attestation, and the kind of its subject.
ATTESTED = "attested"
ATTESTATION = "attestation"


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


GLYPHS = {
    State.MET: "tick",
    State.FAILED: "failing",
    State.TOO_LITTLE: "waiting",
    State.STALE: "stale",
    State.NOT_YET: "todo",
}
# Of several tests, the worst says how a requirement stands.
WORST_FIRST = (
    State.FAILED,
    State.STALE,
    State.TOO_LITTLE,
    State.NOT_YET,
    State.MET,
)


@dataclass(frozen=True)
class Part:
    """One test of a requirement: a bound, or (None) what a person attests."""

    bound: Bound | None
    state: State
    evidence: Evidence | None
    currency: str

    @property
    def glyph(self) -> str:
        """The shape that shows the state."""
        return GLYPHS[self.state]

    @property
    def words(self) -> str:
        """The state in words."""
        return str(STATE_WORDS[self.state])

    @property
    def comparison(self) -> str:
        """The comparison in words."""
        if self.bound is None:
            return ""
        return str(RequirementVersion.Comparison(self.bound.comparison).label)

    @property
    def required(self) -> str:
        """The threshold with its unit."""
        if self.bound is None:
            return ""
        return shown(self.bound.threshold, self.bound.unit, self.currency)

    @property
    def measured(self) -> str:
        """What the evidence says, with its interval where there is one."""
        row = self.evidence
        if row is None:
            return ""
        if self.bound is None or row.method == Evidence.Method.ATTESTED:
            return str(_("attested") if row.verdict == "met" else _("denied"))
        if row.value is None:
            return ""
        unit = self.bound.unit
        between = shown_range(row.low, row.high, unit, self.currency)
        return f"{shown(row.value, unit, self.currency)} {between}".strip()

    @property
    def why(self) -> str:
        """What the measurement of a group says beside its value, or why it has none."""
        row = self.evidence
        return row.note if row and (row.slice or row.value is None) else ""


@dataclass(frozen=True)
class Standing:
    """One requirement, how it stands, and the row that says so.

    `parts` are its tests in their order, `deciding` the one that makes the state.
    """

    requirement: Requirement
    version: RequirementVersion
    state: State
    evidence: Evidence | None
    deciding: Part | None = None
    parts: tuple[Part, ...] = ()

    @property
    def glyph(self) -> str:
        """The shape that shows the state."""
        return GLYPHS[self.state]

    @property
    def is_loud(self) -> bool:
        """Whether it should stand out."""
        return self.state in {State.FAILED, State.STALE}

    @property
    def words(self) -> str:
        """The state in words."""
        return str(STATE_WORDS[self.state])

    @property
    def is_derived_stale(self) -> bool:
        """Whether its threshold was derived from another value case than today's."""
        project = self.requirement.project
        return is_derived_stale(project, self.version)

    @property
    def required(self) -> str:
        """The threshold of the deciding test with its unit."""
        return self.deciding.required if self.deciding else ""

    @property
    def measured(self) -> str:
        """What the evidence says, with its interval where there is one."""
        return self.deciding.measured if self.deciding else ""


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
            _standing(project, each, version, newest)
            for each in requirements[project.pk]
            if (version := in_force[each.pk]) is not None
        ]
        for project in projects
    }


Newest = dict[tuple[int, str, str], Evidence]


def _newest(projects: Sequence[Project], version_ids: Iterable[int]) -> Newest:
    """Return the newest row by version, metric and slice."""
    # Not each project with its own candidate: an id names one run of all.
    candidates = [p.candidate_id for p in projects if p.candidate_kind == "run"]
    counts = ~Q(subject_kind="run") | Q(subject_id__in=candidates)
    rows = Evidence.objects.filter(
        counts, requirement_version__in=list(version_ids), superseded_by=None
    ).order_by("at", "id")
    return {
        (
            row.requirement_version_id or 0,
            ATTESTED if row.subject_kind == ATTESTATION else row.metric_key,
            row.slice,
        ): row
        for row in rows
    }


def _standing(
    project: Project,
    requirement: Requirement,
    version: RequirementVersion,
    newest: Newest,
) -> Standing:
    parts = []
    for bound in version.bounds:
        row = newest.get((version.pk, bound.metric_key, bound.slice))
        state = _state(project, version, row)
        parts.append(Part(bound, state, row, project.currency))
    if version.needs_attestation:
        row = newest.get((version.pk, ATTESTED, ""))
        parts.append(Part(None, _state(project, version, row), row, project.currency))
    if not parts:
        return Standing(requirement, version, State.NOT_YET, None)
    deciding = min(parts, key=lambda each: WORST_FIRST.index(each.state))
    return Standing(
        requirement,
        version,
        deciding.state,
        deciding.evidence,
        deciding=deciding,
        parts=tuple(parts),
    )


def _state(
    project: Project, version: RequirementVersion, row: Evidence | None
) -> State:
    if row is None:
        return State.NOT_YET
    if is_stale(project, row) or is_derived_stale(project, version):
        return State.STALE
    return {
        Evidence.Verdict.MET: State.MET,
        Evidence.Verdict.FAILED: State.FAILED,
    }.get(Evidence.Verdict(row.verdict), State.TOO_LITTLE)


def is_derived_stale(project: Project, version: RequirementVersion) -> bool:
    """Whether a threshold was derived from another value case than today's."""
    derived_from = version.derivation.get("value_case")
    current = project.current_inputs.get("value_case")
    return bool(derived_from and current and derived_from != current)


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
        and version.bounds
        and (not musts_only or each.priority == Requirement.Priority.MUST)
    ]
    ids = list(ids)
    judged = Evidence.objects.filter(
        project=project, requirement_version__in=versions, superseded_by=None
    )
    # What only other kinds of subject were ever measured by says nothing here.
    kinds: dict[tuple[int | None, str], set[str]] = {}
    columns = ("requirement_version_id", "metric_key", "subject_kind")
    for version_id, metric_key, subject_kind in (
        judged.order_by().values_list(*columns).distinct()
    ):
        kinds.setdefault((version_id, metric_key), {subject_kind}).add(subject_kind)
    tests = {
        version.pk: [
            bound
            for bound in version.bounds
            if bound.about in {"", kind}
            and kind in kinds.get((version.pk, bound.metric_key), {kind})
        ]
        for version in versions
    }
    by_subject: dict[str, Newest] = {each: {} for each in ids}
    for row in judged.filter(subject_kind=kind, subject_id__in=ids):
        rows = by_subject[row.subject_id]
        rows[row.requirement_version_id or 0, row.metric_key, row.slice] = row
    return {
        each: SubjectVerdicts(
            tuple(
                (version, _deciding(version, tests[version.pk], by_subject[each]))
                for version in versions
                if tests[version.pk]
            )
        )
        for each in ids
    }


def _deciding(
    version: RequirementVersion, tests: Sequence[Bound], rows: Newest
) -> Evidence | None:
    """Return the row that decides; None while one of the tests has none."""
    found = [rows.get((version.pk, each.metric_key, each.slice)) for each in tests]
    failed = [
        each for each in found if each and each.verdict == Evidence.Verdict.FAILED
    ]
    if failed:
        return failed[0]
    if None in found:
        return None
    little = [
        each for each in found if each and each.verdict == Evidence.Verdict.TOO_LITTLE
    ]
    return (little or found)[0]


def standing_of(requirement: Requirement) -> Standing | None:
    """Return how one requirement stands."""
    rows = standings(requirement.project)
    return next((each for each in rows if each.requirement.pk == requirement.pk), None)


@dataclass(frozen=True)
class Freshness:
    """How old data may be, and the requirement that says so."""

    days: float
    requirement_id: int
    title: str


def freshness_target(project: Project) -> Freshness | None:
    """Return the strictest age of data that a frequency requirement in force allows."""
    found = [
        Freshness(bound.threshold, version.requirement_id, version.title)
        for version in versions_in_force(project)
        if version.kind == Requirement.Kind.FREQUENCY
        for bound in version.bounds
        if bound.metric_key == DATA_AGE and bound.comparison == "le"
    ]
    return min(found, key=lambda each: each.days, default=None)
