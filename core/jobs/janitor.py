"""What removes the files that lost attempts left behind."""

import shutil
import uuid
from pathlib import Path

from django.conf import settings

from core.models import Job


def tidy() -> int:
    """Remove attempt folders on this machine that no running row names; return how many.

    A folder is made after its claim is committed, so one that is listed before the
    rows are read and whose row does not run has no living owner.
    """
    removed = 0
    for folder in sorted(Path(settings.WORK_DIR).glob("*/*")):
        if not _is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
        _remove_if_empty(folder.parent)
    return removed


def _is_held(folder: Path) -> bool:
    try:
        job_id, attempt = uuid.UUID(folder.parent.name), int(folder.name)
    except ValueError:
        return False
    return Job.objects.filter(
        pk=job_id, attempt=attempt, state=Job.State.RUNNING
    ).exists()


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # another attempt works in it, or it is gone already
