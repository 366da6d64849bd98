"""How metrics move each other, in the API."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import mixins, serializers

from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from projects import services
from projects.api.fields import ProjectField, ReachableField
from projects.models import Metric, MetricLink


class MetricLinkSerializer(CheckedModelSerializer[MetricLink]):
    """One link: a formula over the cause's key and the quantities, or an elasticity."""

    project = ProjectField()
    cause = ReachableField(queryset=Metric.objects.all(), right="editable_by")
    effect = ReachableField(queryset=Metric.objects.all(), right="editable_by")

    class Meta:
        model = MetricLink
        fields = (
            "id",
            "project",
            "cause",
            "effect",
            "relation",
            "formula",
            "elasticity",
            "at_cause",
            "at_effect",
            "note",
        )
        # Each column has a value, or the constraint over them would be skipped.
        extra_kwargs = {
            "formula": {"default": ""},
            **{
                name: {"default": None}
                for name in ("elasticity", "at_cause", "at_effect")
            },
        }
        # The constraints' own words are said by `full_clean`.
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep a link in its project."""
        if self.instance and attrs.get("project", self.instance.project) != (
            self.instance.project
        ):
            raise serializers.ValidationError(
                {"project": [_("This is fixed once the link is made.")]}
            )
        return super().validate(attrs)


class MetricLinkFilter(django_filters.FilterSet):
    """Links by project, ends and relation."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = MetricLink
        fields = ("project", "cause", "effect", "relation")


class MetricLinkViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[MetricLink],
):
    """How one metric moves another, from the model to the money."""

    queryset = MetricLink.objects.select_related("project", "cause", "effect")
    serializer_class = MetricLinkSerializer
    filterset_class = MetricLinkFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_create(self, serializer: Any) -> None:
        """State the link; a formula defines what it leads to."""
        link = MetricLink(**serializer.validated_data)
        serializer.instance = services.save_link(link, actor=actor_of(self.request))

    def perform_update(self, serializer: Any) -> None:
        """Change the link."""
        link: MetricLink = serializer.instance
        for name, value in serializer.validated_data.items():
            setattr(link, name, value)
        services.save_link(link, actor=actor_of(self.request))

    def perform_destroy(self, instance: MetricLink) -> None:
        """Take the link away."""
        services.remove_link(instance, actor=actor_of(self.request))
