"""The room of requirements: the list, one of them, and what it says."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from core.pages import decimal_sign
from projects import services
from projects.forms.requirements import TYPED, AttestForm, RequirementForm
from projects.models import Requirement, RequirementVersion
from projects.models.project import Project
from projects.selectors import requirement_pages as pages
from projects.selectors.conflicts import conflicts_of
from projects.selectors.value import current_case, may_contribute, may_edit


@signed_in
@require_safe
def requirements(request: PortalRequest, slug: str) -> HttpResponse:
    """Show how each requirement stands, by kind, and what contradicts what."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    wanted = pages.Wanted.of(request.GET.dict())
    context = {
        "project": project,
        "station": "requirements",
        "board": pages.board(project, wanted),
        "conflicts": conflicts_of(project),
        "kinds": Requirement.Kind.choices,
        "priorities": Requirement.Priority.choices,
        "may_edit": may_edit(project, request.actor),
        "case": current_case(project),
    }
    return render(request, "projects/requirements.html", context)


@signed_in
def requirement_create(request: PortalRequest, slug: str) -> HttpResponse:
    """Write a new requirement."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    kind = request.GET.get("kind", "")
    if kind not in Requirement.Kind.values:
        kind = Requirement.Kind.ACCURACY
    requirement = Requirement(
        project=project, kind=kind, position=project.requirements.count()
    )
    return _edit(request, requirement, initial=request.GET.dict() | {"kind": kind})


@signed_in
def requirement_edit(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change what a requirement says; the old version stays in its history."""
    requirement = get_object_or_404(
        Requirement.objects.editable_by(request.actor), project__slug=slug, pk=pk
    )
    version = requirement.current
    if version is None:
        raise Http404
    initial = {name: getattr(version, name) for name in (*TYPED, "details")}
    return _edit(request, requirement, initial={**initial, "reason": ""})


def _edit(
    request: PortalRequest, requirement: Requirement, *, initial: Mapping[str, object]
) -> HttpResponse:
    form = RequirementForm(
        request.POST or None,
        initial=dict(initial),
        project=requirement.project,
        requirement=requirement,
        decimal=decimal_sign(request),
    )
    if request.method == "POST" and form.is_valid() and _kept(request, form):
        messages.success(request, _("Kept, and judged by what was measured so far."))
        return redirect(requirement)
    context = {
        "project": requirement.project,
        "station": "requirements",
        "requirement": requirement,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/requirement_form.html", context, status=status)


def _kept(request: PortalRequest, form: RequirementForm) -> bool:
    """Whether the form was kept; what the service refuses is beside its field."""
    row = form.requirement
    row.kind, row.priority = form.cleaned_data["kind"], form.cleaned_data["priority"]
    try:
        with transaction.atomic():
            services.save_requirement(row, actor=request.actor, said=form.said())
    except ValidationError as error:
        for name, why in error.message_dict.items():
            form.add_error(name if name in form.fields else None, why)
        return False
    return True


@signed_in
@require_safe
def requirement(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show one requirement: its test, its evidence, its history."""
    row = get_object_or_404(
        Requirement.objects.visible_to(request.actor)
        .select_related("project")
        .prefetch_related("versions"),
        project__slug=slug,
        pk=pk,
    )
    return render(request, "projects/requirement.html", page_of(request, row))


def page_of(
    request: PortalRequest, row: Requirement, attest_form: AttestForm | None = None
) -> dict[str, Any]:
    """Return what the page of a requirement shows."""
    return {
        "project": row.project,
        "station": "requirements",
        "requirement": row,
        "shown": pages.page_of(row),
        "attest_form": attest_form or AttestForm(),
        "may_edit": may_edit(row.project, request.actor),
        "may_contribute": may_contribute(row.project, request.actor),
    }


@signed_in
@require_POST
def requirement_version_restore(
    request: PortalRequest, slug: str, pk: int, number: int
) -> HttpResponse:
    """Say again what it said in an earlier version, as its next one."""
    row = get_object_or_404(
        Requirement.objects.editable_by(request.actor), project__slug=slug, pk=pk
    )
    get_object_or_404(RequirementVersion, requirement=row, version=number)
    version = services.restore_version(row, number, actor=request.actor)
    messages.success(
        request,
        _("It says again what version %(old)s said; this is version %(new)s.")
        % {"old": number, "new": version.version},
    )
    return redirect(row)


@signed_in
@require_POST
def requirement_delete(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Put a requirement in the trash; it can be restored for thirty days."""
    row = get_object_or_404(
        Requirement.objects.editable_by(request.actor), project__slug=slug, pk=pk
    )
    services.delete_requirement(row, actor=request.actor)
    undo = reverse("projects:requirement_restore", args=[slug, pk])
    messages.success(
        request,
        _("“%(title)s” is in the trash.") % {"title": row},
        extra_tags=f"undo:{undo}",
    )
    return redirect(row.project.url("projects:requirements"))


@signed_in
@require_POST
def requirement_restore(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take a requirement out of the trash."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    row = get_object_or_404(Requirement, project=project, pk=pk)
    services.undelete_requirement(row, actor=request.actor)
    return redirect(row)
