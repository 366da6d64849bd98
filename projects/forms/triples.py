"""The questions of the estimate form as the page shows them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from projects.forms.estimate import PART_LABELS, PARTS, EstimateForm
from projects.models import Quantity
from projects.models.value import Source
from projects.selectors.comparison import QuantitySideBySide
from projects.selectors.words import Wording, translated
from projects.services import RangeGiven

NARROW = 0.1  # a guess within ±10 % of its likely value is surer than guesses are
_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Box:
    """One number box."""

    part: str
    name: str
    label: str
    value: str
    wide: str  # the default that "I don't know" puts in
    is_wrong: bool


@dataclass(frozen=True)
class SourceChoice:
    """One answer to "Where from?"."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Triple:
    """One question with its three boxes; patterns hold {low}, {high}, {likely}."""

    id: str
    name: str
    question: str
    why: str
    prefix: str
    unit: str
    boxes: tuple[Box, ...]
    problem: str
    echo: str
    echo_pattern: str
    blank: str
    blank_pattern: str
    sources: tuple[SourceChoice, ...]
    is_unknown: bool
    is_answered: bool
    comment: str
    said: QuantitySideBySide | None  # by everybody, in the round before


@dataclass(frozen=True)
class SentencePart:
    """A piece of the filled sentence: words, or a blank that links to its question."""

    text: str
    triple: Triple | None = None


def triples(
    form: EstimateForm,
    worth: Mapping[str, str] | None = None,
    said: Mapping[str, QuantitySideBySide] | None = None,
) -> dict[str, Triple]:
    """Return each question by its quantity's name, in the order asked.

    `worth` says by name what finding a quantity out is worth, such as €330; `said`
    holds what everybody said of it in the round before.
    """
    return {
        each.name: _triple(
            form, each, (worth or {}).get(each.name, ""), (said or {}).get(each.name)
        )
        for each in form.quantities
    }


def sentence(pattern: str, questions: Mapping[str, Triple]) -> list[SentencePart]:
    """Return a value case's sentence in parts, its {names} filled with answers."""
    parts = []
    for at, piece in enumerate(_BLANK.split(translated(pattern))):
        if at % 2 == 0:
            parts.append(SentencePart(piece))
        elif piece in questions:
            parts.append(SentencePart(questions[piece].blank, questions[piece]))
        else:
            parts.append(SentencePart(f"{{{piece}}}"))
    return [part for part in parts if part.text]


def _triple(
    form: EstimateForm,
    quantity: Quantity,
    worth: str,
    said: QuantitySideBySide | None,
) -> Triple:
    name, words = quantity.name, form.wording(quantity)
    given = form.ranges.get(name)
    wrong = [part for part in PARTS if f"{name}_{part}" in form.errors]
    pattern = words.blank_pattern(as_range=words.is_share and _is_wide(given, quantity))
    return Triple(
        id=f"q-{name}",
        name=name,
        question=words.question,
        why=words.why,
        prefix=words.prefix,
        unit=words.suffix,
        boxes=tuple(_box(form, quantity, part, wrong) for part in PARTS),
        problem=str(form.errors[f"{name}_{wrong[0]}"][0]) if wrong else "",
        echo=_echo(quantity, words, given, worth),
        echo_pattern=words.echo_pattern,
        blank=_filled(words, pattern, given, quantity),
        blank_pattern=pattern,
        sources=_sources(str(form[f"{name}_source"].value() or Source.GUESS)),
        is_unknown=_is_unknown(form, name),
        is_answered=bool(given and not given.is_unknown),
        comment=str(form[f"{name}_comment"].value() or ""),
        said=said,
    )


def _is_unknown(form: EstimateForm, name: str) -> bool:
    field = f"{name}_unknown"
    return field in form.fields and bool(form[field].value())


def _box(form: EstimateForm, quantity: Quantity, part: str, wrong: list[str]) -> Box:
    field = f"{quantity.name}_{part}"
    wide = form.wording(quantity).typed(getattr(quantity, f"default_{part}"))
    typed = str(form[field].value() or "")
    return Box(
        part=part,
        name=field,
        label=str(PART_LABELS[part]),
        value=wide if _is_unknown(form, quantity.name) else typed,
        wide=wide,
        is_wrong=part in wrong,
    )


def _sources(chosen: str) -> tuple[SourceChoice, ...]:
    return tuple(
        SourceChoice(value, str(label), value == chosen)
        for value, label in Source.choices
    )


def _is_wide(given: RangeGiven | None, quantity: Quantity) -> bool:
    """Whether one number would say too little: the ends are three-fold apart."""
    low, high = (
        (given.low, given.high)
        if given
        else (quantity.default_low, quantity.default_high)
    )
    return high >= 3 * low


def _filled(
    words: Wording, pattern: str, given: RangeGiven | None, quantity: Quantity
) -> str:
    if given:
        return words.filled(pattern, given.low, given.likely, given.high)
    return words.filled(
        pattern, quantity.default_low, quantity.default_likely, quantity.default_high
    )


def _echo(
    quantity: Quantity, words: Wording, given: RangeGiven | None, worth: str
) -> str:
    if given is None or given.is_unknown:
        wide = words.range_said(quantity.default_low, quantity.default_high)
        used = _("We use a wide range, %(range)s.") % {"range": wide}
        cost = _("Knowing it is worth up to %(worth)s a year.") % {"worth": worth}
        return f"{used} {cost}" if given and worth else used
    echo = words.filled(words.echo_pattern, given.low, given.likely, given.high)
    if is_narrow_guess(given):
        narrow = _("That is narrow for a guess: would it hold 9 times in 10?")
        return f"{echo} {narrow}"
    return echo


def is_narrow_guess(given: RangeGiven) -> bool:
    """Whether a guess is surer than guesses are."""
    is_narrow = given.high - given.low < 2 * NARROW * abs(given.likely)
    return given.source == Source.GUESS and is_narrow
