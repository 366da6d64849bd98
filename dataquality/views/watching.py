"""A data set that is watched: its alerts, and what is done about its gaps."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.access import PortalRequest, signed_in
from core.pages import decimal_sign
from dataquality import services
from dataquality.forms.watching import (
    AcknowledgeForm,
    MitigationForm,
    MonitorForm,
    SnoozeForm,
)
from dataquality.models import Alert, DataSet, Mitigation
from dataquality.selectors import pages
from dataquality.selectors.arrivals import monitor_of
from dataquality.selectors.pricing import row_price
from dataquality.views.reach import data_set_of
from projects.selectors.requirements import freshness_target


@signed_in
def data_set_monitor(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Say how likely a bad row turns a decision, and when the next version is due."""
    row = data_set_of(request, slug, name, right="editable_by")
    form = MonitorForm(
        request.POST or None, monitor=monitor_of(row), decimal=decimal_sign(request)
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.save_monitor(form.said(), actor=request.actor)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Kept."))
            return redirect(row)
    context = {
        "project": row.project,
        "station": "data",
        "data_set": row,
        "form": form,
        "target": freshness_target(row.project),
        "row": row_price(row),
    }
    status = 422 if form.is_bound else 200
    return render(request, "dataquality/monitor_form.html", context, status=status)


def _alert_of(request: PortalRequest, slug: str, name: str, pk: int) -> Alert:
    rows = Alert.objects.editable_by(request.actor).unresolved()
    found: Alert = get_object_or_404(
        rows.select_related("data_set__project"),
        pk=pk,
        data_set__project__slug=slug,
        data_set__slug=name,
        data_set__deleted_at=None,
    )
    return found


@signed_in
@require_POST
def alert_acknowledge(
    request: PortalRequest, slug: str, name: str, pk: int
) -> HttpResponse:
    """Note that somebody sees to an alert."""
    alert = _alert_of(request, slug, name, pk)
    form = AcknowledgeForm(request.POST)
    if form.is_valid():
        note = form.cleaned_data["note"]
        services.acknowledge_alert(alert, actor=request.actor, note=note)
        messages.success(request, _("You see to it; it stays until it has passed."))
    else:
        messages.error(request, _("At most 500 characters fit into a note."))
    return _to_alerts(alert.data_set)


@signed_in
@require_POST
def alert_snooze(request: PortalRequest, slug: str, name: str, pk: int) -> HttpResponse:
    """Keep an alert quiet until a day, or take it up again."""
    alert = _alert_of(request, slug, name, pk)
    form = SnoozeForm(request.POST)
    until: date | None = form.cleaned_data["until"] if form.is_valid() else None
    # Without a day a quiet alert is taken up again; another has nothing to be taken up.
    if form.is_valid() and (until or alert.is_snoozed):
        services.snooze_alert(alert, actor=request.actor, until=until)
        told = _("Quiet until %(day)s.") % {"day": date_format(until)} if until else ""
        messages.success(request, told or _("Taken up again."))
    else:
        messages.error(request, _("Choose a day after today."))
    return _to_alerts(alert.data_set)


def _to_alerts(data_set: DataSet) -> HttpResponse:
    return redirect(f"{data_set.get_absolute_url()}#alerts")


@signed_in
def mitigation_create(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Say what is done about the gaps of a column."""
    row = data_set_of(request, slug, name, right="editable_by")
    newest = pages.newest_ready(row)
    columns = [each["name"] for each in newest.columns] if newest else []
    asked = {"column": request.GET.get("column", ""), "kind": Mitigation.Kind.IMPUTE}
    form = MitigationForm(
        request.POST or None,
        initial=asked,
        instance=Mitigation(data_set=row),
        project=row.project,
        columns=columns,
    )
    if request.method == "POST" and form.is_valid():
        try:
            planned = services.plan_mitigation(form.instance, actor=request.actor)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Planned."))
            return redirect(planned)
    context = {"project": row.project, "station": "data", "data_set": row, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "dataquality/mitigation_form.html", context, status=status)


@signed_in
@require_POST
def mitigation_state(
    request: PortalRequest, slug: str, name: str, pk: int
) -> HttpResponse:
    """Note that it is done, dropped, or open again."""
    rows = Mitigation.objects.actionable_by(request.actor)
    row = get_object_or_404(
        rows.select_related("data_set__project", "owner", "created_by"),
        pk=pk,
        data_set__project__slug=slug,
        data_set__slug=name,
        data_set__deleted_at=None,
    )
    state = request.POST.get("state", "")
    if state in Mitigation.State.values:
        services.set_state_of_mitigation(row, state, actor=request.actor)
    return redirect(row)
