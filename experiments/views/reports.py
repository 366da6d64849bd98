"""Reports: a page, one self-contained file, and the conclusion a person writes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from core.inlining import one_file
from experiments import services
from experiments.forms.experiments import ConclusionForm
from experiments.models import Experiment
from experiments.selectors.board import board_of
from experiments.selectors.report import frozen, proposal
from experiments.selectors.report_sheet import sheet_of
from experiments.views.boards import visible_experiment
from projects.models import SharedLink
from projects.selectors.value import may_edit
from projects.views.sharing import share_page, sharing


def _page(
    request: PortalRequest,
    row: Experiment,
    form: ConclusionForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    board = board_of(row)
    proposed = row.conclusion or proposal(board)
    context = {
        "project": row.project,
        "station": "experiments",
        "experiment": row,
        "sheet": sheet_of(row, board),
        "sharing": sharing(request, row.project, SharedLink.Kind.REPORT, row.pk),
        "conclusion_form": form or ConclusionForm(initial={"text": proposed}),
        "may_edit": may_edit(row.project, request.actor),
    }
    return render(request, "experiments/report.html", context, status=status)


@signed_in
@require_safe
def report(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show an experiment as a report for the team and the stakeholders."""
    return _page(request, visible_experiment(request, slug, pk))


@signed_in
@require_safe
def report_download(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Send the report as one file that needs no network."""
    row = visible_experiment(request, slug, pk)
    context = {
        "sheet": sheet_of(row),
        **one_file(),
        "made_at": timezone.now(),
        "made_by": request.actor.name,
    }
    text = render_to_string("experiments/report_file.html", context)
    name = f"{slugify(row.name) or 'report'}.html"
    return HttpResponse(
        text,
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@signed_in
@require_POST
def report_share(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show the report by link, as it stands now."""
    row = _editable(request, slug, pk)
    return share_page(request, row.project, SharedLink.Kind.REPORT, row.pk)


def _editable(request: PortalRequest, slug: str, pk: int) -> Experiment:
    rows = Experiment.objects.editable_by(request.actor).select_related("project")
    return get_object_or_404(rows, project__slug=slug, pk=pk)


@signed_in
@require_POST
def experiment_conclude(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Keep a written conclusion with the leaderboard as it stands."""
    row = _editable(request, slug, pk)
    form = ConclusionForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    services.conclude(
        row,
        actor=request.actor,
        text=form.cleaned_data["text"],
        content=frozen(row),
    )
    messages.success(request, _("The conclusion is kept, signed with your name."))
    return redirect(row.project.url("experiments:report", pk=row.pk))
