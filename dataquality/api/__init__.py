"""Data sets, their versions, profiles and scores in the API."""

import json
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import objects, trash
from core.api.resources import (
    CheckedModelSerializer,
    Conflict,
    IdempotentCreateMixin,
    IdFilter,
    PortalViewSet,
    actor_of,
)
from core.downloads import attachment
from core.models import IdempotencyKey, User
from core.objects import Incoming, TooLargeError
from core.uploads import (
    count_body,
    plain_name,
    receive_body,
    receive_field,
    refuse_if_announced_too_large,
    refuse_if_cut_off,
)
from dataquality import services, tasks
from dataquality.api.checks import CheckResultSerializer, ChecksOfDataSetMixin
from dataquality.api.common import FileParser, TooLarge, refusals
from dataquality.api.comparing import VersionComparingMixin
from dataquality.api.reading import (
    AnswerSerializer,
    LookSerializer,
    OptionsField,
    PreviewSerializer,
    QuestionSerializer,
)
from dataquality.api.watching import DamageActions, MonitorActions
from dataquality.models import DataSet, DataSetVersion, Profile
from engine.digests import digest
from engine.words import again
from projects.api.fields import ProjectField, ReachableField
from projects.api.restoring import RestoreMixin

KEY_CHARS = 120


@dataclass(frozen=True)
class _Once:
    """An upload with an Idempotency-Key: its content is part of what was asked."""

    user: User
    key: str  # "" without one
    asked: str

    @classmethod
    def of(
        cls, request: Request, data_set: DataSet, incoming: Incoming, file_name: str
    ) -> "_Once":
        """Return what this request asks for."""
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > KEY_CHARS or not isinstance(request.user, User):
            raise serializers.ValidationError(
                {"Idempotency-Key": [_("At most 120 characters.")]}
            )
        asked = {"data_set": data_set.pk, "file": incoming.digest, "name": file_name}
        return cls(request.user, key, digest(asked))

    def answered(self) -> Response | None:
        """Return the answer this key was given before, if there is one."""
        rows = IdempotencyKey.objects.filter(user=self.user, key=self.key)
        kept = rows.first() if self.key else None
        if kept is None:
            return None
        if kept.request_digest != self.asked:
            raise Conflict
        return Response(kept.body, status=kept.status)

    def keep(self, response: Response) -> Response:
        """Keep the answer for the same request again."""
        if self.key:
            IdempotencyKey.objects.create(
                user=self.user,
                key=self.key,
                request_digest=self.asked,
                status=response.status_code,
                body=json.loads(JSONRenderer().render(response.data)),
            )
        return response


class DataSetSerializer(CheckedModelSerializer[DataSet]):
    """A data set and what it is promised to be."""

    project = ProjectField()

    class Meta:
        model = DataSet
        fields = (
            "id",
            "project",
            "name",
            "slug",
            "description",
            "target",
            "reference_version",
            "owner",
            "purpose",
            "licence",
            "personal_data",
            "retention_days",
            "notes",
            "created_at",
        )
        read_only_fields = ("slug", "reference_version", "created_at")

    def validate_project(self, value: Any) -> Any:
        """Keep a data set where it is: its evidence is there."""
        if self.instance is not None and self.instance.project_id != value.pk:
            raise serializers.ValidationError(_("A data set stays in its project."))
        return value

    def create(self, validated_data: dict[str, Any]) -> DataSet:
        """Make the data set."""
        return services.create_data_set(
            validated_data.pop("project"),
            actor=actor_of(self.context["request"]),
            **validated_data,
        )


