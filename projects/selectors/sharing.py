"""What can be shown by a shared link, and who holds which."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.models.people import hash_secret
from projects.models import Decision, Project, SharedLink
from projects.selectors.decision import sheet


@dataclass(frozen=True)
class Taken:
    """One thing as a link to it is made: its name, and what is kept of it."""

    label: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Shareable:
    """A kind of page that can be shown by link.

    `take` knows only the project's own and returns None for anything else; `show`
    returns what the template needs, or None if there is nothing left to show.
    """

    take: Callable[[Project, int], Taken | None]
    show: Callable[[SharedLink], dict[str, Any] | None]
    template: str
    route: str  # of the page itself, for those who have an account


_kinds: dict[str, Shareable] = {}


def register(kind: SharedLink.Kind, shareable: Shareable) -> None:
    """Let pages of a kind be shown by link."""
    _kinds[kind] = shareable


def shareable(kind: str) -> Shareable:
    """Return how pages of a kind are shown by link."""
    return _kinds[kind]


def page_of(link: SharedLink) -> str:
    """Return the address of the page itself."""
    return link.project.url(shareable(link.kind).route, pk=link.subject)


def shared_links(project: Project, kind: str, subject: int) -> list[SharedLink]:
    """Return the links to one page, the newest first, without what they show."""
    rows = SharedLink.objects.filter(project=project, kind=kind, subject=subject)
    return list(rows.select_related("created_by").defer("content"))


def shared_by(secret: str) -> SharedLink | None:
    """Return the link of this secret; None if unknown or its project is gone."""
    rows = SharedLink.objects.filter(
        secret_hash=hash_secret(secret), project__deleted_at=None
    )
    return rows.select_related("project", "created_by").first()


def _take_decision(project: Project, pk: int) -> Taken | None:
    row = Decision.objects.filter(project=project, pk=pk).first()
    # It is frozen by its first signature, and says itself what changed since.
    return Taken(row.question, {}) if row else None


def _show_decision(link: SharedLink) -> dict[str, Any] | None:
    rows = Decision.objects.select_related("project").prefetch_related("signatures")
    row = rows.filter(project=link.project, pk=link.subject).first()
    return {"decision": row, "sheet": sheet(row)} if row else None


register(
    SharedLink.Kind.DECISION,
    Shareable(
        _take_decision,
        _show_decision,
        "projects/decision_shared.html",
        "projects:decision",
    ),
)
