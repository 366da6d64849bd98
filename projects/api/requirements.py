"""Requirements, their standing and the evidence, in the API."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import IdempotentCreateMixin, IdFilter, PortalViewSet, actor_of
from projects import services
from projects.api.details import DetailsField
from projects.api.fields import ProjectField
from projects.api.requirement_acts import RequirementActs
from projects.api.restoring import RestoreMixin
from projects.models import Evidence, Requirement, RequirementVersion
from projects.models.requirements import SAID
from projects.selectors.documents import document_named
from projects.selectors.requirement_pages import history
from projects.selectors.requirements import Part, State, standing_of

STATES = [(each.value, each.name) for each in State]

# What a caller writes; how a threshold was derived is the portal's to say.
WRITTEN = tuple(name for name in SAID if name != "derivation")


class PartSerializer(serializers.Serializer[Any]):
    """One test of a requirement: a bound on a metric, or what a person attests."""

    metric_key = serializers.CharField(allow_null=True)
    slice = serializers.CharField(allow_null=True)
    comparison = serializers.CharField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=STATES)
    evidence = serializers.IntegerField(allow_null=True)


class StandingSerializer(serializers.Serializer[Any]):
    """How a requirement stands, and the evidence that says so."""

    state = serializers.ChoiceField(choices=STATES)
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    evidence = serializers.IntegerField(allow_null=True)
    is_derived_stale = serializers.BooleanField()
    parts = PartSerializer(many=True)


def _part(part: Part) -> dict[str, Any]:
    bound = part.bound
    return {
        "metric_key": bound.metric_key if bound else None,
        "slice": bound.slice if bound else None,
        "comparison": bound.comparison if bound else None,
        "threshold": bound.threshold if bound else None,
        "unit": bound.unit if bound else None,
        "state": part.state.value,
        "evidence": part.evidence.pk if part.evidence else None,
    }


class ChangeSerializer(serializers.Serializer[Any]):
    """One field that reads differently than in the version before."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    before = serializers.CharField()
    after = serializers.CharField()


class RequirementVersionSerializer(serializers.ModelSerializer[RequirementVersion]):
    """What a requirement says, and since when."""

    details = DetailsField()
    by = serializers.SerializerMethodField()

    class Meta:
        model = RequirementVersion
        fields = ("version", *SAID, "by", "created_at")

    def get_by(self, version: RequirementVersion) -> str | None:
        """Return the name of who wrote it."""
        return version.created_by.display_name if version.created_by else None


class VersionLineSerializer(serializers.Serializer[Any]):
    """A version with what it changed."""

    version = RequirementVersionSerializer()
    changes = ChangeSerializer(many=True)
    is_current = serializers.BooleanField()


