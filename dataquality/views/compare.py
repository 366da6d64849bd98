"""Two versions of a data set side by side, and what they are held against."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.access import PortalRequest, signed_in
from core.pages import page_or_fragment
from dataquality import services, tasks
from dataquality.models import DataSet, DataSetVersion
from dataquality.selectors.comparison import compare_versions
from dataquality.selectors.drift import (
    drift_between,
    drift_job,
    drifts_of,
    opened_column,
)
from dataquality.views.reach import data_set_of, ready_version_of, version_of
from projects.selectors.value import may_edit


def _pair(
    row: DataSet, asked: QueryDict
) -> tuple[DataSetVersion, DataSetVersion] | None:
    """Return the two versions that were asked for, the newest two without a wish."""
    ready = row.versions.filter(state=DataSetVersion.State.READY)
    numbers = list(ready.values_list("number", flat=True)[:2])
    wanted = [asked.get("a", ""), asked.get("b", "")]
    if not all(each.isdecimal() for each in wanted):
        wanted = [str(number) for number in reversed(numbers)]
    if len(wanted) < 2:
        return None
    found = [
        get_object_or_404(ready.select_related("profile"), number=int(number[:9]))
        for number in wanted
    ]
    for each in found:
        each.data_set = row
    return found[0], found[1]


def _asked_pair(
    row: DataSet, asked: QueryDict
) -> tuple[DataSetVersion, DataSetVersion]:
    pair = _pair(row, asked)
    if pair is None:
        raise Http404
    return pair


def _address(row: DataSet, before: DataSetVersion, after: DataSetVersion) -> str:
    page = reverse("dataquality:compare", args=[row.project.slug, row.slug])
    return f"{page}?{urlencode({'a': before.number, 'b': after.number})}"


@signed_in
@require_GET
def compare(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Show what changed from one version to another, column by column."""
    row = data_set_of(request, slug, name)
    before, after = _asked_pair(row, request.GET)
    context: dict[str, Any] = {
        "project": row.project,
        "station": "data",
        "data_set": row,
        "before": before,
        "after": after,
        "drift": drift_between(after, before),
        "drift_job": drift_job(after),
        "here": _address(row, before, after),
        "may_edit": may_edit(row.project, request.actor),
    }
    if not request.htmx:
        context["versions"] = row.versions.filter(state=DataSetVersion.State.READY)
        context["comparison"] = compare_versions(before, after)
    return page_or_fragment(
        request, "dataquality/compare.html", "dataquality/_moved.html", context
    )


@signed_in
@require_GET
def compare_column(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Show how the values of one column lie in both versions."""
    row = data_set_of(request, slug, name)
    before, after = _asked_pair(row, request.GET)
    opened = opened_column(after, before, request.GET.get("column", ""))
    if opened is None:
        raise Http404
    context = {
        "project": row.project,
        "station": "data",
        "data_set": row,
        "opened": opened,
        "back": _address(row, before, after),
    }
    return page_or_fragment(
        request,
        "dataquality/compare_column.html",
        "dataquality/_moved_column.html",
        context,
    )


@signed_in
@require_POST
def compare_drift(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Compute how far one version has moved from another."""
    row = data_set_of(request, slug, name, right="editable_by")
    before, after = _asked_pair(row, request.POST)
    if before != after and drift_job(after) is None:
        tasks.start_drift(after, actor=request.actor, reference=before)
    return redirect(_address(row, before, after))


@signed_in
@require_GET
def version_drift(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Show how far a version moved from the one before and from the reference."""
    row = ready_version_of(request, slug, name, number)
    context = {
        "project": row.data_set.project,
        "station": "data",
        "data_set": row.data_set,
        "version": row,
        "drifts": drifts_of(row),
        "drift_job": drift_job(row),
        "may_edit": may_edit(row.data_set.project, request.actor),
    }
    return page_or_fragment(
        request, "dataquality/version_drift.html", "dataquality/_drift.html", context
    )


@signed_in
@require_POST
def version_reference(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Pin a version that later ones are held against, or let go of it."""
    row = version_of(request, slug, name, number, right="editable_by")
    if not row.is_ready:
        raise Http404
    data_set = row.data_set
    if data_set.reference_version_id == row.pk:
        services.set_reference(data_set, None, actor=request.actor)
        messages.success(request, _("New versions are held against no reference now."))
        return redirect(row)
    services.set_reference(data_set, row, actor=request.actor)
    tasks.start_drift_from_reference(data_set, actor=request.actor)
    messages.success(
        request,
        _("New versions are held against %(version)s from now on.")
        % {"version": row.title},
    )
    return redirect(row)
