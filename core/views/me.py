"""A person's own pages: who they are, their password, sessions and tokens."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import models
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core import audit, directory, services
from core.access import PortalRequest, signed_in
from core.forms import NoticeForm, ProfileForm, TokenForm
from core.lines import lines_to_paste
from core.models import ApiToken, User


def person_of(request: PortalRequest) -> User:
    """Return who is signed in, as a row of their own to change."""
    return get_object_or_404(User, pk=request.user.pk)


@signed_in
@require_http_methods(["GET", "POST"])
def me(request: PortalRequest) -> HttpResponse:
    """Show and change name, address, time zone, numbers and look."""
    person = person_of(request)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        if form.changes_address:
            services.change_address(form.before, form.cleaned_data["email"])
        form.save()
        messages.success(request, _("Saved"))
        return redirect("core:me")
    tokens = ApiToken.objects.filter(user=form.before, revoked_at=None)
    context = {
        "form": form,
        "person": form.before,
        "token_count": tokens.count(),
        "notice_form": NoticeForm(person=form.before),
        "mail": mail_state(form.before),
    }
    return render(request, "core/me.html", context)


def mail_state(person: User) -> str:
    """Return whether mail reaches somebody: "on", "no server" or "no address"."""
    if not settings.MAIL_CONFIGURED:
        return "no server"
    return "no address" if person.has_placeholder_address else "on"


@signed_in
@require_POST
def seen(request: PortalRequest) -> HttpResponse:
    """Note that a page is being read: pages ask it when `is_unseen`, and never wait."""
    person = person_of(request)
    if person.is_unseen:
        services.note_seen(person, now=timezone.now())
    return HttpResponse(status=204)


@signed_in
@require_POST
def notice_choices(request: PortalRequest) -> HttpResponse:
    """Keep how somebody wants to be told of each kind of event."""
    form = NoticeForm(request.POST, person=person_of(request))
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved"))
    else:
        messages.error(request, _("Nothing was changed: choose from the lists."))
    return redirect(f"{reverse('core:me')}#notices")


@signed_in
@require_POST
def sign_out_everywhere(request: PortalRequest) -> HttpResponse:
    """End every session but this one."""
    person = person_of(request)
    services.end_sessions(person)
    audit.record(request.actor, "sign out everywhere")
    update_session_auth_hash(request, person)
    messages.success(request, _("Signed out everywhere else."))
    return redirect("core:me")


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def token_list(request: PortalRequest) -> HttpResponse:
    """List a person's tokens; a new one is shown once, in the answer that makes it."""
    projects = directory.projects_of(request.actor)
    form = TokenForm(request.POST or None, projects=projects)
    made, key = None, ""
    if request.method == "POST" and form.is_valid():
        made, key = services.issue_token(
            actor=request.actor,
            name=form.cleaned_data["name"],
            scope=form.cleaned_data["scope"],
            project_id=form.cleaned_data["project"],
            lifetime=form.lifetime,
        )
        form = TokenForm(projects=projects)
    context = {
        "form": form,
        "tokens": _tokens_of(request, projects),
        "made": made,
        "key": key,
        "lines": lines_to_paste(key) if key else [],
    }
    return render(request, "core/token_list.html", context)


def _tokens_of(request: PortalRequest, projects: dict[int, str]) -> list[ApiToken]:
    mine: models.QuerySet[ApiToken] = ApiToken.objects.filter(
        user=request.user.pk, revoked_at=None
    )
    tokens: list[Any] = list(mine)  # with a place, for the page only
    for token in tokens:
        token.place = _place(token, projects)
    return tokens


def _place(token: ApiToken, projects: dict[int, str]) -> str:
    if token.project_id is None:
        return _("all my projects")
    return projects.get(token.project_id, _("a project you cannot see any more"))


@signed_in
@require_POST
def token_revoke(request: PortalRequest, pk: int) -> HttpResponse:
    """Make one of the person's tokens useless."""
    token = get_object_or_404(ApiToken, pk=pk, user=request.user.pk)
    services.revoke_token(token, actor=request.actor)
    messages.success(
        request, _("The token %(name)s is revoked.") % {"name": token.name}
    )
    return redirect("core:token_list")
