"""What of an app's data people can talk about."""

from django.utils.translation import gettext_lazy as _

from dataquality.models import DataSetVersion
from projects.models import Project
from projects.selectors.comments import Subject, register, row_by_id


def find_version(project: Project, subject_id: str) -> Subject | None:
    """Return one of the project's versions of data, as comments name it."""
    rows = DataSetVersion.objects.filter(
        data_set__project=project, data_set__deleted_at=None
    ).select_related("data_set__project")
    row = row_by_id(rows, subject_id)
    if row is None:
        return None
    return Subject("data_set_version", subject_id, str(row), row.get_absolute_url())


def register_subjects() -> None:
    """Let people talk about versions of data sets."""
    register("data_set_version", _("data set version"), find_version)
