"""Shared platforms: what they cost, whom they serve, whether they pay."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.access import PortalRequest, Right, signed_in
from core.pages import decimal_sign
from engine.value.portfolio import Rules
from projects.forms.portfolio import PlatformForm, UseForm
from projects.models import Platform, PlatformUse, Project
from projects.selectors.portfolio.choice import problem_of
from projects.selectors.portfolio.platform_page import (
    PlatformPage,
    paying_words,
    platform_pages,
)
from projects.selectors.portfolio.platforms import deleted_platforms
from projects.selectors.portfolio.rows import seen_projects
from projects.services import portfolio as services
from projects.views.portfolio.pages import frame


def _pages(request: PortalRequest) -> list[PlatformPage]:
    problem = problem_of(request.actor, Rules(), today=timezone.localdate())
    return platform_pages(problem)


@signed_in
@require_safe
def platforms(request: PortalRequest) -> HttpResponse:
    """List the platforms, each with one sentence."""
    pages = _pages(request)
    context = {
        **frame(request, "platforms"),
        "pages": pages,
        "answer": paying_words(pages),
        "deleted": deleted_platforms(request.actor),
    }
    return render(request, "projects/portfolio_platforms.html", context)


@signed_in
def platform_create(request: PortalRequest) -> HttpResponse:
    """Name a platform and what it costs."""
    if request.actor.limit < Right.EDIT:
        raise Http404
    form = PlatformForm(request.POST or None, decimal=decimal_sign(request))
    if request.method == "POST" and form.is_valid():
        row = services.save_platform(form.save(commit=False), actor=request.actor)
        return redirect("projects:platform", pk=row.pk)
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(
        request, "projects/portfolio_platform_create.html", context, status=status
    )


@signed_in
@require_safe
def platform(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what a platform costs, whom it serves and what each of them bears."""
    row = get_object_or_404(Platform.objects.visible_to(request.actor), pk=pk)
    return _platform_page(request, row)


def _platform_page(
    request: PortalRequest,
    row: Platform,
    *,
    form: PlatformForm | None = None,
    use_form: UseForm | None = None,
) -> HttpResponse:
    page = next(each for each in _pages(request) if each.priced.platform.pk == row.pk)
    sign = decimal_sign(request)
    context = {
        "page": page,
        "platform": page.priced.platform,
        "may_edit": Platform.objects.editable_by(request.actor)
        .filter(pk=row.pk)
        .exists(),
        "form": form or PlatformForm(instance=row, decimal=sign),
        "use_form": use_form
        or UseForm(projects=seen_projects(request.actor), decimal=sign),
    }
    status = 422 if form or use_form else 200
    return render(request, "projects/portfolio_platform.html", context, status=status)


def _editable(request: PortalRequest, pk: int) -> Platform:
    return get_object_or_404(Platform.objects.editable_by(request.actor), pk=pk)


@signed_in
@require_POST
def platform_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change what a platform is for and what it costs."""
    row = _editable(request, pk)
    form = PlatformForm(request.POST, instance=row, decimal=decimal_sign(request))
    if not form.is_valid():
        return _platform_page(request, row, form=form)
    services.save_platform(form.save(commit=False), actor=request.actor)
    messages.success(request, _("Kept."))
    return redirect("projects:platform", pk=row.pk)


@signed_in
@require_POST
def platform_use(request: PortalRequest, pk: int) -> HttpResponse:
    """Have a project build on the platform, or change its share."""
    row = _editable(request, pk)
    form = UseForm(
        request.POST,
        instance=PlatformUse(platform=row),
        projects=seen_projects(request.actor),
        decimal=decimal_sign(request),
    )
    if not form.is_valid():
        return _platform_page(request, row, use_form=form)
    services.save_use(form.save(commit=False), actor=request.actor)
    return redirect(reverse("projects:platform", args=[row.pk]) + "#projects")


@signed_in
@require_POST
def platform_leave(request: PortalRequest, pk: int, slug: str) -> HttpResponse:
    """Have a project build on the platform no longer."""
    row = _editable(request, pk)
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    services.remove_use(row, project, actor=request.actor)
    return redirect(reverse("projects:platform", args=[row.pk]) + "#projects")


@signed_in
@require_POST
def platform_delete(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a platform in the trash."""
    row = _editable(request, pk)
    services.delete_platform(row, actor=request.actor)
    undo = reverse("projects:platform_restore", args=[row.pk])
    messages.success(
        request,
        _("“%(name)s” is in the trash for 30 days.") % {"name": row.name},
        extra_tags=f"undo:{undo}",
    )
    return redirect("projects:platforms")


@signed_in
@require_POST
def platform_restore(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a platform out of the trash."""
    row = get_object_or_404(deleted_platforms(request.actor), pk=pk)
    services.restore_platform(row, actor=request.actor)
    return redirect("projects:platform", pk=row.pk)
