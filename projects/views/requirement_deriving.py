"""Thresholds derived from the value case: looked at, required, derived again."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.access import PortalRequest, signed_in
from core.pages import decimal_sign
from core.words import in_words
from engine.errors import EngineError
from projects import services
from projects.forms.numbers import NumberField
from projects.forms.requirements import DeriveForm
from projects.models import Project, Requirement
from projects.selectors.deriving import (
    RATES,
    Derivation,
    held_by,
    ladder_of,
    metric_choices,
    said_of,
    start_of,
    threshold_said,
)
from projects.selectors.shown import shown
from projects.selectors.value import current_case, may_edit


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def derive(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what a metric must reach to pay; POST makes it a requirement."""
    right = "editable_by" if request.method == "POST" else "visible_to"
    rows = getattr(Project.objects, right)(request.actor)
    project = get_object_or_404(rows, slug=slug)
    form = _form(request, project, {})
    derived = _derived(form, project)
    if request.method == "POST" and derived and derived.threshold is not None:
        version = services.require_derived(
            derived, project=project, actor=request.actor
        )
        messages.success(
            request, _("Required, and judged by what was measured so far.")
        )
        return redirect(version.requirement)
    return _page(request, project, form, derived, requirement=None)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def requirement_derive(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show what the value case asks for now beside what is required; POST takes it."""
    row = get_object_or_404(
        Requirement.objects.editable_by(request.actor).select_related("project"),
        project__slug=slug,
        pk=pk,
    )
    before = row.current.derivation if row.current else {}
    if not before:
        raise Http404
    form = _form(request, row.project, before)
    derived = _derived(form, row.project)
    if request.method == "POST" and derived and derived.threshold is not None:
        services.require_derived(
            derived,
            project=row.project,
            actor=request.actor,
            requirement=row,
            reason=_("Derived again from value case %(n)s")
            % {"n": derived.case_version},
        )
        messages.success(request, _("It asks for what the value case needs now."))
        return redirect(row)
    return _page(request, row.project, form, derived, requirement=row)


def _form(
    request: PortalRequest, project: Project, before: Mapping[str, Any]
) -> DeriveForm:
    case = current_case(project)
    initial = start_of(project, case, before)
    typed = request.POST if request.method == "POST" else request.GET
    # Only the rate that is held is asked; the other one may be empty.
    asked = {name: typed[name] for name in initial if typed.get(name)}
    form = DeriveForm(
        {**initial, **asked},
        metrics=metric_choices(project, case),
        held_by=held_by(case),
    )
    for name in RATES:
        cast(NumberField, form.fields[name]).decimal = decimal_sign(request)
    return form


def _derived(form: DeriveForm, project: Project) -> Derivation | None:
    """Return what the case asks for; why it cannot be had is said in the form."""
    if not form.is_valid():
        return None
    try:
        return services.derive(
            project,
            metric=form.cleaned_data["metric"],
            at=form.at,
            confidence=form.cleaned_data["confidence"],
        )
    except EngineError as problem:
        form.add_error(None, in_words(problem))
        return None


def _page(
    request: PortalRequest,
    project: Project,
    form: DeriveForm,
    derived: Derivation | None,
    *,
    requirement: Requirement | None,
) -> HttpResponse:
    version = requirement.current if requirement else None
    context = {
        "project": project,
        "station": "requirements",
        "form": form,
        "derived": derived,
        "said": said_of(derived, project) if derived else None,
        "ladder": ladder_of(derived, project) if derived else (),
        "asks_for": threshold_said(derived, derived.threshold, project)
        if derived
        else "",
        "requirement": requirement,
        "asked_for": shown(version.threshold, version.unit, project.currency)
        if version
        else "",
        "may_edit": may_edit(project, request.actor),
        "case": current_case(project),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/derive.html", context, status=status)
