"""What was deleted through the API comes back through it."""

from functools import reduce
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import trash
from core.api.resources import PortalViewSet, actor_of
from core.models.trash import Trashable
from projects.models import Project

T = TypeVar("T", bound=Trashable)


class RestoreMixin(PortalViewSet[T]):
    """Adds `restore` to rows of a project that lie in the trash for thirty days."""

    def rows_for(self, right: str) -> Any:
        """Return the rows the caller holds `right` to; `restore` looks in the trash."""
        if self.action != "restore":
            return super().rows_for(right)
        rows = self._every_row()
        mine = getattr(Project.objects, right)(actor_of(self.request))
        mine_only = {f"{rows.project_path}__in": mine}
        return rows.filter(**mine_only).exclude(deleted_at=None)

    @extend_schema(request=None, filters=False)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Take it out of the trash; 400 says what has taken its place meanwhile."""
        row = self.get_object()
        self.perform_restore(row)
        return Response(self.get_serializer(row).data)

    def perform_restore(self, instance: T) -> None:
        """Take a row out of the trash in the caller's name."""
        steps = self._every_row().project_path.split("__")
        project = reduce(getattr, steps, instance)
        trash.restore(instance, actor_of(self.request), project_id=project.pk)

    def _every_row(self) -> Any:
        return trash.every_row(self.queryset.model)  # type: ignore[union-attr]  # each names its rows
