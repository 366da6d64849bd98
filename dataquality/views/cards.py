"""What people say of a data set and its versions: the data card and tags."""

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
from core.downloads import csv_attachment
from dataquality import services
from dataquality.forms.comparing import DataCardForm, TagForm
from dataquality.models import DataSetVersion
from dataquality.selectors.cards import personal_found
from dataquality.views.reach import data_set_of, ready_version_of, version_of

UNPROCESSABLE = 422


@signed_in
def data_card(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Change what people must know before they use the data set."""
    row = data_set_of(request, slug, name, right="editable_by")
    form = DataCardForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        services.tell_card_change(row, form.changed_data, actor=request.actor)
        return redirect(row)
    context = {
        "project": row.project,
        "station": "data",
        "data_set": row,
        "form": form,
        "found": personal_found(row),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "dataquality/data_card.html", context, status=status)


@signed_in
@require_POST
def version_tag(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Have a tag stand for this version."""
    row = version_of(request, slug, name, number, right="editable_by")
    if not row.is_ready:
        raise Http404
    form = TagForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["name"])))
        return redirect(row)
    try:
        services.tag_version(row, form.cleaned_data["name"], actor=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(row)


@signed_in
@require_POST
def version_untag(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Take a tag from this version."""
    row = version_of(request, slug, name, number, right="editable_by")
    tag = get_object_or_404(row.tags.all(), name=request.POST.get("name", ""))
    tag.version = row
    services.untag_version(tag, actor=request.actor)
    return redirect(row)


@signed_in
@require_POST
def version_delete(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Put one version in the trash; what something needs goes only if confirmed."""
    row = version_of(request, slug, name, number, right="editable_by")
    is_confirmed = "confirmed" in request.POST
    try:
        services.trash_version(row, actor=request.actor, is_confirmed=is_confirmed)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        undo = reverse("dataquality:version_restore", args=[slug, name, number])
        messages.success(
            request,
            _("%(name)s is in the trash for 30 days.") % {"name": row},
            extra_tags=f"undo:{undo}",
        )
    return redirect(row.data_set)


@signed_in
@require_POST
def version_restore(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponse:
    """Take a version out of the trash."""
    data_set = data_set_of(request, slug, name, right="editable_by")
    row = get_object_or_404(DataSetVersion.every, data_set=data_set, number=number)
    try:
        trash.restore(row, request.actor, project_id=data_set.project_id)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(data_set)


@signed_in
@require_GET
def version_csv(
    request: PortalRequest, slug: str, name: str, number: int
) -> HttpResponseBase:
    """Send the table as CSV, escaped for spreadsheets."""
    row = ready_version_of(request, slug, name, number)
    held = objects.references(services.OWNER, row.pk).get(services.TABLE)
    return csv_attachment(held, f"{row.data_set.slug}-{row.number}.csv")
