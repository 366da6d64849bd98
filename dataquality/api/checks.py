"""Checks of data sets, what they found, and checks as documents, in the API."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import django_filters
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import objects
from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    IdFilter,
    PortalViewSet,
    actor_of,
)
from core.downloads import attachment
from core.models import User
from dataquality import services, tasks
from dataquality.models import Check, CheckResult, DataSet
from dataquality.selectors.checks import about, suggestions_for
from engine.checks import KINDS, Declared
from engine.checks.documents import FORMATS, read_document, write_document
from engine.errors import EngineError
from engine.words import again
from projects.api.fields import ReachableField
from projects.api.restoring import RestoreMixin
from projects.selectors.comments import members_of


class DataCheckSerializer(CheckedModelSerializer[Check]):
    """Something every version of a data set is promised to be."""

    data_set = ReachableField(
        queryset=DataSet.objects.select_related("project"), right="editable_by"
    )
    kind = serializers.ChoiceField(choices=list(KINDS))
    params = serializers.DictField(default=dict)
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    words = serializers.CharField(read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Check
        fields = (
            "id",
            "data_set",
            "kind",
            "params",
            "dimension",
            "severity",
            "where",
            "owner",
            "origin",
            "note",
            "words",
            "created_at",
            "url",
        )
        read_only_fields = ("origin", "created_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the whole row; data set and kind stay, and owners are members."""
        data_set = attrs.get("data_set") or getattr(self.instance, "data_set", None)
        if self.instance is not None:
            for name in ("data_set", "kind"):
                if attrs.get(name, getattr(self.instance, name)) != getattr(
                    self.instance, name
                ):
                    raise serializers.ValidationError(
                        {name: [_("It stays; make another check instead.")]}
                    )
        owner = attrs.get("owner")
        if owner and data_set and owner not in members_of(data_set.project):
            raise serializers.ValidationError(
                {"owner": [_("Only a member of the project can own a check.")]}
            )
        return super().validate(attrs)

    def create(self, validated_data: dict[str, Any]) -> Check:
        """Make the check."""
        return self._keep(Check(**validated_data))

    def update(self, instance: Check, validated_data: dict[str, Any]) -> Check:
        """Change the check."""
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return self._keep(instance)

    def _keep(self, row: Check) -> Check:
        actor = actor_of(self.context["request"])
        services.save_check(row, actor=actor)
        tasks.check_newest(row.data_set, actor=actor)
        return row


class CheckFilter(django_filters.FilterSet):
    """Checks by project, data set, kind, dimension and severity."""

    project = django_filters.CharFilter(field_name="data_set__project__slug")
    data_set = IdFilter(field_name="data_set")

    class Meta:
        model = Check
        fields = ("project", "data_set", "kind", "dimension", "severity", "origin")


class CheckViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    RestoreMixin[Check],
):
    """What data sets are promised to be; a change holds the newest version to it."""

    queryset = (
        Check.objects.filter(data_set__deleted_at=None)
        .select_related("data_set__project")
        .order_by("pk")
    )
    serializer_class = DataCheckSerializer
    filterset_class = CheckFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_destroy(self, instance: Check) -> None:
        """Put it in the trash for thirty days."""
        actor = actor_of(self.request)
        services.put_in_trash(instance, actor=actor)
        tasks.check_newest(instance.data_set, actor=actor)

    def perform_restore(self, instance: Check) -> None:
        """Take it out of the trash; the newest version is held to it again."""
        actor = actor_of(self.request)
        services.restore_check(instance, actor=actor)
        tasks.check_newest(instance.data_set, actor=actor)


class CheckResultSerializer(serializers.ModelSerializer[CheckResult]):
    """What one check found in one version; `state` error is "could not be run"."""

    check = serializers.IntegerField(source="declared_check_id", read_only=True)
    kind = serializers.CharField(source="declared_check.kind", read_only=True)
    words = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    example_rows = serializers.ListField(
        child=serializers.IntegerField(), read_only=True
    )

    class Meta:
        model = CheckResult
        fields = (
            "id",
            "profile",
            "check",
            "kind",
            "dimension",
            "severity",
            "state",
            "words",
            "note",
            "tested",
            "violating",
            "value",
            "example_rows",
            "failing_rows",
        )
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_words(self, row: CheckResult) -> str:
        """Return the promise as it was when it was checked."""
        return str(again(row.words))

    @extend_schema_field(OpenApiTypes.STR)
    def get_note(self, row: CheckResult) -> str:
        """Return why it could not be run, or what there is to add."""
        return str(again(row.note))


class CheckResultFilter(django_filters.FilterSet):
    """Results by project, data set, version, check and state."""

    project = django_filters.CharFilter(
        field_name="profile__version__data_set__project__slug"
    )
    data_set = IdFilter(field_name="profile__version__data_set")
    version = IdFilter(field_name="profile__version")
    check = IdFilter(field_name="declared_check")

    class Meta:
        model = CheckResult
        fields = ("project", "data_set", "version", "check", "state", "severity")


class CheckResultViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, PortalViewSet[CheckResult]
):
    """What checks found in versions."""

    queryset = (
        CheckResult.objects.filter(
            profile__version__data_set__deleted_at=None,
            profile__version__deleted_at=None,
        )
        .select_related("declared_check")
        .order_by("-pk")
    )
    serializer_class = CheckResultSerializer
    filterset_class = CheckResultFilter

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True)
    def rows(self, request: Request, pk: str) -> HttpResponseBase:
        """Return the rows that break the check as Parquet, personal values masked."""
        row = self.get_object()
        held = objects.references(services.RESULTS, row.profile_id)
        name = f"check-{row.declared_check_id}.parquet"
        return attachment(held.get(row.failing_file), name)


class SuggestionSerializer(serializers.Serializer[Any]):
    """A check that holds in the newest version, and is not declared yet."""

    id = serializers.CharField()
    kind = serializers.CharField()
    params = serializers.DictField()
    dimension = serializers.CharField()
    severity = serializers.CharField()
    words = serializers.CharField()


class AcceptSerializer(serializers.Serializer[Any]):
    """Which suggestions are taken; all of them without a list."""

    ids = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, max_length=1000
    )


class CheckDocumentAskedSerializer(serializers.Serializer[Any]):
    """In which format checks are wanted as a document."""

    form = serializers.ChoiceField(choices=list(FORMATS), default="yaml")


class CheckDocumentSerializer(serializers.Serializer[Any]):
    """Checks as a document, and what its format cannot say."""

    file_name = serializers.CharField()
    text = serializers.CharField()
    left = serializers.ListField(child=serializers.CharField())


class CheckDocumentGivenSerializer(serializers.Serializer[Any]):
    """A document with checks: our YAML, an ODCS 3 contract or a suite of GX."""

    text = serializers.CharField(max_length=1_000_000, trim_whitespace=False)


class TakenSerializer(serializers.Serializer[Any]):
    """The checks that are new, and what was not understood."""

    checks = DataCheckSerializer(many=True)
    left = serializers.ListField(child=serializers.CharField())


class ChecksRunSerializer(serializers.Serializer[Any]):
    """The job that holds the newest version against its checks; null without one."""

    job = serializers.IntegerField(allow_null=True)


class ChecksOfDataSetMixin(viewsets.GenericViewSet[DataSet]):
    """What is done with all checks of a data set at once."""

    @extend_schema(responses=SuggestionSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def suggestions(self, request: Request, pk: str) -> Response:
        """Return checks that hold in the newest version and are not declared yet."""
        found = suggestions_for(self.get_object())
        rows = [{**asdict(each), "words": str(each.check().words())} for each in found]
        return Response(SuggestionSerializer(rows, many=True).data)

    @extend_schema(request=AcceptSerializer, responses=DataCheckSerializer(many=True))
    @suggestions.mapping.post
    def accept(self, request: Request, pk: str) -> Response:
        """Declare what is suggested, and hold the newest version against it."""
        row = self.get_object()
        said = AcceptSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        ids = said.validated_data.get("ids")
        chosen = [x for x in suggestions_for(row) if ids is None or x.id in ids]
        taken = self._take_in(row, chosen, Check.Origin.SUGGESTED)
        return Response(DataCheckSerializer(taken, many=True).data)

    def _take_in(
        self, row: DataSet, declared: Iterable[Declared], origin: str
    ) -> list[Check]:
        actor = actor_of(self.request)
        taken = services.take_in(row, declared, actor=actor, origin=origin)
        if taken:
            tasks.check_newest(row, actor=actor)
        return taken

    @extend_schema(
        parameters=[CheckDocumentAskedSerializer],
        responses=CheckDocumentSerializer,
        filters=False,
    )
    @action(detail=True)
    def document(self, request: Request, pk: str) -> Response:
        """Return the checks as YAML, an ODCS contract or a Great Expectations suite."""
        row = self.get_object()
        asked = CheckDocumentAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        declared = [each.declared() for each in row.checks.live()]
        made = write_document(declared, about(row), asked.validated_data["form"])
        return Response(CheckDocumentSerializer(made).data)

    @extend_schema(request=CheckDocumentGivenSerializer, responses=TakenSerializer)
    @document.mapping.post
    def take_in(self, request: Request, pk: str) -> Response:
        """Declare what a document of any of these formats says."""
        row = self.get_object()
        said = CheckDocumentGivenSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            found = read_document(said.validated_data["text"], name=row.slug)
        except EngineError as error:
            raise serializers.ValidationError({"text": [str(error)]}) from error
        taken = self._take_in(row, found.checks, Check.Origin.IMPORTED)
        kept = services.take_retention(
            row, found.retention_days, actor=actor_of(request)
        )
        left = [*found.left, *filter(None, [kept])]
        return Response(TakenSerializer({"checks": taken, "left": left}).data)

    @extend_schema(request=None, responses=ChecksRunSerializer)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        """Hold the newest version against the checks again."""
        job = tasks.check_newest(self.get_object(), actor=actor_of(request))
        return Response({"job": job.pk if job else None})
