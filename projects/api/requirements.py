"""Requirements, their standing and the evidence, in the API."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError as ModelValidationError
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import trash
from core.api.resources import IdempotentCreateMixin, IdFilter, PortalViewSet, actor_of
from projects import services
from projects.api.fields import ProjectField
from projects.forms.requirements import SAID
from projects.models import Evidence, Requirement, RequirementVersion
from projects.selectors.requirements import State, standing_of


class StandingSerializer(serializers.Serializer[Any]):
    """How a requirement stands, and the evidence that says so."""

    state = serializers.ChoiceField(choices=[each.value for each in State])
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    evidence = serializers.IntegerField(allow_null=True)


class RequirementVersionSerializer(serializers.ModelSerializer[RequirementVersion]):
    """What a requirement says, and since when."""

    class Meta:
        model = RequirementVersion
        fields = ("version", *SAID, "slice", "derivation", "created_at")


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
    comparison = serializers.ChoiceField(
        choices=RequirementVersion.Comparison.choices,
        default=RequirementVersion.Comparison.AT_LEAST,
        write_only=True,
    )
    threshold = serializers.FloatField(allow_null=True, default=None, write_only=True)
    unit = serializers.CharField(
        max_length=30, allow_blank=True, default="", write_only=True
    )
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        max_length=200, allow_blank=True, default="", write_only=True
    )
    reason = serializers.CharField(
        max_length=500, allow_blank=True, default="", write_only=True
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
            *SAID,
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
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check what it will say as the model does."""
        said = {name: attrs[name] for name in SAID if name in attrs}
        before = self.instance.current if self.instance else None
        whole = {name: getattr(before, name) for name in SAID} if before else {}
        version = RequirementVersion(version=1, **{**whole, **said})
        try:
            version.full_clean(exclude=["requirement", "created_by"])
        except ModelValidationError as error:
            raise serializers.ValidationError(
                serializers.as_serializer_error(error)
            ) from error
        return attrs

    def save(self, **kwargs: Any) -> Requirement:
        """Save the requirement and its next version."""
        said = {n: v for n, v in self.validated_data.items() if n in SAID}
        before = self.instance.current if self.instance else None
        if before is not None:
            said = {**{name: getattr(before, name) for name in SAID}, **said}
        row = self.instance or Requirement()
        for name in ("project", "kind", "priority"):
            if name in self.validated_data:
                setattr(row, name, self.validated_data[name])
        services.save_requirement(
            row, actor=actor_of(self.context["request"]), said=said
        )
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


class RequirementViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Requirement],
):
    """What the solution must do, each with its test."""

    queryset = Requirement.objects.select_related("project").prefetch_related(
        "versions"
    )
    serializer_class = RequirementSerializer
    filterset_class = RequirementFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_destroy(self, instance: Requirement) -> None:
        """Put it in the trash for thirty days."""
        trash.move_to_trash(
            instance, actor_of(self.request), project_id=instance.project_id
        )

    @extend_schema(responses=RequirementVersionSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """Return what it has said so far, the newest first."""
        rows = self.get_object().versions.all()
        return Response(RequirementVersionSerializer(rows, many=True).data)

    @extend_schema(request=AttestSerializer, responses={201: EvidenceSerializer})
    @action(detail=True, methods=["post"])
    def attest(self, request: Request, pk: str) -> Response:
        """Vouch for a requirement that no measurement can show."""
        row = self.get_object()
        said = AttestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        version = row.current
        if version is None or version.test != RequirementVersion.Test.ATTESTED:
            raise serializers.ValidationError(
                {"test": ["This requirement is measured; it cannot be attested."]}
            )
        evidence = services.attest(row, actor=actor_of(request), **said.validated_data)
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
