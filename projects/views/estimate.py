"""The value estimate of somebody with an account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.access import PortalRequest, signed_in
from core.middleware import own_transaction
from projects.forms.people import JoinForm
from projects.models import Project, Stakeholder
from projects.selectors.value import is_revealed
from projects.views.answering import drawn, redrawn, sheet_of


def _me(request: PortalRequest, slug: str) -> Stakeholder:
    return get_object_or_404(
        Stakeholder.objects.contributable_by(request.actor).select_related("project"),
        project__slug=slug,
        user=request.actor.user,
    )


@signed_in
def estimate(request: PortalRequest, slug: str) -> HttpResponse:
    """Show one's own form; sending it makes the numbers count."""
    project = get_object_or_404(
        Project.objects.contributable_by(request.actor), slug=slug
    )
    me = project.stakeholders.filter(user=request.actor.user).first()
    if me is None:
        return _offer_a_say(request, project)
    sending = request.method == "POST" and "redraw" not in request.POST
    sheet = sheet_of(request, me, sending=sending)
    if sending and sheet.keep(request, send=True):
        messages.success(request, _("Your numbers are kept and count from now on."))
        return redirect(project.url("projects:value"))
    context = {
        **drawn(sheet),
        "station": "value",
        "is_revealed": is_revealed(project),
    }
    status = 422 if sending else 200
    return render(request, "projects/estimate.html", context, status=status)


def _offer_a_say(
    request: PortalRequest, project: Project, form: JoinForm | None = None
) -> HttpResponse:
    context = {
        "project": project,
        "station": "value",
        "form": form or JoinForm(project=project, user=request.actor.user),
    }
    status = 422 if form else 200
    return render(request, "projects/estimate_join.html", context, status=status)


@signed_in
@require_POST
def estimate_join(request: PortalRequest, slug: str) -> HttpResponse:
    """Become a stakeholder, so as to have numbers of one's own."""
    project = get_object_or_404(
        Project.objects.contributable_by(request.actor), slug=slug
    )
    form = JoinForm(request.POST, project=project, user=request.actor.user)
    if not form.is_valid():
        return _offer_a_say(request, project, form)
    form.save()
    return redirect(project.url("projects:estimate"))


@signed_in
@require_POST
@own_transaction
def estimate_preview(request: PortalRequest, slug: str) -> HttpResponse:
    """Redraw the picture of what is typed; nothing is written."""
    return redrawn(request, sheet_of(request, _me(request, slug)))


@signed_in
@require_POST
def estimate_keep(request: PortalRequest, slug: str) -> HttpResponse:
    """Keep what is typed so far, without making it count."""
    sheet_of(request, _me(request, slug)).keep(request, send=False)
    return HttpResponse(status=204)
