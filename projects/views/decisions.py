"""The room of decisions: gates, proposals, the page that is signed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from core.downloads import attachment
from core.models import Job
from projects import services, tasks
from projects.forms.decisions import AskToSignForm, DecisionForm, SignatureForm
from projects.models import Decision, Invitation, Project, SharedLink
from projects.selectors import decision as selectors
from projects.selectors.gates.board import room
from projects.selectors.value import may_contribute, may_edit
from projects.services import signing
from projects.services.decision import FrozenError
from projects.services.letters import Letter, can_mail, post
from projects.services.one_pager import is_printed, kept_pdf
from projects.views.sharing import share_page, sharing

LINKS = "signing links"  # session key: shown once, then only their hash is left


@signed_in
@require_safe
def decisions(request: PortalRequest, slug: str) -> HttpResponse:
    """List the project's gates, its decisions, and who went past a closed gate."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    context = {
        "project": project,
        "station": "decision",
        "room": room(project),
        "may_edit": may_edit(project, request.actor),
    }
    return render(request, "projects/decisions.html", context)


@signed_in
def decision_create(request: PortalRequest, slug: str) -> HttpResponse:
    """Propose a decision with the evidence as it stands."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    gate = request.GET.get("gate", "")
    known = gate if gate in Decision.Gate.values else ""
    return _edit(request, Decision(project=project, gate=known))


@signed_in
def decision_edit(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change a proposal that nobody has signed; it takes the newest evidence."""
    row = get_object_or_404(
        Decision.objects.editable_by(request.actor),
        project__slug=slug,
        pk=pk,
        frozen_at=None,
        withdrawn_at=None,
    )
    return _edit(request, row)


