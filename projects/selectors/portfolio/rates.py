"""Money of several currencies in the one the portal reports in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from projects.models import CurrencyRate


@dataclass(frozen=True)
class Rates:
    """What a unit of each currency is worth on a day, in the reporting currency."""

    reporting: str
    by_currency: dict[str, CurrencyRate]

    def worth(self, amount: float, currency: str) -> float | None:
        """Return an amount in the reporting currency; None without a rate."""
        if currency == self.reporting:
            return amount
        row = self.by_currency.get(currency)
        return None if row is None else amount * float(row.rate)

    def knows(self, currency: str) -> bool:
        """Whether amounts of this currency can be added."""
        return currency == self.reporting or currency in self.by_currency

    def used_for(self, currencies: Iterable[str]) -> list[CurrencyRate]:
        """Return the rates that a sum over these currencies rests on."""
        return [
            self.by_currency[each]
            for each in sorted(set(currencies))
            if each in self.by_currency and each != self.reporting
        ]


def rates_on(day: date) -> Rates:
    """Return the rates that hold on a day: of each currency the newest until then."""
    rows = CurrencyRate.objects.filter(valid_from__lte=day).order_by("valid_from")
    return Rates(settings.REPORTING_CURRENCY, {each.currency: each for each in rows})
