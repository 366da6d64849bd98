"""The equivalent-bet check: whether one would rather bet on a range or on a wheel.

References
----------
Hubbard, *How to Measure Anything* (2014), ch. 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from projects.forms.estimate import EstimateForm
from projects.forms.triples import is_narrow_guess
from projects.models import Quantity


@dataclass(frozen=True)
class BetChoice:
    """One of the bets."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Bet:
    """The check, about one of the numbers a person gave."""

    about: str
    question: str
    anchor: str  # the id of the number it is about
    choices: tuple[BetChoice, ...]
    advice: str


def bet_on(form: EstimateForm, by_worth: Sequence[str]) -> Bet | None:
    """Return the check about one number, or None while there is none to check.

    It stays with the number it began with; else it takes the first narrow guess,
    else the number that is worth most to know.
    """
    quantity = _chosen(form, by_worth)
    if quantity is None:
        return None
    words, given = form.wording(quantity), form.ranges[quantity.name]
    ends = words.filled(
        _("%(sign)s{low} and %(sign)s{high}") % {"sign": words.prefix},
        given.low,
        given.likely,
        given.high,
    )
    said = f"{ends} {words.suffix}".strip()
    answer = str(form["bet"].value() or "") if form.is_bound else ""
    labels = {
        "range": _("The truth lies between %(ends)s.") % {"ends": said},
        "wheel": _("A wheel of ten fields stops on one of its nine winning ones."),
        "either": _("Either: I do not mind which."),
    }
    return Bet(
        about=quantity.name,
        question=words.question,
        anchor=f"q-{quantity.name}",
        choices=tuple(
            BetChoice(value, label, value == answer) for value, label in labels.items()
        ),
        advice=_advice(answer),
    )


def _chosen(form: EstimateForm, by_worth: Sequence[str]) -> Quantity | None:
    known = {
        each.name: each
        for each in form.quantities
        if each.name in form.ranges and not form.ranges[each.name].is_unknown
    }
    begun = str(form["bet_about"].value() or "") if form.is_bound else ""
    narrow = [name for name in known if is_narrow_guess(form.ranges[name])]
    first = [begun, *narrow, *by_worth, *known]
    return next((known[name] for name in first if name in known), None)


def _advice(answer: str) -> str:
    return {
        "range": _(
            "Then your range is wider than what you know: bring its ends in until you "
            "do not mind."
        ),
        "wheel": _(
            "Then your range is too narrow: move its ends out until you do not mind."
        ),
        "either": _("Then your range says what you know: right 9 times in 10."),
    }.get(answer, "")
