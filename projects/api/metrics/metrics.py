"""What success may be called in a project, in the API."""

from dataclasses import asdict
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from projects import services
from projects.api.fields import ProjectField
from projects.api.metrics import answers
from projects.api.metrics.asked import ProjectAsked, project_asked
from projects.models import Metric, MetricVersion
from projects.selectors import metrics as selectors


class MetricSerializer(CheckedModelSerializer[Metric]):
    """One metric of a project; another meaning of it is its next version."""

    project = ProjectField()
    is_retired = serializers.BooleanField(read_only=True)

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
            "version",
            "is_retired",
        )
        read_only_fields = ("version",)
        # The constraint's own words are said by `full_clean`.
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep what runs log it under, and where it belongs."""
        for name in ("key", "project"):
            if self.instance and attrs.get(name, getattr(self.instance, name)) != (
                getattr(self.instance, name)
            ):
                raise serializers.ValidationError(
                    {name: [_("This is fixed once the metric is made.")]}
                )
        return super().validate(attrs)


class MetricVersionSerializer(serializers.ModelSerializer[MetricVersion]):
    """What a metric meant until it was changed."""

    said = serializers.JSONField()

    class Meta:
        model = MetricVersion
        fields = ("version", "said", "changed_at")
        read_only_fields = fields


class SubjectAsked(ProjectAsked):
    """The run to translate; without one, the project's candidate."""

    run = serializers.CharField(max_length=64, required=False)


class MetricFilter(django_filters.FilterSet):
    """Metrics by project, kind, key and whether they are retired."""

    project = django_filters.CharFilter(field_name="project__slug")
    retired = django_filters.BooleanFilter(
        field_name="retired_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Metric
        fields = ("project", "kind", "key", "retired")


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

    def perform_create(self, serializer: Any) -> None:
        """Add the metric below the others."""
        metric = Metric(**serializer.validated_data)
        metric.position = metric.project.metrics.count()
        serializer.instance = services.save_metric(metric, actor=actor_of(self.request))

    def perform_update(self, serializer: Any) -> None:
        """Change what it means; those who spoke of it are asked again."""
        metric: Metric = serializer.instance
        for name, value in serializer.validated_data.items():
            setattr(metric, name, value)
        services.save_metric(metric, actor=actor_of(self.request))

    @extend_schema(responses=MetricVersionSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """Return what it meant before, the newest first."""
        rows = self.get_object().earlier.all()
        return Response(MetricVersionSerializer(rows, many=True).data)

    @extend_schema(request=None, responses=MetricSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Put it aside; what was said of it stays."""
        metric = self.get_object()
        services.retire_metric(metric, actor=actor_of(request))
        return Response(self.get_serializer(metric).data)

    @extend_schema(request=None, responses=MetricSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Take it into use again."""
        metric = self.get_object()
        services.restore_metric(metric, actor=actor_of(request))
        return Response(self.get_serializer(metric).data)

    @extend_schema(
        parameters=[ProjectAsked],
        responses=answers.RollUpSerializer(many=True),
        filters=False,
    )
    @action(detail=False, url_path="roll-up", pagination_class=None)
    def roll_up(self, request: Request) -> Response:
        """Return each metric in use with what each group and person says of it."""
        rows = selectors.alignment(project_asked(request))
        found = [answers.roll_up(row) for row in rows]
        return Response(answers.RollUpSerializer(found, many=True).data)

    @extend_schema(
        parameters=[ProjectAsked],
        responses=answers.UnresolvedSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def unresolved(self, request: Request) -> Response:
        """Return what people have to settle before the design gate opens."""
        found = [asdict(each) for each in selectors.unresolved(project_asked(request))]
        return Response(answers.UnresolvedSerializer(found, many=True).data)

    @extend_schema(
        parameters=[SubjectAsked],
        responses=answers.TranslationSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def translation(self, request: Request) -> Response:
        """Return what a run means to each group; without one, the candidate."""
        asked = SubjectAsked(data=request.query_params, context={"request": request})
        asked.is_valid(raise_exception=True)
        project, run = asked.validated_data["project"], asked.validated_data.get("run")
        found = (
            selectors.translation_of(project, "run", run)
            if run
            else selectors.candidate_translation(project)
        )
        if found is None:
            raise exceptions.NotFound
        return Response(answers.TranslationSerializer(answers.translation(found)).data)

    @extend_schema(
        parameters=[ProjectAsked],
        responses=answers.MoneyAgreementSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def agreement(self, request: Request) -> Response:
        """Return whether the agreed metrics rank the runs as money does, now."""
        found = selectors.money_agreement(project_asked(request))
        return Response(
            answers.MoneyAgreementSerializer(answers.money_agreement(found)).data
        )
