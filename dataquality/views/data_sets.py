"""The room of data: the data sets, one of them, and how files come in."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import trash
from core.access import PortalRequest, signed_in
from core.middleware import own_transaction
from core.objects import CutOffError, Incoming, TooLargeError
from core.uploads import (
    accepts_upload,
    plain_name,
    receive_field,
    refuse_if_cut_off,
)
from dataquality import services, tasks
from dataquality.forms import DataSetForm, NewDataSetForm, UploadForm
from dataquality.models import DataSet
from dataquality.selectors import pages
from dataquality.selectors.cards import card_facts
from dataquality.selectors.retention import due_versions
from dataquality.selectors.sources import place_of, source_of
from dataquality.selectors.uploads import unfinished_of
from dataquality.selectors.watching import watched
from dataquality.views.reach import data_set_of, project_of
from projects.models import Project
from projects.selectors.value import may_edit

UNPROCESSABLE = 422


@signed_in
@require_safe
def data_sets(request: PortalRequest, slug: str) -> HttpResponse:
    """Show the project's data sets with their four scores."""
    project = project_of(request, slug)
    context = {
        "project": project,
        "station": "data",
        "shelf": pages.shelf(project),
        "may_edit": may_edit(project, request.actor),
    }
    return render(request, "dataquality/data_sets.html", context)


@own_transaction
@accepts_upload
@signed_in
def data_set_create(request: PortalRequest, slug: str) -> HttpResponseBase:
    """Take a name and a first file, or a name alone: a source brings the rest."""
    project = project_of(request, slug, right="editable_by")
    is_fetched = "fetched" in request.POST
    form = NewDataSetForm(
        request.POST or None, request.FILES or None, needs_file=not is_fetched
    )
    if request.method == "POST" and _is_whole(request, form):
        if is_fetched and (row := _name(request, form, project)):
            return redirect("dataquality:source", slug, row.slug)
        delivered = None if is_fetched else _take(request, form, project)
        if delivered is not None:
            return redirect(delivered.version)
    context = {"project": project, "station": "data", "form": form}
    return render(
        request, "dataquality/data_set_form.html", context, status=_status(form)
    )


def _name(
    request: PortalRequest, form: NewDataSetForm, project: Project
) -> DataSet | None:
    """Make a data set without a version; None if its name was refused."""
    try:
        with transaction.atomic():
            return services.create_data_set(
                project,
                actor=request.actor,
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"],
            )
    except ValidationError as error:
        form.add_error("name", error.messages)
        return None


@own_transaction
@accepts_upload
@signed_in
def data_set_upload(request: PortalRequest, slug: str, name: str) -> HttpResponseBase:
    """Take the next file of a data set."""
    data_set = data_set_of(request, slug, name, right="editable_by")
    if request.method != "POST":
        return redirect(data_set)
    form = UploadForm(request.POST, request.FILES)
    if _is_whole(request, form):
        delivered = _take(request, form, data_set.project, data_set)
        if delivered is not None:
            return redirect(delivered.version)
    return _page(request, data_set, form, status=UNPROCESSABLE)


@signed_in
@require_POST
def upload_drop(request: PortalRequest, slug: str, name: str, pk: int) -> HttpResponse:
    """Forget one's own file that came in part."""
    data_set = data_set_of(request, slug, name, right="editable_by")
    mine = data_set.uploads.filter(created_by=request.actor.user, finished_at=None)
    row = get_object_or_404(mine, pk=pk)
    services.drop_upload(row)
    said = _("What came of “%(name)s” is deleted.") % {"name": row.file_name}
    messages.success(request, said)
    return redirect(data_set)


def _is_whole(request: PortalRequest, form: UploadForm) -> bool:
    """Whether the form came to its end and can be used; errors are at its fields."""
    is_valid = form.is_valid()
    try:
        refuse_if_cut_off(request)
    except CutOffError as error:
        # The parser dropped the unfinished file: nobody forgot to choose one.
        form.errors.pop("file", None)
        form.add_error("file", str(error))
        return False
    return is_valid


