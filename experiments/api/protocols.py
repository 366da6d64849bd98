"""Protocols and the sweeps of trials under them in the API."""

from dataclasses import replace
from typing import Any

import django_filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from core.api.resources import (
    IdempotentCreateMixin,
    IdFilter,
    PortalViewSet,
    actor_of,
)
from dataquality.models import DataSetVersion
from engine.errors import EngineError
from engine.training.catalogue import FAMILIES
from experiments import services, tasks
from experiments.api.numbers import Int64Field, now_ms
from experiments.models import (
    Experiment,
    Protocol,
    Sweep,
)
from experiments.models.experiment import from_engine
from experiments.selectors.impute import planned_impute
from projects.api.fields import ReachableField
from projects.api.gates import held_as_conflict

MOST_TRIALS = 200


class ProtocolSerializer(serializers.ModelSerializer[Protocol]):
    """The rules runs are measured under; equal rules are the same protocol.

    `content` names task, target, primary_metric and what differs from the defaults;
    data_digest, value_case_digest and metric_code_version are set by the portal.
    Without `impute`, gaps are filled as planned at the data set; `{}` fills none.
    """

    experiment = ReachableField(queryset=Experiment.objects.all(), right="editable_by")
    data_set_version = ReachableField(queryset=DataSetVersion.objects.all())
    content = serializers.DictField()

    class Meta:
        model = Protocol
        fields = (
            "id",
            "experiment",
            "version",
            "data_set_version",
            "content",
            "digest",
            "created_at",
        )
        read_only_fields = ("version", "digest", "created_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the content to the engine's rules and the data to the project."""
        version = attrs["data_set_version"]
        if version.data_set.project_id != attrs["experiment"].project_id:
            raise serializers.ValidationError(
                {"data_set_version": _("It belongs to another project.")}
            )
        if not version.is_ready:
            raise serializers.ValidationError(
                {"data_set_version": _("It is not ready; wait until it was read.")}
            )
        content = attrs["content"]
        try:
            rules = from_engine({"data_digest": "", **content})
            if "impute" not in content:
                rules = replace(rules, impute=planned_impute(version, rules))
            attrs["rules"] = rules
        except (EngineError, TypeError, ValueError) as problem:
            raise serializers.ValidationError({"content": str(problem)}) from problem
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Protocol:
        """Freeze the rules, or return the version that has them already."""
        return services.add_protocol(
            validated_data["experiment"],
            actor=actor_of(self.context["request"]),
            version=validated_data["data_set_version"],
            rules=validated_data["rules"],
        )


class ProtocolFilter(django_filters.FilterSet):
    """Protocols by project and experiment."""

    project = django_filters.CharFilter(field_name="experiment__project__slug")
    experiment = IdFilter(field_name="experiment_id")

    class Meta:
        model = Protocol
        fields = ("project", "experiment", "digest")


class ProtocolViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[Protocol],
):
    """Frozen rules of experiments."""

    queryset = Protocol.objects.all()
    serializer_class = ProtocolSerializer
    filterset_class = ProtocolFilter


class TrialSerializer(serializers.Serializer[Any]):
    """One model to train."""

    family = serializers.ChoiceField(choices=list(FAMILIES))
    params = serializers.DictField(required=False, default=dict)
    seed = Int64Field(required=False, default=None, allow_null=True)


class SweepSerializer(serializers.ModelSerializer[Sweep]):
    """Trials asked for together; creating a sweep starts those that are new."""

    override_reason = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        write_only=True,
        help_text="Why an owner goes past the data gate, if it is closed.",
    )

    protocol = ReachableField(queryset=Protocol.objects.all(), right="editable_by")
    trials = TrialSerializer(many=True, write_only=True, allow_empty=False)
    runs = serializers.SerializerMethodField()

    class Meta:
        model = Sweep
        fields = (
            "id",
            "experiment",
            "protocol",
            "trials",
            "override_reason",
            "spec",
            "runs",
            "created_at",
        )
        read_only_fields = ("experiment", "spec", "created_at")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_runs(self, row: Sweep) -> list[str]:
        """Return the ids of the runs that were started."""
        return list(row.runs.order_by("start_time", "id").values_list("id", flat=True))

    def validate_trials(self, trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Bound how much one request starts."""
        if len(trials) > MOST_TRIALS:
            raise serializers.ValidationError(
                _("%(n)s trials; ask for at most %(most)s at once.")
                % {"n": len(trials), "most": MOST_TRIALS}
            )
        return trials

    def create(self, validated_data: dict[str, Any]) -> Sweep:
        """Plan the trials and start a job for each."""
        actor = actor_of(self.context["request"])
        protocol = validated_data["protocol"]
        first = protocol.rules.seeds[0]
        asked = [
            services.TrialAsked(
                each["family"],
                each["params"],
                first if each["seed"] is None else each["seed"],
            )
            for each in validated_data["trials"]
        ]
        with held_as_conflict():
            sweep, runs = services.plan_sweep(
                protocol,
                asked,
                actor=actor,
                now=now_ms(),
                override_reason=validated_data["override_reason"],
            )
        for run in runs:
            tasks.start_training(run, actor=actor)
        return sweep


class SweepFilter(django_filters.FilterSet):
    """Sweeps by project and experiment."""

    project = django_filters.CharFilter(field_name="experiment__project__slug")
    experiment = IdFilter(field_name="experiment_id")

    class Meta:
        model = Sweep
        fields = ("project", "experiment")


class SweepViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[Sweep],
):
    """Sweeps; creating one starts its trials."""

    queryset = Sweep.objects.all()
    serializer_class = SweepSerializer
    filterset_class = SweepFilter
