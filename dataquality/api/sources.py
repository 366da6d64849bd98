"""Where data sets come from, in the API."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import PortalViewSet, actor_of
from core.sealed import UnreadableSecret
from dataquality import services, tasks
from dataquality.kinds.sources import KINDS
from dataquality.models import DataSet, Source
from projects.api.fields import ReachableField


class CheckedSerializer(serializers.Serializer[Any]):
    """What the last test of a source found."""

    at = serializers.DateTimeField()
    is_good = serializers.BooleanField()
    sentence = serializers.CharField()


class SourceSerializer(serializers.ModelSerializer[Source]):
    """Where a data set is fetched from; secrets are written and never read."""

    project = serializers.SlugField(source="data_set.project.slug", read_only=True)
    data_set = ReachableField(
        queryset=DataSet.objects.filter(source=None).select_related("project"),
        right="editable_by",
    )
    settings = serializers.DictField(
        child=serializers.CharField(
            allow_blank=True, max_length=20_000, trim_whitespace=False
        ),
        help_text="By kind: url; host, port, database, user, encryption, query; "
        "query; endpoint, region, bucket, key, columns.",
    )
    secrets = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=2000),
        write_only=True,
        required=False,
        help_text="By kind: authorization; password; access_key, secret_key.",
    )
    secrets_kept = serializers.SerializerMethodField()
    checked = serializers.SerializerMethodField()

    class Meta:
        model = Source
        fields = (
            "id",
            "project",
            "data_set",
            "kind",
            "settings",
            "secrets",
            "secrets_kept",
            "schedule",
            "next_at",
            "fetched_at",
            "error",
            "failing_since",
            "checked",
            "job",
            "created_at",
        )
        read_only_fields = (
            "next_at",
            "fetched_at",
            "error",
            "failing_since",
            "job",
            "created_at",
        )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_secrets_kept(self, row: Source) -> list[str]:
        """Return the names of the secrets that are set."""
        try:
            return sorted(services.open_secrets(row))
        except UnreadableSecret:
            return []

    @extend_schema_field(CheckedSerializer(allow_null=True))
    def get_checked(self, row: Source) -> dict[str, Any] | None:
        """Return what the last test found."""
        return row.checked or None

    def validate_data_set(self, value: DataSet) -> DataSet:
        """Keep a source at its data set."""
        if self.instance is not None:
            raise serializers.ValidationError(_("A source stays at its data set."))
        return value

    def create(self, validated_data: dict[str, Any]) -> Source:
        """Make the source."""
        return self._set(validated_data.pop("data_set"), validated_data)

    def update(self, instance: Source, validated_data: dict[str, Any]) -> Source:
        """Change it; settings that are left out stay as they were."""
        before = {
            "kind": instance.kind,
            "settings": instance.settings,
            "schedule": instance.schedule,
        }
        return self._set(instance.data_set, before | validated_data)

    def _set(self, data_set: DataSet, said: dict[str, Any]) -> Source:
        try:
            return services.set_source(
                data_set,
                actor=actor_of(self.context["request"]),
                kind=said["kind"],
                said=said["settings"],
                secrets=said.get("secrets", {}),
                schedule=said.get("schedule", ""),
            )
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error


class SourceFilter(django_filters.FilterSet):
    """Sources by project, data set and kind."""

    project = django_filters.CharFilter(field_name="data_set__project__slug")
    kind = django_filters.ChoiceFilter(
        choices=[(each.key, each.key) for each in KINDS.values()]
    )

    class Meta:
        model = Source
        fields = ("project", "data_set", "kind")


class SourceStartedSerializer(serializers.Serializer[Any]):
    """The job that does it; a fetch that runs already is the same one."""

    job = serializers.UUIDField()


class SourceViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Source],
):
    """Where data sets are fetched from."""

    queryset = (
        Source.objects.filter(data_set__deleted_at=None)
        .select_related("data_set__project")
        .order_by("pk")
    )
    serializer_class = SourceSerializer
    filterset_class = SourceFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def get_queryset(self) -> Any:
        """Return the sources one may change: an address may itself be a secret."""
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return self.rows_for("editable_by")

    def perform_destroy(self, instance: Source) -> None:
        """Fetch nothing more; the versions stay."""
        services.remove_source(instance, actor=actor_of(self.request))

    @extend_schema(request=None, responses={202: SourceStartedSerializer})
    @action(detail=True, methods=["post"])
    def fetch(self, request: Request, pk: str) -> Response:
        """Fetch now."""
        job = tasks.start_fetching(self.get_object(), actor=actor_of(request))
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: SourceStartedSerializer})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Try whether it answers; `checked` says what was found."""
        job = tasks.start_checking(self.get_object(), actor=actor_of(request))
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)
