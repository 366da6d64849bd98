"""Two versions held against each other, row by row."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import objects, trash
from core.access import PortalRequest, signed_in
from core.downloads import attachment, csv_attachment
from core.pages import page_or_fragment
from dataquality import services, tasks
from dataquality.forms.comparing import ReconcileForm
from dataquality.models import DataSet, DataSetVersion, Reconciliation
from dataquality.selectors import pages
from dataquality.selectors.reconciliation import (
    finding_of,
    reconciliations_of,
    shown_reconciliation,
    versions_to_choose,
)
from dataquality.views.reach import data_set_of, project_of
from projects.selectors.value import may_edit

UNPROCESSABLE = 422
LISTED = 100


def _context(request: PortalRequest, row: DataSet) -> dict[str, Any]:
    return {
        "project": row.project,
        "station": "data",
        "data_set": row,
        "may_edit": may_edit(row.project, request.actor),
    }


@signed_in
@require_GET
def reconciliations(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """List what a data set was held against, and offer the next."""
    row = data_set_of(request, slug, name)
    listed = [(each, finding_of(each)) for each in reconciliations_of(row)[:LISTED]]
    versions = versions_to_choose(row)
    newest = pages.newest_ready(row)
    context = _context(request, row) | {
        "listed": listed,
        "versions": versions,
        "mine": [each for each in versions if each.data_set_id == row.pk],
        "newest": newest,
        "other": next((each for each in versions if each != newest), None),
        "can_choose": newest is not None and len(versions) > 1,
    }
    return render(request, "dataquality/reconciliations.html", context)


@signed_in
def reconciliation_create(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Choose keys, columns and tolerances of two versions, and start."""
    row = data_set_of(request, slug, name, right="editable_by")
    pair = _pair(request, row)
    if pair is None:
        return redirect("dataquality:reconciliations", slug, name)
    left, right = pair
    form = ReconcileForm(request.POST or None, left=left, right=right)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.ask_reconciliation(
                left, right, actor=request.actor, matching=form.matching()
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            tasks.start_reconciling(made, actor=request.actor)
            return redirect(made)
    context = _context(request, row) | {"form": form, "left": left, "right": right}
    status = UNPROCESSABLE if form.is_bound else 200
    return render(
        request, "dataquality/reconciliation_form.html", context, status=status
    )


def _pair(
    request: PortalRequest, row: DataSet
) -> tuple[DataSetVersion, DataSetVersion] | None:
    """Return the two versions that were chosen; both must be visible and ready."""
    asked = [request.GET.get(side, "") for side in ("left", "right")]
    if not all(each.isdecimal() and len(each) < 19 for each in asked):
        return None
    rows = DataSetVersion.objects.visible_to(request.actor).filter(
        data_set__project=row.project_id,
        data_set__deleted_at=None,
        state=DataSetVersion.State.READY,
    )
    left, right = (
        get_object_or_404(rows.select_related("data_set__project", "profile"), pk=each)
        for each in asked
    )
    if left.data_set_id != row.pk:
        raise Http404
    return left, right


def _row(
    request: PortalRequest,
    slug: str,
    name: str,
    pk: int,
    *,
    right: str = "visible_to",
) -> Reconciliation:
    """Return the reconciliation, or answer 404 to whoever may not see both sides."""
    rows = getattr(Reconciliation.objects.alive(), right)(request.actor)
    found: Reconciliation = get_object_or_404(
        rows.select_related(
            "data_set__project",
            "left__data_set__project",
            "right__data_set__project",
            "created_by",
            "job",
        ),
        data_set__project__slug=slug,
        data_set__slug=name,
        pk=pk,
    )
    return found


@signed_in
@require_GET
def reconciliation(
    request: PortalRequest, slug: str, name: str, pk: int
) -> HttpResponse:
    """Show what agrees, what is missing and what changed."""
    row = _row(request, slug, name, pk)
    context = _context(request, row.data_set) | {
        "row": row,
        "shown": shown_reconciliation(row),
    }
    return page_or_fragment(
        request,
        "dataquality/reconciliation.html",
        "dataquality/_reconciliation.html",
        context,
    )


@signed_in
@require_GET
def reconciliation_parquet(
    request: PortalRequest, slug: str, name: str, pk: int
) -> HttpResponseBase:
    """Send every difference as Parquet."""
    row = _row(request, slug, name, pk)
    held = objects.references(services.RECONCILIATION, row.pk)
    file_name = f"{row.data_set.slug}-differences-{row.pk}.parquet"
    return attachment(held.get(services.DIFFERENCES), file_name)


@signed_in
@require_GET
def reconciliation_csv(
    request: PortalRequest, slug: str, name: str, pk: int
) -> HttpResponseBase:
    """Send every difference as CSV."""
    row = _row(request, slug, name, pk)
    held = objects.references(services.RECONCILIATION, row.pk)
    file_name = f"{row.data_set.slug}-differences-{row.pk}.csv"
    return csv_attachment(held.get(services.DIFFERENCES), file_name)


@signed_in
@require_POST
def reconciliation_delete(
    request: PortalRequest, slug: str, name: str, pk: int
) -> HttpResponse:
    """Put a reconciliation in the trash; it can be restored for thirty days."""
    row = _row(request, slug, name, pk, right="editable_by")
    trash.move_to_trash(row, request.actor, project_id=row.data_set.project_id)
    undo = reverse("dataquality:reconciliation_restore", args=[slug, name, pk])
    messages.success(
        request,
        _("“%(name)s” is in the trash for 30 days.") % {"name": row},
        extra_tags=f"undo:{undo}",
    )
    return redirect("dataquality:reconciliations", slug, name)


@signed_in
@require_POST
def reconciliation_restore(
    request: PortalRequest, slug: str, name: str, pk: int
) -> HttpResponse:
    """Take a reconciliation out of the trash."""
    project = project_of(request, slug, right="editable_by")
    row = get_object_or_404(Reconciliation, project=project, data_set__slug=name, pk=pk)
    trash.restore(row, request.actor, project_id=project.pk)
    return redirect("dataquality:reconciliations", slug, name)
