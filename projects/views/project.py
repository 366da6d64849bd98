"""Projects: the list, a new one, its settings."""

import secrets

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import trash
from core.access import PortalRequest, signed_in
from core.pages import decimal_sign, page_or_fragment
from projects import services
from projects.forms.project import (
    FilterForm,
    MemberForm,
    ProjectForm,
    ProjectSettingsForm,
    RoleForm,
)
from projects.models import Membership, Project
from projects.selectors.project import deleted_projects, listed, members_of, rows_of
from projects.services.project import LastOwnerError

PAGE_SIZE = 50


@signed_in
@require_safe
def project_list(request: PortalRequest) -> HttpResponse:
    """List the reader's projects, filtered by the address."""
    form = FilterForm(request.GET)
    form.is_valid()
    asked, archived = form.cleaned_data.get("q", ""), form.cleaned_data["archived"]
    projects = listed(request.actor, query=asked, archived=archived)
    page = Paginator(projects, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = rows_of(page.object_list)
    context = {
        "page": page,
        "rows": rows,
        "axis": rows[0].axis if len({each.axis for each in rows}) == 1 else None,
        "query": asked,
        "archived": archived,
        "archived_count": listed(request.actor, archived=True).count(),
        "deleted": deleted_projects(request.actor),
    }
    return page_or_fragment(
        request, "projects/project_list.html", "projects/_project_rows.html", context
    )


@signed_in
def project_create(request: PortalRequest) -> HttpResponse:
    """Make a project; its value comes next."""
    chosen = {"template": request.GET.get("template", Project.Template.CHURN)}
    form = ProjectForm(request.POST or None, initial=chosen)
    if request.method == "POST" and form.is_valid():
        project = services.create_project(
            form.save(commit=False), actor=request.actor, seed=secrets.randbits(31)
        )
        return redirect(project.url("projects:value"))
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "projects/project_create.html", context, status=status)


def _owned(request: PortalRequest, slug: str) -> Project:
    return get_object_or_404(Project.objects.owned_by(request.actor), slug=slug)


@signed_in
def settings(request: PortalRequest, slug: str) -> HttpResponse:
    """Change the project and who may do what in it."""
    project = _owned(request, slug)
    form = ProjectSettingsForm(
        request.POST or None, instance=project, decimal=decimal_sign(request)
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        # The horizon is part of what the value case computes.
        services.follow_answers(project, actor=request.actor)
        messages.success(request, _("Kept."))
        return redirect(project.url("projects:settings"))
    return _settings_page(request, _owned(request, slug), form=form)


def _settings_page(
    request: PortalRequest,
    project: Project,
    *,
    form: ProjectSettingsForm | None = None,
    member_form: MemberForm | None = None,
) -> HttpResponse:
    bound = bool((form and form.is_bound) or member_form)
    context = {
        "project": project,
        "form": form
        or ProjectSettingsForm(instance=project, decimal=decimal_sign(request)),
        "member_form": member_form or MemberForm(),
        "members": members_of(project),
    }
    return render(
        request, "projects/settings.html", context, status=422 if bound else 200
    )


@signed_in
@require_POST
def member_add(request: PortalRequest, slug: str) -> HttpResponse:
    """Give a person or a team a role."""
    project = _owned(request, slug)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, project, member_form=form)
    try:
        services.set_role(
            project,
            actor=request.actor,
            role=form.cleaned_data["role"],
            user=form.cleaned_data["email"],
            team=form.cleaned_data["team"],
        )
    except LastOwnerError:
        form.add_error(None, _last_owner())
        return _settings_page(request, project, member_form=form)
    return redirect(project.url("projects:settings") + "#members")


def _last_owner() -> str:
    return _(
        "A project needs an owner with an account. Make somebody else owner first."
    )


@signed_in
@require_POST
def member_change(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change a member's role, or take it away."""
    project = _owned(request, slug)
    member = get_object_or_404(Membership, project=project, pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            services.set_role(
                project,
                actor=request.actor,
                role=form.cleaned_data["role"] or None,
                user=member.user,
                team=member.team,
            )
        except LastOwnerError:
            messages.error(request, _last_owner())
    return redirect(project.url("projects:settings") + "#members")


@signed_in
@require_POST
def project_archive(request: PortalRequest, slug: str) -> HttpResponse:
    """Put a project aside, or take it up again."""
    project = _owned(request, slug)
    if project.archived_at:
        services.unarchive_project(project, actor=request.actor)
    else:
        services.archive_project(project, actor=request.actor)
    return redirect(project.url("projects:settings"))


@signed_in
@require_POST
def project_delete(request: PortalRequest, slug: str) -> HttpResponse:
    """Put a project in the trash; it can be restored for thirty days."""
    project = _owned(request, slug)
    trash.move_to_trash(project, request.actor, project_id=project.pk)
    undo = reverse("projects:project_restore", args=[project.slug])
    messages.success(
        request,
        _("“%(name)s” is in the trash for 30 days.") % {"name": project.name},
        extra_tags=f"undo:{undo}",
    )
    return redirect("projects:project_list")


@signed_in
@require_POST
def project_restore(request: PortalRequest, slug: str) -> HttpResponse:
    """Take a project out of the trash."""
    project = get_object_or_404(deleted_projects(request.actor), slug=slug)
    trash.restore(project, request.actor, project_id=project.pk)
    return redirect(project.url("projects:settings"))
