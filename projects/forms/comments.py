"""What somebody says."""

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.models.comments import MOST_CHARACTERS


class CommentForm(forms.Form):
    """One comment; who is mentioned in it is checked when it is kept."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Write something first.")},
    )
