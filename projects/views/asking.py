"""Asking people for their estimates, and following what became of it."""

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


@signed_in
def value_ask(request: PortalRequest, slug: str) -> HttpResponse:
    """Choose people and ask them; below, how far each is."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    form = AskForm(
        request.POST or None,
        project=project,
        initial={"people": not_asked(project)},
    )
    if request.method == "POST" and form.is_valid():
        _ask(request, form, form.cleaned_data["message"])
        return redirect(project.url("projects:value_ask"))
    return _page(request, project, form)


def _ask(request: PortalRequest, form: AskForm | RoundForm, message: str) -> None:
    for person in form.cleaned_data["people"]:
        invitation, secret = services.invite(
            person,
            actor=request.actor,
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


def _page(request: PortalRequest, project: Project, form: AskForm) -> HttpResponse:
    context = {
        "project": project,
        "station": "value",
        "form": form,
        "people": followed(project),
        "letters": _letters(request, project),
        "can_mail": can_mail(),
        "is_revealed": is_revealed(project),
        "preview": _preview(request, project),
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/value_ask.html", context, status=status)


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


def _letters(request: PortalRequest, project: Project) -> list[object]:
    secrets = request.session.get(LINKS, {})
    rows = Invitation.objects.filter(
        pk__in=list(secrets), stakeholder__project=project
    ).select_related("stakeholder__project", "created_by")
    letters = [letter_for(row, secrets[str(row.pk)]) for row in rows]
    if secrets and request.method == "GET":
        mine = {str(row.pk) for row in rows}
        request.session[LINKS] = {k: v for k, v in secrets.items() if k not in mine}
    return [*letters]


def _preview(request: PortalRequest, project: Project) -> str:
    person = project.stakeholders.first()
    if person is None:
        return ""
    sample = Invitation(
        stakeholder=person,
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
        pk=pk,
    )


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
    return redirect(invitation.project.url("projects:value_ask"))


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
    return redirect(invitation.project.url("projects:value_ask"))
