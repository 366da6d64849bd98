"""The addresses a project has told, and how that goes."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import fetch, topics
from core.models import Webhook, WebhookDelivery
from projects.models import Project

SHOWN = 50


@dataclass(frozen=True)
class Address:
    """One address as the list shows it."""

    webhook: Webhook
    host: str
    hears: str
    state: str  # met, failing, todo
    words: str


def addresses_of(project: Project) -> list[Address]:
    """Return the addresses of a project, each with how its last delivery went."""
    rows = Webhook.objects.filter(project_id=project.pk)
    return [address_of(row) for row in rows]


def address_of(row: Webhook) -> Address:
    """Return one address with how its last delivery went."""
    state, words = _state(row)
    return Address(row, fetch.host_of(row.url), _hears(row), state, words)


def _hears(row: Webhook) -> str:
    titles = {each.key: str(each.title) for each in topics.topics()}
    return ", ".join(titles.get(key, key) for key in row.kinds) or _("everything")


def _state(row: Webhook) -> tuple[str, str]:
    if not row.is_on:
        return "todo", _("switched off")
    last = row.deliveries.filter(tries__gt=0).first()
    if last is None:
        return "todo", _("told nothing yet")
    if last.delivered_at:
        return "met", _("answered %(status)s") % {"status": last.status}
    return "failing", last.problem


@dataclass(frozen=True)
class Sent:
    """One delivery as the list shows it."""

    delivery: WebhookDelivery
    state: str  # met, failing, waiting
    words: str


def sent_to(row: Webhook) -> list[Sent]:
    """Return what an address was told lately, the newest first."""
    return [Sent(each, *_delivery_state(each)) for each in row.deliveries.all()[:SHOWN]]


def _delivery_state(row: WebhookDelivery) -> tuple[str, str]:
    if row.delivered_at:
        return "met", _("answered %(status)s") % {"status": row.status}
    if not row.tries:
        return "waiting", _("on its way")
    tried = ngettext("tried once", "tried %(n)s times", row.tries) % {"n": row.tries}
    if row.next_try_at is None:
        return "failing", _("%(problem)s Given up, %(tried)s.") % {
            "problem": row.problem,
            "tried": tried,
        }
    return "waiting", _("%(problem)s It is tried again; %(tried)s.") % {
        "problem": row.problem,
        "tried": tried,
    }
