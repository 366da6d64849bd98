"""Pages of somebody with a link: who asks, the form, a receipt."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.access import Actor, PortalRequest, guest
from core.middleware import own_transaction
from projects import services
from projects.forms.people import DeclineForm
from projects.models import Invitation
from projects.selectors.people import invitation_by
from projects.selectors.value import answers, asked_quantities, is_revealed
from projects.services.letters import MINUTES_FOR_METRICS, minutes_for
from projects.views.answering import drawn, redrawn, sheet_of

GuestView = Callable[[PortalRequest, Invitation, str], HttpResponse]


Asks = Invitation.Asks


@dataclass(frozen=True)
class Way:
    """The pages of one question: where its link begins, what is asked, the receipt."""

    first: str
    form: str = ""
    receipt: str = ""


WAYS = {
    Asks.ESTIMATE: Way(
        "projects:invitation", "projects:guest_estimate", "projects:guest_receipt"
    ),
    Asks.METRICS: Way(
        "projects:invitation",
        "projects:guest_metrics",
        "projects:guest_metrics_receipt",
    ),
    Asks.SIGNATURE: Way("projects:guest_signing"),
}


def way_of(invitation: Invitation) -> Way:
    """Return the pages that an invitation opens."""
    return WAYS[Asks(invitation.asks)]


def by_link(
    *asks: Invitation.Asks,
) -> Callable[[GuestView], Callable[..., HttpResponse]]:
    """Declare a guest's view of these questions; a closed link says what to do.

    A link that asks for something else leads to its own first page.
    """

    def declared(view: GuestView) -> Callable[..., HttpResponse]:
        @guest
        @wraps(view)
        def opened(request: PortalRequest, secret: str) -> HttpResponse:
            invitation = invitation_by(secret)
            if invitation is None:
                return _closed(request, None, HTTPStatus.NOT_FOUND)
            if not invitation.is_open and not _shows_receipt(request, invitation):
                return _closed(request, invitation, HTTPStatus.GONE)
            if invitation.asks not in asks:
                return private(redirect(way_of(invitation).first, secret))
            request.actor = Actor(invitation_id=invitation.pk)
            return private(view(request, invitation, secret))

        return opened

    return declared


by_estimate_link = by_link(Asks.ESTIMATE)
by_any_answer_link = by_link(Asks.ESTIMATE, Asks.METRICS)


def _shows_receipt(request: PortalRequest, invitation: Invitation) -> bool:
    """Whether a link that ended may still show what was sent by it."""
    is_sent = invitation.answered_at is not None and invitation.revoked_at is None
    return is_sent and request.method == "GET" and request.path.endswith("/thanks/")


def _closed(
    request: PortalRequest, invitation: Invitation | None, status: HTTPStatus
) -> HttpResponse:
    context = {"invitation": invitation}
    return private(render(request, "projects/link_closed.html", context, status=status))


def private(response: HttpResponse) -> HttpResponse:
    """Keep a page that a secret opens out of caches and search engines."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _may_change(invitation: Invitation) -> bool:
    """Whether an answer can still be given: until the deadline or the reveal.

    A link asks for one round; a later one has a link of its own.
    """
    is_this_round = invitation.round == invitation.project.estimate_round
    if not invitation.is_open or not is_this_round:
        return False
    return invitation.answered_at is None or not is_revealed(invitation.project)


@by_any_answer_link
def invitation(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Say who asks and why; starting is a POST, as mail scanners open links."""
    way = way_of(invitation)
    if request.method == "POST":
        services.open_invitation(invitation)
        return redirect(way.form, secret)
    if invitation.answered_at:
        return redirect(way.receipt, secret)
    context = {
        "invitation": invitation,
        "project": invitation.project,
        "secret": secret,
    }
    if invitation.asks == Asks.METRICS:
        context["minutes"] = MINUTES_FOR_METRICS
        return render(request, "projects/invitation_metrics.html", context)
    count = len(asked_quantities(invitation.project))
    context |= {"count": count, "minutes": minutes_for(count)}
    return render(request, "projects/invitation_estimate.html", context)


@by_estimate_link
def guest_estimate(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Show the form; sending it shows the receipt, and repeating it too."""
    if not _may_change(invitation):
        return redirect("projects:guest_receipt", secret)
    sending = request.method == "POST" and "redraw" not in request.POST
    sheet = sheet_of(request, invitation.stakeholder, sending=sending)
    if sending and sheet.keep(request, send=True):
        services.answer_invitation(invitation)
        return redirect("projects:guest_receipt", secret)
    context = {
        **drawn(sheet),
        "invitation": invitation,
        "secret": secret,
        "minutes": minutes_for(len(asked_quantities(invitation.project))),
        "others": len(answers(invitation.project)) - 1,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if sending else HTTPStatus.OK
    return render(request, "projects/guest_estimate.html", context, status=status)


@own_transaction
@require_POST
@by_estimate_link
def guest_preview(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Redraw the picture of what is typed; nothing is written."""
    return redrawn(request, sheet_of(request, invitation.stakeholder))


@require_POST
@by_estimate_link
def guest_keep(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Keep what is typed so far, without making it count."""
    if _may_change(invitation):
        services.open_invitation(invitation)
        sheet_of(request, invitation.stakeholder).keep(request, send=False)
    return HttpResponse(status=204)


@by_estimate_link
def guest_receipt(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Show what was sent, and until when it may be changed."""
    if invitation.answered_at is None:
        return redirect("projects:invitation", secret)
    context = {
        **drawn(sheet_of(request, invitation.stakeholder)),
        "invitation": invitation,
        "secret": secret,
        "may_change": _may_change(invitation),
        "is_revealed": is_revealed(invitation.project),
        "is_earlier": invitation.round < invitation.project.estimate_round,
    }
    return render(request, "projects/guest_receipt.html", context)


@by_any_answer_link
def guest_decline(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Take "not mine, ask …" or "I would rather not" for an answer."""
    form = DeclineForm(request.POST or None)
    is_done = invitation.declined_at is not None
    if request.method == "POST" and form.is_valid():
        services.decline_invitation(invitation, reason=form.said())
        return redirect("projects:guest_decline", secret)
    context = {
        "invitation": invitation,
        "project": invitation.project,
        "secret": secret,
        "form": form,
        "is_done": is_done,
        "form_url": reverse(way_of(invitation).form, args=[secret]),
    }
    return render(request, "projects/guest_decline.html", context)
