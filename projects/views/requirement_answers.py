"""What people vouch for: attestations, a template's answers, documents."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, signed_in
from core.downloads import attachment
from core.middleware import own_transaction
from core.objects import CutOffError, Incoming, TooLargeError
from core.uploads import accepts_upload, receive_field, refuse_if_cut_off
from projects import services
from projects.forms.requirements import AnswersForm, AttestForm
from projects.kinds import compliance
from projects.models import Requirement, RequirementVersion
from projects.selectors.documents import document_named, document_ref
from projects.views.requirements import page_of

UNPROCESSABLE = 422


@own_transaction
@accepts_upload
@signed_in
@require_POST
def requirement_attest(request: PortalRequest, slug: str, pk: int) -> HttpResponseBase:
    """Record that a person vouches for a requirement, with a document if they like."""
    row = get_object_or_404(
        Requirement.objects.contributable_by(request.actor).select_related("project"),
        project__slug=slug,
        pk=pk,
    )
    version = row.current
    if version is None or not version.needs_attestation:
        raise Http404
    form = AttestForm(request.POST, request.FILES)
    if form.is_valid() and _attested(request, row, form):
        messages.success(request, _("Attested with your name."))
        return redirect(row)
    context = page_of(request, row, form)
    return render(request, "projects/requirement.html", context, status=UNPROCESSABLE)


def _attested(request: PortalRequest, row: Requirement, form: AttestForm) -> bool:
    """Whether it was recorded; why not is beside the document."""
    file = form.cleaned_data["document"]
    try:
        refuse_if_cut_off(request)
        incoming = receive_field(request, file) if file else None
        with transaction.atomic():
            document = (
                services.keep_document(row, incoming, name=file.name)
                if incoming
                else None
            )
            services.attest(
                row,
                actor=request.actor,
                holds=form.cleaned_data["holds"],
                note=form.cleaned_data["note"],
                document=document,
            )
    except (CutOffError, TooLargeError) as error:
        form.add_error("document", str(error))
        return False
    return True


@own_transaction
@accepts_upload
@signed_in
def requirement_answers(request: PortalRequest, slug: str, pk: int) -> HttpResponseBase:
    """Answer the questions of a law or guidance; open ones count as not met."""
    row = get_object_or_404(
        Requirement.objects.editable_by(request.actor).select_related("project"),
        project__slug=slug,
        pk=pk,
    )
    version = row.current
    if version is None or version.details.get("template") not in compliance.TEMPLATES:
        raise Http404
    form = AnswersForm(request.POST or None, request.FILES or None, version=version)
    if request.method == "POST" and form.is_valid():
        kept = _answered(request, row, version, form)
        if kept is not None:
            return redirect(_next(request, row, kept))
    context = {
        "project": row.project,
        "station": "requirements",
        "requirement": row,
        "template": compliance.TEMPLATES[version.details["template"]],
        "score": compliance.score(version.details),
        "form": form,
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "projects/requirement_answers.html", context, status=status)


def _answered(
    request: PortalRequest,
    row: Requirement,
    version: RequirementVersion,
    form: AnswersForm,
) -> RequirementVersion | None:
    """Keep the answers; None if a document was refused, with why beside it."""
    received: dict[str, tuple[str, Incoming]] = {}
    for key, file in form.new_files().items():
        try:
            received[key] = (file.name, receive_field(request, file))
        except (CutOffError, TooLargeError) as error:
            form.add_error(f"{key}-file", str(error))
            return None
    try:
        with transaction.atomic():
            documents = {
                key: vars(services.keep_document(row, incoming, name=name))
                for key, (name, incoming) in received.items()
            }
            details = {**version.details, "answers": form.answers(documents)}
            said = {**version.said(), "details": details, "reason": _("Answered")}
            return services.save_requirement(row, actor=request.actor, said=said)
    except TooLargeError as error:
        form.add_error(None, str(error))
        return None


def _next(request: PortalRequest, row: Requirement, kept: RequirementVersion) -> str:
    """Return where to go on: to questions that the answers brought up, or back."""
    score = compliance.score(kept.details)
    if score.open:
        messages.info(
            request,
            ngettext(
                "Kept. %(n)s question is still open and counts as not met.",
                "Kept. %(n)s questions are still open and count as not met.",
                score.open,
            )
            % {"n": score.open},
        )
        return request.path
    messages.success(request, _("Kept; every question is answered."))
    return row.get_absolute_url()


@signed_in
@require_safe
def requirement_document(
    request: PortalRequest, slug: str, pk: int, digest: str
) -> HttpResponseBase:
    """Send a document of a requirement to whoever sees the project."""
    row = get_object_or_404(
        Requirement.objects.visible_to(request.actor), project__slug=slug, pk=pk
    )
    document = document_named(row, digest)
    if document is None:
        raise Http404
    return attachment(document_ref(row, digest), document.name)
