"""How the values of a quantity are typed, written and said."""

import re
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from engine import numbers
from projects.models import Quantity

Decimal = Literal[".", ","]
SHARE_OF = "share of "


def translated(text: str) -> str:
    """Return a stored text in the reader's language where the catalogue has it."""
    return _(text) if text else ""  # the empty message is the catalogue's header


def digits(value: float) -> float:
    """Return the value with twelve digits: 57 % is 0.57, not 0.5700000000000001."""
    return float(f"{value:.12g}")


@dataclass(frozen=True)
class Wording:
    """The words of one quantity, for a reader with a decimal sign."""

    quantity: Quantity
    currency: str
    decimal: Decimal = "."

    @property
    def label(self) -> str:
        """What the quantity is, as a heading."""
        return translated(self.quantity.label)

    @property
    def question(self) -> str:
        """The whole question, as the form puts it."""
        return translated(self.quantity.asks) or self.label

    @property
    def why(self) -> str:
        """What is meant by it."""
        return translated(self.quantity.why)

    @property
    def prefix(self) -> str:
        """What stands before the number inside the box."""
        if "{currency}" in self.quantity.prefix:
            return numbers.currency_sign(self.currency)
        return self.quantity.prefix

    @property
    def suffix(self) -> str:
        """What stands after the number inside the box."""
        return translated(self.quantity.suffix)

    @property
    def is_money(self) -> bool:
        """Whether it is an amount of the project's currency."""
        return "{currency}" in self.quantity.prefix

    @property
    def is_share(self) -> bool:
        """Whether it is a share, asked in per cent."""
        return self.quantity.suffix.startswith("%")

    @property
    def _of(self) -> str:
        """What follows the numbers: "of 100 leavers", "per year", "customers"."""
        if not self.is_share:
            return self.suffix
        unit = self.quantity.unit
        whole = unit.removeprefix(SHARE_OF) if unit.startswith(SHARE_OF) else ""
        return _("of 100 %(whole)s") % {"whole": translated(whole)} if whole else "%"

    def shown(self, kept: float) -> float:
        """Return a kept value in the unit it is asked in."""
        return digits(kept / self.quantity.scale)

    def kept(self, shown: float) -> float:
        """Return a typed value in the unit of the formula."""
        return digits(shown * self.quantity.scale)

    def typed(self, kept: float) -> str:
        """Return a kept value as a person would type it."""
        return numbers.plain(self.shown(kept), decimal=self.decimal)

    def said(self, kept: float) -> str:
        """Return a kept value in two digits, as a sentence carries it."""
        if self.is_share:
            return _("%(n)s of 100") % {"n": numbers.per_hundred(kept)}
        if self.is_money:
            return numbers.money(kept, self.currency)
        return self._joined(numbers.two_digits(self.shown(kept)), self.suffix)

    def number(self, kept: float) -> str:
        """Return a kept value in two digits where the whole is named elsewhere."""
        return numbers.per_hundred(kept) if self.is_share else self.said(kept)

    def range_said(self, low: float, high: float) -> str:
        """Return a range in two digits: "8 to 24 of 100"."""
        if self.is_share:
            return _("%(low)s to %(high)s of 100") % {
                "low": numbers.per_hundred(low),
                "high": numbers.per_hundred(high),
            }
        if self.is_money:
            ends = (self.said(low), self.said(high))
            return _("%(low)s to %(high)s") % {"low": ends[0], "high": ends[1]}
        ends = (
            numbers.two_digits(self.shown(low)),
            numbers.two_digits(self.shown(high)),
        )
        words = _("%(low)s to %(high)s") % {"low": ends[0], "high": ends[1]}
        return self._joined(words, self.suffix)

    @property
    def echo_pattern(self) -> str:
        """The sentence below the boxes, with {low}, {high} and {likely}."""
        of = f" {self._of}" if self._of else ""
        return _(
            "Between %(sign)s{low} and %(sign)s{high}%(of)s, most likely "
            "%(sign)s{likely}."
        ) % {"sign": self.prefix, "of": of}

    def blank_pattern(self, *, as_range: bool) -> str:
        """Return how the filled sentence carries the answer."""
        number = _("{low} to {high}") if as_range else f"{self.prefix}{{likely}}"
        return self._joined(number, "%" if self.is_share else self._counted)

    @property
    def _counted(self) -> str:
        return "" if self.is_money else self.suffix

    def filled(self, pattern: str, low: float, likely: float, high: float) -> str:
        """Return a pattern with kept values put in, as a person would type them."""
        parts = {"low": low, "likely": likely, "high": high}
        return re.sub(
            r"\{(low|likely|high)\}",
            lambda found: self.typed(parts[found[1]]),
            pattern,
        )

    @staticmethod
    def _joined(number: str, unit: str) -> str:
        return f"{number}\N{NO-BREAK SPACE}{unit}" if unit else number


def wordings(
    quantities: list[Quantity], currency: str, decimal: Decimal = "."
) -> dict[str, Wording]:
    """Return the wording of each quantity by its name."""
    return {each.name: Wording(each, currency, decimal) for each in quantities}
