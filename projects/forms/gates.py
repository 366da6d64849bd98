"""Forms of gates: how one is kept, and going past a closed one."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from projects.forms.numbers import NumberField
from projects.models import GateKey, Requirement, Stakeholder
from projects.selectors.gates import GateRules
from projects.selectors.gates.rules import LEAST_CHANCE, LEAST_SCORE

PER_HUNDRED = (
    "least_chance",
    "least_accuracy",
    "least_completeness",
    "least_consistency",
    "least_timeliness",
)
BOUNDS: dict[GateKey, tuple[str, ...]] = {
    GateKey.DESIGN: ("least_chance", "most_years", "cost_of_finding_out", "not_needed"),
    GateKey.DATA: PER_HUNDRED[1:],
    GateKey.MODEL: ("cost_of_finding_out",),
    GateKey.LAUNCH: (),
    GateKey.REVIEW: (),
}


def _score(label: Any) -> NumberField:
    return NumberField(
        label=label,
        required=False,
        least=0,
        most=100,
        help_text=format_lazy(
            _("Of 100. Empty: what a requirement asks, else {least}."),
            least=f"{100 * LEAST_SCORE:.0f}",
        ),
    )


class GateForm(forms.Form):
    """Whether a gate is in use, who signs at it, and within which bounds."""

    is_on = forms.BooleanField(
        label=_("This gate is in use"),
        required=False,
    )
    capacities = forms.MultipleChoiceField(
        label=_("Who must have approved"),
        choices=Stakeholder.Capacity.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody ticked: one signature of anybody who signs is enough."),
    )
    least_chance = NumberField(
        label=_("Futures in which it pays back, at least"),
        required=False,
        least=0,
        most=100,
        help_text=format_lazy(
            _("Of 100. Empty: {least}."), least=f"{100 * LEAST_CHANCE:.0f}"
        ),
    )
    most_years = NumberField(
        label=_("Years until the money is back, at most"),
        required=False,
        least=0,
        most=100,
        help_text=_("Empty: the horizon of the project."),
    )
    cost_of_finding_out = NumberField(
        label=_("What finding out first would cost"),
        required=False,
        least=0,
        help_text=_("A pilot, for example; once, in the project’s currency."),
    )
    not_needed = forms.MultipleChoiceField(
        label=_("Kinds of requirement this project does not need"),
        choices=Requirement.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    least_accuracy = _score(_("Accuracy, at least"))
    least_completeness = _score(_("Completeness, at least"))
    least_consistency = _score(_("Consistency, at least"))
    least_timeliness = _score(_("Timeliness, at least"))

    def __init__(self, *args: Any, rules: GateRules, **kwargs: Any) -> None:
        self.kept = BOUNDS[rules.key]
        shown = {"is_on": rules.is_on, "capacities": list(rules.capacities)}
        shown |= {name: _shown(name, rules.bounds.get(name)) for name in self.kept}
        super().__init__(*args, **{**kwargs, "initial": shown})
        for name in set(self.fields) - {"is_on", "capacities", *self.kept}:
            del self.fields[name]

    def bounds(self) -> dict[str, Any]:
        """Return the bounds that were typed, as shares where they are shares."""
        found: dict[str, Any] = {}
        for name in self.kept:
            value: Any = self.cleaned_data.get(name)
            if value not in (None, "", []):
                found[name] = value / 100 if name in PER_HUNDRED else value
        return found


def _shown(name: str, kept: Any) -> Any:
    if kept is None or name == "not_needed":
        return kept
    return f"{(100 if name in PER_HUNDRED else 1) * kept:.12g}"


class OverrideForm(forms.Form):
    """Why an owner goes past a closed gate."""

    override_reason = forms.CharField(
        label=_("Why go past it?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept for good, with your name, beside every decision."),
        error_messages={"required": _("Say why; it stays on the record.")},
    )
