"""People and teams, for an admin."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core import services
from core.access import PortalRequest, admin_only
from core.forms import InviteForm, MemberForm, TeamForm
from core.mail import mail_link
from core.models import Team, User
from core.selectors.activity import portal_activity


def _page(
    request: PortalRequest, *, invite: InviteForm, team: TeamForm, **more: object
) -> HttpResponse:
    context = {
        "people": User.objects.order_by("-is_active", "name", "email"),
        "teams": Team.objects.annotate(size=Count("members")),
        "acts": portal_activity(limit=8),
        "invite": invite,
        "team_form": team,
        **more,
    }
    return render(request, "core/people.html", context)


@admin_only
@never_cache
@require_http_methods(["GET", "POST"])
def people(request: PortalRequest) -> HttpResponse:
    """List people and teams; a POST invites somebody and shows their link."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = services.create_person(actor=request.actor, **form.cleaned_data)
        return _with_link(request, person)
    return _page(request, invite=form, team=TeamForm())


@admin_only
@never_cache
@require_POST
def person_link(request: PortalRequest, pk: int) -> HttpResponse:
    """Make a one-time link for somebody who is locked out, and show it."""
    return _with_link(request, get_object_or_404(User, pk=pk, is_active=True))


def _with_link(request: PortalRequest, person: User) -> HttpResponse:
    link = services.hand_over_link(person, actor=request.actor)
    was_mailed = mail_link(person, link, sender=request.actor.name)
    message = _(
        "Hello %(name)s,\nyou have an account on our MLOps Portal.\n"
        "Open this link within a day and choose a password:\n%(link)s"
    ) % {"name": person.display_name, "link": link}
    return _page(
        request,
        invite=InviteForm(),
        team=TeamForm(),
        invited=person,
        link=link,
        message=message,
        was_mailed=was_mailed,
        is_local=settings.PUBLIC_URL_IS_LOCAL,
    )


@admin_only
@require_POST
def person_deactivate(request: PortalRequest, pk: int) -> HttpResponse:
    """Shut somebody out."""
    person = get_object_or_404(User, pk=pk)
    try:
        services.deactivate_person(person, actor=request.actor)
    except services.LastAdminError as error:
        messages.error(request, str(error))
    else:
        said = _("%(name)s is signed out and cannot come in again.")
        messages.success(request, said % {"name": person.display_name})
    return redirect("core:people")


@admin_only
@require_POST
def person_reactivate(request: PortalRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    person = get_object_or_404(User, pk=pk)
    services.reactivate_person(person, actor=request.actor)
    said = _("%(name)s can sign in again.")
    messages.success(request, said % {"name": person.display_name})
    return redirect("core:people")


@admin_only
@require_POST
def person_admin(request: PortalRequest, pk: int) -> HttpResponse:
    """Give or take the right to manage people and jobs: `admin=1` gives."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    try:
        services.set_admin(
            person, actor=request.actor, is_admin=request.POST.get("admin") == "1"
        )
    except services.LastAdminError as error:
        messages.error(request, str(error))
    return redirect("core:people")


@admin_only
@require_POST
def team_create(request: PortalRequest) -> HttpResponse:
    """Make a team."""
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _page(request, invite=InviteForm(), team=form)
    team = services.create_team(form.save(commit=False), actor=request.actor)
    return redirect("core:team", pk=team.pk)


@admin_only
@require_http_methods(["GET", "POST"])
def team(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a team's members; a POST renames it."""
    row = get_object_or_404(Team, pk=pk)
    name = row.name
    form = TeamForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        services.rename_team(row, actor=request.actor)
        return redirect("core:team", pk=row.pk)
    context = {
        "team": row,
        "team_name": name,
        "form": form,
        "members": row.members.order_by("name", "email"),
        "member_form": MemberForm(team=row),
    }
    return render(request, "core/team.html", context)


@admin_only
@require_POST
def team_member(request: PortalRequest, pk: int) -> HttpResponse:
    """Put somebody into a team, or take them out with `remove=1`."""
    row = get_object_or_404(Team, pk=pk)
    person = _asked_person(request)
    services.set_member(
        row,
        person,
        actor=request.actor,
        is_member=request.POST.get("remove") != "1",
    )
    return redirect("core:team", pk=row.pk)


def _asked_person(request: PortalRequest) -> User:
    asked = request.POST.get("person", "")
    return get_object_or_404(User, pk=int(asked) if asked.isdecimal() else 0)


@admin_only
@require_POST
def team_delete(request: PortalRequest, pk: int) -> HttpResponse:
    """Delete a team and the roles it held."""
    services.delete_team(get_object_or_404(Team, pk=pk), actor=request.actor)
    messages.success(request, _("The team is deleted."))
    return redirect("core:people")
