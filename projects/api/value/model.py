"""The parts of a value case's model, and its result, as the API writes them."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.value.case import COUNTED, Category, Per
from projects.models.drivers import (
    LONGEST_NOTE,
    NO_AMOUNT,
    NOT_IN_MONEY,
    BeyondMoney,
    CostKind,
    driver_problems,
    proxy_expression,
)


class WholeSerializer(serializers.Serializer[Any]):
    """A part that is always given whole: a PATCH replaces it, and asks for all of it."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what is missing; a PATCH would let it through."""
        missing = {
            name: [_("Give it: the whole is replaced.")]
            for name, field in self.fields.items()
            if field.required and name not in attrs
        }
        if missing:
            raise serializers.ValidationError(missing)
        return attrs


class ProxySerializer(WholeSerializer):
    """What stands in for a value without a price: quantity × money × reach."""

    quantity = serializers.CharField(max_length=150)
    money = serializers.CharField(max_length=150, help_text="The worth of one.")
    reach = serializers.CharField(max_length=150, required=False, allow_blank=True)
    source = serializers.CharField(  # type: ignore[assignment]  # a field of this name
        max_length=LONGEST_NOTE, help_text="Where the worth of one comes from."
    )


class CorrelationSerializer(WholeSerializer):
    """Two quantities that move together: a Gaussian copula's ρ."""

    one = serializers.CharField(max_length=40)
    other = serializers.CharField(max_length=40)
    rho = serializers.FloatField(min_value=-0.999, max_value=0.999)


class ForecastSerializer(WholeSerializer):
    """How far forecasts miss, in units per forecast, as expressions."""

    under_today = serializers.CharField(max_length=200)
    over_today = serializers.CharField(max_length=200)
    under = serializers.CharField(max_length=200)
    over = serializers.CharField(max_length=200)


class DriverSerializer(WholeSerializer):
    """One source of value or cost, as a positive amount; costs are subtracted."""

    name = serializers.CharField(max_length=60)
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]  # a field of this name, as in the engine
    category = serializers.ChoiceField(choices=[str(each) for each in Category])
    per = serializers.ChoiceField(choices=[str(each) for each in Per])
    expression = serializers.CharField(
        max_length=500,
        required=False,
        help_text="Left out for a proxy, which makes its own, and where no amount is.",
    )
    counted = serializers.ChoiceField(choices=list(COUNTED), default="money")
    kind = serializers.ChoiceField(
        choices=[*CostKind.choices, *BeyondMoney.choices], required=False
    )
    note = serializers.CharField(
        max_length=LONGEST_NOTE, required=False, allow_blank=True
    )
    proxy = ProxySerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the driver to its kind; a proxy makes the expression."""
        super().validate(attrs)
        attrs.setdefault("counted", COUNTED[0])
        if problems := driver_problems(attrs):
            raise serializers.ValidationError(
                {field: [problem] for field, problem in problems.items()}
            )
        if attrs.get("proxy"):
            attrs["proxy"] = dict(attrs["proxy"])
            attrs["expression"] = proxy_expression(attrs["proxy"])
        elif attrs["counted"] == NOT_IN_MONEY:
            attrs.setdefault("expression", NO_AMOUNT)
        if not attrs.get("expression"):
            raise serializers.ValidationError(
                {"expression": [_("Give the amount as a number or a formula.")]}
            )
        return attrs


@extend_schema_field(ForecastSerializer)
class ForecastField(serializers.DictField):
    """The four expressions of a forecast; an empty object where none is counted."""

    child = serializers.CharField(max_length=200)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Return all four expressions, or none."""
        if data == {}:
            return {}
        asked = ForecastSerializer(data=data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)


class SummarySerializer(serializers.Serializer[Any]):
    """A simulated amount, in the project's currency."""

    mean = serializers.FloatField()
    p5 = serializers.FloatField()
    p50 = serializers.FloatField()
    p95 = serializers.FloatField()
    p_positive = serializers.FloatField()


class SwaySerializer(serializers.Serializer[Any]):
    """How much one input decides."""

    name = serializers.CharField()
    evppi = serializers.FloatField()
    break_even = serializers.FloatField(allow_null=True)
    direction = serializers.ChoiceField(choices=["above", "below"])
    likely = serializers.FloatField()
    mean = serializers.FloatField()


class ValueEstimateSerializer(serializers.Serializer[Any]):
    """What a value case is worth, with how sure that is."""

    annual = SummarySerializer()
    npv = SummarySerializer()
    mean_is_exact = serializers.BooleanField()
    monte_carlo_error = serializers.FloatField()
    roi_mean = serializers.FloatField(allow_null=True)
    roi_median = serializers.FloatField(allow_null=True)
    p_pays_back = serializers.FloatField()
    payback_years = serializers.FloatField(allow_null=True)
    payback_p5 = serializers.FloatField(allow_null=True)
    payback_p95 = serializers.FloatField(allow_null=True)
    dots = serializers.ListField(child=serializers.FloatField())
    by_category = serializers.DictField(child=serializers.FloatField())
    sways = SwaySerializer(many=True)
    evpi = serializers.FloatField()
    draws = serializers.IntegerField()
    seed = serializers.IntegerField()
    engine_version = serializers.CharField()
    digest = serializers.CharField()
