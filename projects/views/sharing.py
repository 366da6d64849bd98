"""Pages shown by link: made, listed, closed, and read without an account."""

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, guest, signed_in
from projects import services
from projects.forms.sharing import ShareForm
from projects.models import Project, SharedLink
from projects.selectors.sharing import page_of, shareable, shared_by, shared_links
from projects.selectors.value import may_edit
from projects.services.letters import is_local
from projects.services.sharing import address_of
from projects.views.guest import private

KEPT = "shared"  # session key: a link is shown once, then only its hash is left


@dataclass(frozen=True)
class Sharing:
    """The section of a page that tells by which links it is shown."""

    links: list[SharedLink]
    form: ShareForm | None  # for those who may share it
    made: str  # the address of a link just made
    is_local: bool  # whether that address opens on this machine alone


def sharing(
    request: PortalRequest, project: Project, kind: SharedLink.Kind, subject: int
) -> Sharing:
    """Return by which links a page is shown; a link just made is told once."""
    may = may_edit(project, request.actor)
    links = shared_links(project, kind, subject)
    kept: dict[str, str] = request.session.get(KEPT, {}) if may else {}
    secret = next((kept[str(x.pk)] for x in links if str(x.pk) in kept), "")
    if secret and request.method == "GET":
        request.session[KEPT] = {k: v for k, v in kept.items() if v != secret}
    return Sharing(
        links=links,
        form=ShareForm() if may else None,
        made=address_of(secret) if secret else "",
        is_local=is_local(),
    )


def share_page(
    request: PortalRequest, project: Project, kind: SharedLink.Kind, subject: int
) -> HttpResponse:
    """Make a link to a page, and go back to the page, which tells it once."""
    form = ShareForm(request.POST)
    if form.is_valid():
        link, secret = services.share(
            project,
            kind,
            subject,
            actor=request.actor,
            expires_at=form.expires_at,
            note=form.cleaned_data["note"],
        )
        kept = request.session.get(KEPT, {})
        request.session[KEPT] = {**kept, str(link.pk): secret}
    else:
        problems = [str(line) for lines in form.errors.values() for line in lines]
        messages.error(request, " ".join(problems))
    return redirect(f"{project.url(shareable(kind).route, pk=subject)}#share")


@signed_in
@require_POST
def shared_revoke(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Close a link; who opens it reads that it was withdrawn."""
    rows = SharedLink.objects.editable_by(request.actor).select_related("project")
    link = get_object_or_404(rows, project__slug=slug, pk=pk)
    services.stop_sharing(link, actor=request.actor)
    messages.success(request, _("The link is closed."))
    return redirect(f"{page_of(link)}#share")


@guest
@require_safe
def shared(request: PortalRequest, secret: str) -> HttpResponse:
    """Show the one page a link is for; a closed link says what to do."""
    link = shared_by(secret)
    if link is None:
        return _closed(request, None, HTTPStatus.NOT_FOUND)
    kind = shareable(link.kind)
    shown = kind.show(link) if link.is_open else None
    if shown is None:
        return _closed(request, link, HTTPStatus.GONE)
    context = {"link": link, "secret": secret, "project": link.project, **shown}
    return private(render(request, kind.template, context))


def _closed(
    request: PortalRequest, link: SharedLink | None, status: HTTPStatus
) -> HttpResponse:
    context = {"link": link}
    return private(
        render(request, "projects/shared_closed.html", context, status=status)
    )


@guest
@require_POST
def shared_opened(request: PortalRequest, secret: str) -> HttpResponse:
    """Note that a browser shows the page; mail scanners only GET and are not noted."""
    link = shared_by(secret)
    if link is not None and link.is_open:
        services.note_opening(link)
    return private(HttpResponse(status=HTTPStatus.NO_CONTENT))
