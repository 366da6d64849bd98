"""Forms of decisions and signatures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.forms.people import DateForm
from projects.models import Decision, Signature, Stakeholder
from projects.selectors.gates import rules_of


class DecisionForm(forms.ModelForm[Decision]):
    """What is to be decided, and what is proposed."""

    class Meta:
        model = Decision
        fields = ("gate", "question", "verdict", "rationale")
        help_texts = {
            "question": _("One question a sponsor can answer with yes or no."),
            "rationale": _("The evidence stands beside it; say what it means."),
        }
        widgets = {"rationale": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on = {
            key for key, each in rules_of(self.instance.project).items() if each.is_on
        }
        kept = on | {self.instance.gate}
        field = self.fields["gate"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [each for each in Decision.Gate.choices if each[0] in kept]


class SignatureForm(forms.ModelForm[Signature]):
    """One person's word on a decision; `digest` is of what they have read."""

    read = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    class Meta:
        model = Signature
        fields = ("word", "comment")
        widgets = {"comment": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"comment": _("Needed unless you approve without conditions.")}

    def clean(self) -> dict[str, object]:
        """Ask for the comment beside its field."""
        data = super().clean() or {}
        if data.get("word") != Signature.Word.APPROVE and not data.get("comment"):
            self.add_error(
                "comment", _("Say what the conditions are, or why you reject it.")
            )
        return data


class GuestSignatureForm(SignatureForm):
    """The word of somebody with a link, and the code that was mailed to them."""

    code = forms.CharField(
        label=_("Code from the mail"),
        max_length=12,
        help_text=_("Six digits; they work for 15 minutes."),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}
        ),
    )
    field_order = ("word", "comment", "code", "read")

    def clean_code(self) -> str:
        """Return the digits; people copy them with spaces."""
        return "".join(self.cleaned_data["code"].split())


class AskToSignForm(DateForm):
    """Whom to ask for a signature by link, until when, and with which words."""

    person = forms.ModelChoiceField(
        label=_("Whom"), queryset=Stakeholder.objects.none(), empty_label=None
    )
    message = forms.CharField(
        label=_("A word of yours"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("person", "deadline", "message")

    def __init__(self, *args: Any, decision: Decision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signed = decision.signatures.exclude(stakeholder=None).values("stakeholder")
        field = self.fields["person"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = decision.project.stakeholders.exclude(capacity="").exclude(
                pk__in=signed
            )
