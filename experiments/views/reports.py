"""Reports: a page, one self-contained file, and the conclusion a person writes."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from core.inlining import STYLES, inline, static_path
from experiments import services
from experiments.forms.experiments import ConclusionForm
from experiments.models import Experiment
from experiments.selectors.report import ReportPage, frozen, report_of
from experiments.views.boards import visible_experiment
from projects.selectors.value import may_edit

PLOTLY = "vendor/plotly/plotly-cartesian.min.js"
FONT = re.compile(r"@font-face\s*\{[^}]*\}")


def _context(row: Experiment, page: ReportPage) -> dict[str, Any]:
    return {
        "project": row.project,
        "station": "experiments",
        "experiment": row,
        "page": page,
        "board": page.board,
    }


@signed_in
@require_safe
def report(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show an experiment as a report for the team and the stakeholders."""
    row = visible_experiment(request, slug, pk)
    page = report_of(row)
    form = ConclusionForm(initial={"text": row.conclusion or page.proposal})
    context = _context(row, page) | {
        "conclusion_form": form,
        "may_edit": may_edit(row.project, request.actor),
    }
    return render(request, "experiments/report.html", context)


@signed_in
@require_safe
def report_download(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Send the report as one file that needs no network."""
    row = visible_experiment(request, slug, pk)
    context = _context(row, report_of(row)) | {
        "styles": inline("style", FONT.sub("", "\n".join(map(_static, STYLES)))),
        "scripts": [
            inline("script", _static(name)) for name in (PLOTLY, "js/report.js")
        ],
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


def _static(name: str) -> str:
    return static_path(name).read_text()


@signed_in
@require_POST
def experiment_conclude(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Keep a written conclusion with the leaderboard as it stands."""
    rows = Experiment.objects.editable_by(request.actor).select_related("project")
    row = get_object_or_404(rows, project__slug=slug, pk=pk)
    form = ConclusionForm(request.POST)
    if not form.is_valid():
        context = _context(row, report_of(row)) | {
            "conclusion_form": form,
            "may_edit": True,
        }
        return render(request, "experiments/report.html", context, status=422)
    services.conclude(
        row,
        actor=request.actor,
        text=form.cleaned_data["text"],
        content=frozen(row),
    )
    messages.success(request, _("The conclusion is kept, signed with your name."))
    return redirect(row.project.url("experiments:report", pk=row.pk))
