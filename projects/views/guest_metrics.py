"""Pages of somebody with a link about metrics: what counts for them, a receipt."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render

from core.access import PortalRequest
from projects import services
from projects.forms.metric_words import MetricWordsForm
from projects.models import Invitation
from projects.selectors.metrics import metrics_asked, metrics_said
from projects.services.letters import MINUTES_FOR_METRICS
from projects.views.guest import by_link

by_metrics_link = by_link(Invitation.Asks.METRICS)


@by_metrics_link
def guest_metrics(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Show the metrics to choose among; sending shows the receipt, repeating it too."""
    person = invitation.stakeholder
    typed = request.POST if request.method == "POST" else None
    form = MetricWordsForm(metrics_asked(person), typed)
    if form.is_valid():
        services.answer_about_metrics(invitation, form.words)
        return redirect("projects:guest_metrics_receipt", secret)
    context = {
        "invitation": invitation,
        "project": invitation.project,
        "stakeholder": person,
        "secret": secret,
        "form": form,
        "minutes": MINUTES_FOR_METRICS,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "projects/guest_metrics.html", context, status=status)


@by_metrics_link
def guest_metrics_receipt(
    request: PortalRequest, invitation: Invitation, secret: str
) -> HttpResponse:
    """Show what was sent, of which versions, and until when it may be changed."""
    if invitation.answered_at is None:
        return redirect("projects:invitation", secret)
    context = {
        "invitation": invitation,
        "project": invitation.project,
        "stakeholder": invitation.stakeholder,
        "secret": secret,
        "said": metrics_said(invitation.stakeholder),
    }
    return render(request, "projects/guest_metrics_receipt.html", context)
