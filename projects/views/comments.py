"""Talking about anything of a project."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from core.access import PortalRequest, signed_in
from projects import services
from projects.forms.comments import CommentForm
from projects.models import Comment, Project
from projects.selectors import comments as selectors
from projects.selectors.comments import Subject
from projects.selectors.value import may_edit


def _subject(project: Project, kind: str, subject_id: str) -> Subject:
    subject = selectors.find_subject(project, kind, subject_id)
    if subject is None:
        raise Http404
    return subject


@signed_in
@require_safe
def thread(request: PortalRequest, slug: str, kind: str, subject: str) -> HttpResponse:
    """Show what is said about one thing, on a page of its own."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), slug=slug)
    return _show(request, project, _subject(project, kind, subject))


def _show(
    request: PortalRequest,
    project: Project,
    subject: Subject,
    *,
    form: CommentForm | None = None,
    answers: Comment | None = None,
) -> HttpResponse:
    """Return the thread, alone if htmx asked; a refused text stays in its box."""
    context = {
        "project": project,
        "thread": selectors.thread(project, subject, request.actor),
        "form": form,
        "answers": answers,
    }
    page = "components/_thread.html" if request.htmx else "projects/comments.html"
    return render(request, page, context, status=422 if form else 200)


@signed_in
@require_safe
def comment_people(request: PortalRequest, slug: str) -> JsonResponse:
    """Return the names of whom one can mention, for completion while one types."""
    project = get_object_or_404(
        Project.objects.contributable_by(request.actor), slug=slug
    )
    people = selectors.members_of(project)
    names = [each.display_name for each in people if each != request.actor.user]
    return JsonResponse({"people": names})


@signed_in
@require_POST
def comment_post(request: PortalRequest, slug: str) -> HttpResponse:
    """Say something, or answer what somebody said."""
    project = get_object_or_404(
        Project.objects.contributable_by(request.actor), slug=slug
    )
    subject = _subject(
        project, request.POST.get("kind", ""), request.POST.get("subject", "")
    )
    answers = _answered(project, subject, request.POST.get("answers", ""))
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            row = services.post_comment(
                project,
                subject,
                actor=request.actor,
                text=form.cleaned_data["text"],
                answers=answers,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _back(request, row, subject)
    return _show(request, project, subject, form=form, answers=answers)


def _answered(project: Project, subject: Subject, pk: str) -> Comment | None:
    if not pk:
        return None
    rows = Comment.objects.filter(
        project=project,
        subject_kind=subject.kind,
        subject_id=subject.id,
        deleted_at=None,
    )
    row = rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 19 else None
    if row is None:
        raise Http404
    return row


def _back(request: PortalRequest, row: Comment, subject: Subject) -> HttpResponse:
    """Go back to where the thread stands, or show it anew in its place."""
    if request.htmx:
        return _show(request, row.project, subject)
    return redirect(f"{subject.url}#comment-{row.pk}")


def _own(request: PortalRequest, slug: str, pk: int) -> Comment:
    return get_object_or_404(
        Comment.objects.contributable_by(request.actor),
        project__slug=slug,
        pk=pk,
        author=request.actor.user,
    )


@signed_in
@require_http_methods(["GET", "POST"])
def comment_edit(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change what one said."""
    row = _own(request, slug, pk)
    subject = selectors.subject_of(row)
    form = CommentForm(request.POST or None, initial={"text": row.text})
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_comment(
                row, actor=request.actor, text=form.cleaned_data["text"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(f"{subject.url}#comment-{row.pk}")
    context = {"project": row.project, "subject": subject, "form": form, "row": row}
    status = 422 if form.is_bound else 200
    return render(request, "projects/comment_form.html", context, status=status)


@signed_in
@require_POST
def comment_delete(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take back what one said; it can be restored for thirty days."""
    row = _own(request, slug, pk)
    services.delete_comment(row, actor=request.actor)
    undo = reverse("projects:comment_restore", args=[slug, pk])
    messages.success(request, _("Your comment is deleted."), extra_tags=f"undo:{undo}")
    return redirect(selectors.subject_of(row).url)


@signed_in
@require_POST
def comment_restore(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take a comment out of the trash: whoever wrote it may, and editors."""
    project = get_object_or_404(
        Project.objects.contributable_by(request.actor), slug=slug
    )
    rows = Comment.objects.filter(project=project).exclude(deleted_at=None)
    if not may_edit(project, request.actor):
        rows = rows.filter(author=request.actor.user)
    row = get_object_or_404(rows, pk=pk)
    services.restore_comment(row, actor=request.actor)
    return redirect(f"{selectors.subject_of(row).url}#comment-{row.pk}")


@signed_in
@require_POST
def comment_resolve(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Put a thread behind everybody, or take it up again."""
    row = get_object_or_404(
        Comment.objects.contributable_by(request.actor),
        project__slug=slug,
        pk=pk,
        answers=None,
    )
    services.resolve_comment(row, actor=request.actor, resolved=row.resolved_at is None)
    return _back(request, row, selectors.subject_of(row))
