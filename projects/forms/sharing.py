"""For whom a page is shown by link, and for how long."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models import SharedLink


class ShareForm(forms.Form):
    """A new link to one page."""

    note = forms.CharField(
        label=_("For whom"),
        required=False,
        max_length=120,
        help_text=_("So that you know later which link to withdraw."),
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days"))],
        initial=SharedLink.LIFETIME.days,
        help_text=_("Then it shows nothing any more."),
    )

    @property
    def expires_at(self) -> datetime:
        """When the link ends."""
        return timezone.now() + timedelta(days=self.cleaned_data["days"])