def _take(
    request: PortalRequest,
    form: UploadForm,
    project: Project,
    data_set: DataSet | None = None,
) -> services.Delivered | None:
    """Receive the form's file and start reading it; None if it was refused.

    The bytes come in outside any transaction; one short one makes the rows.
    """
    try:
        incoming = receive_field(request, form.cleaned_data["file"])
        with transaction.atomic():
            return _deliver(request, form, project, data_set, incoming)
    except (CutOffError, TooLargeError) as error:
        form.add_error("file", str(error))
    except ValidationError as error:
        form.add_error(None if "file" in error.message_dict else "name", error.messages)
    return None


def _deliver(
    request: PortalRequest,
    form: UploadForm,
    project: Project,
    data_set: DataSet | None,
    incoming: Incoming,
) -> services.Delivered:
    said: dict[str, Any] = form.cleaned_data
    row = data_set or services.create_data_set(
        project,
        actor=request.actor,
        name=said["name"],
        description=said["description"],
    )
    delivered = services.deliver(
        row,
        actor=request.actor,
        incoming=incoming,
        file_name=plain_name(said["file"].name) or _("unnamed"),
        delivered_at=said["delivered_at"],
        options={"preview": True} if said["preview"] else {},
    )
    if delivered.is_new:
        tasks.start_reading(delivered.version, actor=request.actor)
    else:
        messages.info(
            request,
            _("This file is %(version)s already; nothing was added.")
            % {"version": delivered.version},
        )
    return delivered


def _status(form: UploadForm) -> int:
    return UNPROCESSABLE if form.is_bound else 200


@signed_in
@require_safe
def data_set(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Show a data set: its versions, its scores over them, its checks."""
    return _page(request, data_set_of(request, slug, name), UploadForm())


def _page(
    request: PortalRequest, row: DataSet, form: UploadForm, *, status: int = 200
) -> HttpResponse:
    source = source_of(row)
    context = {
        "part_size": settings.UPLOAD_PART,
        "source": source,
        "source_place": place_of(source) if source else "",
        "project": row.project,
        "station": "data",
        "data_set": row,
        "card": pages.data_set_card(row),
        "watched": watched(row, request.actor),
        "data_card": card_facts(row),
        "due": due_versions(row, now=timezone.now()),
        "form": form,
        "unfinished": unfinished_of(row, request.actor),
        "may_edit": may_edit(row.project, request.actor),
    }
    return render(request, "dataquality/data_set.html", context, status=status)


@signed_in
def data_set_edit(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Change what a data set is called and said to be."""
    row = data_set_of(request, slug, name, right="editable_by")
    before = row.target
    form = DataSetForm(
        request.POST or None, instance=row, columns=pages.newest_columns(row)
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        tasks.follow_target(row, actor=request.actor, before=before)
        return redirect(row)
    context = {"project": row.project, "station": "data", "data_set": row, "form": form}
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "dataquality/data_set_edit.html", context, status=status)


@signed_in
@require_POST
def data_set_delete(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Put a data set in the trash; it can be restored for thirty days."""
    row = data_set_of(request, slug, name, right="editable_by")
    trash.move_to_trash(row, request.actor, project_id=row.project_id)
    undo = reverse("dataquality:data_set_restore", args=[slug, name])
    messages.success(
        request,
        _("“%(name)s” is in the trash for 30 days.") % {"name": row.name},
        extra_tags=f"undo:{undo}",
    )
    return redirect(row.project.url("dataquality:data_sets"))


@signed_in
@require_POST
def data_set_restore(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Take a data set out of the trash."""
    project = project_of(request, slug, right="editable_by")
    row = get_object_or_404(DataSet, project=project, slug=name)
    try:
        services.restore_data_set(row, actor=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(project.url("dataquality:data_sets"))
    return redirect(row)
