"""Quantities, estimates, settled ranges and value cases in the API."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import Policy
from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from engine.value.case import COUNTED, Category, Per
from engine.value.distributions import Distribution, pert_from_quantiles
from engine.value.simulate import MAX_DRAWS, MIN_DRAWS, estimate
from projects import services
from projects.api.fields import ProjectField, ReachableField
from projects.models import (
    Estimate,
    Project,
    Quantity,
    Reconciliation,
    Stakeholder,
    ValueCase,
)
from projects.models.value import Source, check_range
from projects.selectors.own import DRAWS
from projects.selectors.value import current_case, engine_case, is_revealed
from projects.services import RangeGiven

RANGE = ("low", "likely", "high")


class QuantitySerializer(CheckedModelSerializer[Quantity]):
    """One number the value case rests on, in the unit of its formulas."""

    project = ProjectField()

    class Meta:
        model = Quantity
        fields = (
            "id",
            "project",
            "name",
            "label",
            "asks",
            "why",
            "unit",
            "prefix",
            "suffix",
            "scale",
            "lower",
            "upper",
            "default_low",
            "default_likely",
            "default_high",
            "is_refinement",
            "position",
        )
        extra_kwargs = {"scale": {"min_value": 1e-12}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep the name and the project: formulas and answers refer to them."""
        if self.instance is not None:
            for name in ("name", "project"):
                if attrs.get(name, getattr(self.instance, name)) != getattr(
                    self.instance, name
                ):
                    raise serializers.ValidationError(
                        {name: [_("Formulas refer to it; make another quantity.")]}
                    )
        return super().validate(attrs)


class QuantityFilter(django_filters.FilterSet):
    """Quantities by project and name."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Quantity
        fields = ("project", "name", "is_refinement")


class QuantityViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Quantity],
):
    """The numbers that estimates are asked for."""

    queryset = Quantity.objects.select_related("project").order_by("position", "id")
    serializer_class = QuantitySerializer
    filterset_class = QuantityFilter
    ordering_fields = ("position", "name")
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_create(self, serializer: Any) -> None:
        """Add the quantity; the value case counts it from now on."""
        row = serializer.save()
        services.refresh_case(row.project, actor=actor_of(self.request))

    def perform_update(self, serializer: Any) -> None:
        """Change the quantity, and compute the value case again."""
        self.perform_create(serializer)

    def perform_destroy(self, instance: Quantity) -> None:
        """Take away a quantity that no formula uses."""
        services.remove_quantity(instance, actor=actor_of(self.request))


class EstimateSerializer(serializers.ModelSerializer[Estimate]):
    """The caller's range for a quantity, in the unit of its formula.

    9 times in 10 the truth lies between low and high. With `is_unknown` the
    range may be left out: the quantity's wide default stands in.
    """

    quantity = ReachableField(
        queryset=Quantity.objects.select_related("project"), right="contributable_by"
    )
    name = serializers.CharField(source="quantity.name", read_only=True)
    stakeholder = serializers.PrimaryKeyRelatedField[Any](read_only=True)
    low = serializers.FloatField(required=False)
    likely = serializers.FloatField(required=False)
    high = serializers.FloatField(required=False)

    class Meta:
        model = Estimate
        fields = (
            "id",
            "quantity",
            "name",
            "stakeholder",
            "round",
            *RANGE,
            "source",
            "is_unknown",
            "comment",
            "submitted_at",
        )
        read_only_fields = ("round", "submitted_at")
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the whole range unless it is not known."""
        missing = [part for part in RANGE if attrs.get(part) is None]
        if missing and not attrs.get("is_unknown"):
            raise serializers.ValidationError(
                {part: [_("Give it, or set is_unknown.")] for part in missing}
            )
        return attrs

    def given(self) -> RangeGiven:
        """Return what was said; the default where it is not known."""
        data, quantity = self.validated_data, self.validated_data["quantity"]
        return RangeGiven(
            **{
                part: getattr(quantity, f"default_{part}")
                if data.get("is_unknown")
                else data[part]
                for part in RANGE
            },
            source=data.get("source", Source.GUESS),
            is_unknown=data.get("is_unknown", False),
            comment=data.get("comment", ""),
        )


class EstimateFilter(django_filters.FilterSet):
    """Estimates by project, quantity and person."""

    project = django_filters.CharFilter(field_name="quantity__project__slug")

    class Meta:
        model = Estimate
        fields = ("project", "quantity", "stakeholder", "is_unknown")


class EstimateViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[Estimate],
):
    """One's own ranges; others' with `?project=`, once they may be shown.

    Sending a range again replaces the one before.
    """

    queryset = Estimate.objects.select_related("quantity", "stakeholder").order_by("id")
    serializer_class = EstimateSerializer
    filterset_class = EstimateFilter
    ordering_fields = ("submitted_at", "quantity")
    write_right = "contributable_by"

    def get_queryset(self) -> QuerySet[Estimate]:
        """Return the caller's own rows, and a revealed project's sent ones."""
        rows = super().get_queryset()
        may_see = Q(stakeholder__user=actor_of(self.request).user)
        slug = self.request.query_params.get("project", "")
        project = (
            Project.objects.visible_to(actor_of(self.request)).filter(slug=slug).first()
        )
        if project and is_revealed(project):
            may_see |= Q(quantity__project=project, submitted_at__isnull=False)
        return rows.filter(may_see)

    def perform_create(self, serializer: Any) -> None:
        """Keep the range and count it."""
        quantity = serializer.validated_data["quantity"]
        me = Stakeholder.objects.filter(
            project=quantity.project, user=actor_of(self.request).user
        ).first()
        if me is None:
            raise PermissionDenied(
                _("You have no say in this project yet: ask an editor to list you.")
            )
        try:
            services.save_estimates(
                quantity.project,
                me,
                {quantity.name: serializer.given()},
                actor=actor_of(self.request),
                submit=True,
            )
        except ModelValidationError as error:
            raise serializers.ValidationError(
                _unprefixed(error.message_dict, quantity.name)
            ) from error
        serializer.instance = Estimate.objects.get(quantity=quantity, stakeholder=me)


def _unprefixed(messages: Mapping[str, list[str]], name: str) -> dict[str, list[str]]:
    return {
        field.removeprefix(f"{name}_"): problems for field, problems in messages.items()
    }


class ReconciliationSerializer(CheckedModelSerializer[Reconciliation]):
    """The range a project goes on with where people differ, and why."""

    quantity = ReachableField(
        queryset=Quantity.objects.select_related("project"), right="editable_by"
    )

    class Meta:
        model = Reconciliation
        fields = ("id", "quantity", *RANGE, "reason", "at")
        # Settling anew replaces the range before.
        extra_kwargs: dict[str, dict[str, Any]] = {"quantity": {"validators": []}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the range to the rule of every range."""
        check_range(attrs["low"], attrs["likely"], attrs["high"])
        return attrs


class ReconciliationFilter(django_filters.FilterSet):
    """Settled ranges by project and quantity."""

    project = django_filters.CharFilter(field_name="quantity__project__slug")

    class Meta:
        model = Reconciliation
        fields = ("project", "quantity")


class ReconciliationViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[Reconciliation],
):
    """Settled ranges; everybody's own stays as given."""

    queryset = Reconciliation.objects.select_related("quantity__project").order_by("id")
    serializer_class = ReconciliationSerializer
    filterset_class = ReconciliationFilter
    ordering_fields = ("at",)

    def perform_create(self, serializer: Any) -> None:
        """Settle the range, and compute the value case again."""
        data = serializer.validated_data
        serializer.instance = services.settle_range(
            data["quantity"],
            RangeGiven(low=data["low"], likely=data["likely"], high=data["high"]),
            actor=actor_of(self.request),
            reason=data["reason"],
        )


class DriverSerializer(serializers.Serializer[Any]):
    """One source of value or cost, as a positive amount; costs are subtracted."""

    name = serializers.CharField(max_length=60)
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]  # a field of this name, as in the engine
    category = serializers.ChoiceField(choices=[str(each) for each in Category])
    per = serializers.ChoiceField(choices=[str(each) for each in Per])
    expression = serializers.CharField(max_length=500)
    counted = serializers.ChoiceField(choices=list(COUNTED), default="money")


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


class ValueCaseSerializer(serializers.ModelSerializer[ValueCase]):
    """One version of the model that turns estimates into money, and its result."""

    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    drivers = DriverSerializer(many=True)
    ramp_up = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=2), max_length=20
    )
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
            "seed",
            "digest",
            "engine_version",
            "content",
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
        if "drivers" in attrs:
            attrs["drivers"] = [dict(each) for each in attrs["drivers"]]
        return attrs


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
    http_method_names = ("get", "patch", "head", "options")

    def perform_update(self, serializer: Any) -> None:
        """Compute the changed case; a cited version stays, and the next is made."""
        serializer.instance = services.edit_case(
            serializer.instance.project,
            actor=actor_of(self.request),
            changes=serializer.validated_data,
        )


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
        return Response(estimate(engine, draws=draws, seed=case.seed).to_json())


def _beliefs(
    project: Project, ranges: Mapping[str, Mapping[str, float]]
) -> dict[str, Distribution]:
    known = set(project.quantities.values_list("name", flat=True))
    if unknown := sorted(set(ranges) - known):
        raise serializers.ValidationError(
            {"ranges": [_("%(name)s is no quantity here.") % {"name": unknown[0]}]}
        )
    return {
        name: pert_from_quantiles(each["low"], each["likely"], each["high"])
        for name, each in ranges.items()
    }
