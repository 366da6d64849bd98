"""Requirements and their versions."""

from typing import Any

from django.db import transaction

from core import audit
from core.access import Actor
from engine.value.classifier import RequiredRecall, required_recall
from projects.models import Project, Requirement, RequirementVersion
from projects.selectors.value import current_case
from projects.services.evidence import judge_again
from projects.services.value import DRAWS


@transaction.atomic
def save_requirement(
    requirement: Requirement, *, actor: Actor, said: dict[str, Any]
) -> RequirementVersion:
    """Save what a requirement says as its next version, and judge anew by it.

    Unchanged words make no version. `said` holds the fields of a version.
    """
    requirement.full_clean()
    requirement.save()
    before = requirement.current
    version = RequirementVersion(
        requirement=requirement,
        version=before.version + 1 if before else 1,
        created_by=actor.user,
        **said,
    )
    version.full_clean()
    if before and all(getattr(before, name) == value for name, value in said.items()):
        return before
    version.save()
    judge_again(version)
    audit.record(
        actor,
        "write requirement",
        project_id=requirement.project_id,
        subject=version.title,
        detail={"requirement": requirement.pk, "version": version.version},
    )
    return version


def derive_recall(
    project: Project, *, fpr: float, confidence: float = 0.9
) -> RequiredRecall:
    """Return the recall the value case needs at a false alarm rate.

    Raises
    ------
    CaseProblem
        If the project's value case counts no single cases.
    """
    case = current_case(project)
    return required_recall(
        case.to_engine(), fpr=fpr, confidence=confidence, draws=DRAWS, seed=case.seed
    )
