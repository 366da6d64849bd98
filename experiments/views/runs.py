"""The room of runs: the table, one run, several side by side."""

import csv
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from core.pages import page_or_fragment
from experiments import services, tasks
from experiments.models import Run
from experiments.selectors import columns as cols
from experiments.selectors import export, table
from experiments.selectors.promotion import promotion
from experiments.selectors.run import comparison, run_page
from experiments.selectors.slices import slices_job
from projects.models import Project, ProjectScopedQuerySet
from projects.selectors.metrics import translation_of
from projects.selectors.value import may_edit, may_own
from projects.services import GateClosed

MOST_COMPARED = 8


def _visible(request: PortalRequest, slug: str) -> Project:
    return get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)


def _runs(request: PortalRequest, slug: str) -> ProjectScopedQuerySet[Run]:
    rows = Run.objects.visible_to(request.actor).filter(project__slug=slug)
    return rows.select_related("project", "experiment", "job", "value_case")


@signed_in
@require_safe
def runs(request: PortalRequest, slug: str) -> HttpResponse:
    """Show all runs by money, with what choosing by the metric would give up."""
    project = _visible(request, slug)
    asked = table.Asked.read(request.GET.dict())
    context = {
        "project": project,
        "station": "experiments",
        "table": table.runs_table(project, request.actor, asked),
        "sets": cols.set_titles(),
        "may_edit": may_edit(project, request.actor),
    }
    return page_or_fragment(
        request, "experiments/runs.html", "experiments/_runs.html", context
    )


@signed_in
@require_safe
def run(request: PortalRequest, slug: str, pk: str) -> HttpResponse:
    """Show one run: money, requirements, metrics, curves, files."""
    row = get_object_or_404(
        _runs(request, slug).select_related(
            "protocol__data_set_version__data_set__project", "protocol__value_case"
        ),
        pk=pk,
    )
    context = {
        "project": row.project,
        "station": "experiments",
        "run": row,
        "page": run_page(row),
        "slices_job": slices_job(row),
        "axis": table.axis_of([row], row.project.currency),
        "may_edit": may_edit(row.project, request.actor),
        "may_own": may_own(row.project, request.actor),
        "promotion": promotion(row),
        "translation": translation_of(row.project, "run", row.pk),
    }
    return render(request, "experiments/run.html", context)


@signed_in
@require_POST
def run_nominate(request: PortalRequest, slug: str, pk: str) -> HttpResponse:
    """Make a run the one the project's musts are judged by."""
    row = _editable(request, slug, pk)
    said = _("%(name)s is the project's candidate now.") % {"name": row.name}
    answer = _through_gate(request, row, services.nominate, said)
    if (row.project.candidate_kind, row.project.candidate_id) == ("run", row.pk):
        tasks.start_slices(row, actor=request.actor)
    return answer


@signed_in
@require_POST
def run_slices(request: PortalRequest, slug: str, pk: str) -> HttpResponse:
    """Measure a run for the groups that requirements name by now."""
    row = _editable(request, slug, pk)
    if tasks.start_slices(row, actor=request.actor):
        messages.success(request, _("The groups are being measured."))
    else:
        messages.info(request, _("There is no group it was not measured for already."))
    return redirect(row)


@signed_in
@require_POST
def run_promote(request: PortalRequest, slug: str, pk: str) -> HttpResponse:
    """Make a run's model the champion."""
    row = _editable(request, slug, pk)
    said = _("%(name)s is the champion now.") % {"name": row.name}
    return _through_gate(request, row, services.promote_run, said)


def _editable(request: PortalRequest, slug: str, pk: str) -> Run:
    rows = Run.objects.editable_by(request.actor).select_related("project")
    return get_object_or_404(rows, project__slug=slug, pk=pk)


def _through_gate(
    request: PortalRequest, row: Run, act: Callable[..., object], said: str
) -> HttpResponse:
    """Do what a gate guards, or say what keeps it closed."""
    reason = request.POST.get("override_reason", "")[:500]
    try:
        act(row, actor=request.actor, override_reason=reason)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    except GateClosed as closed:
        messages.error(request, str(closed))
    else:
        messages.success(request, said)
    return redirect(row)


