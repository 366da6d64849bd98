"""Talking about anything of a project: who said it, who is told."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core import audit, trash
from core.access import Actor
from core.models import User
from core.notices import notify
from core.trash import on_purge
from projects.models import Comment, Project, Stakeholder
from projects.selectors.comments import Subject, members_of, subject_of
from projects.selectors.mentions import mentioned_people


@transaction.atomic
def post_comment(
    project: Project,
    subject: Subject,
    *,
    actor: Actor,
    text: str,
    answers: Comment | None = None,
    stakeholder: Stakeholder | None = None,
) -> Comment:
    """Save a comment, and tell whom it mentions and who talked there before.

    `stakeholder` is who says it without an account.

    Raises
    ------
    ValidationError
        For an empty or overlong text, or a mention of somebody who cannot see it.
    """
    row = Comment(
        project=project,
        subject_kind=subject.kind,
        subject_id=subject.id,
        answers=answers.answers or answers if answers else None,
        text=text.strip(),
        author=actor.user,
        stakeholder=stakeholder,
        author_name=stakeholder.name if stakeholder else actor.name,
    )
    row.full_clean()
    people = _people(project, row.text)
    row.save()
    row.mentions.set(people)
    _tell_mentioned(row, subject, people, by=actor.user)
    _tell_others(row, subject, but=[*people, actor.user])
    audit.record(
        actor,
        "answer comment" if answers else "comment",
        project_id=project.pk,
        subject=subject.label,
        detail={"comment": row.pk, "kind": subject.kind, "id": subject.id},
    )
    return row


@transaction.atomic
def edit_comment(comment: Comment, *, actor: Actor, text: str) -> None:
    """Change what somebody said; only people newly mentioned are told.

    Raises
    ------
    ValidationError
        As for a new comment.
    """
    if text.strip() == comment.text:
        return
    before = set(comment.mentions.all())
    comment.text, comment.edited_at = text.strip(), timezone.now()
    comment.full_clean()
    people = _people(comment.project, comment.text)
    comment.save(update_fields=["text", "edited_at"])
    comment.mentions.set(people)
    subject = subject_of(comment)
    fresh = [each for each in people if each not in before]
    _tell_mentioned(comment, subject, fresh, by=actor.user)
    _note(actor, "edit comment", comment, subject)


@transaction.atomic
def resolve_comment(comment: Comment, *, actor: Actor, resolved: bool) -> None:
    """Put a thread behind everybody, or take it up again."""
    if resolved == (comment.resolved_at is not None):
        return
    comment.resolved_at = timezone.now() if resolved else None
    comment.resolved_by = actor.user if resolved else None
    comment.save(update_fields=["resolved_at", "resolved_by"])
    action = "resolve comment" if resolved else "reopen comment"
    _note(actor, action, comment, subject_of(comment))


def delete_comment(comment: Comment, *, actor: Actor) -> None:
    """Put a comment in the trash; what was said to it stays."""
    trash.move_to_trash(comment, actor, project_id=comment.project_id)


def restore_comment(comment: Comment, *, actor: Actor) -> None:
    """Take a comment out of the trash."""
    trash.restore(comment, actor, project_id=comment.project_id)


@on_purge(Comment)
def keep_replies(comment: Comment) -> None:
    """Let what others said outlive the comment they said it to."""
    comment.replies.filter(deleted_at=None).update(answers=None)


def _people(project: Project, text: str) -> list[User]:
    try:
        return mentioned_people(project, text)
    except ValidationError as error:
        raise ValidationError({"text": error.messages}) from error


def _tell_mentioned(
    comment: Comment, subject: Subject, people: list[User], *, by: User | None
) -> None:
    notify(
        [each for each in people if each != by],
        kind="mention",
        group=f"mention:{subject.kind}:{subject.id}",
        text=_("%(name)s mentioned you on %(what)s: %(text)s")
        % _said(comment, subject),
        url=f"{subject.url}#comment-{comment.pk}",
        project_id=comment.project_id,
    )


def _tell_others(comment: Comment, subject: Subject, *, but: list[User | None]) -> None:
    """Tell those who talked in the same thread and may still read it."""
    if comment.answers is None:
        return
    spoke = {comment.answers.author_id} | set(
        comment.answers.replies.values_list("author", flat=True)
    )
    members = members_of(comment.project)
    notify(
        [each for each in members if each.pk in spoke and each not in but],
        kind="comment",
        group=f"comment:{subject.kind}:{subject.id}",
        text=_("%(name)s answered on %(what)s: %(text)s") % _said(comment, subject),
        url=f"{subject.url}#comment-{comment.pk}",
        project_id=comment.project_id,
    )


def _said(comment: Comment, subject: Subject) -> dict[str, str]:
    # Short parts each, so that the sentence never loses its end.
    return {
        "name": Truncator(comment.author_name).chars(60),
        "what": Truncator(f"“{subject.label}”").chars(80),
        "text": Truncator(" ".join(comment.text.split())).chars(100),
    }


def _note(actor: Actor, action: str, comment: Comment, subject: Subject) -> None:
    audit.record(
        actor,
        action,
        project_id=comment.project_id,
        subject=subject.label,
        detail={"comment": comment.pk, "kind": subject.kind, "id": subject.id},
    )
