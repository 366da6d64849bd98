"""Who has a say in a project."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import audit
from core.access import PortalRequest, signed_in
from projects import services
from projects.forms.people import StakeholderForm
from projects.models import Project, Stakeholder
from projects.selectors.people import people_by_group
from projects.selectors.value_page import rights_of


@signed_in
@require_safe
def people(request: PortalRequest, slug: str) -> HttpResponse:
    """Show everybody with a say, by group."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    context = {
        "project": project,
        "groups": people_by_group(project),
        "rights": rights_of(project, request.actor),
    }
    return render(request, "projects/people.html", context)


@signed_in
def person_add(request: PortalRequest, slug: str) -> HttpResponse:
    """Give somebody a say."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    return _edit(request, Stakeholder(project=project, group=_asked_group(request)))


def _asked_group(request: PortalRequest) -> str:
    asked = request.GET.get("group", "")
    known = Stakeholder.Group.values
    return asked if asked in known else Stakeholder.Group.BUSINESS


@signed_in
def person(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change who somebody is here."""
    return _edit(request, _stakeholder(request, slug, pk))


def _stakeholder(request: PortalRequest, slug: str, pk: int) -> Stakeholder:
    return get_object_or_404(
        Stakeholder.objects.editable_by(request.actor).select_related(
            "project", "user"
        ),
        project__slug=slug,
        pk=pk,
    )


def _edit(request: PortalRequest, row: Stakeholder) -> HttpResponse:
    form = StakeholderForm(request.POST or None, instance=row, project=row.project)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        audit.record(
            request.actor,
            "write stakeholder",
            project_id=row.project_id,
            subject=saved.name,
        )
        return redirect(row.project.url("projects:people"))
    context = {"project": row.project, "form": form, "person": row}
    status = 422 if form.is_bound else 200
    return render(request, "projects/person.html", context, status=status)


@signed_in
@require_POST
def person_remove(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take somebody's say away, with their ranges; a signature stays as it is."""
    row = _stakeholder(request, slug, pk)
    services.remove_stakeholder(row, actor=request.actor)
    messages.success(request, _("%(name)s is no longer listed.") % {"name": row.name})
    return redirect(row.project.url("projects:people"))
