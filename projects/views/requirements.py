"""The room of requirements."""

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import trash
from core.access import PortalRequest, signed_in
from core.pages import decimal_sign
from engine.value.classifier import RequiredRecall
from projects import services
from projects.forms.requirements import AttestForm, DeriveForm, RequirementForm
from projects.models import Project, Requirement
from projects.selectors import requirement_pages as pages
from projects.selectors import requirements as selectors
from projects.selectors.value import current_case, may_edit


@signed_in
@require_safe
def requirements(request: PortalRequest, slug: str) -> HttpResponse:
    """Show how each requirement stands, by kind."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    context = {
        "project": project,
        "station": "requirements",
        "board": pages.board(project),
        "may_edit": may_edit(project, request.actor),
        "case": current_case(project),
    }
    return render(request, "projects/requirements.html", context)


@signed_in
def requirement_create(request: PortalRequest, slug: str) -> HttpResponse:
    """Write a new requirement; a derived one comes with its threshold."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    requirement = Requirement(
        project=project, kind=request.GET.get("kind", Requirement.Kind.ACCURACY)
    )
    return _edit(request, requirement, initial=request.GET.dict())


@signed_in
def requirement_edit(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change what a requirement says; the old version stays in its history."""
    requirement = get_object_or_404(
        Requirement.objects.editable_by(request.actor), project__slug=slug, pk=pk
    )
    version = requirement.current
    initial = {name: getattr(version, name) for name in RequirementForm.Meta.fields}
    return _edit(request, requirement, initial={**initial, "reason": ""})


def _edit(
    request: PortalRequest, requirement: Requirement, *, initial: Mapping[str, object]
) -> HttpResponse:
    form = RequirementForm(
        request.POST or None,
        initial=initial,
        project=requirement.project,
        requirement=requirement,
        decimal=decimal_sign(request),
    )
    if request.method == "POST" and form.is_valid():
        requirement.kind = form.cleaned_data["kind"]
        requirement.priority = form.cleaned_data["priority"]
        said = {**form.said(), **_derivation(request, requirement.project)}
        services.save_requirement(requirement, actor=request.actor, said=said)
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


def _derivation(request: PortalRequest, project: Project) -> dict[str, Any]:
    """Return how a derived threshold came about, to be kept with the version."""
    form = DeriveForm({"fpr": request.GET.get("derived_fpr")})
    if "derived_fpr" not in request.GET or not form.is_valid():
        return {}
    derived = services.derive_recall(project, fpr=form.cleaned_data["fpr"])
    return {
        "derivation": {
            "fpr": derived.fpr,
            "confidence": derived.confidence,
            "recall": derived.recall,
            "value_case": current_case(project).digest,
            "seed": derived.seed,
        }
    }


@signed_in
@require_safe
def requirement(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show one requirement: its test, its evidence, its history."""
    row = get_object_or_404(
        Requirement.objects.visible_to(request.actor), project__slug=slug, pk=pk
    )
    standing = selectors.standing_of(row)
    context = {
        "project": row.project,
        "station": "requirements",
        "requirement": row,
        "standing": standing,
        "versions": row.versions.select_related("created_by"),
        "evidence": pages.evidence_lines(row),
        "attest_form": AttestForm(),
        "may_edit": may_edit(row.project, request.actor),
    }
    return render(request, "projects/requirement.html", context)


@signed_in
@require_POST
def requirement_attest(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Record that a person vouches for a requirement."""
    row = get_object_or_404(
        Requirement.objects.contributable_by(request.actor), project__slug=slug, pk=pk
    )
    form = AttestForm(request.POST)
    if not form.is_valid():
        context = {
            "project": row.project,
            "station": "requirements",
            "requirement": row,
            "standing": selectors.standing_of(row),
            "attest_form": form,
        }
        return render(request, "projects/requirement.html", context, status=422)
    services.attest(row, actor=request.actor, **form.cleaned_data)
    return redirect(row)


@signed_in
@require_POST
def requirement_delete(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Put a requirement in the trash; it can be restored for thirty days."""
    row = get_object_or_404(
        Requirement.objects.editable_by(request.actor), project__slug=slug, pk=pk
    )
    trash.move_to_trash(row, request.actor, project_id=row.project_id)
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
    trash.restore(row, request.actor, project_id=project.pk)
    return redirect(row)


@signed_in
@require_safe
def derive(request: PortalRequest, slug: str) -> HttpResponse:
    """Show the recall that pays at a false alarm rate, derived from the value case."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    form = DeriveForm(request.GET or {"fpr": selectors.assumed_fpr(project)})
    derived = None
    if form.is_valid():
        derived = services.derive_recall(project, fpr=form.cleaned_data["fpr"])
    context = {
        "project": project,
        "station": "requirements",
        "form": form,
        "derived": derived,
        "suggestion": _suggestion(derived, form.data.get("fpr", "")),
        "may_edit": may_edit(project, request.actor),
        "case": current_case(project),
    }
    return render(request, "projects/derive.html", context)


def _suggestion(derived: RequiredRecall | None, fpr: str) -> str:
    """Return the query that fills the form of a requirement from a derivation."""
    if derived is None or derived.recall is None:
        return ""
    # Rounded up: a smaller recall would not keep the promised chance.
    threshold = math.ceil(derived.recall * 1000) / 1000
    return urlencode(
        {
            "kind": Requirement.Kind.ACCURACY,
            "title": _("Finds at least %(n)s of 100 positive cases")
            % {"n": f"{100 * threshold:g}"},
            "metric_key": "recall",
            "threshold": f"{threshold:g}",
            "unit": "share",
            "source": _("Value case: 9 in 10 chance to break even at %(fpr)s %%")
            % {"fpr": fpr},
            "derived_fpr": fpr,
        }
    )
