"""What an address names, if the reader may reach it."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from core.access import PortalRequest
from dataquality.models import DataSet, DataSetVersion
from projects.models import Project


def project_of(
    request: PortalRequest, slug: str, *, right: str = "visible_to"
) -> Project:
    """Return the project, or answer 404 to whoever lacks the right."""
    rows = getattr(Project.objects, right)(request.actor)
    found: Project = get_object_or_404(rows, slug=slug)
    return found


def data_set_of(
    request: PortalRequest, slug: str, name: str, *, right: str = "visible_to"
) -> DataSet:
    """Return the data set, or answer 404 to whoever lacks the right."""
    rows = getattr(DataSet.objects, right)(request.actor).select_related("project")
    found: DataSet = get_object_or_404(rows, project__slug=slug, slug=name)
    return found


def version_of(
    request: PortalRequest,
    slug: str,
    name: str,
    number: int,
    *,
    right: str = "visible_to",
) -> DataSetVersion:
    """Return the version, or answer 404 to whoever lacks the right."""
    data_set = data_set_of(request, slug, name, right=right)
    version = get_object_or_404(
        DataSetVersion.objects.select_related("job", "created_by", "parent"),
        data_set=data_set,
        number=number,
    )
    version.data_set = data_set
    return version


def ready_version_of(
    request: PortalRequest, slug: str, name: str, number: int
) -> DataSetVersion:
    """Return the version once it is read; 404 before, and to whoever may not see it."""
    version = version_of(request, slug, name, number)
    if not version.is_ready:
        raise Http404
    return version
