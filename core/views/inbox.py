"""What somebody should know or do."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import directory, notices
from core.access import PortalRequest, signed_in
from core.models import NoticeChoice, Notification
from core.views.me import person_of

PAGE_ROWS = 50


@signed_in
@require_GET
def inbox(request: PortalRequest) -> HttpResponse:
    """Show what is unread, then what was read."""
    person = person_of(request)
    read = Notification.objects.filter(user=person).exclude(read_at=None)
    context = {
        "unread": notices.unread_of(person)[:200],
        "page": Paginator(read, PAGE_ROWS).get_page(request.GET.get("page")),
        "projects": directory.projects_of(request.actor),
    }
    return render(request, "core/inbox.html", context)


@signed_in
@require_POST
def notice_open(request: PortalRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and go where it points."""
    notice = get_object_or_404(Notification, pk=pk, user=request.user.pk)
    notices.mark_read(Notification.objects.filter(pk=notice.pk))
    # Addresses of the portal only: a notice must never lead somewhere else.
    if notice.url and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return redirect("inbox")


@signed_in
@require_POST
def inbox_read(request: PortalRequest) -> HttpResponse:
    """Mark everything as read."""
    notices.mark_read(notices.unread_of(person_of(request)))
    messages.success(request, _("Everything is marked as read."))
    return redirect("inbox")


@signed_in
@require_POST
def notice_mute(request: PortalRequest, pk: int) -> HttpResponse:
    """Be told of this kind of event no more; /me/ takes it back."""
    person = person_of(request)
    notice = get_object_or_404(Notification, pk=pk, user=person)
    kind = notices.kind_of(notice.kind)
    notices.choose(person, kind.key, NoticeChoice.Way.OFF)
    notices.mark_read(Notification.objects.filter(user=person, kind=kind.key))
    messages.success(
        request,
        _("You are told no more: “%(kind)s”. My settings take it back.")
        % {"kind": kind.title},
    )
    return redirect("inbox")
