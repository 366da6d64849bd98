"""Experiments, protocols, sweeps and runs in the API."""

import math
import time
from pathlib import PurePosixPath
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import objects
from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from core.downloads import attachment
from dataquality.models import DataSetVersion
from engine.errors import EngineError
from engine.training.catalogue import FAMILIES
from experiments import services, tasks
from experiments.models import (
    Experiment,
    Lifecycle,
    MetricPoint,
    Protocol,
    Run,
    RunMetric,
    Sweep,
)
from experiments.models.experiment import from_engine
from experiments.models.logged import KEY_CHARS, TAG_CHARS
from experiments.selectors import filters, keyset
from experiments.selectors.report import frozen
from projects.api.fields import ProjectField, ReachableField

INT64 = 2**63
NOT_FINITE = {"NaN", "Infinity", "-Infinity"}
MOST_TRIALS = 200
MOST_POINTS = 25_000


def now_ms() -> int:
    """Return the time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


class NumberField(serializers.FloatField):
    """A float that may be NaN or infinite, written as the strings other tools write."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number; "NaN", "Infinity" and "-Infinity" are numbers."""
        if isinstance(data, bool):
            self.fail("invalid")
        if isinstance(data, str) and data in NOT_FINITE:
            return float(data)
        return super().to_internal_value(data)

    def to_representation(self, value: float) -> Any:
        """Return NaN as the string "NaN": JSON has no such number."""
        return "NaN" if math.isnan(value) else value


class Int64Field(serializers.IntegerField):
    """A whole number of 64 bits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=-INT64, max_value=INT64 - 1, **kwargs)


class ExperimentSerializer(CheckedModelSerializer[Experiment]):
    """A question, why it is asked, and what was concluded."""

    project = ProjectField()

    class Meta:
        model = Experiment
        fields = (
            "id",
            "project",
            "name",
            "hypothesis",
            "motivation",
            "conclusion",
            "concluded_at",
            "lifecycle_stage",
            "created_at",
            "changed_at",
        )
        read_only_fields = ("conclusion", "concluded_at", "lifecycle_stage")

    def create(self, validated_data: dict[str, Any]) -> Experiment:
        """Create the experiment in the caller's name."""
        actor = actor_of(self.context["request"])
        return services.create_experiment(Experiment(**validated_data), actor=actor)

    def validate_project(self, project: Any) -> Any:
        """Keep an experiment where it is."""
        if self.instance is not None and self.instance.project_id != project.pk:
            raise serializers.ValidationError(_("An experiment never moves."))
        return project


class ExperimentFilter(django_filters.FilterSet):
    """Experiments by project and lifecycle."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Experiment
        fields = ("project", "lifecycle_stage")


class ConclusionSerializer(serializers.Serializer[Any]):
    """What was found, in a person's own words."""

    text = serializers.CharField(max_length=8000)


class ExperimentViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    PortalViewSet[Experiment],
):
    """Experiments of the caller's projects."""

    queryset = Experiment.objects.select_related("project")
    serializer_class = ExperimentSerializer
    filterset_class = ExperimentFilter
    http_method_names = ("get", "post", "patch", "head", "options")

    @extend_schema(request=None, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str | None = None) -> Response:
        """Archive an experiment with its runs."""
        row = self.get_object()
        services.archive_experiment(row, actor=actor_of(request))
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Take an experiment and its runs out of the archive."""
        row = self.get_object()
        services.restore_experiment(row, actor=actor_of(request))
        return Response(self.get_serializer(row).data)

    @extend_schema(request=ConclusionSerializer, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def conclude(self, request: Request, pk: str | None = None) -> Response:
        """Keep a conclusion with the leaderboard as it stands."""
        said = ConclusionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = self.get_object()
        services.conclude(
            row,
            actor=actor_of(request),
            text=said.validated_data["text"],
            content=frozen(row),
        )
        return Response(self.get_serializer(row).data)


class ProtocolSerializer(serializers.ModelSerializer[Protocol]):
    """The rules runs are measured under; equal rules are the same protocol.

    `content` names task, target, primary_metric and what differs from the defaults;
    data_digest, value_case_digest and metric_code_version are set by the portal.
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
        try:
            attrs["rules"] = from_engine({"data_digest": "", **attrs["content"]})
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
    experiment = django_filters.NumberFilter(field_name="experiment_id")

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
        sweep, runs = services.plan_sweep(protocol, asked, actor=actor, now=now_ms())
        for run in runs:
            tasks.start_training(run, actor=actor)
        return sweep


