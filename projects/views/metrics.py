"""The room of metrics: what success is called, and who agrees."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import audit
from core.access import PortalRequest, signed_in
from projects.forms.metrics import AlignmentForm, MetricForm
from projects.models import Metric, MetricAlignment, Project, Stakeholder
from projects.selectors import metrics as selectors
from projects.selectors.value import may_contribute, may_edit


@signed_in
@require_safe
def metrics(request: PortalRequest, slug: str) -> HttpResponse:
    """Show each metric and what every group and person says of it."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    return _page(request, project)


def _page(
    request: PortalRequest,
    project: Project,
    *,
    form: AlignmentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    people = _speakers(request, project)
    context = {
        "project": project,
        "station": "metrics",
        "board": selectors.board(project),
        "form": form or AlignmentForm(people=people, metrics=project.metrics.all()),
        "may_say": people.exists(),
        "may_edit": may_edit(project, request.actor),
        "may_join": may_contribute(project, request.actor),
    }
    return render(request, "projects/metrics.html", context, status=status)


def _speakers(request: PortalRequest, project: Project):  # type: ignore[no-untyped-def]  # a queryset of Stakeholder
    """Return whose word this person may give: an editor notes anybody's."""
    people = Stakeholder.objects.filter(project=project)
    if may_edit(project, request.actor):
        return people
    if may_contribute(project, request.actor):
        return people.filter(user=request.actor.user)
    return people.none()


@signed_in
@require_POST
def metric_say(request: PortalRequest, slug: str) -> HttpResponse:
    """Keep what one person says of one metric."""
    project = get_object_or_404(
        Project.objects.contributable_by(request.actor), slug=slug
    )
    form = AlignmentForm(
        request.POST, people=_speakers(request, project), metrics=project.metrics.all()
    )
    if not form.is_valid():
        return _page(request, project, form=form, status=422)
    said: MetricAlignment = form.save()
    audit.record(
        request.actor,
        "say of a metric",
        project_id=project.pk,
        subject=str(said),
        detail={"agreed": said.agreed},
    )
    messages.success(request, _("Kept: %(said)s.") % {"said": said})
    return redirect(project.url("projects:metrics"))


@signed_in
def metric_create(request: PortalRequest, slug: str) -> HttpResponse:
    """Add a metric of the project's own."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    position = project.metrics.count()
    form = MetricForm(
        request.POST or None, instance=Metric(project=project, position=position)
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(project.url("projects:metrics"))
    context = {"project": project, "station": "metrics", "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "projects/metric_form.html", context, status=status)