class DataSetFilter(django_filters.FilterSet):
    """Data sets by project and name."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = DataSet
        fields = ("project", "name", "slug")


class ColumnSerializer(serializers.Serializer[Any]):
    """One column of a table."""

    name = serializers.CharField()
    kind = serializers.CharField()


class DataSetVersionSerializer(serializers.ModelSerializer[DataSetVersion]):
    """One delivery of a data set, by its content."""

    project = serializers.SlugField(source="data_set.project.slug", read_only=True)
    question = serializers.SerializerMethodField()
    columns = ColumnSerializer(many=True, read_only=True)
    tags: Any = serializers.SlugRelatedField("name", many=True, read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = DataSetVersion
        fields = (
            "id",
            "project",
            "data_set",
            "number",
            "state",
            "question",
            "refusal",
            "file_name",
            "size",
            "source_digest",
            "digest",
            "rows",
            "columns",
            "options",
            "delivered_at",
            "written_at",
            "parent",
            "tags",
            "job",
            "created_at",
            "ready_at",
            "url",
        )
        read_only_fields = fields

    @extend_schema_field(QuestionSerializer(allow_null=True))
    def get_question(self, row: DataSetVersion) -> dict[str, Any] | None:
        """Return what is asked, or nothing."""
        return again(row.question) or None if row.is_waiting else None


class DeliverySerializer(serializers.Serializer[Any]):
    """A file for a data set."""

    data_set = ReachableField(
        queryset=DataSet.objects.select_related("project"), right="editable_by"
    )
    file = serializers.FileField(allow_empty_file=True, max_length=255)
    delivered_at = serializers.DateTimeField(required=False, allow_null=True)
    options = OptionsField(required=False)


class DeliveryQuerySerializer(serializers.Serializer[Any]):
    """What comes beside a file that is the body."""

    filename = serializers.CharField(max_length=255)
    delivered_at = serializers.DateTimeField(required=False, allow_null=True)
    options = OptionsField(required=False)


class ScoreSerializer(serializers.Serializer[Any]):
    """How good a version is in one dimension; null is "not assessed"."""

    dimension = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    formula = serializers.CharField()
    note = serializers.CharField()
    assessed = serializers.BooleanField()


class ProfileSerializer(serializers.ModelSerializer[Profile]):
    """What was found in a version."""

    scores = ScoreSerializer(source="dimensions", many=True, read_only=True)
    results = CheckResultSerializer(many=True, read_only=True)
    content = serializers.DictField(read_only=True)

    class Meta:
        model = Profile
        fields = (
            "id",
            "version",
            "digest",
            "engine_version",
            "scores",
            "results",
            "as_of",
            "content",
            "at",
            "assessed_at",
        )
        read_only_fields = fields


class DataSetViewSet(
    MonitorActions,
    ChecksOfDataSetMixin,
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    RestoreMixin[DataSet],
):
    """Tables that come again and again."""

    queryset = DataSet.objects.select_related("project").order_by("pk")
    serializer_class = DataSetSerializer
    filterset_class = DataSetFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_update(self, serializer: Any) -> None:
        """Save; the newest version follows another target."""
        before = serializer.instance.target
        row = serializer.save()
        actor = actor_of(self.request)
        tasks.follow_target(row, actor=actor, before=before)
        services.tell_card_change(row, list(serializer.validated_data), actor=actor)

    def perform_destroy(self, instance: DataSet) -> None:
        """Put it in the trash for thirty days."""
        trash.move_to_trash(
            instance, actor_of(self.request), project_id=instance.project_id
        )

    def perform_restore(self, instance: DataSet) -> None:
        """Take it out of the trash, unless its name is taken."""
        services.restore_data_set(instance, actor=actor_of(self.request))


class DataSetVersionFilter(django_filters.FilterSet):
    """Versions by project, data set, state, tag and content."""

    project = django_filters.CharFilter(field_name="data_set__project__slug")
    tag = django_filters.CharFilter(field_name="tags__name")

    class Meta:
        model = DataSetVersion
        fields = ("project", "data_set", "state", "tag", "digest", "source_digest")


class DataSetVersionViewSet(
    DamageActions,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    RestoreMixin[DataSetVersion],
    VersionComparingMixin,
):
    """Deliveries of data sets; equal content is the same version again."""

    # The file comes in outside any transaction; short ones make the rows.
    own_transaction = True
    queryset = (
        DataSetVersion.objects.filter(data_set__deleted_at=None)
        .select_related("data_set__project")
        .prefetch_related("tags")
        .order_by("-pk")
    )
    serializer_class = DataSetVersionSerializer
    filterset_class = DataSetVersionFilter
    parser_classes = (MultiPartParser, FileParser, JSONParser)
    http_method_names = ("get", "post", "put", "delete", "head")

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Count the body as it comes in, so that a broken connection is noticed."""
        if request.method in {"POST", "PUT"}:
            count_body(request)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what is too large by its own account before reading any of it."""
        super().initial(request, *args, **kwargs)
        try:
            refuse_if_announced_too_large(request._request)
        except TooLargeError as error:
            raise TooLarge(str(error)) from error

    @extend_schema(
        request={"multipart/form-data": DeliverySerializer},
        responses={201: DataSetVersionSerializer, 200: DataSetVersionSerializer},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    def create(self, request: Request) -> Response:
        """Upload a file as a form; 200 if the data set has it already."""
        sent = request.data
        with refusals():
            refuse_if_cut_off(request._request)
        said = DeliverySerializer(data=sent, context={"request": request})
        said.is_valid(raise_exception=True)
        values = said.validated_data
        with refusals():
            incoming = receive_field(request._request, values["file"])
        return self._deliver(
            request,
            values["data_set"],
            incoming,
            file_name=values["file"].name,
            delivered_at=values.get("delivered_at"),
            options=values.get("options"),
        )

    @extend_schema(
        operation_id="data_set_versions_upload",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: DataSetVersionSerializer, 200: DataSetVersionSerializer},
        parameters=[
            DeliveryQuerySerializer,
            OpenApiParameter("data_set", int, OpenApiParameter.PATH),
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER),
        ],
        filters=False,
    )
    @action(detail=False, methods=["put"], url_path=r"of/(?P<data_set>[0-9]{1,18})")
    def of(self, request: Request, data_set: str) -> Response:
        """Upload a file as the body; 200 if the data set has it already."""
        rows = DataSet.objects.editable_by(actor_of(request)).select_related("project")
        row = rows.filter(pk=int(data_set)).first()
        if row is None:
            raise Http404
        said = DeliveryQuerySerializer(data=request.query_params)
        said.is_valid(raise_exception=True)
        with refusals():
            incoming = receive_body(request._request)
        return self._deliver(
            request,
            row,
            incoming,
            file_name=said.validated_data["filename"],
            delivered_at=said.validated_data.get("delivered_at"),
            options=said.validated_data.get("options"),
        )

    def _deliver(
        self,
        request: Request,
        data_set: DataSet,
        incoming: Incoming,
        *,
        file_name: str,
        delivered_at: Any,
        options: dict[str, Any] | None,
    ) -> Response:
        """Make the version and start its job, once for each Idempotency-Key."""
        once = _Once.of(request, data_set, incoming, file_name)
        with refusals(), transaction.atomic():
            if (answer := once.answered()) is not None:
                return answer
            delivered = services.deliver(
                data_set,
                actor=actor_of(request),
                incoming=incoming,
                file_name=plain_name(file_name) or _("unnamed"),
                delivered_at=delivered_at,
                options=options,
            )
            if delivered.is_new:
                tasks.start_reading(delivered.version, actor=actor_of(request))
            code = status.HTTP_201_CREATED if delivered.is_new else status.HTTP_200_OK
            body = DataSetVersionSerializer(delivered.version).data
            return once.keep(Response(body, status=code))

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "confirmed",
                bool,
                description="True deletes it although something needs it.",
            )
        ],
        filters=False,
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Put it in the trash for thirty days; 400 names what needs it."""
        is_confirmed = request.query_params.get("confirmed", "").lower() == "true"
        services.trash_version(
            self.get_object(), actor=actor_of(request), is_confirmed=is_confirmed
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=AnswerSerializer, responses=DataSetVersionSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Answer the reader's question, or try a refused file again."""
        said = AnswerSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = self._open_one()
        with transaction.atomic():
            if said.validated_data["accept"]:
                services.accept(row, **said.validated_data["options"])
            else:
                services.answer(row, said.validated_data["options"])
            tasks.start_reading(row, actor=actor_of(request))
        return Response(DataSetVersionSerializer(row).data)

    def _open_one(self) -> DataSetVersion:
        """Return the version, which must still be open to be read in another way."""
        row = self.get_object()
        if not (row.is_waiting or row.is_refused):
            raise serializers.ValidationError(
                {"state": [_("This version is not waiting for an answer.")]}
            )
        return row

    @extend_schema(responses=PreviewSerializer, filters=False)
    @action(detail=True)
    def preview(self, request: Request, pk: str) -> Response:
        """Return how the file would be read while it waits, or was read."""
        row = self.get_object()
        profile = Profile.objects.filter(version=row).first()
        told = again(row.reading)
        if not row.is_waiting:
            sample = profile.sample if profile else None
            told = {"read": told or None, "sample": sample}
        shown = {"options": row.options, "doubts": [], "read": None, "sample": None}
        return Response(PreviewSerializer({**shown, **told}).data)

    @extend_schema(request=LookSerializer, responses=DataSetVersionSerializer)
    @preview.mapping.post
    def preview_again(self, request: Request, pk: str) -> Response:
        """Have the file read with these options and no others, to be looked at."""
        said = LookSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = self._open_one()
        with transaction.atomic():
            options = {**said.validated_data["options"], "preview": True}
            services.read_again(row, options)
            tasks.start_reading(row, actor=actor_of(request))
        return Response(DataSetVersionSerializer(row).data)

    @extend_schema(responses=ScoreSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def scores(self, request: Request, pk: str) -> Response:
        """Return the six scores; an empty list until there is a profile."""
        profile = Profile.objects.filter(version=self.get_object()).first()
        return Response(again(profile.scores) if profile else [])

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True)
    def original(self, request: Request, pk: str) -> HttpResponseBase:
        """Return the file as it was uploaded."""
        row = self.get_object()
        held = objects.references(services.OWNER, row.pk)
        return attachment(held.get(services.SOURCE), row.file_name)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True)
    def table(self, request: Request, pk: str) -> HttpResponseBase:
        """Return the canonical table as Parquet."""
        row = self.get_object()
        name = f"{row.data_set.slug}-{row.number}.parquet"
        held = objects.references(services.OWNER, row.pk)
        return attachment(held.get(services.TABLE), name)


class ProfileFilter(django_filters.FilterSet):
    """Profiles by project, data set and version."""

    project = django_filters.CharFilter(field_name="version__data_set__project__slug")
    data_set = IdFilter(field_name="version__data_set")

    class Meta:
        model = Profile
        fields = ("project", "data_set", "version")


class ProfileViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, PortalViewSet[Profile]
):
    """What was found in versions, and how good they are by their checks."""

    queryset = (
        Profile.objects.filter(
            version__data_set__deleted_at=None, version__deleted_at=None
        )
        .prefetch_related("results__declared_check")
        .order_by("-pk")
    )
    serializer_class = ProfileSerializer
    filterset_class = ProfileFilter
