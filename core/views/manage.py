"""How the portal is doing, and what an admin can do about it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import audit, directory
from core.access import PortalRequest, admin_only
from core.jobs import ask_cancel
from core.models import Job
from core.selectors import manage as selectors

PAGE_ROWS = 25


@admin_only
@require_GET
def manage(request: PortalRequest) -> HttpResponse:
    """Show jobs, workers, storage, the audit trail, versions."""
    state = request.GET.get("state", "")
    state = state if state in Job.State.values else ""
    jobs = Job.objects.select_related("created_by").order_by("-created_at")
    jobs = jobs.filter(state=state) if state else jobs
    workers, queues = selectors.workers(), selectors.queues()
    context = {
        "tabs": selectors.job_tabs(state),
        "page": Paginator(jobs, PAGE_ROWS).get_page(request.GET.get("page")),
        "workers": workers,
        "queues": queues,
        "trouble": selectors.trouble(workers, queues),
        "storage": selectors.storage(),
        "projects": directory.projects_of(request.actor),
        "seal": selectors.seal(),
        "verdict": audit.verify() if "verify" in request.GET else None,
        "about": selectors.about(),
    }
    return render(request, "core/manage.html", context)


@admin_only
@require_GET
def manage_job(request: PortalRequest, pk: str) -> HttpResponse:
    """Show one job with its log."""
    job = get_object_or_404(Job.objects.select_related("created_by"), pk=pk)
    return render(request, "core/manage_job.html", {"job": job})


@admin_only
@require_POST
def manage_job_cancel(request: PortalRequest, pk: str) -> HttpResponse:
    """Ask a job to stop."""
    job = get_object_or_404(Job, pk=pk)
    if ask_cancel(job, actor=request.actor):
        messages.success(request, _("The job is being cancelled."))
    else:
        messages.info(request, _("The job had ended before it could be cancelled."))
    return redirect("core:manage")
