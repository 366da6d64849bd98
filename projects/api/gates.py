"""Gates and who went past a closed one, in the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import Conflict, PortalViewSet, actor_of
from projects import services
from projects.models import (
    GateKey,
    GateOverride,
    Project,
    Requirement,
    Stakeholder,
)
from projects.selectors.gates import CheckState, GateStanding, gates_of
from projects.selectors.gates.words import answer, blockers
from projects.services import GateClosed


@contextmanager
def held_as_conflict() -> Iterator[None]:
    """Answer what a closed gate holds back with 409 and what keeps it closed."""
    try:
        yield
    except GateClosed as closed:
        raise Conflict(str(closed)) from closed


class OverrideSerializer(serializers.Serializer[Any]):
    """Why an owner goes past the gate if it is closed; not needed if it is open."""

    override_reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default=""
    )


class CheckSerializer(serializers.Serializer[Any]):
    """One check of a gate, computed from evidence."""

    key = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=[each.value for each in CheckState])
    words = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    blocks = serializers.BooleanField()
    advises = serializers.BooleanField()


class ChangedSinceSerializer(serializers.Serializer[Any]):
    """One thing that is no longer as it was signed or proposed."""

    part = serializers.CharField()
    what = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class SignerSerializer(serializers.Serializer[Any]):
    """A capacity that must have approved, who holds it, and what was said."""

    capacity = serializers.ChoiceField(choices=Stakeholder.Capacity.choices)
    people = serializers.SerializerMethodField()
    has_approved = serializers.BooleanField()
    signature = serializers.IntegerField(source="signature.pk", default=None)

    def get_people(self, row: Any) -> list[int]:
        """Return the ids of the stakeholders who sign in this capacity."""
        return [each.pk for each in row.people]


class BoundsSerializer(serializers.Serializer[Any]):
    """Bounds of a gate's checks; what is left out has its default."""

    least_chance = serializers.FloatField(min_value=0, max_value=1, required=False)
    most_years = serializers.FloatField(min_value=0, max_value=100, required=False)
    cost_of_finding_out = serializers.FloatField(
        min_value=0, max_value=1e15, required=False
    )
    not_needed = serializers.ListField(
        child=serializers.ChoiceField(choices=Requirement.Kind.choices),
        max_length=5,
        required=False,
    )
    least_accuracy = serializers.FloatField(min_value=0, max_value=1, required=False)
    least_completeness = serializers.FloatField(
        min_value=0, max_value=1, required=False
    )
    least_consistency = serializers.FloatField(min_value=0, max_value=1, required=False)
    least_timeliness = serializers.FloatField(min_value=0, max_value=1, required=False)


class GateSerializer(serializers.Serializer[Any]):
    """One gate: whether it is open, and what keeps it closed."""

    key = serializers.ChoiceField(choices=GateKey.choices)
    is_on = serializers.BooleanField()
    is_open = serializers.BooleanField()
    is_stale = serializers.BooleanField()
    answer = serializers.SerializerMethodField()
    blocked_by = serializers.SerializerMethodField()
    capacities = serializers.ListField(
        child=serializers.CharField(), source="rules.capacities"
    )
    bounds = serializers.DictField(source="rules.bounds")
    checks = CheckSerializer(many=True)
    signers = SignerSerializer(many=True)
    changes = ChangedSinceSerializer(many=True)
    decision = serializers.IntegerField(source="decision.pk", default=None)
    proposal = serializers.IntegerField(source="proposal.pk", default=None)

    def get_answer(self, row: GateStanding) -> str:
        """Return the gate in one sentence."""
        return answer(row)

    def get_blocked_by(self, row: GateStanding) -> list[str]:
        """Return what keeps it closed, a sentence each."""
        return list(blockers(row))


class ProjectGatesSerializer(serializers.Serializer[Any]):
    """The five gates of a project, in the order they are met."""

    project = serializers.SlugField(source="slug")
    launched_at = serializers.DateTimeField(allow_null=True)
    gates = serializers.SerializerMethodField()

    @extend_schema_field(GateSerializer(many=True))
    def get_gates(self, row: Project) -> Any:
        """Return how each gate stands now."""
        return GateSerializer(gates_of(row).values(), many=True).data


class SetGateSerializer(serializers.Serializer[Any]):
    """Whether a gate is in use, who must have approved, and its bounds."""

    gate = serializers.ChoiceField(choices=GateKey.choices)
    is_on = serializers.BooleanField()
    capacities = serializers.ListField(
        child=serializers.ChoiceField(choices=Stakeholder.Capacity.choices),
        max_length=5,
    )
    bounds = BoundsSerializer(required=False)


class GateFilter(django_filters.FilterSet):
    """The gates of one project."""

    project = django_filters.CharFilter(field_name="slug")

    class Meta:
        model = Project
        fields = ("project",)


class GateViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, PortalViewSet[Project]
):
    """Gates by project: their checks, signatures, and what they wait for."""

    queryset = Project.objects.order_by("pk")
    serializer_class = ProjectGatesSerializer
    filterset_class = GateFilter
    lookup_field = "slug"

    def get_queryset(self) -> Any:
        """Owners set gates; editors launch."""
        self.write_right = (  # type: ignore[misc]  # per request, not per class
            "owned_by" if self.action == "keep" else "editable_by"
        )
        return super().get_queryset()

    @extend_schema(request=SetGateSerializer, responses=ProjectGatesSerializer)
    @action(detail=True, methods=["post"])
    def keep(self, request: Request, slug: str) -> Response:
        """Switch a gate on or off, say who signs, and set its bounds."""
        project = self.get_object()
        said = SetGateSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        services.set_gate(
            project,
            GateKey(said.validated_data["gate"]),
            actor=actor_of(request),
            is_on=said.validated_data["is_on"],
            capacities=list(dict.fromkeys(said.validated_data["capacities"])),
            bounds=said.validated_data.get("bounds", {}),
        )
        return Response(self.get_serializer(project).data)

    @extend_schema(request=OverrideSerializer, responses=ProjectGatesSerializer)
    @action(detail=True, methods=["post"])
    def launch(self, request: Request, slug: str) -> Response:
        """Mark the project as launched, if its launch gate lets it."""
        project = self.get_object()
        said = OverrideSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        with held_as_conflict():
            services.launch_project(
                project, actor=actor_of(request), **said.validated_data
            )
        return Response(self.get_serializer(project).data)

    @extend_schema(request=None, responses=ProjectGatesSerializer)
    @action(detail=True, methods=["post"], url_path="launch-back")
    def launch_back(self, request: Request, slug: str) -> Response:
        """Say that the project is not launched after all."""
        project = self.get_object()
        services.take_back_launch(project, actor=actor_of(request))
        return Response(self.get_serializer(project).data)


class GateOverrideSerializer(serializers.ModelSerializer[GateOverride]):
    """Somebody went past a closed gate, and said why."""

    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    by = serializers.CharField(source="by.display_name", default=None)

    class Meta:
        model = GateOverride
        fields = (
            "id",
            "project",
            "gate",
            "action",
            "subject_kind",
            "subject_id",
            "subject_label",
            "blocked_by",
            "reason",
            "by",
            "at",
        )
        read_only_fields = fields


class GateOverrideFilter(django_filters.FilterSet):
    """Overrides by project and gate."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = GateOverride
        fields = ("project", "gate")


class GateOverrideViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, PortalViewSet[GateOverride]
):
    """Who went past which closed gate, and why; kept for good."""

    queryset = GateOverride.objects.select_related("project", "by")
    serializer_class = GateOverrideSerializer
    filterset_class = GateOverrideFilter
