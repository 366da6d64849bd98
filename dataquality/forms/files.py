"""Forms of data sets: a file, and what they are called."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dataquality.models import DataSet
from engine.reading.packed import PACKED_ENDINGS
from engine.reading.sniff import ENDINGS

ACCEPTED = ",".join((*ENDINGS, *PACKED_ENDINGS))


def _file_help() -> str:
    return gettext(
        "CSV, Excel, JSON or Parquet, packed or not, up to %(limit)s. It is kept as it "
        "is."
    ) % {"limit": filesizeformat(settings.UPLOAD_LIMIT)}


class UploadForm(forms.Form):
    """One delivery: a file, and the day its content is of."""

    file = forms.FileField(
        label=_("Drop a file here, or choose one"),
        help_text=lazy(_file_help, str)(),
        # An empty file gets the reader's own sentence.
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": _("Choose a file to send.")},
    )
    delivered_at = forms.DateTimeField(
        label=_("The data is as of"),
        help_text=_(
            "The day the rows were drawn, if you know it; age is measured from it."
        ),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    preview = forms.BooleanField(
        label=_("Show me first how it is read"),
        help_text=_("What is not certain is shown in any case."),
        required=False,
    )


class NewDataSetForm(UploadForm):
    """The first delivery, and what the data set is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What each row is: customers, claims, readings."),
    )
    description = forms.CharField(
        label=_("Where it comes from"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("name", "file", "delivered_at", "description", "preview")

    def __init__(self, *args: Any, needs_file: bool = True, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["file"].required = needs_file


class DataSetForm(forms.ModelForm[DataSet]):
    """Name, description and the column to predict; the address stays."""

    class Meta:
        model = DataSet
        fields = ("name", "description", "target")
        help_texts = {
            "name": _("The address of its page stays as it is."),
            "target": _(
                "The report then shows what the other columns say about it, and which "
                "of them give it away."
            ),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, columns: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing is lost that a newer version lacks.
        names = dict.fromkeys([*columns, *filter(None, [self.instance.target])])
        self.fields["target"] = forms.ChoiceField(
            label=self.fields["target"].label,
            help_text=self.fields["target"].help_text,
            required=False,
            choices=[("", _("None yet")), *((each, each) for each in names)],
        )

    def _get_validation_exclusions(self) -> set[str]:
        # The name is unique in its project: both columns are checked together.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return excluded - {"project", "deleted_at"}
