"""Pages of one gate: how it stands, how it is kept, the launch it guards."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from projects import services
from projects.forms.gates import GateForm
from projects.models import GateKey, Project
from projects.selectors.gates import gate_of
from projects.selectors.gates.board import gate_page
from projects.selectors.value import may_edit, may_own
from projects.services import GateClosed


def _key(gate: str) -> GateKey:
    if gate not in GateKey.values:
        raise Http404
    return GateKey(gate)


@signed_in
@require_safe
def gate(request: PortalRequest, slug: str, gate: str) -> HttpResponse:
    """Show what keeps a gate closed: its checks, its signatures, what changed."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    standing = gate_of(project, _key(gate))
    context = {
        "project": project,
        "station": "decision",
        "page": gate_page(standing),
        "gate": standing,
        "may_edit": may_edit(project, request.actor),
        "may_own": may_own(project, request.actor),
        "is_launch": standing.key == GateKey.LAUNCH,
    }
    return render(request, "projects/gate.html", context)


@signed_in
def gate_settings(request: PortalRequest, slug: str, gate: str) -> HttpResponse:
    """Switch a gate on or off, say who signs, and set its bounds."""
    project = get_object_or_404(Project.objects.owned_by(request.actor), slug=slug)
    standing = gate_of(project, _key(gate))
    # All boxes may be empty: a gate that is off, with nothing of its own.
    typed = request.POST if request.method == "POST" else None
    form = GateForm(typed, rules=standing.rules)
    if form.is_valid():
        services.set_gate(
            project,
            standing.key,
            actor=request.actor,
            is_on=form.cleaned_data["is_on"],
            capacities=form.cleaned_data["capacities"],
            bounds=form.bounds(),
        )
        messages.success(request, _("Kept. The checks follow the new bounds."))
        return redirect(standing.url)
    context = {
        "project": project,
        "station": "decision",
        "gate": standing,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/gate_form.html", context, status=status)


@signed_in
@require_POST
def project_launch(request: PortalRequest, slug: str) -> HttpResponse:
    """Mark the project as launched, if its launch gate lets it."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    try:
        services.launch_project(
            project,
            actor=request.actor,
            override_reason=request.POST.get("override_reason", "")[:500],
        )
    except GateClosed as closed:
        messages.error(request, str(closed))
    else:
        messages.success(request, _("Launched. Realised value can be entered now."))
    return redirect(project.url("projects:gate", gate=GateKey.LAUNCH.value))


@signed_in
@require_POST
def project_launch_back(request: PortalRequest, slug: str) -> HttpResponse:
    """Say that the project is not launched after all."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    services.take_back_launch(project, actor=request.actor)
    messages.success(request, _("The project is not launched."))
    return redirect(project.url("projects:gate", gate=GateKey.LAUNCH.value))
