"""What the jobs of data sets share: their bounds, their rights, their files."""

from pathlib import Path

from django.utils.translation import gettext as _

from core.access import Actor
from core.jobs import JobFailed
from dataquality.models import DataSetVersion

WALL_SECONDS = 30 * 60
MEMORY_MB = 2048


def may_edit_version(actor: Actor, version_id: int) -> bool:
    """Return whether the actor may change the version's data set today."""
    return DataSetVersion.objects.editable_by(actor).filter(pk=version_id).exists()


def version_of(version_id: int) -> DataSetVersion:
    """Return the version with its data set and project."""
    return DataSetVersion.objects.select_related("data_set__project").get(pk=version_id)


def own_file(folder: Path, name: str) -> Path:
    """Return a file the child wrote, never one it only points at."""
    path = folder / Path(name).name
    if path.is_symlink():
        raise JobFailed(_("The computation left no result that can be read."))
    return path