def _edit(request: PortalRequest, row: Decision) -> HttpResponse:
    form = DecisionForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        services.propose_decision(form.save(commit=False), actor=request.actor)
        return redirect(row)
    context = {
        "project": row.project,
        "station": "decision",
        "decision": row,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/decision_form.html", context, status=status)


@signed_in
@require_safe
def decision(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show a decision as one page to sign, print and keep."""
    row = _visible(request, slug, pk)
    return _sheet(request, row, SignatureForm(initial={"read": row.digest}))


def _visible(request: PortalRequest, slug: str, pk: int) -> Decision:
    rows = Decision.objects.visible_to(request.actor).select_related("project")
    return get_object_or_404(
        rows.prefetch_related("signatures"), project__slug=slug, pk=pk
    )


def _sheet(
    request: PortalRequest,
    row: Decision,
    form: SignatureForm,
    *,
    ask: AskToSignForm | None = None,
    status: int = 200,
) -> HttpResponse:
    project, may_change = row.project, may_edit(row.project, request.actor)
    sheet = selectors.sheet(row)
    context = {
        "project": project,
        "decision": row,
        "sheet": sheet,
        "form": form,
        **_signing(request, row),
        "may_edit": may_change and row.frozen_at is None and row.is_live,
        "may_ask": may_change and row.is_live,
        "ask": ask or _ask_form(row),
        "letters": _letters(request, row) if may_change else [],
        "can_mail": can_mail(),
        "sharing": sharing(request, project, SharedLink.Kind.DECISION, row.pk),
        **_paper(request, row, sheet),
    }
    return render(request, "projects/decision.html", context, status=status)


def _ask_form(row: Decision) -> AskToSignForm:
    day = timezone.localdate() + Invitation.LIFETIME / 2
    return AskToSignForm(decision=row, initial={"deadline": day})


def _signing(request: PortalRequest, row: Decision) -> dict[str, Any]:
    """Return what the reader may sign as, or why not."""
    stake = row.project.stakeholders.filter(user=request.actor.user).first()
    capacity = stake.get_capacity_display() if stake and stake.capacity else ""
    has_signed = any(
        each.user_id == getattr(request.actor.user, "pk", 0)
        for each in row.signatures.all()
    )
    may = may_contribute(row.project, request.actor) and row.is_live
    return {
        "capacity": capacity,
        "may_sign": bool(may and capacity and not has_signed),
        "signs_for_nothing": bool(may and not capacity),
    }


def _paper(
    request: PortalRequest, row: Decision, sheet: selectors.Sheet
) -> dict[str, Any]:
    """Return what is known of the page as PDF."""
    asked = request.GET.get("job", "")
    jobs = Job.objects.filter(
        kind=tasks.print_decision.kind.name, params__decision_id=row.pk
    )
    job = next((each for each in jobs[:5] if str(each.pk) == asked), None)
    return {
        "has_chromium": bool(tasks.chromium()),
        "is_printed": is_printed(row, sheet),
        "may_print": may_contribute(row.project, request.actor),
        "job": job,
    }


@signed_in
@require_POST
def decision_sign(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Sign a decision; the first signature freezes it with its evidence."""
    row = get_object_or_404(
        Decision.objects.contributable_by(request.actor).select_related("project"),
        project__slug=slug,
        pk=pk,
    )
    form = SignatureForm(request.POST)
    if form.is_valid():
        try:
            services.sign_decision(
                row,
                actor=request.actor,
                word=form.cleaned_data["word"],
                comment=form.cleaned_data["comment"],
                read_digest=form.cleaned_data["read"],
            )
        except FrozenError:
            form.add_error(None, _("It was withdrawn or superseded meanwhile."))
        except ValidationError as error:
            form.add_error(None, error.messages)
    if form.errors:
        return _sheet(request, row, form, status=422)
    messages.success(request, _("Signed. The decision is frozen with its evidence."))
    return redirect(row)


@signed_in
@require_POST
def decision_withdraw(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take back a proposal that nobody has signed."""
    row = get_object_or_404(
        Decision.objects.editable_by(request.actor), project__slug=slug, pk=pk
    )
    try:
        services.withdraw_decision(row, actor=request.actor)
    except FrozenError:
        messages.error(
            request, _("It is signed: propose a new decision to take its place.")
        )
        return redirect(row)
    messages.success(request, _("The proposal is withdrawn."))
    return redirect(row.project.url("projects:decisions"))


@signed_in
@require_POST
def decision_ask(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Ask somebody to sign by link, without an account."""
    row = get_object_or_404(
        Decision.objects.editable_by(request.actor).select_related("project"),
        project__slug=slug,
        pk=pk,
        withdrawn_at=None,
        superseded_by=None,
    )
    ask = AskToSignForm(request.POST, decision=row)
    if not ask.is_valid():
        form = SignatureForm(initial={"read": row.digest})
        return _sheet(request, row, form, ask=ask, status=422)
    invitation, secret = signing.ask_for_signature(
        row,
        ask.cleaned_data["person"],
        actor=request.actor,
        deadline=ask.cleaned_data["deadline"],
        message=ask.cleaned_data["message"],
    )
    _hand_over(request, invitation, secret)
    return redirect(f"{row.get_absolute_url()}#ask")


@signed_in
@require_POST
def decision_share(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Show a decision by link, to read and print."""
    rows = Decision.objects.editable_by(request.actor).select_related("project")
    row = get_object_or_404(rows, project__slug=slug, pk=pk)
    return share_page(request, row.project, SharedLink.Kind.DECISION, row.pk)


def _hand_over(request: PortalRequest, invitation: Invitation, secret: str) -> None:
    """Mail the link, or show it once on the next page to be handed over."""
    letter = signing.letter_to_sign(invitation, secret)
    if can_mail() and letter.to:
        post(letter, sender=request.actor.user)
        said = _("A letter goes to %(name)s.") % {"name": letter.name}
        messages.success(request, said)
        return
    kept = request.session.get(LINKS, {})
    request.session[LINKS] = {**kept, str(invitation.pk): secret}


def _letters(request: PortalRequest, row: Decision) -> list[Letter]:
    kept: dict[str, str] = request.session.get(LINKS, {})
    rows = row.invitations.filter(pk__in=list(kept)).select_related(
        "stakeholder__project", "created_by", "decision"
    )
    letters = [signing.letter_to_sign(each, kept[str(each.pk)]) for each in rows]
    if letters and request.method == "GET":
        mine = {str(each.pk) for each in rows}
        request.session[LINKS] = {k: v for k, v in kept.items() if k not in mine}
    return letters


@signed_in
def decision_pdf(request: PortalRequest, slug: str, pk: int) -> HttpResponseBase:
    """Send the page as PDF; a POST has it printed as it is now."""
    row = _visible(request, slug, pk)
    if request.method == "POST":
        return _print(request, row)
    return attachment(kept_pdf(row), f"{slugify(row.question)[:60] or row.pk}.pdf")


def _print(request: PortalRequest, row: Decision) -> HttpResponse:
    if not may_contribute(row.project, request.actor):
        raise Http404
    if not tasks.chromium():
        messages.error(request, _("There is no Chromium here to print with."))
        return redirect(row)
    job = tasks.start_printing(row, actor=request.actor)
    return redirect(f"{row.get_absolute_url()}?job={job.pk}")
