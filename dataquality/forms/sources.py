"""What a source has to know: only the settings of its kind."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dataquality.kinds.sources import Setting, SourceKind
from dataquality.models import Source


class SourceForm(forms.Form):
    """Where a data set is fetched from, and when."""

    def __init__(
        self,
        *args: Any,
        kind: SourceKind,
        source: Source | None,
        kept: frozenset[str],
        **kwargs: Any,
    ):
        self.kind = kind
        kwargs["initial"] = source.settings if source else {}
        super().__init__(*args, **kwargs)
        for each in kind.settings:
            self.fields[each.name] = _field(
                each, is_kept=source is not None and each.name in kept
            )
        self.fields["schedule"] = forms.CharField(
            label=_("Fetch again"),
            help_text=_(
                "Minute, hour, day of the month, month and day of the week: 0 6 * * 1-5 "
                "is six in the morning on working days. Empty: only when you say so."
            ),
            initial=source.schedule if source else "",
            max_length=100,
            required=False,
        )

    def said(self) -> dict[str, str]:
        """Return the settings as they were written, without secrets."""
        plain = [e for e in self.kind.settings if not e.is_secret and e.look != "file"]
        return {each.name: self.cleaned_data[each.name] for each in plain}

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were written now."""
        return {name: self.cleaned_data[name] for name in self.kind.secrets}

    def refuse(self, error: ValidationError) -> None:
        """Show what a service refused beside the fields it is about."""
        for name, texts in error.message_dict.items():
            self.add_error(name if name in self.fields else None, texts)


def _field(setting: Setting, *, is_kept: bool) -> forms.Field:
    about: dict[str, Any] = {
        "label": setting.label,
        "help_text": setting.help,
        "required": setting.required,
        "initial": setting.default,
    }
    if setting.look == "file":
        return forms.FileField(
            **about, widget=forms.FileInput(attrs={"accept": ".sqlite,.sqlite3,.db"})
        )
    if setting.look == "choice":
        return forms.ChoiceField(**about, choices=setting.choices)
    widget: forms.Widget = forms.TextInput()
    if setting.look == "text":
        widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
    if setting.look == "port":
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
    if setting.look == "secret":
        widget = forms.PasswordInput(attrs={"autocomplete": "off"})
        if is_kept:
            about["help_text"] = _("One is kept. Leave this empty to keep it.")
    return forms.CharField(**about, widget=widget, max_length=setting.most)
