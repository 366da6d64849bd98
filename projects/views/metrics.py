"""The room of metrics: what success is called, who agrees, and what follows from it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from projects import services
from projects.forms.metrics import AlignmentForm, MetricForm
from projects.models import Metric, Project, Stakeholder
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
    edits = may_edit(project, request.actor)
    people = _speakers(request, project, edits=edits)
    candidate = selectors.candidate_translation(project)
    context = {
        "project": project,
        "station": "metrics",
        "translation": candidate,
        "found": selectors.money_agreement(project),
        "kept": selectors.kept_agreement(project),
        "currency": project.currency,
        "picture": selectors.links_picture(project, candidate),
        "board": selectors.board(project),
        "unresolved": selectors.unresolved(project),
        "form": form or _say_form(project, people),
        "may_say": bool(people),
        "may_edit": edits,
        "may_join": edits or may_contribute(project, request.actor),
    }
    return render(request, "projects/metrics.html", context, status=status)


def _speakers(
    request: PortalRequest, project: Project, *, edits: bool
) -> list[Stakeholder]:
    """Return whose word this person may give: an editor notes anybody's."""
    people = Stakeholder.objects.filter(project=project)
    if edits:
        return list(people)
    if may_contribute(project, request.actor):
        return list(people.filter(user=request.actor.user))
    return []


def _say_form(
    project: Project, people: list[Stakeholder], data: Any = None, **initial: Any
) -> AlignmentForm:
    metrics = [row.metric for row in selectors.alignment(project)]
    return AlignmentForm(data, people=people, metrics=metrics, initial=initial)


@signed_in
@require_POST
def metric_say(request: PortalRequest, slug: str) -> HttpResponse:
    """Keep what one person says of one metric."""
    project = get_object_or_404(
        Project.objects.contributable_by(request.actor), slug=slug
    )
    people = _speakers(request, project, edits=may_edit(project, request.actor))
    form = _say_form(project, people, request.POST)
    if not form.is_valid():
        return _page(request, project, form=form, status=422)
    said = services.say_of_metric(form.save(commit=False), actor=request.actor)
    messages.success(request, _("Kept: %(said)s.") % {"said": said})
    return redirect(project.url("projects:metrics"))


@signed_in
def metric_create(request: PortalRequest, slug: str) -> HttpResponse:
    """Add a metric of the project's own."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    return _edit(request, Metric(project=project, position=project.metrics.count()))


def _metric(request: PortalRequest, slug: str, pk: int, right: str) -> Metric:
    rows: QuerySet[Metric] = getattr(Metric.objects, right)(request.actor)
    row: Metric = get_object_or_404(
        rows.select_related("project"), project__slug=slug, pk=pk
    )
    return row


@signed_in
def metric_edit(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change what a metric means; those who agreed are asked again."""
    return _edit(request, _metric(request, slug, pk, "editable_by"))


def _edit(request: PortalRequest, row: Metric) -> HttpResponse:
    project = row.project
    form = MetricForm(request.POST or None, instance=row, project=project)
    if request.method == "POST" and form.is_valid():
        saved = services.save_metric(form.save(commit=False), actor=request.actor)
        return redirect(saved)
    context = {"project": project, "station": "metrics", "form": form}
    if row.pk:
        context["metric"] = Metric.objects.get(pk=row.pk)  # as it was, not as typed
    status = 422 if form.is_bound else 200
    return render(request, "projects/metric_form.html", context, status=status)


@signed_in
@require_safe
def metric(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show one metric: who agreed to which version of it, and what it said before."""
    row = _metric(request, slug, pk, "visible_to")
    edits = may_edit(row.project, request.actor)
    people = _speakers(request, row.project, edits=edits)
    context = {
        "project": row.project,
        "station": "metrics",
        "metric": row,
        "card": selectors.metric_card(row),
        "form": _say_form(row.project, people, metric=row.pk),
        "may_say": bool(people) and not row.is_retired,
        "speakers": {person.pk for person in people},
        "may_edit": edits,
    }
    return render(request, "projects/metric.html", context)


@signed_in
@require_POST
def metric_unsay(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take back what one person said of a metric: oneself, or an editor for them."""
    row = _metric(request, slug, pk, "contributable_by")
    edits = may_edit(row.project, request.actor)
    named = request.POST.get("stakeholder")
    for person in _speakers(request, row.project, edits=edits):
        if str(person.pk) == named:
            said = get_object_or_404(row.alignments, stakeholder=person)
            services.take_word_back(said, actor=request.actor)
            return redirect(row)
    raise Http404


@signed_in
@require_POST
def metric_retire(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Put a metric aside; it can be restored at any time."""
    row = _metric(request, slug, pk, "editable_by")
    services.retire_metric(row, actor=request.actor)
    undo = reverse("projects:metric_restore", args=[slug, pk])
    messages.success(
        request,
        _("“%(metric)s” is retired.") % {"metric": row},
        extra_tags=f"undo:{undo}",
    )
    return redirect(row.project.url("projects:metrics"))


@signed_in
@require_POST
def metric_restore(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take a metric into use again."""
    row = _metric(request, slug, pk, "editable_by")
    services.restore_metric(row, actor=request.actor)
    return redirect(row)


@signed_in
@require_POST
def metric_agreement_keep(request: PortalRequest, slug: str) -> HttpResponse:
    """Keep how the agreed metrics rank the runs now, with its inputs."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    try:
        services.keep_agreement(project, actor=request.actor)
    except services.NothingToCompare as nothing:
        messages.error(request, str(nothing))
    else:
        messages.success(request, _("Kept, with all it was computed from."))
    return redirect(project.url("projects:metrics") + "#agreement")
