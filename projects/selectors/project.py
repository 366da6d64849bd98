"""Lists of projects and of their members."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from charts.marks import Axis, axis_for
from core.access import Actor, Right
from core.directory import Place
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
    axis: Axis  # shared by the projects of one currency


def rows_of(projects: Iterable[Project]) -> list[ProjectRow]:
    """Return the projects with the estimate of their newest value case."""
    found = list(projects)
    newest: dict[int, ValueCase] = {}
    cases = ValueCase.objects.filter(project__in=found).order_by("version")
    for case in cases.only("project_id", "version", "result"):
        newest[case.project_id] = case
    results = {each.pk: case_result(newest[each.pk]) for each in found}
    axes = _axes([(each.currency, results[each.pk]) for each in found])
    return [
        ProjectRow(
            project=each,
            result=results[each.pk],
            verdict=verdict(results[each.pk].p_pays_back),
            axis=axes[each.currency],
        )
        for each in found
    ]


def _axes(results: list[tuple[str, ValueEstimate]]) -> dict[str, Axis]:
    ends: dict[str, list[float]] = {}
    for currency, result in results:
        ends.setdefault(currency, []).extend((result.annual.p5, result.annual.p95))
    return {
        currency: axis_for(values, currency=currency)
        for currency, values in ends.items()
    }


def members_of(project: Project) -> QuerySet[Membership]:
    """Return who holds which role, people first."""
    return project.memberships.select_related("user", "team").order_by(
        "team", "user__name", "user__email"
    )


def place_of(project_id: int) -> Place | None:
    """Return how a project is named to other systems."""
    row = Project.objects.filter(pk=project_id).first()
    return Place(name=row.name, url=row.get_absolute_url()) if row else None
