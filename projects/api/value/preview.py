"""What a value case would be worth, computed without keeping it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import Policy
from engine.value.distributions import Distribution
from engine.value.simulate import MAX_DRAWS, MIN_DRAWS, estimate
from projects.api.fields import ProjectField
from projects.api.value.model import (
    CorrelationSerializer,
    DriverSerializer,
    ForecastField,
    ValueEstimateSerializer,
)
from projects.models import Project
from projects.models.value import check_range
from projects.selectors.own import DRAWS
from projects.selectors.units import hold_units
from projects.selectors.value import belief_of, current_case, engine_case


class RangeSerializer(serializers.Serializer[Any]):
    """A range: 9 times in 10 the truth lies between low and high."""

    low = serializers.FloatField()
    likely = serializers.FloatField()
    high = serializers.FloatField()

    def validate(self, attrs: dict[str, float]) -> dict[str, float]:
        """Hold the range to the rule of every range."""
        check_range(attrs["low"], attrs["likely"], attrs["high"])
        return attrs


class PreviewSerializer(serializers.Serializer[Any]):
    """A value case to compute without keeping it; what is left out is as it is now."""

    project = ProjectField(right="visible_to")
    volume = serializers.CharField(max_length=200, allow_blank=True, required=False)
    prevalence = serializers.CharField(max_length=200, allow_blank=True, required=False)
    drivers = DriverSerializer(many=True, required=False)
    discount_rate = serializers.FloatField(min_value=0, max_value=1, required=False)
    ramp_up = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=2),
        max_length=20,
        required=False,
    )
    success_probability = serializers.FloatField(
        min_value=0, max_value=1, required=False
    )
    correlations = CorrelationSerializer(many=True, required=False)
    forecast = ForecastField(required=False)
    ranges = serializers.DictField(child=RangeSerializer(), required=False)
    draws = serializers.IntegerField(
        min_value=MIN_DRAWS, max_value=MAX_DRAWS // 10, default=DRAWS
    )
    seed = serializers.IntegerField(min_value=0, max_value=2**62, required=False)


class ValueCasePreview(APIView):
    """Computes without saving."""

    policy = Policy.SIGNED_IN
    own_transaction = True  # it reads only, and must not queue behind writers

    @extend_schema(
        operation_id="value_cases_preview",
        request=PreviewSerializer,
        responses=ValueEstimateSerializer,
    )
    def post(self, request: Request) -> Response:
        """Return what a changed value case would be worth; nothing is kept."""
        asked = PreviewSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        project, ranges = data.pop("project"), data.pop("ranges", {})
        draws, case = data.pop("draws"), current_case(project)
        for name, value in data.items():
            setattr(case, name, value)
        engine = engine_case(project, case, beliefs=_beliefs(project, ranges))
        hold_units(project, engine)
        return Response(estimate(engine, draws=draws, seed=case.seed).to_json())


def _beliefs(
    project: Project, ranges: Mapping[str, Mapping[str, float]]
) -> dict[str, Distribution]:
    known = {each.name: each for each in project.quantities.all()}
    if unknown := sorted(set(ranges) - set(known)):
        raise serializers.ValidationError(
            {"ranges": [_("%(name)s is no quantity here.") % {"name": unknown[0]}]}
        )
    return {
        name: belief_of(known[name], each["low"], each["likely"], each["high"])
        for name, each in ranges.items()
    }
