"""Checks of a data set: their list, a form for each kind, suggestions and files."""

from typing import Any

import polars as pl
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import objects
from core.access import PortalRequest, signed_in
from core.downloads import attachment
from core.words import in_words
from dataquality import services, tasks
from dataquality.forms import CheckForm, DocumentForm
from dataquality.models import Check, CheckResult, DataSet
from dataquality.selectors import pages
from dataquality.selectors.checks import (
    about,
    checks_of,
    kinds_offered,
    purpose_of,
    suggestions_for,
    title_of,
)
from dataquality.views.reach import data_set_of, ready_version_of
from engine.checks import KINDS
from engine.checks.documents import FORMATS, read_document, write_document
from engine.errors import EngineError
from projects.selectors.comments import members_of
from projects.selectors.value import may_edit

UNPROCESSABLE = 422
ROWS_SHOWN = 50


@signed_in
@require_safe
def checks(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Show what a data set is promised to be, and how that was kept."""
    return _page(request, data_set_of(request, slug, name), DocumentForm())


def _page(
    request: PortalRequest, row: DataSet, form: DocumentForm, *, status: int = 200
) -> HttpResponse:
    context = {
        **_about(row),
        "shown": checks_of(row),
        "form": form,
        "may_edit": may_edit(row.project, request.actor),
        "left": request.session.pop("checks_left", None),
    }
    return render(request, "dataquality/checks.html", context, status=status)


def _about(row: DataSet) -> dict[str, Any]:
    return {"project": row.project, "station": "data", "data_set": row}


@signed_in
def check_new(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Choose a kind of check, then say what it is to hold."""
    row = data_set_of(request, slug, name, right="editable_by")
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        context = {**_about(row), "kinds": kinds_offered()}
        return render(request, "dataquality/check_kinds.html", context)
    check = Check(data_set=row, kind=kind, owner=request.actor.user)
    return _form(request, row, check)


@signed_in
def check_edit(request: PortalRequest, slug: str, name: str, pk: int) -> HttpResponse:
    """Change what a check is to hold."""
    row = data_set_of(request, slug, name, right="editable_by")
    check = get_object_or_404(row.checks.live(), pk=pk)
    if check.kind not in KINDS:
        raise Http404
    return _form(request, row, check)


def _form(request: PortalRequest, row: DataSet, check: Check) -> HttpResponse:
    newest = pages.newest_ready(row)
    before = check.words if check.pk else ""
    form = CheckForm(
        request.POST or None,
        instance=check,
        columns=[each["name"] for each in newest.columns] if newest else [],
        people=members_of(row.project),
    )
    if request.method == "POST" and form.is_valid() and _kept(request, form):
        return _back(row)
    context = {
        **_about(row),
        "form": form,
        "check": check,
        "kind_title": title_of(check.kind),
        "kind_purpose": purpose_of(check.kind),
        "words": before,
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "dataquality/check_form.html", context, status=status)


def _kept(request: PortalRequest, form: CheckForm) -> bool:
    """Save the check and hold the newest version against it; False if refused."""
    try:
        check = services.save_check(form.instance, actor=request.actor)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    _run(request, check.data_set)
    return True


def _run(request: PortalRequest, row: DataSet) -> None:
    """Hold the newest version against the checks as they are now, and say so."""
    if tasks.check_newest(row, actor=request.actor):
        messages.success(request, _("Kept. The newest version is being checked."))
    else:
        messages.success(request, _("Kept. The next version will be checked."))


@signed_in
@require_POST
def check_delete(request: PortalRequest, slug: str, name: str, pk: int) -> HttpResponse:
    """Put a check in the trash; it can be restored for thirty days."""
    row = data_set_of(request, slug, name, right="editable_by")
    check = get_object_or_404(row.checks.live(), pk=pk)
    services.put_in_trash(check, actor=request.actor)
    tasks.check_newest(row, actor=request.actor)
    undo = reverse("dataquality:check_restore", args=[slug, name, check.pk])
    messages.success(
        request,
        _("“%(check)s” is in the trash for 30 days.") % {"check": check.words},
        extra_tags=f"undo:{undo}",
    )
    return _back(row)


@signed_in
@require_POST
def check_restore(
    request: PortalRequest, slug: str, name: str, pk: int
) -> HttpResponse:
    """Take a check out of the trash."""
    row = data_set_of(request, slug, name, right="editable_by")
    check = get_object_or_404(row.checks.exclude(deleted_at=None), pk=pk)
    try:
        services.restore_check(check, actor=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        tasks.check_newest(row, actor=request.actor)
    return _back(row)


def _back(row: DataSet) -> HttpResponse:
    return redirect("dataquality:checks", slug=row.project.slug, name=row.slug)


@signed_in
@require_POST
def checks_run(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Hold the newest version against the checks again."""
    row = data_set_of(request, slug, name, right="editable_by")
    if tasks.check_newest(row, actor=request.actor) is None:
        messages.info(request, _("There is no version to check yet. Upload a file."))
    return _back(row)


@signed_in
@require_POST
def checks_accept(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Take one suggestion, or all of them."""
    row = data_set_of(request, slug, name, right="editable_by")
    wanted = request.POST.get("id", "")
    chosen = [each for each in suggestions_for(row) if wanted in ("all", each.id)]
    taken = services.take_in(
        row, chosen, actor=request.actor, origin=Check.Origin.SUGGESTED
    )
    if taken:
        _run(request, row)
    return _back(row)


@signed_in
@require_POST
def checks_import(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Take in a file of checks, and say what was not understood."""
    row = data_set_of(request, slug, name, right="editable_by")
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, form, status=UNPROCESSABLE)
    try:
        found = read_document(form.cleaned_data["file"], name=row.slug)
        taken = services.take_in(
            row, found.checks, actor=request.actor, origin=Check.Origin.IMPORTED
        )
    except EngineError as error:
        form.add_error("file", in_words(error))
    except ValidationError as error:
        form.add_error("file", error.messages)
    else:
        kept = services.take_retention(row, found.retention_days, actor=request.actor)
        left = [in_words(each) for each in found.left]
        request.session["checks_left"] = [*left, *filter(None, [kept])]
        n = len(taken)
        messages.success(
            request,
            ngettext("%(n)s check is new.", "%(n)s checks are new.", n) % {"n": n}
            if n
            else _("No check of the file is new."),
        )
        if taken:
            tasks.check_newest(row, actor=request.actor)
        return _back(row)
    return _page(request, row, form, status=UNPROCESSABLE)


@signed_in
@require_safe
def checks_export(
    request: PortalRequest, slug: str, name: str, form: str
) -> HttpResponse:
    """Send the checks as a file; before, show what its format cannot say."""
    row = data_set_of(request, slug, name)
    wanted = next((each for each in FORMATS if each == form), None)
    if wanted is None:
        raise Http404
    declared = [each.declared() for each in row.checks.live()]
    document = write_document(declared, about(row), wanted)
    if document.left and "anyway" not in request.GET:
        context = {
            **_about(row),
            "left": [in_words(each) for each in document.left],
            "total": len(declared),
            "form": wanted,
        }
        return render(request, "dataquality/checks_left.html", context)
    return HttpResponse(
        document.text,
        content_type=f"{document.media_type}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{document.file_name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@signed_in
@require_safe
def failing_rows(
    request: PortalRequest, slug: str, name: str, number: int, pk: int
) -> HttpResponse:
    """Show the first rows that break a check."""
    version = ready_version_of(request, slug, name, number)
    result = _result(version.pk, pk)
    context = {**_about(version.data_set), "version": version, "result": result}
    held = objects.references(services.RESULTS, result.profile_id)
    if ref := held.get(result.failing_file):
        table = pl.scan_parquet(objects.local_path(ref)).head(ROWS_SHOWN).collect()
        table = table.select(_first(result.declared_check, table.columns))
        context |= {"columns": table.columns, "rows": table.rows()}
    return render(request, "dataquality/failing_rows.html", context)


def _first(check: Check, names: list[str]) -> list[str]:
    """Return a table's columns, the row's number and those of the check first."""
    wanted = {*names[:1], *check.columns}
    return sorted(names, key=lambda name: name not in wanted)


@signed_in
@require_safe
def failing_file(
    request: PortalRequest, slug: str, name: str, number: int, pk: int
) -> HttpResponseBase:
    """Send the rows that break a check as Parquet."""
    version = ready_version_of(request, slug, name, number)
    result = _result(version.pk, pk)
    held = objects.references(services.RESULTS, result.profile_id)
    file_name = f"{name}-{number}-check-{pk}.parquet"
    return attachment(held.get(result.failing_file), file_name)


def _result(version: int, check: int) -> CheckResult:
    """Return what a check found in a version."""
    rows = CheckResult.objects.select_related("declared_check", "profile")
    return get_object_or_404(rows, profile__version=version, declared_check_id=check)
