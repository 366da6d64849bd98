"""The room of experiments: the list, and one experiment's leaderboard."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.access import PortalRequest, signed_in
from dataquality.models import DataSetVersion
from experiments.forms.experiments import ConclusionForm
from experiments.models import Experiment
from experiments.selectors import board, room, table
from experiments.selectors.report import facts_of
from projects.models import Project
from projects.selectors.value import may_edit


@signed_in
@require_safe
def experiments(request: PortalRequest, slug: str) -> HttpResponse:
    """List the project's hypotheses with the best run of each."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    archived = "archived" in request.GET
    lines = room.experiment_lines(project, archived=archived)
    context = {
        "project": project,
        "station": "experiments",
        "lines": lines,
        "axis": table.axis_of([x.best for x in lines if x.best], project.currency),
        "archived": archived,
        "may_edit": may_edit(project, request.actor),
        "has_data": DataSetVersion.objects.filter(
            data_set__project=project, state=DataSetVersion.State.READY
        ).exists(),
    }
    return render(request, "experiments/experiments.html", context)


def visible_experiment(request: PortalRequest, slug: str, pk: int) -> Experiment:
    """Return an experiment the reader may see."""
    rows = Experiment.objects.visible_to(request.actor).select_related("project")
    return get_object_or_404(rows, project__slug=slug, pk=pk)


@signed_in
@require_safe
def experiment(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show an experiment's leaderboard, its curves and its conclusion."""
    row = visible_experiment(request, slug, pk)
    asked = request.GET.get("protocol", "")
    version = int(asked) if asked.isascii() and asked.isdecimal() else None
    found = board.board_of(row, version=version, drawn=request.GET.getlist("run"))
    context = {
        "project": row.project,
        "station": "experiments",
        "experiment": row,
        "board": found,
        "running_count": len(found.running),
        "facts": facts_of(found.protocol) if found.protocol else (),
        "conclusion_form": ConclusionForm(initial={"text": row.conclusion}),
        "may_edit": may_edit(row.project, request.actor),
    }
    return render(request, "experiments/experiment.html", context)


@signed_in
@require_safe
def progress(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Return the trials in hand; when one has ended, have the page drawn again."""
    row = visible_experiment(request, slug, pk)
    running = board.running_runs(row)
    if request.GET.get("n") != str(len(running)):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    context = {
        "project": row.project,
        "experiment": row,
        "running": running,
        "running_count": len(running),
    }
    return render(request, "experiments/_running.html", context)
