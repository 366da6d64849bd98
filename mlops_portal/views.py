"""Pages that cross apps."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.defaults import page_not_found

from core import trash
from core.access import PortalRequest, public, signed_in
from core.api.problems import no_such_address
from core.jobs import ask_cancel
from core.models import Job
from core.pages import page_or_fragment
from mlops_portal.selectors import activity as activity_selectors
from mlops_portal.selectors import home as home_selectors
from mlops_portal.selectors import overview as overview_selectors
from mlops_portal.selectors.search import search as find
from projects.models import Project
from projects.selectors.value import may_edit

HTMX_STOP_POLLING = 286


@public
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 as the caller reads it: a problem to programs, a page to people."""
    if request.path.startswith("/api/"):
        return no_such_address()
    return page_not_found(request, exception)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the web process and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@signed_in
@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """Show what waits for the reader, their projects, and what runs now."""
    found = home_selectors.home(request.actor, now=timezone.now())
    return render(request, "portal/home.html", {"home": found})


@signed_in
@require_safe
def project_overview(request: PortalRequest, slug: str) -> HttpResponse:
    """Show where a project stands, on one page."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    context = {
        "project": project,
        "overview": overview_selectors.overview(project),
        "may_edit": may_edit(project, request.actor),
    }
    return render(request, "portal/overview.html", context)


@signed_in
@require_safe
def search(request: PortalRequest) -> HttpResponse:
    """Find anything the reader may see."""
    text = request.GET.get("q", "")
    context = {"text": text, "found": find(request.actor, text)}
    return page_or_fragment(
        request, "portal/search.html", "portal/_search_results.html", context
    )


def _visible_job(request: PortalRequest, pk: str, right: str = "visible_to") -> Job:
    """Return a job of a project the reader may see; 404 for any other."""
    projects = getattr(Project.objects, right)(request.actor)
    jobs = Job.objects.for_projects(projects.values_list("pk", flat=True))
    return get_object_or_404(jobs, pk=pk)


@signed_in
@require_safe
def job_progress(request: PortalRequest, pk: str) -> HttpResponse:
    """Return a job's progress; 286 tells htmx that it is finished."""
    job = _visible_job(request, pk)
    status = HTMX_STOP_POLLING if job.is_finished else 200
    return render(request, "portal/_job.html", {"job": job}, status=status)


@signed_in
@require_POST
def job_cancel(request: PortalRequest, pk: str) -> HttpResponse:
    """Ask a job to stop."""
    job = _visible_job(request, pk, "contributable_by")
    ask_cancel(job, actor=request.actor)
    job.refresh_from_db()
    if request.htmx:
        return render(request, "portal/_job.html", {"job": job})
    return redirect(job.subject_url or "home")


def _uuid(text: str) -> UUID | None:
    """Return an id as it stands in an address; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


@signed_in
@require_safe
def project_activity(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what happened in a project, what runs, and what lies in its trash."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    before, who = request.GET.get("before", ""), _uuid(request.GET.get("who", ""))
    topic = request.GET.get("kind", "")
    context = {
        "project": project,
        "activity": activity_selectors.project_activity(
            project,
            before=int(before) if before.isdecimal() and len(before) < 19 else None,
            topic=topic,
            who=who,
        ),
        "topic": topic,
        "who": str(who) if who else "",
        "may_edit": may_edit(project, request.actor),
    }
    return render(request, "portal/activity.html", context)


@signed_in
@require_POST
def trash_restore(request: PortalRequest, slug: str) -> HttpResponse:
    """Take one thing out of the project's trash."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    rows = activity_selectors.trashed_rows(project)
    row = trash.find(request.POST.get("key", ""), rows)
    if row is None:
        raise Http404
    try:
        trash.restore(row, request.actor, project_id=project.pk)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("“%(name)s” is back.") % {"name": row})
    return redirect("project_activity", slug=slug)
