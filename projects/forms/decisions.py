"""Forms of decisions and signatures."""

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.models import Decision, Signature


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


class SignatureForm(forms.ModelForm[Signature]):
    """One person's word on a decision."""

    class Meta:
        model = Signature
        fields = ("capacity", "word", "comment")
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
