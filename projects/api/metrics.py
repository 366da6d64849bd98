"""Metrics and who agrees to them, in the API."""

from typing import Any

import django_filters
from rest_framework import mixins, serializers

from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
)
from projects.api.fields import ProjectField, ReachableField
from projects.models import Metric, MetricAlignment, Stakeholder


class MetricSerializer(CheckedModelSerializer[Metric]):
    """One metric of a project."""

    project = ProjectField()

    class Meta:
        model = Metric
        fields = (
            "id",
            "project",
            "key",
            "title",
            "kind",
            "direction",
            "unit",
            "words",
        )


class MetricFilter(django_filters.FilterSet):
    """Metrics by project, kind and key."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Metric
        fields = ("project", "kind", "key")


class MetricViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    PortalViewSet[Metric],
):
    """What success may be called in a project."""

    queryset = Metric.objects.select_related("project")
    serializer_class = MetricSerializer
    filterset_class = MetricFilter
    http_method_names = ("get", "post", "patch", "head", "options")


class AlignmentSerializer(CheckedModelSerializer[MetricAlignment]):
    """What one stakeholder says of one metric."""

    metric = ReachableField(queryset=Metric.objects.all(), right="editable_by")
    stakeholder = ReachableField(
        queryset=Stakeholder.objects.all(), right="editable_by"
    )

    class Meta:
        model = MetricAlignment
        fields = (
            "id",
            "stakeholder",
            "metric",
            "weight",
            "agreed",
            "comment",
            "said_at",
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep both ends in one project."""
        attrs = super().validate(attrs)
        metric = attrs.get("metric") or getattr(self.instance, "metric", None)
        person = attrs.get("stakeholder") or getattr(self.instance, "stakeholder", None)
        if metric and person and metric.project_id != person.project_id:
            raise serializers.ValidationError(
                {"metric": ["It belongs to another project than the stakeholder."]}
            )
        return attrs


class AlignmentFilter(django_filters.FilterSet):
    """Alignments by project, person, metric and word."""

    project = django_filters.CharFilter(field_name="metric__project__slug")

    class Meta:
        model = MetricAlignment
        fields = ("project", "stakeholder", "metric", "weight", "agreed")


class AlignmentViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[MetricAlignment],
):
    """Who calls success what, and whether they agree."""

    queryset = MetricAlignment.objects.select_related("metric", "stakeholder")
    serializer_class = AlignmentSerializer
    filterset_class = AlignmentFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")