@signed_in
@require_safe
def compare(request: PortalRequest, slug: str) -> HttpResponse:
    """Show in what several runs differ, and their curves over each other."""
    project = _visible(request, slug)
    asked = request.GET.getlist("run")[:MOST_COMPARED]
    rows = _runs(request, slug).select_related("detail", "protocol__value_case")
    by_id = {row.pk: row for row in rows.filter(pk__in=asked)}
    found = [by_id[pk] for pk in dict.fromkeys(asked) if pk in by_id]
    context = {
        "project": project,
        "station": "experiments",
        "comparison": comparison(found) if len(found) > 1 else None,
        "axis": table.axis_of(found, project.currency),
        "most": MOST_COMPARED,
    }
    return render(request, "experiments/compare.html", context)


@signed_in
@require_safe
def runs_export(request: PortalRequest, slug: str) -> StreamingHttpResponse:
    """Send ticked runs, or all that match the filter, as CSV."""
    project = _visible(request, slug)
    chosen = _chosen(request, project, request.GET)
    writer = csv.writer(_Echo())
    lines: Iterator[str] = map(writer.writerow, export.csv_rows(project, chosen))
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{slug}-runs.csv"'},
    )


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def _chosen(
    request: PortalRequest, project: Project, said: QueryDict
) -> ProjectScopedQuerySet[Run]:
    """Return the ticked runs; all that match the filter if none is."""
    ticked = said.getlist("run")
    if ticked:
        rows = Run.objects.visible_to(request.actor).filter(project=project)
        return rows.filter(pk__in=ticked[: table.COUNTED_TO])
    return table.matching(project, request.actor, table.Asked.read(said.dict()))


@signed_in
@require_POST
def runs_change(request: PortalRequest, slug: str) -> HttpResponse:
    """Archive, restore or tag the ticked runs."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    ids = request.POST.getlist("run")
    rows = Run.objects.editable_by(request.actor).filter(project=project, pk__in=ids)
    verb = request.POST.get("verb", "")
    back = redirect(f"{project.url('experiments:runs')}{_back(request)}")
    if verb == "tag":
        return _tag(request, rows) or back
    change = {"archive": services.archive_runs, "restore": services.restore_runs}
    if verb not in change:
        messages.error(request, _("Choose what to do with the ticked runs."))
        return back
    changed = list(rows.values_list("pk", flat=True))
    count = change[verb](rows, actor=request.actor)
    _say_moved(request, slug, verb, count, changed)
    return back


def _back(request: PortalRequest) -> str:
    """Return the query the table was shown with; only its own keys."""
    came = QueryDict(request.POST.get("query", ""), mutable=True)
    kept: dict[str, Any] = {
        key: came[key] for key in ("q", "sort", "columns") if key in came
    }
    if not kept:
        return ""
    query = QueryDict(mutable=True)
    query.update(kept)
    return f"?{query.urlencode()}"


def _say_moved(
    request: PortalRequest, slug: str, verb: str, count: int, ids: list[str]
) -> None:
    said = (
        ngettext("%(n)s run is archived.", "%(n)s runs are archived.", count)
        if verb == "archive"
        else ngettext("%(n)s run is back.", "%(n)s runs are back.", count)
    )
    undo = ""
    if verb == "archive" and len(ids) == 1:
        undo = "undo:" + reverse("experiments:run_restore", args=[slug, ids[0]])
    messages.success(request, said % {"n": count}, extra_tags=undo)


def _tag(
    request: PortalRequest, rows: ProjectScopedQuerySet[Run]
) -> HttpResponse | None:
    key, _equals, value = request.POST.get("tag", "").strip().partition("=")
    try:
        count = services.tag_runs(rows, key=key.strip(), value=value.strip())
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return None
    said = ngettext("%(n)s run is tagged.", "%(n)s runs are tagged.", count)
    messages.success(request, said % {"n": count})
    return None


@signed_in
@require_POST
def run_restore(request: PortalRequest, slug: str, pk: str) -> HttpResponse:
    """Take a run out of the archive."""
    rows = Run.objects.editable_by(request.actor).filter(project__slug=slug)
    row = get_object_or_404(rows.select_related("project"), pk=pk)
    services.restore_runs(rows.filter(pk=pk), actor=request.actor)
    return redirect(row)


@signed_in
@require_POST
def runs_price(request: PortalRequest, slug: str) -> HttpResponse:
    """Price every run by the current value case."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    tasks.start_pricing(project, actor=request.actor)
    messages.success(request, _("The runs are being priced; reload in a moment."))
    return redirect(project.url("experiments:runs"))
