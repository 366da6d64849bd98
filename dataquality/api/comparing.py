"""Versions held against each other, in the API: drift, tags and reconciliations."""

import math
from typing import Any

import django_filters
from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import objects, trash
from core.api.resources import (
    IdempotentCreateMixin,
    IdFilter,
    PortalViewSet,
    actor_of,
)
from core.downloads import attachment, csv_attachment
from dataquality import services, tasks
from dataquality.models import DataSetVersion, Drift, Reconciliation, VersionTag
from projects.api.fields import ReachableField
from projects.api.restoring import RestoreMixin

Base = PortalViewSet[DataSetVersion]
COLUMN_CHARS = 1000
KEY_COLUMNS = 50
MOST = 1e300


class DriftSerializer(serializers.ModelSerializer[Drift]):
    """How far a version has moved from another one, what moved most first."""

    content = serializers.DictField(read_only=True)

    class Meta:
        model = Drift
        fields = ("id", "version", "reference", "large", "moderate", "at", "content")
        read_only_fields = fields


class DriftAskedSerializer(serializers.Serializer[Any]):
    """What a version is to be held against besides the one before and the pinned."""

    reference = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class JobStartedSerializer(serializers.Serializer[Any]):
    """The job that computes it."""

    job = serializers.UUIDField()


class VersionTagSerializer(serializers.ModelSerializer[VersionTag]):
    """A name that stands for one version of a data set at a time."""

    class Meta:
        model = VersionTag
        fields = ("name", "version", "created_at")
        read_only_fields = ("version", "created_at")


