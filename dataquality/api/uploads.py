"""Large files in parts, in the API."""

from typing import Any

import django_filters
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import PortalViewSet, actor_of
from core.uploads import count_body, plain_name, receive_body
from dataquality import services, tasks
from dataquality.api.common import FileParser, refusals
from dataquality.api.reading import OptionsSerializer
from dataquality.models import DataSet, Upload
from projects.api.fields import ReachableField


class UploadSerializer(serializers.ModelSerializer[Upload]):
    """A file that comes in parts of `part_size` bytes; the last may be smaller."""

    data_set = ReachableField(
        queryset=DataSet.objects.select_related("project"), right="editable_by"
    )
    size = serializers.IntegerField(min_value=0, max_value=2**62)
    options = OptionsSerializer(required=False)
    received = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = (
            "id",
            "data_set",
            "file_name",
            "size",
            "fingerprint",
            "options",
            "delivered_at",
            "part_size",
            "n_parts",
            "received",
            "version",
            "url",
            "finished_at",
            "created_at",
        )
        read_only_fields = (
            "part_size",
            "n_parts",
            "version",
            "finished_at",
            "created_at",
        )

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_received(self, row: Upload) -> list[int]:
        """Return the numbers of the parts that have come."""
        return [part.number for part in row.parts.all()]

    @extend_schema_field(serializers.CharField(allow_blank=True))
    def get_url(self, row: Upload) -> str:
        """Return the page of the version it became."""
        return row.version.get_absolute_url() if row.version else ""

    def create(self, validated_data: dict[str, Any]) -> Upload:
        """Begin it, or return the one that was begun of the same file."""
        name = plain_name(validated_data.pop("file_name")) or _("unnamed")
        return services.begin_upload(
            validated_data.pop("data_set"),
            actor=actor_of(self.context["request"]),
            file_name=name,
            **validated_data,
        )


class FinishSerializer(serializers.Serializer[Any]):
    """What the whole file is to be."""

    digest = serializers.RegexField(
        r"^[0-9a-f]{64}$",
        required=False,
        help_text="SHA-256 of the whole file, in hex.",
    )


class UploadFilter(django_filters.FilterSet):
    """One's own uploads by data set."""

    class Meta:
        model = Upload
        fields = ("data_set",)


class UploadViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Upload],
):
    """One's own files that come in parts."""

    # Parts come in outside any transaction; short ones make the rows.
    own_transaction = True
    queryset = (
        Upload.objects.filter(data_set__deleted_at=None)
        .select_related("data_set__project", "version__data_set__project")
        .prefetch_related("parts")
        .order_by("pk")
    )
    serializer_class = UploadSerializer
    filterset_class = UploadFilter
    parser_classes = (JSONParser, FileParser)
    http_method_names = ("get", "post", "put", "delete", "head", "options")

    def get_queryset(self) -> Any:
        """Return one's own uploads, while one may still change the data set."""
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return self.rows_for("editable_by").filter(
            created_by=actor_of(self.request).user
        )

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Count the body as it comes in, so that a broken connection is noticed."""
        if request.method == "PUT":
            count_body(request)
        return super().initialize_request(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        """Begin it."""
        with refusals():
            serializer.save()

    def perform_destroy(self, instance: Upload) -> None:
        """Forget it and its parts."""
        services.drop_upload(instance)

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=UploadSerializer,
        parameters=[OpenApiParameter("number", int, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["put"], url_path=r"parts/(?P<number>[0-9]{1,6})")
    def part(self, request: Request, pk: str, number: str) -> Response:
        """Send one part as the body; parts count from 1 and come in any order."""
        row = self.get_object()
        with refusals():
            incoming = receive_body(request._request, limit=row.part_size)
            services.keep_part(row, number=int(number), incoming=incoming)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=FinishSerializer, responses=UploadSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Make the whole file a version; again, it is the same one."""
        said = FinishSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = self.get_object()
        if row.finished_at is None:
            with refusals():
                incoming = services.assemble(
                    row, digest=said.validated_data.get("digest", "")
                )
                self._deliver(row, incoming)
        return Response(self.get_serializer(self.get_object()).data)

    def _deliver(self, row: Upload, incoming: Any) -> None:
        actor = actor_of(self.request)
        with transaction.atomic():
            delivered = services.finish_upload(row, incoming, actor=actor)
            if delivered is not None and delivered.is_new:
                tasks.start_reading(delivered.version, actor=actor)
