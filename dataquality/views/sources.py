"""Where a data set comes from: set, tried, fetched and removed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.access import PortalRequest, signed_in
from core.middleware import own_transaction
from core.objects import CutOffError, TooLargeError
from core.sealed import UnreadableSecret
from core.uploads import accepts_upload, receive_field, refuse_if_cut_off
from dataquality import services, tasks
from dataquality.forms.sources import SourceForm
from dataquality.kinds.sources import KINDS
from dataquality.models import DataSet, Source
from dataquality.selectors import sources
from dataquality.views.reach import data_set_of

UNPROCESSABLE = 422


@own_transaction
@accepts_upload
@signed_in
def source(request: PortalRequest, slug: str, name: str) -> HttpResponseBase:
    """Show where a data set comes from, or keep what was said of it."""
    data_set = data_set_of(request, slug, name, right="editable_by")
    row = sources.source_of(data_set)
    kind = request.GET.get("kind", row.kind if row else "")
    if kind and kind not in KINDS:
        raise Http404
    secrets = _secrets_of(row)
    form = None
    if kind:
        form = SourceForm(
            request.POST or None,
            request.FILES or None,
            kind=KINDS[kind],
            source=row if row and row.kind == kind else None,
            kept=frozenset(secrets),
        )
    if request.method == "POST" and form and _keep(request, data_set, kind, form):
        return redirect("dataquality:source", slug, name)
    context = {
        "project": data_set.project,
        "station": "data",
        "data_set": data_set,
        "kinds": sources.kinds(),
        "kind": KINDS.get(kind),
        "card": sources.source_card(row, secrets) if row else None,
        "form": form,
    }
    status = UNPROCESSABLE if form and form.is_bound else 200
    return render(request, "dataquality/source.html", context, status=status)


def _secrets_of(row: Source | None) -> dict[str, str]:
    """Return the secrets that are set; none if nothing opens them any more."""
    try:
        return services.open_secrets(row) if row else {}
    except UnreadableSecret:
        return {}


def _keep(
    request: PortalRequest, data_set: DataSet, kind: str, form: SourceForm
) -> bool:
    """Save what was said; False if it was refused."""
    if not form.is_valid():
        return False
    try:
        refuse_if_cut_off(request)
        sent = form.cleaned_data.get("file")
        file = receive_field(request, sent) if sent else None
        with transaction.atomic():
            row = services.set_source(
                data_set,
                actor=request.actor,
                kind=kind,
                said=form.said(),
                secrets=form.secrets(),
                schedule=form.cleaned_data["schedule"],
                file=file,
            )
            tasks.start_checking(row, actor=request.actor)
    except ValidationError as error:
        form.refuse(error)
        return False
    except (CutOffError, TooLargeError) as error:
        form.add_error("file" if "file" in form.fields else None, str(error))
        return False
    messages.success(request, _("Kept. It is being tried now."))
    return True


def _source_of(request: PortalRequest, slug: str, name: str) -> Source:
    row = sources.source_of(data_set_of(request, slug, name, right="editable_by"))
    if row is None:
        raise Http404
    return row


@signed_in
@require_POST
def source_fetch(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Fetch now; a fetch that runs already is the same one."""
    row = _source_of(request, slug, name)
    tasks.start_fetching(row, actor=request.actor)
    return redirect(row)


@signed_in
@require_POST
def source_check(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Try whether the source answers."""
    row = _source_of(request, slug, name)
    tasks.start_checking(row, actor=request.actor)
    return redirect(row)


@signed_in
@require_POST
def source_remove(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Fetch nothing more; the versions stay."""
    row = _source_of(request, slug, name)
    services.remove_source(row, actor=request.actor)
    messages.success(request, _("Nothing is fetched any more. Every version is kept."))
    return redirect(row.data_set)
