"""Runs in the API, trained here or logged from outside."""

from pathlib import PurePosixPath
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import objects
from core.api.resources import (
    IdempotentCreateMixin,
    IdFilter,
    PortalViewSet,
    actor_of,
)
from core.downloads import attachment
from experiments import services, tasks
from experiments.api.numbers import Int64Field, NumberField, now_ms
from experiments.models import (
    Experiment,
    Lifecycle,
    MetricPoint,
    ModelVersion,
    Run,
    RunDetail,
    RunMetric,
)
from experiments.models.logged import KEY_CHARS, TAG_CHARS
from experiments.selectors import filters, keyset
from experiments.selectors.curves import profit_of
from experiments.selectors.slices import lacks_slices
from projects.api.fields import ReachableField
from projects.api.gates import OverrideSerializer, held_as_conflict

MOST_POINTS = 25_000


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
        actor = actor_of(self.context["request"])
        experiment = validated_data.pop("experiment")
        run = services.create_run(experiment, actor=actor, **validated_data)
        tasks.price_again(run, actor=actor)
        return run

    def update(self, instance: Run, validated_data: dict[str, Any]) -> Run:
        """Change status, end and name; the rest of a run stays."""
        run = services.update_run(
            instance,
            status=validated_data.get("status"),
            end_time=validated_data.get("end_time"),
            name=validated_data.get("name"),
        )
        tasks.price_again(run, actor=actor_of(self.context["request"]))
        return run


class ProfitPointSerializer(serializers.Serializer[Any]):
    """What a threshold would bring by the business's own matrix."""

    acted_on = serializers.FloatField()  # share of all cases
    money_per_1000 = serializers.FloatField()
    threshold = NumberField()  # infinite where nobody is acted on


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


class SliceCellSerializer(serializers.Serializer[Any]):
    """One metric of one group; `n` counts the cases it rests on."""

    metric = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()


class SliceGroupSerializer(serializers.Serializer[Any]):
    """One group of the holdout; `of` is the slice that was asked for."""

    slice = serializers.CharField()
    of = serializers.CharField()
    rows = serializers.IntegerField()
    metrics = SliceCellSerializer(many=True)


class SliceSpreadSerializer(SliceCellSerializer):
    """A metric over the groups of a slice: its worst value, or its largest gap."""

    of = serializers.CharField()
    groups = serializers.ListField(child=serializers.CharField())


class SliceProblemSerializer(serializers.Serializer[Any]):
    """A slice that could not be measured, and why."""

    slice = serializers.CharField()
    sentence = serializers.CharField()


class SliceReportSerializer(serializers.Serializer[Any]):
    """What a run does by group; complete once no requirement names another group."""

    groups = SliceGroupSerializer(many=True)
    worst = SliceSpreadSerializer(many=True)
    gaps = SliceSpreadSerializer(many=True)
    problems = SliceProblemSerializer(many=True)
    is_complete = serializers.BooleanField()


def _with_rows(group: dict[str, Any]) -> dict[str, Any]:
    """Return a group with its metrics as a list."""
    cells = [{"metric": key, **cell} for key, cell in group["metrics"].items()]
    return {**group, "metrics": cells}


class PromoteSerializer(OverrideSerializer):
    """Under which name a run's model is registered, and why past a closed gate."""

    name = serializers.RegexField(
        r"^[^/:\x00]*$", max_length=250, required=False, allow_blank=True, default=""
    )


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """One version of a registered model, and the aliases that point at it."""

    name = serializers.CharField(source="model.name")
    aliases = serializers.SlugRelatedField[Any](
        slug_field="name", many=True, read_only=True
    )

    class Meta:
        model = ModelVersion
        fields = ("name", "version", "run", "source", "status", "aliases", "created_at")


class RunFilter(django_filters.FilterSet):
    """Runs by project, experiment, status, family, and the filter of the page."""

    project = django_filters.CharFilter(field_name="project__slug")
    experiment = IdFilter(field_name="experiment_id")
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
        run = self.get_object()
        said = LogSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        services.log_batch(run, said.logged())
        tasks.price_again(run, actor=actor_of(request))
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

    @extend_schema(request=OverrideSerializer, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def nominate(self, request: Request, pk: str | None = None) -> Response:
        """Make the run the one its project's musts are judged by.

        The design gate must be open, or an owner gives a reason to go past it.
        """
        run = self.get_object()
        said = OverrideSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        with held_as_conflict():
            services.nominate(run, actor=actor_of(request), **said.validated_data)
        tasks.start_slices(run, actor=actor_of(request))
        return Response(RunSerializer(run, context=self.get_serializer_context()).data)

    @extend_schema(request=PromoteSerializer, responses=ModelVersionSerializer)
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, pk: str | None = None) -> Response:
        """Register the run's model and make it the champion.

        The model gate must be open for this run, or an owner gives a reason to go
        past it. Promoting the champion again changes nothing.
        """
        run = self.get_object()
        said = PromoteSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        with held_as_conflict():
            version = services.promote_run(
                run, actor=actor_of(request), **said.validated_data
            )
        return Response(ModelVersionSerializer(version).data)

    @extend_schema(responses=SliceReportSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def slices(self, request: Request, pk: str | None = None) -> Response:
        """Return the metrics of each group that requirements name, and the gaps."""
        run = self.get_object()
        detail = RunDetail.objects.filter(run=run).first()
        result = detail.result if detail else {}
        found = result.get("slices") or {}
        answer = {
            "groups": [_with_rows(each) for each in found.get("groups", [])],
            "worst": found.get("worst", []),
            "gaps": found.get("gaps", []),
            "problems": found.get("problems", []),
            "is_complete": not lacks_slices(run, result),
        }
        return Response(SliceReportSerializer(answer).data)

    @extend_schema(request=None, responses={202: RunSerializer})
    @slices.mapping.post
    def measure_slices(self, request: Request, pk: str | None = None) -> Response:
        """Measure the run, in a job, for the groups requirements name by now."""
        run = self.get_object()
        tasks.start_slices(run, actor=actor_of(request))
        said = RunSerializer(run, context=self.get_serializer_context())
        return Response(said.data, status=202)

    @extend_schema(responses=ProfitPointSerializer(many=True), filters=False)
    @action(
        detail=True, methods=["get"], url_path="profit-curve", pagination_class=None
    )
    def profit_curve(self, request: Request, pk: str | None = None) -> Response:
        """Return the money of every threshold; none where no answer was stored."""
        found = profit_of(self.get_object())
        points = (
            zip(found.acted, found.per_1000, found.thresholds, strict=True)
            if found
            else ()
        )
        rows = [
            {"acted_on": share, "money_per_1000": money, "threshold": threshold}
            for share, money, threshold in points
        ]
        return Response(ProfitPointSerializer(rows, many=True).data)

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
