"""Requirements taken from a document: first a plan to look at, then the writing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from engine.digests import digest
from projects.kinds import document
from projects.kinds.document import Document, DocumentProblems, Entry, Problem
from projects.models import Project, Requirement, RequirementVersion
from projects.models.requirements import SAID
from projects.selectors.requirement_pages import Change, differences
from projects.selectors.requirements import requirements_of
from projects.services.requirements import refuse_looser, save_requirement


class Act(StrEnum):
    """What a document does to one requirement."""

    ADD = "add"
    CHANGE = "change"
    KEEP = "keep"


@dataclass(frozen=True)
class Step:
    """One requirement of the document, and what becomes of it."""

    act: Act
    entry: Entry
    requirement: Requirement  # not saved yet when it is added
    version: RequirementVersion
    changes: tuple[Change, ...]

    @property
    def is_added(self) -> bool:
        """Whether the requirement is new."""
        return self.act is Act.ADD

    @property
    def is_changed(self) -> bool:
        """Whether the requirement says something else than before."""
        return self.act is Act.CHANGE


@dataclass(frozen=True)
class Plan:
    """What a document would do; `digest` names exactly this."""

    steps: tuple[Step, ...]
    digest: str
    untouched: int  # requirements that the document does not name

    def count(self, act: Act) -> int:
        """How many steps do this."""
        return sum(each.act is act for each in self.steps)

    @property
    def added(self) -> int:
        """How many requirements are new."""
        return self.count(Act.ADD)

    @property
    def changed(self) -> int:
        """How many requirements change."""
        return self.count(Act.CHANGE)

    @property
    def kept(self) -> int:
        """How many stay as they are."""
        return self.count(Act.KEEP)


def export_document(project: Project) -> str:
    """Return the requirements in force as YAML."""
    entries = []
    for requirement in requirements_of(project):
        version = requirement.current
        if version is not None:
            said = version.said()
            entries.append(
                Entry(requirement.kind, requirement.priority, said, id=requirement.pk)
            )
    return document.write(Document(project.slug, tuple(entries)))


def plan_document(project: Project, text: str) -> Plan:
    """Return what a document would add and change; nothing is written.

    Raises
    ------
    DocumentProblems
        If it cannot be used; each problem names its line and key.
    """
    found = document.read(text)
    present = requirements_of(project)
    by_id = {each.pk: each for each in present if found.project == project.slug}
    by_words = {(each.kind, str(each)): each for each in present}
    problems: list[Problem] = []
    steps: list[Step] = []
    taken: set[int] = set()
    for entry in found.entries:
        row = by_id.get(entry.id or 0) or by_words.get(
            (entry.kind, entry.said["title"])
        )
        if row is not None and row.pk in taken:
            problems.append(
                entry.problem("id", _("The document names this requirement twice."))
            )
            continue
        try:
            steps.append(_step(project, entry, row))
        except ValidationError as error:
            problems += _problems(entry, error)
        taken |= {row.pk} if row is not None else set()
    if problems:
        raise DocumentProblems(sorted(problems, key=lambda each: each.line))
    return Plan(
        tuple(steps),
        digest=digest([_fingerprint(each) for each in steps]),
        untouched=len(present) - len(taken),
    )


def _step(project: Project, entry: Entry, row: Requirement | None) -> Step:
    before = row.current if row else None
    requirement = Requirement(project=project, kind=entry.kind, priority=entry.priority)
    empty = {name: _default(name) for name in SAID}
    version = RequirementVersion(
        requirement=requirement, version=1, **{**empty, **entry.said}
    )
    version.full_clean(exclude=["requirement", "created_by"])
    if row is None or before is None:
        return Step(Act.ADD, entry, requirement, version, ())
    changes = differences(before, version, project.currency)
    same_head = (row.kind, row.priority) == (entry.kind, entry.priority)
    if not changes and same_head and _same(before, version):
        return Step(Act.KEEP, entry, row, version, ())
    refuse_looser(before, version)
    return Step(Act.CHANGE, entry, row, version, (*_head(row, entry), *changes))


def _default(name: str) -> Any:
    column: Any = RequirementVersion._meta.get_field(name)
    return column.get_default()


def _same(before: RequirementVersion, version: RequirementVersion) -> bool:
    return all(
        getattr(before, name) == getattr(version, name)
        for name in SAID
        if name != "reason"
    )


def _head(row: Requirement, entry: Entry) -> tuple[Change, ...]:
    pairs = (
        (_("kind"), dict(Requirement.Kind.choices), row.kind, entry.kind),
        (
            _("priority"),
            dict(Requirement.Priority.choices),
            row.priority,
            entry.priority,
        ),
    )
    return tuple(
        Change(label, str(words[one]), str(words[other]))
        for label, words, one, other in pairs
        if one != other
    )


def _fingerprint(step: Step) -> dict[str, Any]:
    """Return what makes a step this step: another one must be looked at again."""
    current = step.requirement.current if step.requirement.pk else None
    return {
        "act": step.act.value,
        "requirement": step.requirement.pk,
        "version": current.version if current else 0,
        "kind": step.entry.kind,
        "priority": step.entry.priority,
        "said": step.version.said(),
    }


def _problems(entry: Entry, error: ValidationError) -> list[Problem]:
    by_field: Mapping[str, list[str]] = error.message_dict
    if "details" in by_field:
        # That it has no test follows from the fields that are wrong.
        by_field = {"details": by_field["details"]}
    return [
        entry.problem("metric" if key == "metric_key" else key, message)
        if key != "__all__"
        else entry.problem("", message)
        for key, messages in by_field.items()
        for message in messages
    ]


@transaction.atomic
def apply_document(project: Project, plan: Plan, *, actor: Actor) -> None:
    """Write a plan's additions and changes; what it does not name stays.

    Raises
    ------
    ValidationError
        If a requirement has changed meanwhile so that the plan cannot be written.
    """
    position = project.requirements.count()
    for number, step in enumerate(each for each in plan.steps if each.act != Act.KEEP):
        row = step.requirement
        row.kind, row.priority = step.entry.kind, step.entry.priority
        if step.act is Act.ADD:
            row.position = min(position + number, 32_767)
        reason = step.version.reason or _("From a document")
        save_requirement(
            row, actor=actor, said={**step.version.said(), "reason": reason}
        )
    audit.record(
        actor,
        "import requirements",
        project_id=project.pk,
        subject=_("%(added)s added, %(changed)s changed")
        % {"added": plan.added, "changed": plan.changed},
        detail={"added": plan.added, "changed": plan.changed, "kept": plan.kept},
    )
