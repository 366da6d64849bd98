"""Requirements and their versions."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, trash
from core.access import Actor
from projects.kinds import Bound
from projects.models import Project, Requirement, RequirementVersion
from projects.models.requirements import SAID
from projects.selectors.deriving import title_following
from projects.selectors.requirements import freshness_target
from projects.services.evidence import judge_again, note_input, record_answers

# The input of timeliness that the frequency asked for decides.
FRESHNESS = "freshness"


@transaction.atomic
def save_requirement(
    requirement: Requirement, *, actor: Actor, said: dict[str, Any]
) -> RequirementVersion:
    """Save what a requirement says as its next version, and judge anew by it.

    Unchanged words make no version. `said` holds the fields of a version.

    Raises
    ------
    ValidationError
        If a field cannot be used, or a threshold is looser than the one derived from
        the value case and no reason is given.
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
    if "derivation" not in said:
        version.derivation = _derivation_kept(before, version)
        if before:
            version.title = title_following(before, version)[:200]
    version.full_clean()
    if before and _says_the_same(before, version):
        return before
    refuse_looser(before, version)
    version.save()
    judge_again(version)
    record_answers(version, actor=actor)
    audit.record(
        actor,
        "write requirement",
        project_id=requirement.project_id,
        subject=version.title,
        detail={"requirement": requirement.pk, "version": version.version},
    )
    note_freshness(requirement.project)
    return version


def _says_the_same(before: RequirementVersion, version: RequirementVersion) -> bool:
    # A reason without a change is no change.
    names = [name for name in SAID if name != "reason"]
    return all(getattr(before, name) == getattr(version, name) for name in names)


def _derivation_kept(
    before: RequirementVersion | None, version: RequirementVersion
) -> dict[str, Any]:
    """Return how the threshold came about, while it bounds the same metric."""
    if before is None or before.metric_key != version.metric_key:
        return {}
    return before.derivation if before.comparison == version.comparison else {}


def refuse_looser(
    before: RequirementVersion | None, version: RequirementVersion
) -> None:
    """Refuse a threshold looser than the derived one that nobody gives a reason for.

    Raises
    ------
    ValidationError
        Under `reason`.
    """
    derived = version.derivation.get("threshold")
    if derived is None or version.threshold is None or version.reason.strip():
        return
    is_as_before = before is not None and before.threshold == version.threshold
    asked = Bound(version.metric_key, version.comparison, derived)
    if asked.holds_for(version.threshold) or (
        is_as_before and before and before.derivation == version.derivation
    ):
        return
    raise ValidationError(
        {
            "reason": _(
                "%(threshold)s is looser than %(derived)s, which the value case asks "
                "for. Say why, or take %(derived)s or a stricter one."
            )
            % {"threshold": f"{version.threshold:g}", "derived": f"{derived:g}"}
        }
    )


@transaction.atomic
def restore_version(
    requirement: Requirement, number: int, *, actor: Actor
) -> RequirementVersion:
    """Make what a requirement said in an earlier version its next one.

    Raises
    ------
    RequirementVersion.DoesNotExist
        If there is no version of that number.
    """
    earlier = requirement.versions.select_related("requirement").get(version=number)
    reason = _("Restored from version %(n)s") % {"n": number}
    return save_requirement(
        requirement, actor=actor, said={**earlier.said(), "reason": reason}
    )


@transaction.atomic
def delete_requirement(requirement: Requirement, *, actor: Actor) -> None:
    """Put a requirement in the trash; what it decided is decided anew."""
    trash.move_to_trash(requirement, actor, project_id=requirement.project_id)
    note_freshness(requirement.project)


@transaction.atomic
def undelete_requirement(requirement: Requirement, *, actor: Actor) -> None:
    """Take a requirement out of the trash."""
    trash.restore(requirement, actor, project_id=requirement.project_id)
    note_freshness(requirement.project)


def freshness_input(project: Project) -> str:
    """Return what evidence of timeliness rests on: the target in days, or its own."""
    target = freshness_target(project)
    return f"{target.days:g}" if target else "own"


def note_freshness(project: Project) -> None:
    """Make the age of data that is asked for now an input; others turn stale."""
    now = freshness_input(project)
    if now != project.current_inputs.get(FRESHNESS, "own"):
        note_input(project, FRESHNESS, now)