class RequirementSerializer(serializers.ModelSerializer[Requirement]):
    """A requirement with what it says now; writing it makes its next version."""

    project = ProjectField()
    says = RequirementVersionSerializer(source="current", read_only=True)
    standing = serializers.SerializerMethodField()
    title = serializers.CharField(max_length=200, write_only=True)
    test = serializers.ChoiceField(
        choices=RequirementVersion.Test.choices,
        default=RequirementVersion.Test.COMPUTED,
        write_only=True,
    )
    metric_key = serializers.CharField(
        max_length=60, allow_blank=True, default="", write_only=True
    )
    slice = serializers.CharField(
        max_length=120, allow_blank=True, default="", write_only=True
    )
    comparison = serializers.ChoiceField(
        choices=RequirementVersion.Comparison.choices,
        default=RequirementVersion.Comparison.AT_LEAST,
        write_only=True,
    )
    threshold = serializers.FloatField(allow_null=True, default=None, write_only=True)
    minimum_n = serializers.IntegerField(
        allow_null=True,
        default=None,
        write_only=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="With fewer cases the verdict is too little evidence.",
    )
    unit = serializers.CharField(
        max_length=30, allow_blank=True, default="", write_only=True
    )
    details = DetailsField(default=dict, write_only=True)
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        max_length=200, allow_blank=True, default="", write_only=True
    )
    reason = serializers.CharField(
        max_length=500,
        allow_blank=True,
        default="",
        write_only=True,
        help_text="Needed for a threshold looser than the one derived.",
    )

    class Meta:
        model = Requirement
        fields = (
            "id",
            "project",
            "kind",
            "priority",
            "says",
            "standing",
            *WRITTEN,
            "created_at",
        )

    @extend_schema_field(StandingSerializer(allow_null=True))
    def get_standing(self, row: Requirement) -> dict[str, Any] | None:
        """Return how it stands; only evidence rows say so."""
        standing = standing_of(row)
        if standing is None:
            return None
        evidence = standing.evidence
        return {
            "state": standing.state.value,
            "value": evidence.value if evidence else None,
            "low": evidence.low if evidence else None,
            "high": evidence.high if evidence else None,
            "evidence": evidence.pk if evidence else None,
            "is_derived_stale": standing.is_derived_stale,
            "parts": [_part(each) for each in standing.parts],
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check what it will say as the model does."""
        said = self._said(attrs)
        before = self.instance.kind if self.instance else ""
        owner = Requirement(kind=attrs.get("kind", before))
        version = RequirementVersion(version=1, requirement=owner, **said)
        try:
            version.full_clean(exclude=["requirement", "created_by"])
        except ModelValidationError as error:
            raise serializers.ValidationError(
                serializers.as_serializer_error(error)
            ) from error
        return attrs

    def _said(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return what it will say; a PATCH leaves out what stays as it is."""
        said = {name: attrs[name] for name in WRITTEN if name in attrs}
        before = self.instance.current if self.instance else None
        if before is None:
            return said
        # A reason belongs to one change.
        kept = {name: getattr(before, name) for name in WRITTEN if name != "reason"}
        if "kind" in attrs and attrs["kind"] != self.instance.kind:  # type: ignore[union-attr]  # it has a version
            kept["details"] = {}
        return {**kept, **said}

    def save(self, **kwargs: Any) -> Requirement:
        """Save the requirement and its next version."""
        said = self._said(self.validated_data)
        row = self.instance or Requirement()
        for name in ("project", "kind", "priority"):
            if name in self.validated_data:
                setattr(row, name, self.validated_data[name])
        try:
            services.save_requirement(
                row, actor=actor_of(self.context["request"]), said=said
            )
        except ModelValidationError as error:
            raise serializers.ValidationError(
                serializers.as_serializer_error(error)
            ) from error
        self.instance = Requirement.objects.get(pk=row.pk)
        return self.instance


class RequirementFilter(django_filters.FilterSet):
    """Requirements by project, kind and priority."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Requirement
        fields = ("project", "kind", "priority")


class AttestSerializer(serializers.Serializer[Any]):
    """A person's word that a requirement holds, or does not."""

    holds = serializers.BooleanField()
    note = serializers.CharField(max_length=500)
    document = serializers.CharField(
        max_length=64,
        required=False,
        help_text="The digest of a document of this requirement.",
    )


class RestoreSerializer(serializers.Serializer[Any]):
    """The version to say again."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """One measurement, or one verdict."""

    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    requirement = serializers.IntegerField(
        source="requirement_version.requirement_id", read_only=True, default=None
    )

    class Meta:
        model = Evidence
        fields = (
            "id",
            "project",
            "requirement",
            "requirement_version",
            "subject_kind",
            "subject_id",
            "subject_label",
            "subject_url",
            "subject_digest",
            "metric_key",
            "slice",
            "value",
            "low",
            "high",
            "n",
            "unit",
            "verdict",
            "method",
            "inputs",
            "engine_version",
            "job_id",
            "attempt",
            "note",
            "at",
            "superseded_by",
        )
        read_only_fields = fields


# Who contributes vouches for things, with documents.
CONTRIBUTED = frozenset({"attest", "document_add"})


class RequirementViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    RestoreMixin[Requirement],
    RequirementActs,
):
    """What the solution must do, each with its test."""

    queryset = Requirement.objects.select_related("project").prefetch_related(
        "versions__created_by"
    )
    serializer_class = RequirementSerializer
    filterset_class = RequirementFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def get_queryset(self) -> Any:
        """Return what the caller may see or change; who contributes may attest."""
        if self.action in CONTRIBUTED and not getattr(self, "swagger_fake_view", False):
            return self.rows_for("contributable_by")
        return super().get_queryset()

    def perform_destroy(self, instance: Requirement) -> None:
        """Put it in the trash for thirty days."""
        services.delete_requirement(instance, actor=actor_of(self.request))

    def perform_restore(self, instance: Requirement) -> None:
        """Take it out of the trash."""
        services.undelete_requirement(instance, actor=actor_of(self.request))

    @extend_schema(responses=VersionLineSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """Return what it has said so far with each difference, the newest first."""
        rows = history(self.get_object())
        return Response(VersionLineSerializer(rows, many=True).data)

    @extend_schema(request=RestoreSerializer, responses=RequirementSerializer)
    @action(detail=True, methods=["post"], url_path="restore-version")
    def restore_version(self, request: Request, pk: str) -> Response:
        """Make what it said in an earlier version its next one."""
        row = self.get_object()
        said = RestoreSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        number = said.validated_data["version"]
        try:
            services.restore_version(row, number, actor=actor_of(request))
        except RequirementVersion.DoesNotExist as error:
            raise Http404 from error
        fresh = self.get_queryset().get(pk=row.pk)
        return Response(self.get_serializer(fresh).data)

    @extend_schema(request=AttestSerializer, responses={201: EvidenceSerializer})
    @action(detail=True, methods=["post"])
    def attest(self, request: Request, pk: str) -> Response:
        """Vouch for what no measurement can show."""
        row = self.get_object()
        said = AttestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        version = row.current
        if version is None or not version.needs_attestation:
            raise serializers.ValidationError(
                {"test": ["This requirement is measured; it cannot be attested."]}
            )
        given = dict(said.validated_data)
        digest = given.pop("document", None)
        document = document_named(row, digest) if digest else None
        if digest and document is None:
            raise serializers.ValidationError(
                {"document": ["The requirement holds no document of this digest."]}
            )
        evidence = services.attest(
            row, actor=actor_of(request), document=document, **given
        )
        return Response(EvidenceSerializer(evidence).data, status=201)


class EvidenceFilter(django_filters.FilterSet):
    """Evidence by project, subject, metric and requirement."""

    project = django_filters.CharFilter(field_name="project__slug")
    requirement = IdFilter(field_name="requirement_version__requirement")
    current = django_filters.BooleanFilter(
        field_name="superseded_by", lookup_expr="isnull"
    )

    class Meta:
        model = Evidence
        fields = (
            "project",
            "subject_kind",
            "subject_id",
            "metric_key",
            "verdict",
            "requirement",
            "current",
        )


class EvidenceViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, PortalViewSet[Evidence]
):
    """What was measured or attested; the only thing a status comes from."""

    queryset = Evidence.objects.select_related("project", "requirement_version")
    serializer_class = EvidenceSerializer
    filterset_class = EvidenceFilter
