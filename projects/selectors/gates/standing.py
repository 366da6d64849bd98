"""How each gate of a project stands: its checks, its signatures, what changed since."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.reading import one_reading, read_together
from projects.kinds.catalogue import SCORES
from projects.models import (
    Decision,
    GateKey,
    GateOverride,
    Project,
    Requirement,
    Signature,
    Stakeholder,
)
from projects.selectors.gates import checks as check
from projects.selectors.gates import facts
from projects.selectors.gates.changes import Change, material_changes
from projects.selectors.gates.checks import Check
from projects.selectors.gates.evidence import evidence_of
from projects.selectors.gates.rules import GateRules, rules_by
from projects.selectors.metrics import unresolved
from projects.selectors.metrics.alignment import alignment, alignments
from projects.selectors.requirements import (
    is_stale,
    requirements_of,
    standings,
    versions_in_force,
)
from projects.selectors.shown import sway_words
from projects.selectors.value import case_result, current_case, said_so_far


@dataclass(frozen=True)
class Signer:
    """One capacity that must have approved, and what was said in it."""

    capacity: str
    people: tuple[Stakeholder, ...]  # who holds it
    signature: Signature | None

    @property
    def name(self) -> str:
        """The capacity in words."""
        return str(Stakeholder.Capacity(self.capacity).label)

    @property
    def has_approved(self) -> bool:
        """Whether the word counts as yes; conditions do."""
        return self.signature is not None and self.signature.word != "reject"


@dataclass(frozen=True)
class GateStanding:
    """One gate of a project."""

    project: Project
    rules: GateRules
    checks: tuple[Check, ...]
    decision: Decision | None  # the signed one that stands
    proposal: Decision | None  # the newest that nobody has signed
    signers: tuple[Signer, ...]
    changes: tuple[Change, ...]  # since it was signed, else since it was proposed

    @property
    def key(self) -> GateKey:
        """Which gate it is."""
        return self.rules.key

    @property
    def url(self) -> str:
        """Where its page is."""
        return self.project.url("projects:gate", gate=self.key.value)

    @property
    def name(self) -> str:
        """How it is called."""
        return str(self.key.label)

    @property
    def is_on(self) -> bool:
        """Whether the project uses it."""
        return self.rules.is_on

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """What was signed under the decision that stands."""
        return tuple(self.decision.signatures.all()) if self.decision else ()

    @property
    def failing(self) -> tuple[Check, ...]:
        """The checks that keep it closed."""
        return tuple(each for each in self.checks if each.blocks)

    @property
    def rejected_by(self) -> tuple[Signature, ...]:
        """Who said no."""
        return tuple(each for each in self.signatures if each.word == "reject")

    @property
    def conditions(self) -> tuple[Signature, ...]:
        """Who said yes, if."""
        return tuple(each for each in self.signatures if each.word == "conditions")

    @property
    def other_signatures(self) -> tuple[Signature, ...]:
        """The words of those whose approval is not needed."""
        needed = set(self.rules.capacities)
        return tuple(each for each in self.signatures if each.capacity not in needed)

    @property
    def is_stale(self) -> bool:
        """Whether what was signed is no longer what is."""
        return self.decision is not None and bool(self.changes)

    @property
    def waiting(self) -> tuple[Signer, ...]:
        """The capacities that have not approved yet."""
        return tuple(each for each in self.signers if not each.has_approved)

    @property
    def is_signed_off(self) -> bool:
        """Whether a go stands that everybody needed has approved, and still holds."""
        return (
            self.decision is not None
            and self.decision.verdict == Decision.Verdict.GO
            and not self.rejected_by
            and not self.waiting
            and not self.is_stale
        )

    @property
    def is_open(self) -> bool:
        """Whether what it guards may go on."""
        return self.is_signed_off and not self.failing


@read_together
def decisions_by(projects: Sequence[Project]) -> dict[int, list[Decision]]:
    """Return each project's decisions that still count, the newest first."""
    rows = Decision.objects.filter(
        project__in=projects, withdrawn_at=None, superseded_by=None
    ).prefetch_related("signatures")
    by_id = {each.pk: each for each in projects}
    found: dict[int, list[Decision]] = {each.pk: [] for each in projects}
    for row in rows:
        row.project = by_id[row.project_id]
        found[row.project_id].append(row)
    return found


