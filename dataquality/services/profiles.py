"""What a profile is asked for, and a profile that is made again."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from core.models import Job
from dataquality.models import DataSet, DataSetVersion, Profile
from engine.digests import digest
from engine.version import ENGINE_VERSION


def profile_plan(
    data_set: DataSet, version: DataSetVersion | None = None
) -> dict[str, Any]:
    """Return the plan of `engine.profile.profile_table`.

    For a version that was read, a target that it lacks is left out.
    """
    target = data_set.target or None
    if version is not None and target not in {row["name"] for row in version.columns}:
        target = None
    return {"target": target, "cluster": settings.PROFILE_DASK}


def record_profile_again(
    version: DataSetVersion, *, job: Job, content: dict[str, Any]
) -> None:
    """Put a new profile of the same table in the place of the old one.

    Scores, checks and evidence are of the table and stay.
    """
    Profile.objects.filter(version=version).update(
        content=content,
        digest=digest(content),
        engine_version=ENGINE_VERSION,
        job=job,
        at=timezone.now(),
    )