class SweepFilter(django_filters.FilterSet):
    """Sweeps by project and experiment."""

    project = django_filters.CharFilter(field_name="experiment__project__slug")
    experiment = django_filters.NumberFilter(field_name="experiment_id")

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


class PairSerializer(serializers.Serializer[Any]):
    """A key and its text."""

    key = serializers.CharField(max_length=KEY_CHARS, trim_whitespace=False)
    value = serializers.CharField(
        max_length=TAG_CHARS, allow_blank=True, trim_whitespace=False
    )


class LoggedMetricSerializer(serializers.Serializer[Any]):
    """One value of a metric; NaN and infinities are the strings other tools write."""

    key = serializers.CharField(max_length=KEY_CHARS, trim_whitespace=False)
    value = NumberField()
    timestamp = Int64Field(required=False, default=None, allow_null=True)
    step = Int64Field(required=False, default=0)


class LogSerializer(serializers.Serializer[Any]):
    """Metrics, params and tags at once: all are written, or none."""

    metrics = LoggedMetricSerializer(many=True, required=False, default=list)
    params = PairSerializer(many=True, required=False, default=list)
    tags = PairSerializer(many=True, required=False, default=list)

    def logged(self) -> services.Logged:
        """Return what is to be written."""
        said, now = self.validated_data, now_ms()
        return services.Logged(
            metrics=[
                services.MetricGiven(
                    each["key"],
                    each["value"],
                    now if each["timestamp"] is None else each["timestamp"],
                    each["step"],
                )
                for each in said["metrics"]
            ],
            params=[(each["key"], each["value"]) for each in said["params"]],
            tags=[(each["key"], each["value"]) for each in said["tags"]],
        )


class LastMetricSerializer(serializers.ModelSerializer[RunMetric]):
    """A metric's last value and its range over all steps."""

    value = NumberField(source="shown")

    class Meta:
        model = RunMetric
        fields = ("key", "value", "last_step", "min", "max", "best_step")


class PriceSerializer(serializers.Serializer[Any]):
    """What a run is worth a year, or what is missing to say so."""

    state = serializers.ChoiceField(
        choices=Run.Price.choices, source="price_state", allow_blank=True
    )
    mean = serializers.FloatField(source="money_mean", allow_null=True)
    p5 = serializers.FloatField(source="money_low", allow_null=True)
    p95 = serializers.FloatField(source="money_high", allow_null=True)
    p_positive = serializers.FloatField(allow_null=True)
    why_not = serializers.CharField(source="not_priced")
    value_case = serializers.IntegerField(source="value_case_id", allow_null=True)


class RunSerializer(serializers.ModelSerializer[Run]):
    """A run, trained here or logged from outside."""

    experiment = ReachableField(queryset=Experiment.objects.all(), right="editable_by")
    # The base class has a `parent` too, which only nested serializers use.
    parent = ReachableField(  # type: ignore[assignment]  # a field of that name
        queryset=Run.objects.all(), right="editable_by", required=False, allow_null=True
    )
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    name = serializers.CharField(max_length=250, required=False)
    start_time = Int64Field(required=False)
    end_time = Int64Field(required=False, allow_null=True)
    price = PriceSerializer(source="*", read_only=True)

    class Meta:
        model = Run
        fields = (
            "id",
            "project",
            "experiment",
            "sweep",
            "parent",
            "name",
            "status",
            "start_time",
            "end_time",
            "user_name",
            "lifecycle_stage",
            "protocol",
            "family",
            "spec",
            "seed",
            "problem",
            "primary_key",
            "primary_value",
            "primary_low",
            "primary_high",
            "price",
            "tie_group",
            "money_group",
            "musts_met",
            "musts",
            "counts",
            "threshold",
            "digests",
        )
        read_only_fields = (
            "id",
            "sweep",
            "user_name",
            "lifecycle_stage",
            "protocol",
            "family",
            "spec",
            "seed",
            "problem",
            "primary_key",
            "primary_value",
            "primary_low",
            "primary_high",
            "tie_group",
            "money_group",
            "musts_met",
            "musts",
            "counts",
            "threshold",
            "digests",
        )

    def create(self, validated_data: dict[str, Any]) -> Run:
        """Create a run from outside, named if it has no name."""
        validated_data.setdefault("start_time", now_ms())
        return services.create_run(
            validated_data.pop("experiment"),
            actor=actor_of(self.context["request"]),
            **validated_data,
        )

    def update(self, instance: Run, validated_data: dict[str, Any]) -> Run:
        """Change status, end and name; the rest of a run stays."""
        run = services.update_run(
            instance,
            status=validated_data.get("status"),
            end_time=validated_data.get("end_time"),
            name=validated_data.get("name"),
        )
        if run.is_finished and not run.is_trial:
            tasks.start_pricing(run.project, actor=actor_of(self.context["request"]))
        return run


