"""What came true, and how well it had been estimated, in the API."""

from dataclasses import asdict
from typing import Any, ClassVar

import django_filters
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    Conflict,
    IdempotentCreateMixin,
    IdFilter,
    PortalViewSet,
    actor_of,
)
from projects import services
from projects.api.fields import ProjectField, ReachableField
from projects.models import Project, Quantity, RealisedValue
from projects.selectors.calibration import (
    CalibrationWords,
    own_calibration,
    team_calibration,
)
from projects.services.realised import CorrectedAlready

NUMBERS = ("value", "low", "high", "method", "note")


class RealisedValueSerializer(serializers.ModelSerializer[RealisedValue]):
    """One measured amount of one period; without a quantity it is the net money.

    `ends_on` is the last day. Values of quantities are in the unit of the formula: a
    share is 0.12.
    """

    project = ProjectField(right="contributable_by")
    quantity = ReachableField(
        queryset=Quantity.objects.all(),
        right="contributable_by",
        required=False,
        allow_null=True,
    )
    entered_by = serializers.SlugRelatedField[Any](
        slug_field="display_name", read_only=True
    )

    class Meta:
        model = RealisedValue
        fields = (
            "id",
            "project",
            "quantity",
            "starts_on",
            "ends_on",
            *NUMBERS,
            "entered_by",
            "at",
            "superseded_by",
        )
        read_only_fields = ("at", "superseded_by")
        # The model's own rules say the same, and do not ask for every column.
        validators: ClassVar[list[Any]] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a quantity of another project."""
        quantity = attrs.get("quantity")
        if quantity and quantity.project != attrs["project"]:
            raise serializers.ValidationError(
                {"quantity": _("It belongs to another project.")}
            )
        return attrs

    def create(self, validated_data: dict[str, Any]) -> RealisedValue:
        """Enter what came true; the model has the last word."""
        return services.enter_realised(
            RealisedValue(**validated_data), actor=actor_of(self.context["request"])
        )


class CorrectionSerializer(serializers.ModelSerializer[RealisedValue]):
    """What stands instead of a value."""

    class Meta:
        model = RealisedValue
        fields = NUMBERS


class CalibrationSerializer(serializers.Serializer[Any]):
    """What ranges say of who gave them, with what it was computed from."""

    held = serializers.CharField()
    advice = serializers.CharField()
    result = serializers.DictField()
    crps = serializers.FloatField(allow_null=True)
    inputs = serializers.ListField(child=serializers.DictField())


class CalibrationsSerializer(serializers.Serializer[Any]):
    """The caller's own calibration, and that of all ranges of the project together."""

    own = CalibrationSerializer(allow_null=True)
    team = CalibrationSerializer(allow_null=True)


class RealisedValueFilter(django_filters.FilterSet):
    """Realised values by project, quantity, and whether they still stand."""

    project = django_filters.CharFilter(field_name="project__slug")
    quantity = IdFilter()
    current = django_filters.BooleanFilter(
        field_name="superseded_by", lookup_expr="isnull"
    )

    class Meta:
        model = RealisedValue
        fields = ("project", "quantity", "method")


class RealisedValueViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[RealisedValue],
):
    """What came true, period by period; nothing is changed, only superseded."""

    queryset = RealisedValue.objects.select_related("project", "entered_by").order_by(
        "-starts_on", "-id"
    )
    serializer_class = RealisedValueSerializer
    filterset_class = RealisedValueFilter
    ordering_fields = ("starts_on", "at", "id")
    write_right = "contributable_by"
    http_method_names = ("get", "post", "head", "options")

    @extend_schema(
        request=CorrectionSerializer, responses={201: RealisedValueSerializer}
    )
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Enter what stands instead; the earlier value is kept."""
        row = self.get_object()
        said = CorrectionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            new = services.correct_realised(
                row, actor=actor_of(request), said=dict(said.validated_data)
            )
        except CorrectedAlready as error:
            raise Conflict(str(error)) from error
        return Response(self.get_serializer(new).data, status=201)

    @extend_schema(
        parameters=[OpenApiParameter("project", str, required=True)],
        responses=CalibrationsSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def calibration(self, request: Request) -> Response:
        """Return how well ranges held: the caller's own, and all of one project."""
        actor = actor_of(request)
        project = get_object_or_404(
            Project.objects.visible_to(actor),
            slug=request.query_params.get("project", ""),
        )
        return Response(
            {
                "own": _said(own_calibration(actor), named=True),
                "team": _said(team_calibration(project), named=False),
            }
        )


def _said(words: CalibrationWords | None, *, named: bool) -> dict[str, Any] | None:
    """Return a calibration with its inputs; those of a team tell no single range."""
    if words is None:
        return None
    return {
        "held": words.held,
        "advice": words.advice,
        "result": words.result.to_json(),
        "crps": words.crps,
        "inputs": [
            {"quantity": each.estimate.quantity.name, **asdict(each.stated)}
            for each in words.scored
        ]
        if named
        else [],
    }
