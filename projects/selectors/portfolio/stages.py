"""How far a project has come: computed from its gates and evidence, never typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from core.reading import read_together
from projects.models import Decision, Evidence, GateKey, Project, Signature
from projects.selectors.gates.rules import GateRules, rules_by


class Stage(StrEnum):
    """What a project has behind it; each but the first is a gate's."""

    IDEA = "idea"
    DESIGNED = "designed"
    DATA = "data"
    MODEL = "model"
    LAUNCHED = "launched"
    REVIEWED = "reviewed"


STAGE_WORDS = {
    Stage.IDEA: _("Idea"),
    Stage.DESIGNED: _("Designed"),
    Stage.DATA: _("Data"),
    Stage.MODEL: _("Model"),
    Stage.LAUNCHED: _("Launched"),
    Stage.REVIEWED: _("Reviewed"),
}
# What brings a project there where its gate is not in use.
STAGE_HOW = {
    Stage.IDEA: _("The design gate is not open yet."),
    Stage.DESIGNED: _("The design gate is signed: go."),
    Stage.DATA: _("Data has been profiled, or the data gate is signed: go."),
    Stage.MODEL: _("The model gate is signed: go, or a candidate is nominated."),
    Stage.LAUNCHED: _("It is launched, or the launch gate is signed: go."),
    Stage.REVIEWED: _("The review gate is signed."),
}
GATE_OF = {
    Stage.DESIGNED: GateKey.DESIGN,
    Stage.DATA: GateKey.DATA,
    Stage.MODEL: GateKey.MODEL,
    Stage.LAUNCHED: GateKey.LAUNCH,
    Stage.REVIEWED: GateKey.REVIEW,
}


@dataclass(frozen=True)
class Progress:
    """The stage of a project, and the next gate it has to pass."""

    stage: Stage
    next_gate: GateKey | None  # None: all that are in use are open

    @property
    def words(self) -> str:
        """The stage, as a heading."""
        return str(STAGE_WORDS[self.stage])

    @property
    def gate_words(self) -> str:
        """The gate that comes next, or nothing."""
        return str(self.next_gate.label) if self.next_gate else ""

    @property
    def order(self) -> int:
        """Where the stage stands in the order of stages."""
        return list(Stage).index(self.stage)


@read_together
def progress_of(projects: Sequence[Project]) -> dict[int, Progress]:
    """Return each project's stage, in four queries.

    A gate in use decides its stage: it counts once a go is signed by every capacity
    it asks for and rejected by nobody. Where a gate is not in use the evidence
    decides: data that was profiled, a nominated candidate, the day of the launch. A
    project stands at the furthest stage it has reached; what turns stale later takes
    nothing back.
    """
    rules, signed = rules_by(projects), _signed(projects)
    profiled = set(
        Evidence.objects.filter(project__in=projects, subject_kind="data_set_version")
        .order_by()
        .values_list("project_id", flat=True)
        .distinct()
    )
    return {
        each.pk: _progress(
            {key for key in GateKey if rules[each.pk][key].is_on},
            {
                key
                for key in GateKey
                if _is_passed(signed.get((each.pk, key)), rules[each.pk][key])
            },
            _evident(each, has_data=each.pk in profiled),
        )
        for each in projects
    }


@dataclass(frozen=True)
class _Signed:
    """The newest signed decision at a gate, and what each capacity said."""

    verdict: str
    words: dict[str, str]


def _signed(projects: Sequence[Project]) -> dict[tuple[int, str], _Signed]:
    """Return the newest signed decision by project and gate, in two queries."""
    rows = Decision.objects.filter(
        project__in=projects, withdrawn_at=None, superseded_by=None
    ).order_by("created_at", "pk")
    live = list(rows.values_list("pk", "project_id", "gate", "verdict"))
    words: dict[int, dict[str, str]] = {}
    for pk, capacity, word in Signature.objects.filter(
        decision__in=[each[0] for each in live]
    ).values_list("decision_id", "capacity", "word"):
        words.setdefault(pk, {})[capacity] = word
    return {
        (project, gate): _Signed(verdict, words[pk])
        for pk, project, gate, verdict in live
        if pk in words
    }


def _is_passed(signed: _Signed | None, rules: GateRules) -> bool:
    if signed is None or Signature.Word.REJECT in signed.words.values():
        return False
    # A review is done whatever it finds.
    is_yes = signed.verdict == Decision.Verdict.GO or rules.key is GateKey.REVIEW
    return is_yes and set(rules.capacities) <= set(signed.words)


def _evident(project: Project, *, has_data: bool) -> set[GateKey]:
    """Return the gates whose step the evidence shows to be done."""
    found = {
        GateKey.DATA: has_data,
        GateKey.MODEL: bool(project.candidate_id),
        GateKey.LAUNCH: project.launched_at is not None,
    }
    return {key for key, is_there in found.items() if is_there}


def _progress(
    in_use: set[GateKey], passed: set[GateKey], evident: set[GateKey]
) -> Progress:
    done = {key for key in GateKey if key in passed or key in evident - in_use}
    if GateKey.LAUNCH in evident:
        done.add(GateKey.LAUNCH)  # what runs has been launched, gate or no gate
    reached = [stage for stage, key in GATE_OF.items() if key in done]
    waiting = [key for key in GateKey if key in in_use and key not in passed]
    return Progress(
        stage=reached[-1] if reached else Stage.IDEA,
        next_gate=waiting[0] if waiting else None,
    )
