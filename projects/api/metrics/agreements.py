"""Comparisons of metrics with money that were kept on purpose, in the API."""

from typing import Any

import django_filters
from rest_framework import mixins, serializers

from core.api.resources import IdempotentCreateMixin, PortalViewSet, actor_of
from projects import services
from projects.api.fields import ProjectField
from projects.models import Calculation


class AgreementSerializer(serializers.ModelSerializer[Calculation]):
    """A kept comparison: its inputs, its result, and the digest of both."""

    project = ProjectField()
    inputs = serializers.JSONField(read_only=True)
    result = serializers.JSONField(read_only=True)

    class Meta:
        model = Calculation
        fields = (
            "id",
            "project",
            "inputs",
            "result",
            "engine_version",
            "digest",
            "at",
        )
        read_only_fields = ("engine_version", "digest", "at")


class AgreementFilter(django_filters.FilterSet):
    """Comparisons by project and digest."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Calculation
        fields = ("project", "digest")


class AgreementViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[Calculation],
):
    """Whether metrics ranked runs as money does, kept with all it rests on."""

    queryset = Calculation.objects.filter(
        kind=Calculation.Kind.AGREEMENT
    ).select_related("project")
    serializer_class = AgreementSerializer
    filterset_class = AgreementFilter
    http_method_names = ("get", "post", "head", "options")

    def perform_create(self, serializer: Any) -> None:
        """Compare now, and keep it; the same is kept once."""
        try:
            serializer.instance = services.keep_agreement(
                serializer.validated_data["project"], actor=actor_of(self.request)
            )
        except services.NothingToCompare as nothing:
            raise serializers.ValidationError({"project": [str(nothing)]}) from nothing
