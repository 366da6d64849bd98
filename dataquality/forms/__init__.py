"""Forms of data sets: files, how they are read, and what they are promised to be."""

from dataquality.forms.checks import CheckForm, DocumentForm
from dataquality.forms.files import (
    ACCEPTED,
    DataSetForm,
    NewDataSetForm,
    UploadForm,
)
from dataquality.forms.reading import KINDS_SHOWN, ReadingForm

__all__ = [
    "ACCEPTED",
    "KINDS_SHOWN",
    "CheckForm",
    "DataSetForm",
    "DocumentForm",
    "NewDataSetForm",
    "ReadingForm",
    "UploadForm",
]
