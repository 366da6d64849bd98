"""What people say to each other: about what, who, and in which order it is read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import Actor, Right
from core.models import User
from projects.models import (
    Comment,
    Decision,
    Membership,
    Metric,
    Project,
    Quantity,
    Requirement,
)
from projects.models.access import ROLES_WITH
from projects.selectors.value import may_contribute

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Subject:
    """One thing people talk about, by plain values."""

    kind: str
    id: str
    label: str
    url: str


Find = Callable[[Project, str], Subject | None]


@dataclass(frozen=True)
class SubjectKind:
    """A kind of thing that can be talked about, and how one of it is found."""

    key: str
    title: Promise | str
    find: Find


_kinds: dict[str, SubjectKind] = {}


def register(key: str, title: Promise | str, find: Find) -> None:
    """Let people talk about things of a kind; `find` knows only the project's own."""
    _kinds[key] = SubjectKind(key, title, find)


def subject_kinds() -> tuple[SubjectKind, ...]:
    """Return every kind of thing that can be talked about."""
    return tuple(_kinds.values())


def subject_here(kind: str, subject_id: str, path: str) -> Subject:
    """Return what a page is about, for its own thread: it needs no looking up."""
    return Subject(kind, subject_id, str(_kinds[kind].title), path)


def find_subject(project: Project, kind: str, subject_id: str) -> Subject | None:
    """Return the project's thing of this kind and id, or None."""
    known = _kinds.get(kind)
    return known.find(project, subject_id) if known else None


def row_by_id(rows: models.QuerySet[M], subject_id: str) -> M | None:
    """Return the row whose id a text is; None for what is no id at all."""
    is_id = subject_id.isascii() and subject_id.isdecimal() and len(subject_id) < 19
    return rows.filter(pk=int(subject_id)).first() if is_id else None


def _page(kind: str, route: str, label: Promise) -> Find:
    """Return the finder of a page of the project, named by the project's own id."""

    def find(project: Project, subject_id: str) -> Subject | None:
        if subject_id != str(project.pk):
            return None
        return Subject(kind, subject_id, str(label), project.url(route))

    return find


def _quantity(project: Project, subject_id: str) -> Subject | None:
    rows = Quantity.objects.filter(project=project)
    row = row_by_id(rows, subject_id)
    if row is None:
        return None
    url = project.url("projects:thread", kind="quantity", subject=subject_id)
    return Subject("quantity", subject_id, str(row), url)


def _requirement(project: Project, subject_id: str) -> Subject | None:
    rows = Requirement.objects.filter(project=project, deleted_at=None)
    row = row_by_id(rows, subject_id)
    if row is None:
        return None
    url = project.url("projects:requirement", pk=row.pk)
    return Subject("requirement", subject_id, str(row), url)


def _decision(project: Project, subject_id: str) -> Subject | None:
    row = row_by_id(Decision.objects.filter(project=project), subject_id)
    if row is None:
        return None
    url = project.url("projects:decision", pk=row.pk)
    return Subject("decision", subject_id, str(row), url)


def _metric(project: Project, subject_id: str) -> Subject | None:
    row = row_by_id(Metric.objects.filter(project=project), subject_id)
    if row is None:
        return None
    return Subject("metric", subject_id, row.title, row.get_absolute_url())


register(
    "value",
    gettext_lazy("value"),
    _page("value", "projects:value", gettext_lazy("the value")),
)
register("quantity", gettext_lazy("quantity"), _quantity)
register("requirement", gettext_lazy("requirement"), _requirement)
register(
    "metrics",
    gettext_lazy("metrics"),
    _page("metrics", "projects:metrics", gettext_lazy("the metrics")),
)
register("metric", gettext_lazy("metric"), _metric)
register("decision", gettext_lazy("decision"), _decision)


def members_of(project: Project, right: Right = Right.READ) -> list[User]:
    """Return who holds `right` in a project, themselves or by a team."""
    held = Membership.objects.filter(project=project, role__in=ROLES_WITH[right])
    return list(
        User.objects.filter(
            Q(pk__in=held.exclude(user=None).values("user"))
            | Q(teams__in=held.exclude(team=None).values("team")),
            is_active=True,
        )
        .distinct()
        .order_by("name", "email")
    )


@dataclass(frozen=True)
class Line:
    """One comment as somebody reads it, with what was said to it."""

    comment: Comment
    is_own: bool
    replies: tuple["Line", ...] = ()

    @property
    def name(self) -> str:
        """Who wrote it."""
        author = self.comment.author
        return author.display_name if author else self.comment.author_name

    @property
    def is_gone(self) -> bool:
        """Whether it lies in the trash; only what was said to it keeps its place."""
        return self.comment.is_deleted


@dataclass(frozen=True)
class Thread:
    """All that is said about one thing."""

    project: Project
    subject: Subject
    going_on: tuple[Line, ...]
    resolved: tuple[Line, ...]
    may_comment: bool

    @property
    def count(self) -> int:
        """How many comments can be read."""
        return sum(
            (not line.is_gone) + len(line.replies)
            for line in (*self.going_on, *self.resolved)
        )

    @property
    def place(self) -> str:
        """The id of the thread's element, and the anchor that leads to it."""
        return f"talk-{self.subject.kind}-{self.subject.id}"


def thread(project: Project, subject: Subject, actor: Actor) -> Thread:
    """Return what is said about a thing; the caller has seen that it may be read."""
    rows = list(
        Comment.objects.filter(
            project=project, subject_kind=subject.kind, subject_id=subject.id
        )
        .select_related("author", "resolved_by")
        .prefetch_related("mentions")
    )
    lines = _lines(rows, actor)
    return Thread(
        project=project,
        subject=subject,
        going_on=tuple(each for each in lines if each.comment.resolved_at is None),
        resolved=tuple(each for each in lines if each.comment.resolved_at),
        may_comment=may_contribute(project, actor),
    )


def _lines(rows: Iterable[Comment], actor: Actor) -> list[Line]:
    replies: dict[int, list[Line]] = {}
    firsts = []
    for row in rows:
        if row.answers_id is None:
            firsts.append(row)
        elif not row.is_deleted:
            said = Line(row, _is_own(row, actor))
            replies.setdefault(row.answers_id, []).append(said)
    lines = [
        Line(row, _is_own(row, actor), tuple(replies.get(row.pk, ()))) for row in firsts
    ]
    return [line for line in lines if line.replies or not line.is_gone]


def _is_own(row: Comment, actor: Actor) -> bool:
    return row.author_id is not None and row.author == actor.user


def comment_counts(project: Project, kind: str) -> dict[str, int]:
    """Return how much is said about each thing of a kind, by its id."""
    rows = Comment.objects.filter(project=project, subject_kind=kind, deleted_at=None)
    return dict(
        rows.order_by()
        .values("subject_id")
        .annotate(n=Count("pk"))
        .values_list("subject_id", "n")
    )


def gone_subject(comment: Comment) -> Subject:
    """Return what a comment was about, when that is not to be found any more."""
    url = comment.project.url("project_activity")
    return Subject(
        comment.subject_kind, comment.subject_id, _("something deleted"), url
    )


def subject_of(comment: Comment) -> Subject:
    """Return what a comment is about."""
    return find_subject(
        comment.project, comment.subject_kind, comment.subject_id
    ) or gone_subject(comment)
