"""How many alerts of a project's data wait for somebody."""

from collections.abc import Sequence

from django.db.models import Count
from django.utils import timezone

from core.reading import read_together
from dataquality.models import Alert
from projects.models import Project


@read_together
def alerts_waiting(projects: Sequence[Project]) -> dict[int, dict[int, int]]:
    """Return by project and data set how many alerts nobody sees to yet."""
    found: dict[int, dict[int, int]] = {each.pk: {} for each in projects}
    rows = (
        Alert.objects.calling(timezone.localdate())
        .filter(data_set__project__in=projects, data_set__deleted_at=None)
        .order_by()
        .values_list("data_set__project", "data_set")
        .annotate(n=Count("pk"))
    )
    for project_id, data_set_id, n in rows:
        found[project_id][data_set_id] = n
    return found
