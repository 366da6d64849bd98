"""Pages of somebody with a link to sign: the sheet, a code by mail, a receipt."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.access import PortalRequest
from core.middleware import own_transaction
from projects.forms.decisions import GuestSignatureForm
from projects.models import Decision, Invitation
from projects.selectors.decision import sheet
from projects.services import signing
from projects.services.decision import FrozenError
from projects.services.signing import CodeProblem
from projects.views.guest import by_link

by_signing_link = by_link(Invitation.Asks.SIGNATURE)


@own_transaction
@by_signing_link
def guest_signing(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Show the decision's page to read, and to sign with a code from the mail.

    In its own transaction: a wrong code is counted although the answer is a refusal.
    """
    row = _decision(invitation)
    form = GuestSignatureForm(
        request.POST or None, initial={"read": row.digest, "word": "approve"}
    )
    if request.method == "POST" and form.is_valid() and _signs(invitation, form):
        return redirect("projects:guest_signing", secret)
    context = {
        "invitation": invitation,
        "project": invitation.project,
        "decision": row,
        "sheet": sheet(row),
        "form": form,
        "secret": secret,
        "signature": row.signatures.filter(stakeholder=invitation.stakeholder).first(),
        "can_sign": signing.can_sign_by_code(invitation),
        "has_tries": invitation.code_tries < signing.TRIES,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "projects/decision_guest.html", context, status=status)


def _signs(invitation: Invitation, form: GuestSignatureForm) -> bool:
    said = form.cleaned_data
    try:
        signing.sign_by_code(
            invitation,
            code=said["code"],
            word=said["word"],
            comment=said["comment"],
            read_digest=said["read"],
        )
    except CodeProblem as problem:
        form.add_error("code", str(problem))
    except FrozenError:
        form.add_error(None, _("It was withdrawn or superseded meanwhile."))
    except ValidationError as problem:
        form.add_error(None, problem.messages)
    return not form.errors


def _decision(invitation: Invitation) -> Decision:
    row = invitation.decision
    if row is None:
        raise ValueError(f"invitation {invitation.pk} asks for no signature")
    row.project = invitation.project
    return row


@require_POST
@by_signing_link
def guest_code(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Mail a code to the person whose link it is."""
    try:
        signing.send_code(invitation)
    except CodeProblem as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request,
            _("A code goes to %(address)s.")
            % {"address": _masked(invitation.stakeholder.email)},
        )
    return redirect("projects:guest_signing", secret)


def _masked(address: str) -> str:
    """Return an address that its owner knows and nobody else learns."""
    name, _at, host = address.partition("@")
    return f"{name[:1]}…@{host}"
