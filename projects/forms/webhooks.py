"""Which address is told what."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import topics
from core.models import Webhook


class WebhookForm(forms.ModelForm[Webhook]):
    """An address, and the topics it listens to; none means all."""

    url = forms.URLField(
        label=_("Address"),
        help_text=_("Events are posted there as JSON, signed with a secret."),
        max_length=500,
        assume_scheme="https",
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is told"),
        help_text=_("Tick nothing and it is told everything."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Webhook
        fields = ("url", "kinds", "is_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["kinds"]
        choice.choices = [(each.key, each.title) for each in topics.topics()]
        if self.instance._state.adding:
            del self.fields["is_on"]

    def _get_validation_exclusions(self) -> set[str]:
        # Django skips a constraint when one of its columns is excluded, and would
        # let a doubled address end in an IntegrityError.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's own hook, not in the stubs
        return excluded - {"project_id"}
