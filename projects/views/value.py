"""What a project is worth: the answer, people side by side, settling a range."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from core.access import PortalRequest, signed_in
from core.pages import decimal_sign, page_or_fragment
from core.words import in_words
from engine.errors import EngineError
from projects import services
from projects.forms.estimate import SettleForm
from projects.forms.together import TogetherForm
from projects.forms.triples import triples
from projects.models import Project, Quantity
from projects.selectors.analysis import analysis_page
from projects.selectors.counted import from_data
from projects.selectors.together import together
from projects.selectors.value import current_case, may_contribute
from projects.selectors.value_page import one_side_by_side, value_page


@signed_in
@require_safe
def value(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what the project is worth, how sure that is, and who said what."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    context = {
        "project": project,
        "station": "value",
        "page": value_page(project, request.actor),
    }
    return render(request, "projects/value.html", context)


@signed_in
@require_POST
def value_reveal(request: PortalRequest, slug: str) -> HttpResponse:
    """Show everybody's numbers, though not all have answered."""
    project = get_object_or_404(Project.objects.owned_by(request.actor), slug=slug)
    services.reveal_estimates(project, actor=request.actor)
    return redirect(project.url("projects:value") + "#people")


@signed_in
@require_safe
def value_analysis(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what decides the value, in depth; nothing is written."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    return _analysis(request, project)


@signed_in
@require_POST
def value_analyse(request: PortalRequest, slug: str) -> HttpResponse:
    """Compute what decides the value, and keep the calculation."""
    project = get_object_or_404(
        Project.objects.contributable_by(request.actor), slug=slug
    )
    try:
        services.analyse_case(current_case(project), actor=request.actor)
    except EngineError as problem:
        messages.error(request, in_words(problem))
    if request.htmx:
        return _analysis(request, project)
    return redirect(project.url("projects:value_analysis"))


def _analysis(request: PortalRequest, project: Project) -> HttpResponse:
    context: dict[str, Any] = {
        "project": project,
        "station": "value",
        "may_contribute": may_contribute(project, request.actor),
    }
    try:
        context["page"] = analysis_page(project, current_case(project))
    except EngineError as problem:
        context["problem"] = in_words(problem)
    return page_or_fragment(
        request,
        "projects/value_analysis.html",
        "projects/_value_analysis.html",
        context,
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def value_together(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what finding two numbers out is worth; POST keeps the calculation."""
    posted = request.method == "POST"
    right = "contributable_by" if posted else "visible_to"
    rows = getattr(Project.objects, right)(request.actor)
    project = get_object_or_404(rows, slug=slug)
    case = current_case(project)
    form = TogetherForm(case, request.POST if posted else request.GET or None)
    context: dict[str, Any] = {
        "project": project,
        "station": "value",
        "form": form,
        "may_contribute": may_contribute(project, request.actor),
    }
    if form.is_valid():
        try:
            if posted:
                services.find_out_together(case, form.names, actor=request.actor)
            context["page"] = together(project, case, form.names)
        except EngineError as problem:
            form.add_error(None, in_words(problem))
    return page_or_fragment(
        request,
        "projects/value_together.html",
        "projects/_value_together.html",
        context,
        status=422 if posted and form.errors else 200,
    )


@signed_in
def range_settle(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Settle the range the project goes on with, and say why."""
    quantity = get_object_or_404(
        Quantity.objects.editable_by(request.actor).select_related("project"),
        project__slug=slug,
        pk=pk,
    )
    counted = None
    if request.GET.get("from") == "data":
        case = current_case(quantity.project)
        counted = next(iter(from_data(quantity.project, case, [quantity])), None)
    form = SettleForm(
        quantity, request.POST or None, decimal=decimal_sign(request), counted=counted
    )
    if request.method == "POST" and form.is_valid():
        services.settle_range(
            quantity,
            form.ranges[quantity.name],
            actor=request.actor,
            reason=form.cleaned_data["reason"],
        )
        return redirect(quantity.project.url("projects:value") + "#people")
    context = {
        "project": quantity.project,
        "station": "value",
        "form": form,
        "triple": triples(form)[quantity.name],
        "said": one_side_by_side(quantity),
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/range_settle.html", context, status=status)
