"""One version of a data set: its report, its files, what the reader asks of it."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from core import objects
from core.access import PortalRequest, signed_in
from core.downloads import attachment
from core.inlining import one_file
from core.models import ObjectRef
from core.pages import page_or_fragment
from dataquality import services, tasks
from dataquality.forms import ReadingForm
from dataquality.forms.comparing import TagForm
from dataquality.models import DataSetVersion
from dataquality.selectors import pages
from dataquality.selectors.drift import drift_job, drifts_of
from dataquality.selectors.preview import preview_of
from dataquality.selectors.report import (
    column_named,
    columns_from,
    every_column,
    pair_of,
    pictures_of_pairs,
    report_of,
)
from dataquality.views.reach import ready_version_of, version_of
from engine.words import again
from projects.selectors.value import may_edit

UNPROCESSABLE = 422


@signed_in
@require_safe
def version(request: PortalRequest, slug: str, name: str, number: int) -> HttpResponse:
    """Show the report of a version, or how far its reading is."""
    row = version_of(request, slug, name, number)
    context = _about(request, row)
    if row.is_ready and request.htmx:
        return _assessing(request, context)
    if row.is_ready:
        context |= {"report": report_of(row), "drifts": drifts_of(row)}
        context["drift_job"] = drift_job(row)
        context |= {
            "tags": row.tags.select_related("created_by"),
            "tag_form": TagForm(),
        }
        return render(request, "dataquality/version.html", context)
    return _open(request, context, ReadingForm(version=row))


def _open(
    request: PortalRequest,
    context: dict[str, Any],
    form: ReadingForm,
    *,
    status: int = 200,
) -> HttpResponse:
    """Show what there is before a table: progress, a preview, or a refusal."""
    context |= {"form": form, "shown": preview_of(context["version"], form)}
    if status != 200:
        template = "dataquality/version_open.html"
        return render(request, template, context, status=status)
    return page_or_fragment(
        request, "dataquality/version_open.html", "dataquality/_open.html", context
    )


def _about(request: PortalRequest, row: DataSetVersion) -> dict[str, Any]:
    return {
        "project": row.data_set.project,
        "station": "data",
        "data_set": row.data_set,
        "version": row,
        "job": pages.job_of(row),
        "may_edit": may_edit(row.data_set.project, request.actor),
    }


def _assessing(request: PortalRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer a page that waits for the report: how far, or that it is there."""
    if context["job"] is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "dataquality/_assessing.html", context)


@signed_in
@require_GET
def version_columns(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Show the cards of the next columns, of one column, or of a pair of them."""
    row = ready_version_of(request, slug, name, number)
    context = {
        "project": row.data_set.project,
        "station": "data",
        "data_set": row.data_set,
        "version": row,
        **_opened(row, request.GET),
    }
    return page_or_fragment(
        request,
        "dataquality/version_columns.html",
        "dataquality/_opened.html",
        context,
    )


def _opened(row: DataSetVersion, asked: QueryDict) -> dict[str, Any]:
    """Return the columns that a reader opened."""
    if "x" in asked:
        picture = pair_of(row.profile, asked.get("x", ""), asked.get("y", ""))
        if picture is None:
            raise Http404
        return {"pair": picture}
    if "column" in asked:
        cards = column_named(row.profile, asked.get("column", ""))
        if cards is None:
            raise Http404
        return {"cards": cards}
    start = asked.get("from", "0")
    return {"cards": columns_from(row.profile, int(start) if start.isdecimal() else 0)}


@signed_in
@require_POST
def version_answer(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Read the file as it was proposed, or show how it reads with other options."""
    row = version_of(request, slug, name, number, right="editable_by")
    if not (row.is_waiting or row.is_refused):
        return redirect(row)
    form = ReadingForm(request.POST, version=row)
    if not form.is_valid():
        return _open(request, _about(request, row), form, status=UNPROCESSABLE)
    if form.is_as_shown and "look" not in request.POST:
        services.accept(row)
    else:
        # What nobody has seen yet is shown before it counts.
        look = {"preview": True} if form.preview or "look" in request.POST else {}
        services.read_again(row, {**form.options(), **look})
    tasks.start_reading(row, actor=request.actor)
    return redirect(row)


@signed_in
@require_POST
def version_assess(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Hold a version against the checks as they are now."""
    row = version_of(request, slug, name, number, right="editable_by")
    if row.is_ready:
        tasks.start_assessing(row, actor=request.actor)
    return redirect(row)


@signed_in
@require_GET
def version_original(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponseBase:
    """Send the file as it was uploaded."""
    row = version_of(request, slug, name, number)
    return attachment(_held(row, services.SOURCE), row.file_name)


@signed_in
@require_GET
def version_table(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponseBase:
    """Send the canonical table as Parquet."""
    row = version_of(request, slug, name, number)
    return attachment(
        _held(row, services.TABLE), f"{row.data_set.slug}-{row.number}.parquet"
    )


def _held(row: DataSetVersion, path: str) -> ObjectRef | None:
    return objects.references(services.OWNER, row.pk).get(path)


@signed_in
@require_GET
def version_report(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Send the report as one file that needs no network."""
    row = ready_version_of(request, slug, name, number)
    context = {
        "data_set": row.data_set,
        "version": row,
        "report": report_of(row),
        "drifts": drifts_of(row),
        "cards": every_column(row.profile),
        "pairs": pictures_of_pairs(row.profile),
        "may_edit": False,
        "made_at": timezone.now(),
        "made_by": request.actor.name,
        **one_file(),
    }
    text = render_to_string("dataquality/report_file.html", context)
    return HttpResponse(
        text,
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{row.data_set.slug}-'
            f'{row.number}-report.html"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@signed_in
@require_GET
def version_profile(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Send the profile as JSON."""
    row = ready_version_of(request, slug, name, number)
    response = JsonResponse(
        {
            "data_set": row.data_set.name,
            "version": row.number,
            "digest": row.digest,
            "profile": row.profile.content,
            "scores": again(row.profile.scores),
            "reading": again(row.reading),
        }
    )
    response["Content-Disposition"] = (
        f'attachment; filename="{row.data_set.slug}-{row.number}-profile.json"'
    )
    return response
