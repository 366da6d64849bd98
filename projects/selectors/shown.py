"""How measured values and what decides them are said to a reader."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine.numbers import money, two_digits
from engine.value.simulate import Sway, ValueEstimate
from projects.kinds.catalogue import LEVEL_WORDS
from projects.models import Quantity
from projects.selectors.words import Wording, wordings

SPOKEN_UNITS = {"ms", "s", "days", "hours", "MB", "rows"}


def shown(value: float | None, unit: str, currency: str) -> str:
    """Return a value with its unit: 79 %, €32k, 240 ms; a dash when unknown."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{two_digits(100 * value)}\N{NO-BREAK SPACE}%"
    if unit == "money":
        return money(value, currency)
    if unit == "level":
        return level_words(value)
    suffix = f"\N{NO-BREAK SPACE}{unit}" if unit in SPOKEN_UNITS else ""
    return two_digits(value) + suffix


def level_words(value: float) -> str:
    """Return how far a person can follow a model of this level, in words."""
    return str(LEVEL_WORDS.get(value, two_digits(value)))


def shown_range(low: float | None, high: float | None, unit: str, currency: str) -> str:
    """Return an interval in brackets, or nothing without one."""
    if low is None or high is None:
        return ""
    first, last = shown(low, unit, currency), shown(high, unit, currency)
    if unit == "share":
        first = first.removesuffix("\N{NO-BREAK SPACE}%")
    return f"({first}–{last})"


def time_shown(years: float) -> str:
    """Return a time as people say it: months below two years, years from there on."""
    if years >= 2:
        return _("%(n)s years") % {"n": two_digits(years)}
    months = max(1, round(12 * years))
    return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}


def times_shown(first: float, last: float) -> str:
    """Return two times in one unit: months where both are short, else years."""
    if last >= 2:
        return _("%(first)s to %(last)s years") % {
            "first": two_digits(first),
            "last": two_digits(last),
        }
    return _("%(first)s to %(last)s months") % {
        "first": max(1, round(12 * first)),
        "last": max(1, round(12 * last)),
    }


@dataclass(frozen=True)
class SwayWords:
    """One input that decides much: its name, where it breaks even, its worth."""

    name: str
    label: str
    break_even: str  # "pays back above 13 of 100", or ""
    likely: str
    worth: float  # of finding it out exactly, a year


def sway_words(
    result: ValueEstimate, quantities: Iterable[Quantity], currency: str
) -> list[SwayWords]:
    """Return the inputs in the order of what it is worth to know them."""
    words = wordings(list(quantities), currency)
    return [
        _sway_words(each, words[each.name])
        for each in result.sways
        if each.name in words
    ]


def _sway_words(sway: Sway, wording: Wording) -> SwayWords:
    break_even = ""
    if sway.break_even is not None:
        pattern = (
            _("pays back above %(value)s")
            if sway.direction == "above"
            else _("pays back below %(value)s")
        )
        break_even = pattern % {"value": wording.said(sway.break_even)}
    return SwayWords(
        name=sway.name,
        label=wording.label,
        break_even=break_even,
        likely=wording.said(sway.likely),
        worth=sway.evppi,
    )
