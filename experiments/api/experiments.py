"""Experiments in the API."""

from typing import Any

import django_filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from experiments import services
from experiments.models import (
    Experiment,
)
from experiments.selectors.report import frozen
from projects.api.fields import ProjectField


class ExperimentSerializer(CheckedModelSerializer[Experiment]):
    """A question, why it is asked, and what was concluded."""

    project = ProjectField()

    class Meta:
        model = Experiment
        fields = (
            "id",
            "project",
            "name",
            "hypothesis",
            "motivation",
            "conclusion",
            "concluded_at",
            "lifecycle_stage",
            "created_at",
            "changed_at",
        )
        read_only_fields = ("conclusion", "concluded_at", "lifecycle_stage")

    def create(self, validated_data: dict[str, Any]) -> Experiment:
        """Create the experiment in the caller's name."""
        actor = actor_of(self.context["request"])
        return services.create_experiment(Experiment(**validated_data), actor=actor)

    def validate_project(self, project: Any) -> Any:
        """Keep an experiment where it is."""
        if self.instance is not None and self.instance.project_id != project.pk:
            raise serializers.ValidationError(_("An experiment never moves."))
        return project


class ExperimentFilter(django_filters.FilterSet):
    """Experiments by project and lifecycle."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Experiment
        fields = ("project", "lifecycle_stage")


class ConclusionSerializer(serializers.Serializer[Any]):
    """What was found, in a person's own words."""

    text = serializers.CharField(max_length=8000)


class ExperimentViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    PortalViewSet[Experiment],
):
    """Experiments of the caller's projects."""

    queryset = Experiment.objects.select_related("project")
    serializer_class = ExperimentSerializer
    filterset_class = ExperimentFilter
    http_method_names = ("get", "post", "patch", "head", "options")

    @extend_schema(request=None, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str | None = None) -> Response:
        """Archive an experiment with its runs."""
        row = self.get_object()
        services.archive_experiment(row, actor=actor_of(request))
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Take an experiment and its runs out of the archive."""
        row = self.get_object()
        services.restore_experiment(row, actor=actor_of(request))
        return Response(self.get_serializer(row).data)

    @extend_schema(request=ConclusionSerializer, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def conclude(self, request: Request, pk: str | None = None) -> Response:
        """Keep a conclusion with the leaderboard as it stands."""
        row = self.get_object()
        said = ConclusionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        services.conclude(
            row,
            actor=actor_of(request),
            text=said.validated_data["text"],
            content=frozen(row),
        )
        return Response(self.get_serializer(row).data)