class VersionComparingMixin(Base):
    """What the resource of versions says of one version against others."""

    @extend_schema(responses=DriftSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def drift(self, request: Request, pk: str) -> Response:
        """Return how far the version has moved from each it was held against."""
        rows = self.get_object().drifts.order_by("-reference__number")
        return Response(DriftSerializer(rows, many=True).data)

    @extend_schema(request=DriftAskedSerializer, responses={202: JobStartedSerializer})
    @drift.mapping.post
    def drift_again(self, request: Request, pk: str) -> Response:
        """Hold the version against another one of its data set, by a job."""
        row = self._ready_one()
        said = DriftAskedSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        others = row.data_set.versions.filter(state=DataSetVersion.State.READY)
        found = others.exclude(pk=row.pk).filter(pk=said.validated_data["reference"])
        reference = found.first()
        if reference is None:
            raise serializers.ValidationError(
                {"reference": [_("Another ready version of the same data set.")]}
            )
        with transaction.atomic():
            job = tasks.start_drift(row, actor=actor_of(request), reference=reference)
        return Response(JobStartedSerializer({"job": job.pk}).data, status=202)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def reference(self, request: Request, pk: str) -> Response:
        """Have new versions of the data set held against this one too."""
        row = self._ready_one()
        actor = actor_of(request)
        with transaction.atomic():
            services.set_reference(row.data_set, row, actor=actor)
            tasks.start_drift_from_reference(row.data_set, actor=actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    @reference.mapping.delete
    def reference_none(self, request: Request, pk: str) -> Response:
        """Hold new versions against no reference, if this one is it."""
        row = self.get_object()
        if row.data_set.reference_version_id == row.pk:
            with transaction.atomic():
                services.set_reference(row.data_set, None, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=VersionTagSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def tags(self, request: Request, pk: str) -> Response:
        """Return the tags of the version."""
        rows = self.get_object().tags.all()
        return Response(VersionTagSerializer(rows, many=True).data)

    @extend_schema(request=VersionTagSerializer, responses=VersionTagSerializer)
    @tags.mapping.post
    def tag(self, request: Request, pk: str) -> Response:
        """Have a tag stand for this version; it leaves the one that had it."""
        row = self._ready_one()
        said = VersionTagSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        with transaction.atomic():
            tag = services.tag_version(
                row, said.validated_data["name"], actor=actor_of(request)
            )
        return Response(VersionTagSerializer(tag).data)

    @extend_schema(
        responses={204: None},
        parameters=[OpenApiParameter("tag", str, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["delete"], url_path=r"tags/(?P<tag>[\w][\w.-]{0,39})")
    def untag(self, request: Request, pk: str, tag: str) -> Response:
        """Take a tag from this version."""
        row = self.get_object()
        found = get_object_or_404(row.tags.all(), name=tag)
        found.version = row
        with transaction.atomic():
            services.untag_version(found, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True)
    def csv(self, request: Request, pk: str) -> HttpResponseBase:
        """Return the table as CSV, escaped so that a spreadsheet runs nothing of it."""
        row = self.get_object()
        held = objects.references(services.OWNER, row.pk).get(services.TABLE)
        return csv_attachment(held, f"{row.data_set.slug}-{row.number}.csv")

    def _ready_one(self) -> DataSetVersion:
        row = self.get_object()
        if not row.is_ready:
            raise serializers.ValidationError(
                {"state": [_("This version is not ready yet.")]}
            )
        return row


def _by_column(child: serializers.Field[Any, Any, Any, Any], text: str) -> Any:
    return serializers.DictField(child=child, required=False, help_text=text)


class AmountField(serializers.FloatField):
    """A finite number from 0 on."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=MOST, **kwargs)

    def to_internal_value(self, data: Any) -> float:
        """Return the number; one that is none compares with nothing."""
        number = super().to_internal_value(data)
        if math.isnan(number):
            self.fail("invalid")
        return number


class MatchingSerializer(serializers.Serializer[Any]):
    """How rows of two tables belong together, and how far values may differ."""

    keys = serializers.DictField(
        child=serializers.CharField(max_length=COLUMN_CHARS),
        allow_empty=False,
        help_text="Left column to right column; together they name a row.",
    )
    columns = _by_column(
        serializers.CharField(max_length=COLUMN_CHARS),
        "Left column to right column; left out: all that both have.",
    )
    tolerances = _by_column(
        AmountField(),
        "By left column: how far numbers may differ.",
    )
    relative = _by_column(
        AmountField(),
        "By left column: what share of the larger number they may differ by.",
    )

    def validate_keys(self, value: dict[str, str]) -> dict[str, str]:
        """Refuse more than name a row."""
        if len(value) > KEY_COLUMNS:
            raise serializers.ValidationError(_("At most 50 columns name a row."))
        return value


class DataReconciliationSerializer(serializers.ModelSerializer[Reconciliation]):
    """Two versions of data held against each other, row by row."""

    left = ReachableField(
        queryset=DataSetVersion.objects.select_related("data_set"), right="editable_by"
    )
    right = ReachableField(queryset=DataSetVersion.objects.select_related("data_set"))
    matching = MatchingSerializer()
    project = serializers.SlugField(source="project.slug", read_only=True)
    result = serializers.DictField(read_only=True)
    state = serializers.ChoiceField(
        choices=["running", "done", "failed"], read_only=True
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Reconciliation
        fields = (
            "id",
            "project",
            "data_set",
            "left",
            "right",
            "matching",
            "state",
            "problem",
            "result",
            "job",
            "created_at",
            "url",
        )
        read_only_fields = ("data_set", "problem", "job", "created_at")

    def create(self, validated_data: dict[str, Any]) -> Reconciliation:
        """Keep what is asked and start its job."""
        actor = actor_of(self.context["request"])
        row = services.ask_reconciliation(
            validated_data["left"],
            validated_data["right"],
            actor=actor,
            matching=validated_data["matching"],
        )
        tasks.start_reconciling(row, actor=actor)
        return row


class DataReconciliationFilter(django_filters.FilterSet):
    """Reconciliations by project and by data set of the left or the right side."""

    project = django_filters.CharFilter(field_name="project__slug")
    data_set = IdFilter(field_name="data_set")
    right_data_set = IdFilter(field_name="right__data_set")

    class Meta:
        model = Reconciliation
        fields = ("project", "data_set", "right_data_set")


class DataReconciliationViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    RestoreMixin[Reconciliation],
):
    """Pairs of versions of data held against each other by keys."""

    queryset = (
        Reconciliation.objects.alive()
        .select_related("project", "data_set__project")
        .order_by("-pk")
    )
    serializer_class = DataReconciliationSerializer
    filterset_class = DataReconciliationFilter
    http_method_names = ("get", "post", "delete", "head", "options")

    def perform_destroy(self, instance: Reconciliation) -> None:
        """Put it in the trash for thirty days."""
        trash.move_to_trash(
            instance, actor_of(self.request), project_id=instance.project_id
        )

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True)
    def differences(self, request: Request, pk: str) -> HttpResponseBase:
        """Return every difference as Parquet."""
        row = self.get_object()
        held = objects.references(services.RECONCILIATION, row.pk)
        name = f"{row.data_set.slug}-differences-{row.pk}.parquet"
        return attachment(held.get(services.DIFFERENCES), name)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True, url_path="differences/csv")
    def differences_csv(self, request: Request, pk: str) -> HttpResponseBase:
        """Return every difference as CSV."""
        row = self.get_object()
        held = objects.references(services.RECONCILIATION, row.pk)
        name = f"{row.data_set.slug}-differences-{row.pk}.csv"
        return csv_attachment(held.get(services.DIFFERENCES), name)
