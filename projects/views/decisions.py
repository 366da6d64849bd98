"""The room of decisions."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from projects import services
from projects.forms.decisions import DecisionForm, SignatureForm
from projects.models import Decision, Project, Signature
from projects.selectors import decision as selectors
from projects.selectors.value import may_contribute, may_edit


@signed_in
@require_safe
def decisions(request: PortalRequest, slug: str) -> HttpResponse:
    """List the project's decisions."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    context = {
        "project": project,
        "station": "decision",
        "decisions": Decision.objects.filter(project=project).prefetch_related(
            "signatures"
        ),
        "may_edit": may_edit(project, request.actor),
    }
    return render(request, "projects/decisions.html", context)


@signed_in
def decision_create(request: PortalRequest, slug: str) -> HttpResponse:
    """Propose a decision with the evidence as it stands."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    return _edit(request, Decision(project=project))


@signed_in
def decision_edit(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change a proposal that nobody has signed; it takes the newest evidence."""
    row = get_object_or_404(
        Decision.objects.editable_by(request.actor),
        project__slug=slug,
        pk=pk,
        frozen_at=None,
    )
    return _edit(request, row)


def _edit(request: PortalRequest, row: Decision) -> HttpResponse:
    form = DecisionForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        services.propose_decision(form.save(commit=False), actor=request.actor)
        return redirect(row)
    context = {
        "project": row.project,
        "station": "decision",
        "decision": row,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/decision_form.html", context, status=status)


@signed_in
@require_safe
def decision(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show a decision as one page to sign and print."""
    row = get_object_or_404(
        Decision.objects.visible_to(request.actor), project__slug=slug, pk=pk
    )
    return _sheet(request, row, SignatureForm(initial=_capacity(request, row)))


def _capacity(request: PortalRequest, row: Decision) -> dict[str, str]:
    stake = row.project.stakeholders.filter(user=request.actor.user).first()
    return {"capacity": stake.capacity} if stake and stake.capacity else {}


def _sheet(
    request: PortalRequest, row: Decision, form: SignatureForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "project": row.project,
        "decision": row,
        "sheet": selectors.sheet(row),
        "form": form,
        "may_sign": may_contribute(row.project, request.actor)
        and not row.signatures.filter(user=request.actor.user).exists(),
        "may_edit": may_edit(row.project, request.actor) and row.frozen_at is None,
    }
    return render(request, "projects/decision.html", context, status=status)


@signed_in
@require_POST
def decision_sign(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Sign a decision; the first signature freezes it with its evidence."""
    row = get_object_or_404(
        Decision.objects.contributable_by(request.actor), project__slug=slug, pk=pk
    )
    form = SignatureForm(
        request.POST, instance=Signature(decision=row, user=request.actor.user)
    )
    if form.is_valid():
        # The form leaves out who signs, and with it the rule "once a person".
        try:
            services.sign_decision(row, actor=request.actor, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
    if form.errors:
        return _sheet(request, row, form, status=422)
    messages.success(request, _("Signed. The decision is frozen with its evidence."))
    return redirect(row)
