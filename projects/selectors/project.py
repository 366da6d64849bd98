"""Lists of projects and of their members."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from core.access import Actor, Right
from engine.value.simulate import ValueEstimate
from projects.models import Membership, Project, ValueCase
from projects.models.access import project_ids_allowing
from projects.selectors.picture import verdict
from projects.selectors.value import case_result


def listed(
    actor: Actor, *, query: str = "", archived: bool = False
) -> QuerySet[Project]:
    """Return the projects somebody sees, the last changed first."""
    rows = Project.objects.visible_to(actor).filter(archived_at__isnull=not archived)
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(problem__icontains=query))
    return rows.order_by("-changed_at", "pk")


def deleted_projects(actor: Actor) -> QuerySet[Project]:
    """Return the projects in the trash that somebody owned."""
    owned = project_ids_allowing(actor, Right.OWN)
    return Project.objects.filter(
        pk__in=owned, deleted_at__isnull=False
    ).select_related("deleted_by")


@dataclass(frozen=True)
class ProjectRow:
    """One project in a list, with what it is worth."""

    project: Project
    result: ValueEstimate
    verdict: str


def rows_of(projects: Iterable[Project]) -> list[ProjectRow]:
    """Return the projects with the estimate of their newest value case."""
    found = list(projects)
    newest: dict[int, ValueCase] = {}
    cases = ValueCase.objects.filter(project__in=found).order_by("version")
    for case in cases.only("project_id", "version", "result"):
        newest[case.project_id] = case
    return [_row(each, newest[each.pk]) for each in found]


def _row(project: Project, case: ValueCase) -> ProjectRow:
    result = case_result(case)
    return ProjectRow(project, result, verdict(result.p_pays_back))


def members_of(project: Project) -> QuerySet[Membership]:
    """Return who holds which role, people first."""
    return project.memberships.select_related("user", "team").order_by(
        "team", "user__name", "user__email"
    )
