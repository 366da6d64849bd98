"""What a project is worth, version by version, in the API."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import PortalViewSet, actor_of
from engine.value.information import MOST_TOGETHER, InformationProblem
from projects import services
from projects.api.calculations import CalculationSerializer
from projects.api.value.model import (
    CorrelationSerializer,
    DriverSerializer,
    ForecastField,
    ValueEstimateSerializer,
)
from projects.models import ValueCase
from projects.selectors.counted import from_data
from projects.selectors.units import unit_problems
from projects.selectors.value import current_case, why_not_counted


class FromDataSerializer(serializers.Serializer[Any]):
    """A range that was counted in a table, for the quantity it can stand for."""

    quantity = serializers.IntegerField(source="quantity.pk")
    low = serializers.FloatField()
    likely = serializers.FloatField()
    high = serializers.FloatField()
    rows = serializers.IntegerField()
    data_set = serializers.CharField(source="label")
    reason = serializers.CharField()


class ValueCaseSerializer(serializers.ModelSerializer[ValueCase]):
    """One version of the model that turns estimates into money, and its result."""

    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    drivers = DriverSerializer(many=True)
    ramp_up = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=2), max_length=20
    )
    correlations = CorrelationSerializer(many=True, required=False)
    forecast = ForecastField(required=False)
    unit_problems = serializers.SerializerMethodField()
    not_counted = serializers.SerializerMethodField()
    from_data = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()

    class Meta:
        model = ValueCase
        fields = (
            "id",
            "project",
            "version",
            "sentence",
            "volume",
            "prevalence",
            "drivers",
            "discount_rate",
            "ramp_up",
            "success_probability",
            "correlations",
            "forecast",
            "seed",
            "digest",
            "engine_version",
            "content",
            "unit_problems",
            "not_counted",
            "from_data",
            "result",
            "created_at",
            "cited_at",
        )
        read_only_fields = (
            "version",
            "seed",
            "digest",
            "engine_version",
            "content",
        )

    def get_unit_problems(self, row: ValueCase) -> list[str]:
        """Return where the units of the formulas do not come out."""
        found = unit_problems(row.project, row.to_engine())
        return [each.message for each in found]

    def get_not_counted(self, row: ValueCase) -> str:
        """Return why the current version does not follow what people say now."""
        if current_case(row.project).pk != row.pk:
            return ""
        return why_not_counted(row.project, row)

    @extend_schema_field(FromDataSerializer(many=True))
    def get_from_data(self, row: ValueCase) -> Any:
        """Return what the data says of its numbers; settle one to go on with it."""
        found = from_data(row.project, row, row.project.quantities.all())
        return FromDataSerializer(found, many=True).data

    @extend_schema_field(ValueEstimateSerializer)
    def get_result(self, row: ValueCase) -> Any:
        """Return the engine's estimate that is kept with this version."""
        return row.result

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Change the newest version only; older ones stay as they were."""
        row = self.instance
        if row is not None and current_case(row.project).pk != row.pk:
            raise serializers.ValidationError(
                _("Version %(version)s is not the current one: change that.")
                % {"version": row.version}
            )
        for name in ("drivers", "correlations"):
            if name not in attrs:
                continue
            attrs[name] = [dict(each) for each in attrs[name]]
        return attrs


class TogetherSerializer(serializers.Serializer[Any]):
    """Numbers of a value case that are to be found out together."""

    names = serializers.ListField(
        child=serializers.CharField(max_length=40),
        min_length=2,
        max_length=MOST_TOGETHER,
    )


class ValueCaseFilter(django_filters.FilterSet):
    """Value cases by project and version; the newest comes first."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = ValueCase
        fields = ("project", "version", "digest")


class ValueCaseViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    PortalViewSet[ValueCase],
):
    """What a project is worth, version by version; PATCH changes the current one."""

    queryset = ValueCase.objects.select_related("project").order_by("-version", "-id")
    serializer_class = ValueCaseSerializer
    filterset_class = ValueCaseFilter
    ordering_fields = ("version", "created_at")
    http_method_names = ("get", "post", "patch", "head", "options")

    def perform_update(self, serializer: Any) -> None:
        """Compute the changed case; a cited version stays, and the next is made."""
        serializer.instance = services.edit_case(
            serializer.instance.project,
            actor=actor_of(self.request),
            changes=serializer.validated_data,
        )

    @extend_schema(request=None, responses=ValueCaseSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Make this version's model current again, as a new version."""
        case = services.restore_case(self.get_object(), actor=actor_of(request))
        return Response(self.get_serializer(case).data)

    @extend_schema(request=None, responses=CalculationSerializer)
    @action(detail=True, methods=["post"])
    def analyse(self, request: Request, pk: str) -> Response:
        """Return sensitivity, worth of information and returns of this version.

        Computed at most once by an engine version: the kept calculation is
        returned from then on.
        """
        found = services.analyse_case(self.get_object(), actor=actor_of(request))
        return Response(CalculationSerializer(found).data)

    @extend_schema(request=TogetherSerializer, responses=CalculationSerializer)
    @action(detail=True, methods=["post"])
    def together(self, request: Request, pk: str) -> Response:
        """Return what finding out several numbers is worth, all of them together.

        The worths of single numbers do not add up to it. Computed at most once by an
        engine version, as the analysis is.
        """
        case = self.get_object()
        asked = TogetherSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            found = services.find_out_together(
                case, asked.validated_data["names"], actor=actor_of(request)
            )
        except InformationProblem as error:
            raise serializers.ValidationError({"names": [str(error)]}) from error
        return Response(CalculationSerializer(found).data)

    def get_queryset(self) -> QuerySet[ValueCase]:
        """Return versions to read or change; who contributes may have one analysed."""
        if self.action in ("analyse", "together"):
            return self.rows_for("contributable_by")
        return super().get_queryset()
