"""Over several projects: rates between currencies, platforms, scenarios."""

from core import audit
from core.access import Actor
from projects.models import CurrencyRate


def save_rate(row: CurrencyRate, *, actor: Actor) -> CurrencyRate:
    """Keep a rate; every sum over its currency follows it from its day on.

    Raises
    ------
    ValidationError
        If it is no rate, or its day has one already.
    """
    row.typed_by = actor.user
    row.full_clean()
    row.save()
    audit.record(actor, "write rate", subject=_said(row))
    return row


def delete_rate(row: CurrencyRate, *, actor: Actor) -> None:
    """Take a rate away; the one before it holds again."""
    audit.record(actor, "remove rate", subject=_said(row))
    row.delete()


def _said(row: CurrencyRate) -> str:
    return f"{row.currency} {row.rate.normalize():f}, {row.valid_from.isoformat()}"
