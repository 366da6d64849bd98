"""What a kind of requirement asks, and how an answer is checked."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

Words = str | Promise
TEXT_CHARS = 300
MOST_NAMES = 40
NAME_CHARS = 120


class Type(StrEnum):
    """What an answer is."""

    CHOICE = "choice"
    CHOICES = "choices"  # any of several
    NUMBER = "number"
    WHOLE = "whole"
    TEXT = "text"
    NAMES = "names"  # names of columns or slices


@dataclass(frozen=True)
class When:
    """A question is asked when another one has one of these answers."""

    key: str
    values: tuple[str, ...]

    def holds(self, details: Mapping[str, Any]) -> bool:
        """Whether the other question was answered so."""
        return details.get(self.key) in self.values


@dataclass(frozen=True)
class Ask:
    """One structured field of a kind."""

    key: str
    label: Words
    type: Type
    help: Words = ""
    unit: Words = ""
    choices: tuple[tuple[str, Words], ...] = ()
    least: float = 0.0
    most: float = 1e12
    is_required: bool = False
    when: When | None = None

    def applies(self, details: Mapping[str, Any]) -> bool:
        """Whether the answers so far make this a question."""
        return self.when is None or self.when.holds(details)

    def said(self, value: Any) -> str:
        """Return an answer as a reader sees it."""
        labels = dict(self.choices)
        if self.type is Type.CHOICE:
            return str(labels.get(value, value))
        if isinstance(value, list):
            return ", ".join(str(labels.get(each, each)) for each in value)
        number = f"{value:,g}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        text = number if isinstance(value, int | float) else str(value)
        return f"{text}\N{NO-BREAK SPACE}{self.unit}" if self.unit else text


@dataclass(frozen=True)
class Bound:
    """One value that one metric has to keep; `about` names the kind of subject."""

    metric_key: str
    comparison: str  # "ge" or "le"
    threshold: float
    unit: str = ""
    slice: str = ""
    about: str = ""  # "run", "data_set_version", "answers"; "" where nobody knows
    minimum_n: int | None = None

    def holds_for(self, value: float) -> bool:
        """Whether `value` keeps it."""
        if self.comparison == "ge":
            return value >= self.threshold
        return value <= self.threshold


class DetailProblems(ValueError):
    """Answers that cannot be used: by field, what is wrong and what to write."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        self.by_field = dict(by_field)
        super().__init__("; ".join(f"{k}: {v}" for k, v in self.by_field.items()))


def checked(asks: tuple[Ask, ...], details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers in their own types, without those nothing asks for.

    Raises
    ------
    DetailProblems
        If an answer is missing, of another type or out of range, or unknown.
    """
    problems = _unknown(asks, details)
    found: dict[str, Any] = {}
    for ask in asks:
        if not ask.applies(found):
            continue
        value = details.get(ask.key)
        try:
            if _is_blank(value):
                _require(ask)
            else:
                found[ask.key] = check(ask, value)
        except ValueError as problem:
            problems[ask.key] = str(problem)
    if problems:
        raise DetailProblems(problems)
    return found


def _unknown(asks: tuple[Ask, ...], details: Mapping[str, Any]) -> dict[str, str]:
    known = [each.key for each in asks]
    return {
        str(key)[:60]: _("There is no such field; there are: %(fields)s.")
        % {"fields": ", ".join(known) or "–"}
        for key in details
        if key not in known
    }


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or value == []


def _require(ask: Ask) -> None:
    if ask.is_required:
        raise ValueError(
            _("“%(label)s” is not answered. Answer it.") % {"label": ask.label}
        )


def check(ask: Ask, value: Any) -> Any:
    """Return one answer in its own type.

    Raises
    ------
    ValueError
        If it cannot be used; names the value and the remedy.
    """
    if ask.type in {Type.NUMBER, Type.WHOLE}:
        return _number(ask, value)
    if ask.type is Type.CHOICE:
        return _chosen(ask, value)
    if ask.type is Type.TEXT:
        return _text(value, TEXT_CHARS)
    if not isinstance(value, list) or len(value) > MOST_NAMES:
        raise ValueError(
            _("“%(value)s” is no list of at most %(most)s names. Give one.")
            % {"value": _short(value), "most": MOST_NAMES}
        )
    if ask.type is Type.CHOICES:
        return sorted({_chosen(ask, each) for each in value})
    return list(dict.fromkeys(_text(each, NAME_CHARS) for each in value))


def _number(ask: Ask, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(
            _("“%(value)s” is not a number. Give one from %(least)s to %(most)s.")
            % {"value": _short(value), **_ends(ask)}
        )
    if not math.isfinite(value) or not ask.least <= value <= ask.most:
        raise ValueError(
            _("%(value)s is out of range. Give a number from %(least)s to %(most)s.")
            % {"value": _short(value), **_ends(ask)}
        )
    if ask.type is Type.WHOLE and value != int(value):
        raise ValueError(
            _("%(value)s is not whole. Give a whole number.") % {"value": value}
        )
    return int(value) if value == int(value) else float(value)


def _ends(ask: Ask) -> dict[str, str]:
    return {"least": f"{ask.least:g}", "most": f"{ask.most:g}"}


def _chosen(ask: Ask, value: Any) -> str:
    keys = [key for key, _label in ask.choices]
    if value not in keys:
        raise ValueError(
            _("“%(value)s” is no choice. Choose among: %(keys)s.")
            % {"value": _short(value), "keys": ", ".join(keys)}
        )
    return str(value)


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError(
            _("“%(value)s” is no text. Write some words.") % {"value": _short(value)}
        )
    if len(value) > most:
        raise ValueError(
            _("The text has %(n)s characters. Write at most %(most)s.")
            % {"n": len(value), "most": most}
        )
    return value.strip()


def _short(value: Any) -> str:
    text = re.sub(r"\s+", " ", str(value).replace("\0", ""))
    return text if len(text) <= 60 else f"{text[:60]}…"
