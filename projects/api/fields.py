"""Fields that refer to rows the caller may reach; others do not exist for it."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from core.api.resources import actor_of
from projects.models import Project


class ProjectField(serializers.SlugRelatedField[Project]):
    """A project by its slug, among those the caller may write to."""

    def __init__(self, *, right: str = "editable_by", **kwargs: Any) -> None:
        self.right = right
        super().__init__(slug_field="slug", queryset=Project.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[Project]:
        """Return the projects the caller may write to."""
        actor = actor_of(self.context["request"])
        rows: QuerySet[Project] = getattr(Project.objects, self.right)(actor)
        return rows


class ReachableField(serializers.PrimaryKeyRelatedField[Any]):
    """A row by its id, among those the caller holds a right to."""

    def __init__(self, *, right: str = "visible_to", **kwargs: Any) -> None:
        self.right = right
        super().__init__(**kwargs)

    def get_queryset(self) -> Any:
        """Return the rows the caller may refer to."""
        rows: Any = super().get_queryset()
        return getattr(rows.all(), self.right)(actor_of(self.context["request"]))
