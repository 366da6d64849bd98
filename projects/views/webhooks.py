"""Which other systems are told what happens in a project; its owners decide."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core import services
from core.access import PortalRequest, signed_in
from core.models import Webhook, WebhookDelivery
from core.outgoing import tell_webhook
from projects.forms.webhooks import WebhookForm
from projects.models import Project
from projects.selectors import webhooks as selectors


def _owned(request: PortalRequest, slug: str) -> Project:
    return get_object_or_404(Project.objects.owned_by(request.actor), slug=slug)


def _webhook(request: PortalRequest, slug: str, pk: int) -> tuple[Project, Webhook]:
    project = _owned(request, slug)
    return project, get_object_or_404(Webhook, pk=pk, project_id=project.pk)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def webhooks(request: PortalRequest, slug: str) -> HttpResponse:
    """List the addresses; a new one's secret is shown once, in its answer."""
    project = _owned(request, slug)
    form = WebhookForm(request.POST or None, instance=Webhook(project_id=project.pk))
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = services.add_webhook(
                project.pk, actor=request.actor, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            form = WebhookForm(instance=Webhook(project_id=project.pk))
    context = {
        "project": project,
        "form": form,
        "addresses": selectors.addresses_of(project),
        "made": made and selectors.address_of(made),
        "secret": secret,
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/webhooks.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def webhook(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change what an address is told, and see how that goes."""
    project, row = _webhook(request, slug, pk)
    form = WebhookForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_webhook(form.save(commit=False), actor=request.actor)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Kept."))
            return redirect("projects:webhook", slug=slug, pk=pk)
    return _show(request, project, pk, form=form)


def _show(
    request: PortalRequest,
    project: Project,
    pk: int,
    *,
    form: WebhookForm,
    secret: str = "",
) -> HttpResponse:
    # What was typed must not stand above the form as if it were kept.
    row = Webhook.objects.get(pk=pk)
    context = {
        "project": project,
        "address": selectors.address_of(row),
        "sent": selectors.sent_to(row),
        "form": form,
        "secret": secret,
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/webhook.html", context, status=status)


@signed_in
@never_cache
@require_POST
def webhook_secret(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Make a new secret, shown once."""
    project, row = _webhook(request, slug, pk)
    secret = services.renew_secret(row, actor=request.actor)
    return _show(request, project, pk, form=WebhookForm(instance=row), secret=secret)


@signed_in
@require_POST
def webhook_test(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Tell an address something, to see whether it listens."""
    _project, row = _webhook(request, slug, pk)
    if row.is_on:
        services.ping(row, actor=request.actor)
        _send(request, row)
        messages.success(request, _("A test is on its way."))
    else:
        messages.error(request, _("It is switched off. Switch it on first."))
    return redirect("projects:webhook", slug=slug, pk=pk)


def _send(request: PortalRequest, row: Webhook) -> None:
    tell_webhook.start(
        actor=None,  # else each test would tell that a job was started
        project_id=row.project_id,
        title=_("Webhook"),
        subject_url=request.path,
        webhook_id=row.pk,
    )


@signed_in
@require_POST
def webhook_redeliver(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Tell an address once more what it was told, under the same id."""
    _project, row = _webhook(request, slug, pk)
    number = request.POST.get("delivery", "")
    pk_of_delivery = int(number) if number.isdecimal() and len(number) < 19 else 0
    delivery = get_object_or_404(WebhookDelivery, webhook=row, pk=pk_of_delivery)
    services.deliver_again(delivery)
    _send(request, row)
    messages.success(request, _("It is on its way once more."))
    return redirect("projects:webhook", slug=slug, pk=pk)


@signed_in
@require_POST
def webhook_remove(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Tell an address nothing more."""
    _project, row = _webhook(request, slug, pk)
    services.remove_webhook(row, actor=request.actor)
    messages.success(request, _("It is told nothing more."))
    return redirect(reverse("projects:webhooks", args=[slug]))
