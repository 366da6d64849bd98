"""The kinds of events people are told of; each app registers its own."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import NoticeChoice

Way = NoticeChoice.Way


@dataclass(frozen=True)
class NoticeKind:
    """One kind of event, how it is called, and how it is told unless chosen."""

    key: str
    title: Promise | str
    way: NoticeChoice.Way = Way.PORTAL
    # The topic of webhooks that hear of it too; empty: a matter of each person.
    topic: str = ""


_kinds: dict[str, NoticeKind] = {}


def register(*known: NoticeKind) -> None:
    """Make kinds of events known, so that people may choose how they are told."""
    _kinds.update({each.key: each for each in known})


def kinds() -> tuple[NoticeKind, ...]:
    """Return every kind, in the order in which they were registered."""
    return tuple(_kinds.values())


def kind_of(key: str) -> NoticeKind:
    """Return a kind; one that nobody registered is told in the portal."""
    return _kinds.get(key) or NoticeKind(key, key)


register(
    NoticeKind("job", _("A job of yours ended without a result")),
    NoticeKind("webhook", _("An address you had told about a project is switched off")),
)
