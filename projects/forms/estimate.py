"""The estimate form: low, high and likely of each quantity, as people type them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.words import in_words
from engine.numbers import NumberProblem, parse_number
from projects.models import Estimate, Quantity, Reconciliation
from projects.models.value import Source
from projects.selectors.counted import FromData
from projects.selectors.words import Decimal, Wording
from projects.services import RangeGiven

COMMENT_LENGTH = 500  # as the column
BETS = ("range", "wheel", "either")  # of the equivalent-bet check
PARTS = ("low", "high", "likely")  # in the order they are asked: less anchoring
PART_LABELS = {
    "low": gettext_lazy("Low"),
    "high": gettext_lazy("High"),
    "likely": gettext_lazy("Likely"),
}


class EstimateForm(forms.Form):
    """Ranges of a value case's quantities; `ranges` holds the ones that can be used.

    With `sending`, what is asked must be answered or marked as not known; while
    it is typed, an empty box is just not filled yet. Without a `decimal` sign a
    text such as `1,234` is refused with both ways to write it.
    """

    def __init__(
        self,
        quantities: list[Quantity],
        data: Mapping[str, Any] | None = None,
        *,
        decimal: Decimal | None,
        kept: Mapping[str, Estimate] | None = None,
        sending: bool = False,
    ) -> None:
        super().__init__(data)
        self.fields["bet"] = forms.ChoiceField(
            required=False, choices=[(each, each) for each in BETS]
        )
        self.fields["bet_about"] = forms.CharField(required=False, max_length=40)
        self.quantities, self.decimal, self.sending = quantities, decimal, sending
        self.kept = {name: _kept(row) for name, row in (kept or {}).items()}
        self.ranges: dict[str, RangeGiven] = {} if self.is_bound else dict(self.kept)
        for quantity in quantities:
            self._add_fields(quantity)
            if given := self.kept.get(quantity.name):
                self._prefill(quantity, given)

    def _add_fields(self, quantity: Quantity) -> None:
        for part in PARTS:
            self.fields[f"{quantity.name}_{part}"] = forms.CharField(
                required=False, max_length=60, strip=False
            )
        self.fields[f"{quantity.name}_source"] = forms.ChoiceField(
            required=False, choices=Source.choices
        )
        self.fields[f"{quantity.name}_unknown"] = forms.BooleanField(required=False)
        self.fields[f"{quantity.name}_comment"] = forms.CharField(
            required=False, max_length=COMMENT_LENGTH
        )

    def _prefill(self, quantity: Quantity, given: RangeGiven) -> None:
        words, name = self.wording(quantity), quantity.name
        self.initial[f"{name}_source"] = given.source
        self.initial[f"{name}_unknown"] = given.is_unknown
        self.initial[f"{name}_comment"] = given.comment
        if not given.is_unknown:
            for part in PARTS:
                self.initial[f"{name}_{part}"] = words.typed(getattr(given, part))

    def wording(self, quantity: Quantity) -> Wording:
        """Return the quantity's words in the reader's format."""
        return Wording(quantity, quantity.project.currency, self.decimal or ".")

    def clean(self) -> dict[str, Any]:
        """Read every triple; what cannot be used is said beside its box."""
        for quantity in self.quantities:
            if given := self._given(quantity):
                self.ranges[quantity.name] = given
        return self.cleaned_data

    def _given(self, quantity: Quantity) -> RangeGiven | None:
        name = quantity.name
        source = self.cleaned_data.get(f"{name}_source") or Source.GUESS
        comment = self._text(f"{name}_comment")
        if self.cleaned_data.get(f"{name}_unknown"):
            return RangeGiven(
                low=quantity.default_low,
                likely=quantity.default_likely,
                high=quantity.default_high,
                source=source,
                is_unknown=True,
                comment=comment,
            )
        texts = {part: self._text(f"{name}_{part}") for part in PARTS}
        empty = [part for part in PARTS if not texts[part]]
        if len(empty) == len(PARTS) and quantity.is_refinement:
            return None
        if empty:
            self._miss(quantity, empty)
        shown = {part: self._number(quantity, part, texts[part]) for part in PARTS}
        if any(value is None for value in shown.values()):
            return None
        given = self._range(
            quantity, {part: value or 0.0 for part, value in shown.items()}, source
        )
        return given and replace(given, comment=comment)

    def _text(self, field: str) -> str:
        return str(self.cleaned_data.get(field) or "").strip()

    def _miss(self, quantity: Quantity, empty: list[str]) -> None:
        if not self.sending:
            return
        if len(empty) == len(PARTS):
            self._say(
                quantity,
                "low",
                _("Give a low, a high and a likely value, or tick “I don’t know”."),
            )
            return
        for part in empty:
            self._say(
                quantity,
                part,
                _("%(part)s is empty: give it, or tick “I don’t know”.")
                % {"part": PART_LABELS[part]},
            )

    def _number(self, quantity: Quantity, part: str, text: str) -> float | None:
        if not text:
            return None
        if "%" in text and not self.wording(quantity).is_share:
            self._say(
                quantity,
                part,
                _("“%(value)s” is a share, but a plain number is asked for.")
                % {"value": text},
            )
            return None
        try:
            return parse_number(text, decimal=self.decimal)
        except NumberProblem as problem:
            self._say(quantity, part, in_words(problem))
            return None

    def _range(
        self, quantity: Quantity, shown: dict[str, float], source: str
    ) -> RangeGiven | None:
        words = self.wording(quantity)
        kept = {part: words.kept(value) for part, value in shown.items()}
        said = {part: words.typed(value) for part, value in kept.items()}
        if kept["low"] > kept["high"]:
            problem = _("Low (%(low)s) is above high (%(high)s). Swap them?") % said
            self._say(quantity, "low", problem)
            return None
        if not kept["low"] <= kept["likely"] <= kept["high"]:
            problem = (
                _(
                    "Likely (%(likely)s) lies outside %(low)s to %(high)s: choose a "
                    "value between."
                )
                % said
            )
            self._say(quantity, "likely", problem)
            return None
        try:
            Estimate(quantity=quantity, **kept).clean()
        except ValidationError as error:
            for part, messages in error.message_dict.items():
                self._say(quantity, part, " ".join(messages))
            return None
        return RangeGiven(kept["low"], kept["likely"], kept["high"], source=source)

    def _say(self, quantity: Quantity, part: str, problem: str) -> None:
        self.add_error(f"{quantity.name}_{part}", problem)

    @property
    def last_valid(self) -> dict[str, RangeGiven]:
        """The ranges that can be used; where one cannot, the last kept one."""
        broken = {
            each.name
            for each in self.quantities
            if any(f"{each.name}_{part}" in self.errors for part in PARTS)
        }
        kept = {name: given for name, given in self.kept.items() if name in broken}
        return {**kept, **self.ranges}


def _kept(row: Estimate) -> RangeGiven:
    return RangeGiven(
        low=row.low,
        likely=row.likely,
        high=row.high,
        source=row.source,
        is_unknown=row.is_unknown,
        comment=row.comment,
    )


class SettleForm(EstimateForm):
    """The range a project goes on with, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Why this range?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": gettext_lazy("Say why: people read it beside their own range.")
        },
    )

    def __init__(
        self,
        quantity: Quantity,
        data: Mapping[str, Any] | None = None,
        *,
        decimal: Decimal | None,
        counted: FromData | None = None,
    ) -> None:
        super().__init__([quantity], data, decimal=decimal, sending=True)
        for name in (f"{quantity.name}_unknown", "bet", "bet_about"):
            del self.fields[name]
        settled: Reconciliation | None = getattr(quantity, "reconciliation", None)
        if settled:
            given = RangeGiven(settled.low, settled.likely, settled.high)
            self._prefill(quantity, given)
            self.initial["reason"] = settled.reason
        if counted and counted.quantity == quantity:
            given = RangeGiven(counted.low, counted.likely, counted.high)
            self._prefill(quantity, given)
            self.initial["reason"] = counted.reason