class RunDetailSerializer(RunSerializer):
    """A run with what was logged to it."""

    metrics = LastMetricSerializer(many=True, read_only=True)
    params = PairSerializer(many=True, read_only=True)
    tags = PairSerializer(many=True, read_only=True)

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "metrics", "params", "tags")  # type: ignore[assignment]  # a longer tuple


class PointSerializer(serializers.ModelSerializer[MetricPoint]):
    """One point of a metric's history."""

    value = NumberField(source="shown")

    class Meta:
        model = MetricPoint
        fields = ("key", "value", "timestamp", "step")


class FileSerializer(serializers.Serializer[Any]):
    """A file a run has kept."""

    path = serializers.CharField()
    size = serializers.IntegerField()
    digest = serializers.CharField(source="object_id")


class RunFilter(django_filters.FilterSet):
    """Runs by project, experiment, status, family, and the filter of the page."""

    project = django_filters.CharFilter(field_name="project__slug")
    experiment = django_filters.NumberFilter(field_name="experiment_id")
    q = django_filters.CharFilter(method="matching", label="as on the page of runs")

    class Meta:
        model = Run
        fields = ("project", "experiment", "status", "family", "lifecycle_stage")

    def matching(self, rows: Any, name: str, value: str) -> Any:
        """Return the runs the page's filter lets through."""
        return filters.apply(rows, filters.parse(value[:1000]))


class RunViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    PortalViewSet[Run],
):
    """Runs of the caller's projects."""

    queryset = Run.objects.select_related("project")
    serializer_class = RunSerializer
    filterset_class = RunFilter
    lookup_value_regex = r"[\w-]+"
    http_method_names = ("get", "post", "patch", "head", "options")

    def get_serializer_class(self) -> type[RunSerializer]:
        """Return the long form for a single run."""
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows asked for, sorted as on the page; archived ones only if asked."""
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        if self.action != "list":
            return rows
        asked = self.request.query_params
        if not {"lifecycle_stage", "q"} & set(asked):
            rows = rows.filter(lifecycle_stage=Lifecycle.ACTIVE)
        sort = keyset.Sort.read(asked.get("sort", "-age").replace("\x00", ""))
        return keyset.ordered(rows, sort)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "sort",
                str,
                description="money, musts, name, family, status, age, primary, or the "
                "key of a metric; a leading - turns it round",
            )
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List runs, the newest first unless told."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=LogSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def log(self, request: Request, pk: str | None = None) -> Response:
        """Log metrics, params and tags: all or nothing.

        At most 1000 metrics, 100 params and 100 tags, 1000 in all. A param never
        changes; exact duplicates of metrics are kept once.
        """
        said = LogSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        services.log_batch(self.get_object(), said.logged())
        return Response(status=204)

    @extend_schema(
        parameters=[OpenApiParameter("key", str, required=True)],
        responses=PointSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request: Request, pk: str | None = None) -> Response:
        """Return a metric's points in order, at most 25,000."""
        key = request.query_params.get("key", "").replace("\x00", "")
        points = self.get_object().points.filter(key=key)[:MOST_POINTS]
        return Response(PointSerializer(points, many=True).data)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str | None = None) -> Response:
        """Archive a run."""
        return self._moved(request, services.archive_runs)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Take a run out of the archive."""
        return self._moved(request, services.restore_runs)

    def _moved(self, request: Request, move: Any) -> Response:
        run = self.get_object()
        move(Run.objects.filter(pk=run.pk), actor=actor_of(request))
        run.refresh_from_db()
        return Response(RunSerializer(run, context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def nominate(self, request: Request, pk: str | None = None) -> Response:
        """Make the run the one its project's musts are judged by."""
        run = self.get_object()
        services.nominate(run, actor=actor_of(request))
        return Response(RunSerializer(run, context=self.get_serializer_context()).data)

    @extend_schema(responses=FileSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def files(self, request: Request, pk: str | None = None) -> Response:
        """List the files a run has kept."""
        found = objects.references("run", self.get_object().pk).values()
        return Response(FileSerializer(found, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("path", str, required=True)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def file(self, request: Request, pk: str | None = None) -> FileResponse:
        """Send one file of a run; its path is a key and touches no disk."""
        path = request.query_params.get("path", "")
        ref = objects.references("run", self.get_object().pk).get(path)
        return attachment(ref, PurePosixPath(path).name)
