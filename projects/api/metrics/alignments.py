"""Who agrees to which metric, in the API."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import mixins, serializers

from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from projects import services
from projects.api.fields import ReachableField
from projects.models import Metric, MetricAlignment, Stakeholder


class SpeakerField(serializers.PrimaryKeyRelatedField[Stakeholder]):
    """A stakeholder the caller may speak for: an editor for all, others for themselves."""

    def get_queryset(self) -> QuerySet[Stakeholder]:
        """Return whose word the caller may give."""
        actor = actor_of(self.context["request"])
        own = Stakeholder.objects.contributable_by(actor).filter(user=actor.user)
        anybody = Stakeholder.objects.editable_by(actor)
        return Stakeholder.objects.filter(
            Q(pk__in=own.values("pk")) | Q(pk__in=anybody.values("pk"))
        )


class AlignmentSerializer(CheckedModelSerializer[MetricAlignment]):
    """What one stakeholder says of one metric, and of which version of it."""

    metric = ReachableField(queryset=Metric.objects.all(), right="contributable_by")
    stakeholder = SpeakerField()
    is_outdated = serializers.BooleanField(read_only=True)
    noted_by = serializers.StringRelatedField[Any](read_only=True)

    class Meta:
        model = MetricAlignment
        fields = (
            "id",
            "stakeholder",
            "metric",
            "weight",
            "agreed",
            "version",
            "is_outdated",
            "comment",
            "said_at",
            "noted_by",
        )
        read_only_fields = ("version", "said_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep both ends in one project, and the metric one that is in use."""
        metric = attrs.get("metric") or getattr(self.instance, "metric", None)
        person = attrs.get("stakeholder") or getattr(self.instance, "stakeholder", None)
        if metric and person and metric.project_id != person.project_id:
            raise serializers.ValidationError(
                {"metric": [_("It belongs to another project than the stakeholder.")]}
            )
        if metric and metric.is_retired:
            raise serializers.ValidationError(
                {"metric": [_("It is retired. Restore it first.")]}
            )
        if person:
            MetricAlignment.objects.step_down_from_retired(person)
        return super().validate(attrs)


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
    """Who calls success what, and whether they agree to what it means now."""

    queryset = MetricAlignment.objects.select_related(
        "metric", "stakeholder", "noted_by"
    )
    serializer_class = AlignmentSerializer
    filterset_class = AlignmentFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def rows_for(self, right: str) -> QuerySet[MetricAlignment]:
        """Return the rows the caller may see; to write, theirs or as an editor."""
        rows = super().rows_for(right)
        if right == "visible_to":
            return rows
        actor = actor_of(self.request)
        own = MetricAlignment.objects.contributable_by(actor).filter(
            stakeholder__user=actor.user
        )
        return self.queryset.filter(
            Q(pk__in=rows.values("pk")) | Q(pk__in=own.values("pk"))
        )

    def perform_create(self, serializer: Any) -> None:
        """Keep what was said of the metric as it is now."""
        said = MetricAlignment(**serializer.validated_data)
        serializer.instance = services.say_of_metric(said, actor=actor_of(self.request))

    def perform_update(self, serializer: Any) -> None:
        """Keep the other word, of the metric as it is now."""
        said: MetricAlignment = serializer.instance
        for name, value in serializer.validated_data.items():
            setattr(said, name, value)
        services.say_of_metric(said, actor=actor_of(self.request))

    def perform_destroy(self, instance: MetricAlignment) -> None:
        """Take the word back; the audit trail keeps that it was said."""
        services.take_word_back(instance, actor=actor_of(self.request))
