"""Decisions and signatures, in the API."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    CheckedModelSerializer,
    Conflict,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from projects import services
from projects.api.fields import ProjectField
from projects.models import Decision, Signature
from projects.services.decision import FrozenError


class SignatureSerializer(serializers.ModelSerializer[Signature]):
    """One person's word on a decision."""

    class Meta:
        model = Signature
        fields = ("id", "name", "capacity", "word", "comment", "method", "digest", "at")
        read_only_fields = ("name", "method", "digest", "at")


class DecisionSerializer(CheckedModelSerializer[Decision]):
    """A decision with the evidence it stands on."""

    project = ProjectField()
    signatures = SignatureSerializer(many=True, read_only=True)
    content = serializers.JSONField(read_only=True)

    class Meta:
        model = Decision
        fields = (
            "id",
            "project",
            "gate",
            "question",
            "verdict",
            "rationale",
            "content",
            "digest",
            "created_at",
            "frozen_at",
            "signatures",
        )
        read_only_fields = ("digest", "created_at", "frozen_at")

    def save(self, **kwargs: Any) -> Decision:
        """Propose it with the evidence of now."""
        row = self.instance or Decision()
        for name, value in self.validated_data.items():
            setattr(row, name, value)
        try:
            self.instance = services.propose_decision(
                row, actor=actor_of(self.context["request"])
            )
        except FrozenError as error:
            raise Conflict(
                "A signed decision is not changed; propose a new one."
            ) from error
        return self.instance


class DecisionFilter(django_filters.FilterSet):
    """Decisions by project, gate and proposal."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Decision
        fields = ("project", "gate", "verdict")


class DecisionViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    PortalViewSet[Decision],
):
    """Go or no-go, frozen with its evidence by the first signature."""

    queryset = Decision.objects.select_related("project").prefetch_related("signatures")
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilter
    http_method_names = ("get", "post", "patch", "head", "options")

    @extend_schema(request=SignatureSerializer, responses={201: SignatureSerializer})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """Sign it with the caller's name."""
        actor = actor_of(request)
        row = self.get_object()
        said = SignatureSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        signature = services.sign_decision(
            row,
            actor=actor,
            capacity=said.validated_data["capacity"],
            word=said.validated_data["word"],
            comment=said.validated_data.get("comment", ""),
        )
        return Response(SignatureSerializer(signature).data, status=201)

    def get_queryset(self) -> Any:
        """Contributors sign; editors propose."""
        self.write_right = (  # type: ignore[misc]  # per request, not per class
            "contributable_by" if self.action == "sign" else "editable_by"
        )
        return super().get_queryset()
