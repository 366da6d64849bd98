"""Requirements as a document: sent out whole, taken in after a look at the changes."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.access import PortalRequest, signed_in
from core.middleware import own_transaction
from core.uploads import accepts_upload
from projects import services
from projects.forms.requirements import ImportForm
from projects.kinds.document import MAX_BYTES, DocumentProblems, Problem
from projects.models import Project
from projects.services.requirement_document import Plan


@signed_in
@require_safe
def requirements_export(request: PortalRequest, slug: str) -> HttpResponse:
    """Send the requirements in force as YAML."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    response = HttpResponse(
        services.export_document(project),
        content_type="application/yaml; charset=utf-8",
    )
    name = f"{project.slug}-requirements.yaml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@own_transaction
@accepts_upload
@signed_in
def requirements_import(request: PortalRequest, slug: str) -> HttpResponseBase:
    """Show what a document would add and change; applying it is a second click."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    form = ImportForm(request.POST or None, request.FILES or None)
    plan, text = None, ""
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        text = _text(form)
        try:
            plan = services.plan_document(project, text)
        except DocumentProblems as error:
            problems = error.problems
        else:
            if request.POST.get("apply") == plan.digest and _applied(
                request, form, project, plan
            ):
                return redirect(project.url("projects:requirements"))
    context = {
        "project": project,
        "station": "requirements",
        "form": form,
        "plan": plan,
        "problems": problems,
        "text": text,
        "is_moved": bool(plan and request.POST.get("apply") not in {None, plan.digest}),
        "limit_kb": MAX_BYTES // 1024,
    }
    status = 422 if problems or form.errors else 200
    return render(request, "projects/requirement_import.html", context, status=status)


def _text(form: ImportForm) -> str:
    """Return the file's text, or the typed one; a byte too many is not read."""
    file = form.cleaned_data["file"]
    if not file:
        return str(form.cleaned_data["text"])
    return str(file.read(MAX_BYTES + 1).decode("utf-8", errors="replace"))


def _applied(
    request: PortalRequest, form: ImportForm, project: Project, plan: Plan
) -> bool:
    try:
        with transaction.atomic():
            services.apply_document(project, plan, actor=request.actor)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(
        request,
        _("%(added)s added, %(changed)s changed.")
        % {"added": plan.added, "changed": plan.changed},
    )
    return True
