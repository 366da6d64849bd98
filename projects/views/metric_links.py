"""How metrics move each other: stated, changed and taken away by editors."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from core.access import PortalRequest, signed_in
from core.pages import decimal_sign
from projects import services
from projects.forms.metrics import LinkForm
from projects.models import MetricLink, Project


@signed_in
def metric_link_create(request: PortalRequest, slug: str) -> HttpResponse:
    """State how one metric moves another."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    relation = MetricLink.Relation.FORMULA
    return _edit(request, MetricLink(project=project, relation=relation))


@signed_in
def metric_link(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change how one metric moves another."""
    return _edit(request, _link(request, slug, pk))


def _link(request: PortalRequest, slug: str, pk: int) -> MetricLink:
    rows = MetricLink.objects.editable_by(request.actor).select_related(
        "project", "cause", "effect"
    )
    return get_object_or_404(rows, project__slug=slug, pk=pk)


def _edit(request: PortalRequest, row: MetricLink) -> HttpResponse:
    project = row.project
    form = LinkForm(
        request.POST or None,
        instance=row,
        project=project,
        decimal=decimal_sign(request),
    )
    if request.method == "POST" and form.is_valid():
        services.save_link(form.save(commit=False), actor=request.actor)
        return redirect(project.url("projects:metrics") + "#links")
    context = {
        "project": project,
        "station": "metrics",
        "form": form,
        "link": row,
        "quantities": project.quantities.all(),
        "metrics": project.metrics.filter(retired_at=None),
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/metric_link.html", context, status=status)


@signed_in
@require_POST
def metric_link_remove(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take a link away."""
    link = _link(request, slug, pk)
    services.remove_link(link, actor=request.actor)
    return redirect(link.project.url("projects:metrics") + "#links")
