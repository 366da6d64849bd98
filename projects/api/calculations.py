"""What was computed on purpose, in the API: all that computes it again."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from rest_framework import mixins, serializers

from core.api.resources import PortalViewSet, actor_of
from projects.models import Calculation
from projects.selectors.portfolio.scenarios import own_calculations


class CalculationSerializer(serializers.ModelSerializer[Calculation]):
    """One calculation with its inputs, seed, engine version, digest and result.

    The digest is that of inputs, seed and engine version: the same digest means the
    same result. `project` is null for one over several projects.
    """

    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    inputs = serializers.JSONField()
    result = serializers.JSONField()

    class Meta:
        model = Calculation
        fields = (
            "id",
            "project",
            "kind",
            "inputs",
            "seed",
            "engine_version",
            "digest",
            "result",
            "at",
        )
        read_only_fields = fields


class CalculationFilter(django_filters.FilterSet):
    """Calculations by project, kind and digest."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Calculation
        fields = ("project", "kind", "digest")


class CalculationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, PortalViewSet[Calculation]
):
    """Calculations of one's projects, and one's own over several; the newest first."""

    queryset = Calculation.objects.select_related("project").order_by("-at", "-id")
    serializer_class = CalculationSerializer
    filterset_class = CalculationFilter
    ordering_fields = ("at",)

    def rows_for(self, right: str) -> QuerySet[Calculation]:
        """Return the rows the caller holds `right` to, with their own portfolios."""
        visible = super().rows_for(right)
        actor = actor_of(self.request)
        if actor.only_project_id is not None:
            return visible
        # What somebody computed over projects they lost sight of is not shown.
        mine = Q(pk__in=own_calculations(actor).values("pk"))
        rows = Calculation.objects.filter(mine | Q(pk__in=visible.values("pk")))
        return rows.select_related("project").order_by("-at", "-id")
