"""Asking people for their numbers or metrics, and following what became of it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.access import PortalRequest, signed_in
from projects import services
from projects.forms.people import AskForm, DateForm, RoundForm, end_of
from projects.models import Invitation, Project
from projects.selectors.comparison import side_by_side
from projects.selectors.people import followed, have_answered, not_asked
from projects.selectors.value import is_revealed, revealed_round
from projects.services.letters import can_mail, letter_for, post

LINKS = "links"  # session key: links are shown once, then only their hash is left
Asks = Invitation.Asks


@dataclass(frozen=True)
class Room:
    """Where a question is asked and followed."""

    route: str
    station: str
    template: str


ROOMS = {
    Asks.ESTIMATE: Room("projects:value_ask", "value", "projects/value_ask.html"),
    Asks.METRICS: Room("projects:metrics_ask", "metrics", "projects/metrics_ask.html"),
}


@signed_in
def value_ask(request: PortalRequest, slug: str) -> HttpResponse:
    """Choose people and ask them for numbers; below, how far each is."""
    return _room(request, slug, Asks.ESTIMATE)


@signed_in
def metrics_ask(request: PortalRequest, slug: str) -> HttpResponse:
    """Choose people and ask them what counts; below, how far each is."""
    return _room(request, slug, Asks.METRICS)


def _room(request: PortalRequest, slug: str, asks: Invitation.Asks) -> HttpResponse:
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    form = AskForm(
        request.POST or None,
        project=project,
        initial={"people": not_asked(project, asks)},
    )
    if request.method == "POST" and form.is_valid():
        _ask(request, form, form.cleaned_data["message"], asks=asks)
        return redirect(project.url(ROOMS[asks].route))
    return _page(request, project, form, asks)


def _ask(
    request: PortalRequest,
    form: AskForm | RoundForm,
    message: str,
    *,
    asks: Invitation.Asks = Asks.ESTIMATE,
) -> None:
    for person in form.cleaned_data["people"]:
        invitation, secret = services.invite(
            person,
            actor=request.actor,
            asks=asks,
            deadline=form.cleaned_data["deadline"],
            message=message,
        )
        _hand_over(request, invitation, secret)


@signed_in
def value_round(request: PortalRequest, slug: str) -> HttpResponse:
    """Open another round with a reason, and ask people again; blind until all have."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    if not is_revealed(project):
        messages.error(request, _("This round is not over: show its answers first."))
        return redirect(project.url("projects:value") + "#people")
    form = RoundForm(
        request.POST or None,
        project=project,
        initial={"people": have_answered(project)},
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        services.open_round(project, actor=request.actor, reason=reason)
        _ask(request, form, reason)
        return redirect(project.url("projects:value_ask"))
    context = {
        "project": project,
        "station": "value",
        "form": form,
        "number": project.estimate_round + 1,
        "can_mail": can_mail(),
        "said": side_by_side(project, upto=revealed_round(project)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/value_round.html", context, status=status)


def _page(
    request: PortalRequest, project: Project, form: AskForm, asks: Invitation.Asks
) -> HttpResponse:
    room = ROOMS[asks]
    context = {
        "project": project,
        "station": room.station,
        "form": form,
        "people": followed(project, asks),
        "letters": _letters(request, project, asks),
        "can_mail": can_mail(),
        "is_revealed": is_revealed(project),
        "preview": _preview(request, project, asks),
    }
    status = 422 if form.is_bound else 200
    return render(request, room.template, context, status=status)


def _hand_over(request: PortalRequest, invitation: Invitation, secret: str) -> None:
    """Mail the link, or show it once on the next page to be handed over."""
    letter = letter_for(invitation, secret)
    if can_mail() and letter.to:
        post(letter, sender=request.actor.user)
        messages.success(
            request, _("A letter goes to %(name)s.") % {"name": letter.name}
        )
        return
    shown = request.session.get(LINKS, {})
    request.session[LINKS] = {**shown, str(invitation.pk): secret}


def _letters(
    request: PortalRequest, project: Project, asks: Invitation.Asks
) -> list[object]:
    secrets = request.session.get(LINKS, {})
    rows = Invitation.objects.filter(
        pk__in=list(secrets), stakeholder__project=project, asks=asks
    ).select_related("stakeholder__project", "created_by")
    letters = [letter_for(row, secrets[str(row.pk)]) for row in rows]
    if secrets and request.method == "GET":
        mine = {str(row.pk) for row in rows}
        request.session[LINKS] = {k: v for k, v in secrets.items() if k not in mine}
    return [*letters]


def _preview(request: PortalRequest, project: Project, asks: Invitation.Asks) -> str:
    person = project.stakeholders.first()
    if person is None:
        return ""
    sample = Invitation(
        stakeholder=person,
        asks=asks,
        deadline=end_of(timezone.localdate() + Invitation.LIFETIME / 2),
        created_by=request.actor.user,
    )
    return letter_for(sample, _("the-link-is-made-when-you-ask")).text


def _invitation(request: PortalRequest, slug: str, pk: int) -> Invitation:
    return get_object_or_404(
        Invitation.objects.editable_by(request.actor).select_related(
            "stakeholder__project", "created_by"
        ),
        stakeholder__project__slug=slug,
        asks__in=ROOMS,  # who is asked to sign is asked on the decision's page
        pk=pk,
    )


def _back(invitation: Invitation) -> HttpResponse:
    room = ROOMS[Asks(invitation.asks)]
    return redirect(invitation.project.url(room.route))


@signed_in
@require_POST
def invitation_remind(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Ask once more, by a fresh link and the same or a given deadline."""
    invitation = _invitation(request, slug, pk)
    form = DateForm(request.POST)
    deadline = form.cleaned_data["deadline"] if form.is_valid() else None
    if deadline is None and invitation.deadline < timezone.now():
        deadline = end_of(timezone.localdate() + Invitation.LIFETIME / 2)
    secret = services.renew_invitation(
        invitation, actor=request.actor, deadline=deadline or invitation.deadline
    )
    _hand_over(request, invitation, secret)
    return _back(invitation)


@signed_in
@require_POST
def invitation_revoke(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Close a link; an answer that was sent stays."""
    invitation = _invitation(request, slug, pk)
    services.revoke_invitation(invitation, actor=request.actor)
    messages.success(
        request,
        _("The link of %(name)s is closed.") % {"name": invitation.stakeholder},
    )
    return _back(invitation)