@read_together
def overrides_by(projects: Sequence[Project]) -> dict[int, list[GateOverride]]:
    """Return who went past which closed gate of each project, the newest first."""
    found: dict[int, list[GateOverride]] = {each.pk: [] for each in projects}
    for row in GateOverride.objects.filter(project__in=projects).select_related("by"):
        found[row.project_id].append(row)
    return found


@one_reading
@read_together
def gates_by(projects: Sequence[Project]) -> dict[int, dict[GateKey, GateStanding]]:
    """Return how the five gates of each project stand."""
    _read_together(projects)
    return {each.pk: _gates(each) for each in projects}


def _read_together(projects: Sequence[Project]) -> None:
    """Read for all projects at once what each of their gates would ask for."""
    rules, decisions = rules_by(projects), decisions_by(projects)
    alignments(projects)
    facts.candidate_names(projects)
    facts.candidate_prices(projects)
    # Names of data matter where a gate holds it to bounds or to what was signed.
    facts.data_rows(
        [
            each
            for each in projects
            if decisions[each.pk] or rules[each.pk][GateKey.DATA].is_on
        ]
    )
    reviewed = [each for each in projects if rules[each.pk][GateKey.REVIEW].is_on]
    facts.realised_by(reviewed)
    facts.first_signed_by(reviewed)


def gates_of(project: Project) -> dict[GateKey, GateStanding]:
    """Return how the five gates of a project stand, in the order they are met."""
    return gates_by([project])[project.pk]


def gate_of(project: Project, key: GateKey) -> GateStanding:
    """Return how one gate of a project stands."""
    return gates_of(project)[key]


def _gates(project: Project) -> dict[GateKey, GateStanding]:
    found: dict[GateKey, GateStanding] = {}
    for key in GateKey:
        rules = rules_by([project])[project.pk][key]
        found[key] = _standing(project, rules, tuple(found.values()))
    return found


def _standing(
    project: Project, rules: GateRules, before: tuple[GateStanding, ...]
) -> GateStanding:
    mine = [
        each for each in decisions_by([project])[project.pk] if each.gate == rules.key
    ]
    signed = next((each for each in mine if each.is_signed), None)
    newer = mine[: mine.index(signed)] if signed else mine
    proposal = next((each for each in newer if not each.is_signed), None)
    look_at = signed or proposal
    return GateStanding(
        project=project,
        rules=rules,
        checks=checks_of(project, rules, before) if rules.is_on else (),
        decision=signed,
        proposal=proposal,
        signers=_signers(project, rules, signed),
        changes=changes_since(look_at) if look_at and rules.is_on else (),
    )


@one_reading
def changes_since(decision: Decision) -> tuple[Change, ...]:
    """Return what matters to its gate and has changed since its evidence was taken."""
    now = evidence_of(decision.project)
    return material_changes(decision.content, now, gate=GateKey(decision.gate))


def _signers(
    project: Project, rules: GateRules, signed: Decision | None
) -> tuple[Signer, ...]:
    people = [each.person for each in said_so_far([project])[project.pk]]
    said = {each.capacity: each for each in signed.signatures.all()} if signed else {}
    return tuple(
        Signer(
            capacity,
            tuple(each for each in people if each.capacity == capacity),
            said.get(capacity),
        )
        for capacity in rules.capacities
    )


def checks_of(
    project: Project,
    rules: GateRules,
    before: tuple[GateStanding, ...],
) -> tuple[Check, ...]:
    """Return the checks of a gate, from the evidence as it is now."""
    lists: dict[GateKey, Callable[[], tuple[Check, ...]]] = {
        GateKey.DESIGN: lambda: _design(project, rules),
        GateKey.DATA: lambda: _data(project, rules),
        GateKey.MODEL: lambda: _model(project),
        GateKey.LAUNCH: lambda: _launch(project, before),
        GateKey.REVIEW: lambda: _review(project),
    }
    return lists[rules.key]()


