"""Showing one page by link, and closing the link again."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from projects.models import Project, SharedLink
from projects.selectors.sharing import shareable

# How the feed names sharing each kind, and ending it.
ACTS = {
    SharedLink.Kind.REPORT: ("share report", "stop sharing report"),
    SharedLink.Kind.DECISION: ("share decision", "stop sharing decision"),
}


class NothingToShare(ValueError):
    """The project has no such report or decision."""


@transaction.atomic
def share(
    project: Project,
    kind: SharedLink.Kind,
    subject: int,
    *,
    actor: Actor,
    expires_at: datetime | None = None,
    note: str = "",
) -> tuple[SharedLink, str]:
    """Show a page as it stands to whoever holds a link; return it with its secret.

    Raises
    ------
    NothingToShare
        If the project has no such page.
    ValidationError
        If it would end too early or too late.
    """
    taken = shareable(kind).take(project, subject)
    if taken is None:
        raise NothingToShare(
            _("There is no %(kind)s %(subject)s in “%(project)s”.")
            % {"kind": kind.label, "subject": subject, "project": project.name}
        )
    secret, secret_hash = SharedLink.new_secret()
    link = SharedLink(
        project=project,
        kind=kind,
        subject=subject,
        label=taken.label,
        content=taken.content,
        note=note,
        secret_hash=secret_hash,
        expires_at=expires_at or timezone.now() + SharedLink.LIFETIME,
        created_by=actor.user,
    )
    link.full_clean(exclude=["content"])
    link.save()
    _note(actor, ACTS[kind][0], link, until=link.expires_at.isoformat())
    return link, secret


def stop_sharing(link: SharedLink, *, actor: Actor) -> None:
    """Close a link for good; closing it again changes nothing."""
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
        _note(actor, ACTS[SharedLink.Kind(link.kind)][1], link)


def note_opening(link: SharedLink) -> None:
    """Note that somebody reads the page; what only fetches links is not noted."""
    SharedLink.objects.filter(pk=link.pk).update(
        opened_at=timezone.now(), openings=F("openings") + 1
    )


def address_of(secret: str) -> str:
    """Return the whole address that a secret opens."""
    return f"{settings.PUBLIC_URL}{reverse('projects:shared', args=[secret])}"


def _note(actor: Actor, action: str, link: SharedLink, **detail: str) -> None:
    audit.record(
        actor,
        action,
        project_id=link.project_id,
        subject=link.label,
        detail={"link": link.pk, "for": link.note, **detail},
    )
