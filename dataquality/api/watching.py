"""Alerts, histories, prices and what is done about gaps, in the API."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import django_filters
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from core.models import User
from dataquality import services
from dataquality.models import (
    Alert,
    DataSet,
    DataSetVersion,
    Mitigation,
    Monitor,
    Profile,
)
from dataquality.selectors.arrivals import monitor_of
from dataquality.selectors.pricing import Damage, PricedProblem, cost_as_json, damage_of
from dataquality.selectors.problems import problems_of
from dataquality.selectors.retention import due_versions
from dataquality.selectors.trends import Trends, trends_of
from engine.history import Series, formula
from projects.api.fields import ReachableField

# Histories


class SeriesSerializer(serializers.Serializer[Any]):
    """One figure over the versions; null where it is not known.

    `z` is of the change to each version; places in `odd` are out of step.
    """

    name = serializers.CharField()
    values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    z = serializers.ListField(child=serializers.FloatField(allow_null=True))
    odd = serializers.ListField(child=serializers.IntegerField())
    formula = serializers.CharField()


class TrendsSerializer(serializers.Serializer[Any]):
    """Scores and missing shares from 0 to 1, and rows, over the newest versions."""

    versions = serializers.ListField(child=serializers.IntegerField())
    at = serializers.ListField(child=serializers.DateTimeField())
    scores = SeriesSerializer(many=True)
    rows = SeriesSerializer()
    missing = SeriesSerializer(many=True)


def _told(trends: Trends) -> dict[str, Any]:
    return {
        "versions": trends.numbers,
        "at": trends.at,
        "scores": [_series(each) for each in trends.scores],
        "rows": _series(trends.rows),
        "missing": [_series(each) for each in trends.missing],
    }


def _series(series: Series) -> dict[str, Any]:
    told = {key: value for key, value in asdict(series).items() if key != "floor"}
    return {**told, "odd": series.odd, "formula": str(formula(series.floor))}


class MonitorSerializer(CheckedModelSerializer[Monitor]):
    """How a data set is watched.

    `affects_*` is the chance, from 0 to 1, that a bad row turns its decision: all
    three or none. Without `period_days` the project's requirement of freshness counts.
    """

    class Meta:
        model = Monitor
        fields = (
            "affects_low",
            "affects_likely",
            "affects_high",
            "affects_source",
            "expects",
            "period_days",
            "grace_days",
        )


class DueSerializer(serializers.Serializer[Any]):
    """A version that is older than its data set is to be kept."""

    version = serializers.IntegerField(source="version.pk")
    number = serializers.IntegerField(source="version.number")
    since = serializers.DateTimeField()
    held_by = serializers.ListField(
        child=serializers.CharField(),
        help_text="What needs it, in words; it goes only where that is confirmed.",
    )


class MonitorActions:
    """What a data set's resource says of its history and how it is watched."""

    get_object: Callable[[], DataSet]

    @extend_schema(responses=TrendsSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def trends(self, request: Request, pk: str) -> Response:
        """Return scores, rows and missing shares over the versions."""
        return Response(TrendsSerializer(_told(trends_of(self.get_object()))).data)

    @extend_schema(responses=DueSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def due(self, request: Request, pk: str) -> Response:
        """Return the versions that the data card keeps no longer, the oldest first."""
        due = due_versions(self.get_object(), now=timezone.now())
        return Response(DueSerializer(due, many=True).data)

    @extend_schema(responses=MonitorSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def monitor(self, request: Request, pk: str) -> Response:
        """Return how the data set is watched."""
        return Response(MonitorSerializer(monitor_of(self.get_object())).data)

    @extend_schema(request=MonitorSerializer, responses=MonitorSerializer)
    @monitor.mapping.patch
    def change_monitor(self, request: Request, pk: str) -> Response:
        """Change how the data set is watched."""
        data_set = self.get_object()
        row = monitor_of(data_set)
        said = MonitorSerializer(row, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        for name, value in said.validated_data.items():
            setattr(row, name, value)
        services.save_monitor(row, actor=actor_of(request))
        return Response(MonitorSerializer(row).data)


# Prices


class AmountSerializer(serializers.Serializer[Any]):
    """Money, nine times in ten between low and high."""

    low = serializers.FloatField()
    mid = serializers.FloatField()
    high = serializers.FloatField()


class DataProblemSerializer(serializers.Serializer[Any]):
    """One problem of a version; null as its cost is "not priced"."""

    sentence = serializers.CharField()
    where = serializers.CharField()
    code = serializers.CharField()
    column = serializers.CharField()
    is_rule = serializers.BooleanField()
    rows = serializers.IntegerField()
    example_rows = serializers.ListField(child=serializers.IntegerField())
    cost = AmountSerializer(allow_null=True)
    not_priced = serializers.CharField()
    mitigations = serializers.ListField(child=serializers.IntegerField())


class DamageStepSerializer(serializers.Serializer[Any]):
    """One step of how the money is computed."""

    name = serializers.CharField()
    value = serializers.CharField()


class DamageSerializer(serializers.Serializer[Any]):
    """The problems of a version, the worst first, and what they cost together."""

    currency = serializers.CharField()
    problems = DataProblemSerializer(many=True)
    cost_of_a_wrong_decision = AmountSerializer(allow_null=True)
    cost_of_a_row = AmountSerializer(allow_null=True)
    rows_low = serializers.IntegerField()
    rows_high = serializers.IntegerField()
    total = AmountSerializer(allow_null=True)
    year = AmountSerializer(allow_null=True)
    not_priced = serializers.CharField()
    steps = DamageStepSerializer(many=True)
    value_case = serializers.IntegerField(allow_null=True)


def _damage(damage: Damage) -> dict[str, Any]:
    price = damage.row.price
    return {
        "currency": damage.row.currency,
        "problems": [_problem(each) for each in damage.lines],
        "cost_of_a_wrong_decision": cost_as_json(
            price.wrong_decision if price else None
        ),
        "cost_of_a_row": cost_as_json(price.row if price else None),
        "rows_low": damage.rows_low,
        "rows_high": damage.rows_high,
        "total": cost_as_json(damage.total),
        "year": cost_as_json(damage.year),
        "not_priced": damage.row.why_not,
        "steps": [{"name": name, "value": text} for name, text in damage.steps],
        "value_case": damage.row.case.pk if damage.row.case else None,
    }


def _problem(line: PricedProblem) -> dict[str, Any]:
    problem = line.problem
    return {
        "sentence": problem.sentence,
        "where": problem.where,
        "code": problem.code,
        "column": problem.column,
        "is_rule": problem.is_rule,
        "rows": problem.rows,
        "example_rows": problem.examples,
        "cost": cost_as_json(line.cost),
        "not_priced": "" if line.cost else line.words,
        "mitigations": [each.pk for each in line.mitigations],
    }


class DamageActions:
    """What a version's resource says of its problems."""

    get_object: Callable[[], DataSetVersion]

    @extend_schema(responses=DamageSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def problems(self, request: Request, pk: str) -> Response:
        """Return the ranked problems with what each costs; 404 until it is ready."""
        row = self.get_object()
        profile = Profile.objects.filter(version=row).first()
        if profile is None:
            raise Http404
        damage = damage_of(row, problems_of(profile))
        return Response(DamageSerializer(_damage(damage)).data)


# Alerts


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """Something about a data set that somebody should look at."""

    project = serializers.SlugField(source="data_set.project.slug", read_only=True)
    sentence = serializers.CharField(source="__str__", read_only=True)
    acknowledged_by = serializers.SlugRelatedField[Any](
        slug_field="display_name", read_only=True
    )

    class Meta:
        model = Alert
        fields = (
            "id",
            "project",
            "data_set",
            "kind",
            "key",
            "sentence",
            "raised_at",
            "resolved_at",
            "acknowledged_at",
            "acknowledged_by",
            "note",
            "snoozed_until",
        )
        read_only_fields = fields


class AcknowledgeSerializer(serializers.Serializer[Any]):
    """What is done about an alert."""

    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when an alert is quiet; null takes it up again."""

    until = serializers.DateField(allow_null=True)

    def validate_until(self, until: date | None) -> date | None:
        """Refuse a day that has come already."""
        if until is not None and until <= timezone.localdate():
            raise serializers.ValidationError(_("Choose a day after today."))
        return until


class AlertFilter(django_filters.FilterSet):
    """Alerts by project, data set, kind, and whether they last."""

    project = django_filters.CharFilter(field_name="data_set__project__slug")
    open = django_filters.BooleanFilter(field_name="resolved_at", lookup_expr="isnull")

    class Meta:
        model = Alert
        fields = ("project", "data_set", "kind")


class AlertViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, PortalViewSet[Alert]
):
    """What data sets call people for; raised and resolved by the portal."""

    queryset = (
        Alert.objects.filter(data_set__deleted_at=None)
        .select_related("data_set__project", "acknowledged_by")
        .order_by("-pk")
    )
    serializer_class = AlertSerializer
    filterset_class = AlertFilter

    @extend_schema(request=AcknowledgeSerializer, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Say that somebody sees to it."""
        row = self._lasting()
        said = AcknowledgeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        note = said.validated_data.get("note", "")
        services.acknowledge_alert(row, actor=actor_of(request), note=note)
        return Response(AlertSerializer(row).data)

    @extend_schema(request=SnoozeSerializer, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Keep it quiet until a day."""
        row = self._lasting()
        said = SnoozeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        until = said.validated_data["until"]
        services.snooze_alert(row, actor=actor_of(request), until=until)
        return Response(AlertSerializer(row).data)

    def _lasting(self) -> Alert:
        row: Alert = self.get_object()
        if row.is_resolved:
            raise serializers.ValidationError(
                {"resolved_at": [_("It has passed already.")]}
            )
        return row


# What is done about gaps


class MitigationSerializer(CheckedModelSerializer[Mitigation]):
    """What is done about the missing values of a column.

    `impute` needs a strategy, `collect` an owner, by e-mail, who contributes, and a day.
    """

    data_set = ReachableField(
        queryset=DataSet.objects.select_related("project"), right="editable_by"
    )
    owner = serializers.SlugRelatedField[User](
        slug_field="email",
        queryset=User.objects.filter(is_active=True),
        required=False,
        allow_null=True,
    )
    is_overdue = serializers.BooleanField(read_only=True)

    class Meta:
        model = Mitigation
        fields = (
            "id",
            "data_set",
            "column",
            "kind",
            "strategy",
            "owner",
            "due_on",
            "note",
            "state",
            "is_overdue",
            "created_at",
            "changed_at",
        )
        read_only_fields = ("state", "created_at", "changed_at")

    def create(self, validated_data: dict[str, Any]) -> Mitigation:
        """Plan it."""
        return services.plan_mitigation(
            Mitigation(**validated_data), actor=actor_of(self.context["request"])
        )


class MitigationStateSerializer(serializers.Serializer[Any]):
    """How far it is."""

    state = serializers.ChoiceField(choices=Mitigation.State.choices)


class MitigationFilter(django_filters.FilterSet):
    """What is done, by project, data set, column, kind and state."""

    project = django_filters.CharFilter(field_name="data_set__project__slug")

    class Meta:
        model = Mitigation
        fields = ("project", "data_set", "column", "kind", "state")


class MitigationViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[Mitigation],
):
    """Steps that are noted for the pipeline, and tasks with an owner and a day."""

    queryset = (
        Mitigation.objects.filter(data_set__deleted_at=None)
        .select_related("data_set__project", "owner", "created_by")
        .order_by("-pk")
    )
    serializer_class = MitigationSerializer
    filterset_class = MitigationFilter
    write_right = "actionable_by"

    @extend_schema(request=MitigationStateSerializer, responses=MitigationSerializer)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, pk: str) -> Response:
        """Say that it is done, dropped or open again; its owner may, and editors."""
        row = self.get_object()
        said = MitigationStateSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        state = said.validated_data["state"]
        services.set_state_of_mitigation(row, state, actor=actor_of(request))
        context: Mapping[str, Any] = self.get_serializer_context()
        return Response(MitigationSerializer(row, context=dict(context)).data)