def _design(project: Project, rules: GateRules) -> tuple[Check, ...]:
    result = case_result(current_case(project))
    has_answers = any(each.has_sent for each in said_so_far([project])[project.pk])
    value, wanted = project.url("projects:value"), project.url("projects:requirements")
    requirements, versions = requirements_of(project), versions_in_force(project)
    known = frozenset(row.metric.key for row in alignment(project))
    musts = [
        each for each in requirements if each.priority == Requirement.Priority.MUST
    ]
    return (
        check.pays_back(
            chance=result.p_pays_back,
            least=rules.least_chance,
            has_answers=has_answers,
            url=value,
        ),
        check.payback(
            years=result.payback_years,
            most=rules.most_years(project.horizon_years),
            has_answers=has_answers,
            url=value,
        ),
        check.requirements_complete(
            kinds=facts.kinds_written(requirements),
            not_needed=rules.not_needed,
            musts=len(musts),
            url=wanted,
        ),
        check.requirements_measurable(
            written=len(versions),
            unmeasurable=facts.unmeasurable(versions, known),
            url=wanted,
        ),
        check.metrics_agreed(
            people=len(said_so_far([project])[project.pk]),
            unresolved=[each.words.rstrip(".") for each in unresolved(project)],
            url=project.url("projects:metrics"),
        ),
        check.find_out_first(
            worth=facts.worth_of_knowing(project),
            cost=rules.cost_of_finding_out,
            question=_first_question(project, rules),
            currency=project.currency,
            url=value,
        ),
    )


def _first_question(project: Project, rules: GateRules) -> str:
    """Return what is worth most to find out; only looked up where it is said."""
    if rules.cost_of_finding_out is None:
        return ""
    result = case_result(current_case(project))
    sways = sway_words(result, project.quantities.all(), project.currency)
    return sways[0].label if sways else ""


def _data(project: Project, rules: GateRules) -> tuple[Check, ...]:
    scores, agreed = facts.scores_of(project), facts.agreed_scores(project)
    return tuple(
        check.quality(
            name,
            score=scores.get(name),
            least=rules.least_score(name, agreed.get(name)),
            url="",
        )
        for name in SCORES
    )


def _model(project: Project) -> tuple[Check, ...]:
    return (_meets_musts(project), _above_zero(project))


def _meets_musts(project: Project) -> Check:
    return check.candidate_meets_musts(
        candidate=facts.candidate_names([project])[project.pk],
        musts={
            each.version.title: each.state
            for each in standings(project)
            if each.requirement.priority == Requirement.Priority.MUST
        },
        url=project.url("projects:requirements"),
    )


def _above_zero(project: Project) -> Check:
    price = facts.candidate_prices([project])[project.pk]
    return check.money_above_zero(
        candidate=facts.candidate_names([project])[project.pk],
        low=price.low if price else None,
        high=price.high if price else None,
        is_stale=bool(price and is_stale(project, price)),
        currency=project.currency,
        url=price.subject_url if price else "",
    )


def _launch(project: Project, before: tuple[GateStanding, ...]) -> tuple[Check, ...]:
    closed = [each.name for each in before if each.is_on and not each.is_open]
    return (
        check.gates_before(closed=closed, url=project.url("projects:decisions")),
        _meets_musts(project),
        _above_zero(project),
    )


def _review(project: Project) -> tuple[Check, ...]:
    """Hold what came true against the band that was signed first."""
    promised = facts.first_signed_by([project])[project.pk]
    band = facts.frozen_band(promised.content) if promised else None
    realised = facts.realised_by([project])[project.pk] if band else None
    low, high = band or (0.0, 0.0)
    years = realised.years if realised else 0.0
    return (
        check.realised_in_band(
            realised=realised.total if realised else None,
            low=low * years,
            high=high * years,
            periods=realised.periods if realised else 0,
            currency=project.currency,
            url=promised.get_absolute_url() if promised else "",
        ),
    )
