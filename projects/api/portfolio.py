"""The portfolio in the API: figures, the best choice, scenarios, platforms, rates."""

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import Actor, Right
from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from engine.value.portfolio import Rules
from projects.api.calculations import CalculationSerializer
from projects.api.fields import ProjectField, ReachableField
from projects.models import (
    CurrencyRate,
    Platform,
    PlatformUse,
    Project,
    Scenario,
)
from projects.selectors.portfolio import table
from projects.selectors.portfolio.choice import Choice, Problem, choose, problem_of
from projects.selectors.portfolio.optimism import measured_optimism
from projects.selectors.portfolio.platform_page import PlatformPage, platform_pages
from projects.selectors.portfolio.rows import LeftOut, PortfolioRow
from projects.selectors.portfolio.scenarios import scenario_rules
from projects.selectors.portfolio.stages import Stage
from projects.services import portfolio as services

MOST_KEYS = 2_000


class PortfolioRowSerializer(serializers.Serializer[PortfolioRow]):
    """One project with its figures, in the reporting currency.

    Amounts are null, and `not_counted` says why, without an estimate or a rate.
    `at_risk` is what losing futures cost, a year on average. `cost` is the budget a
    project names, else what building it and running it for a year take.
    """

    project = serializers.CharField(source="project.slug")
    name = serializers.CharField(source="project.name")
    stage = serializers.ChoiceField(
        choices=[each.value for each in Stage], source="progress.stage"
    )
    next_gate = serializers.CharField(source="progress.next_gate", allow_null=True)
    gain_mean = serializers.FloatField(source="figures.mean", default=None)
    gain_p5 = serializers.FloatField(source="figures.low", default=None)
    gain_p95 = serializers.FloatField(source="figures.high", default=None)
    p_pays_back = serializers.FloatField(allow_null=True)
    cost = serializers.FloatField(source="figures.cost", default=None)
    people = serializers.FloatField(allow_null=True)
    at_risk = serializers.FloatField(source="figures.at_risk", default=None)
    musts_met = serializers.IntegerField(source="met")
    musts = serializers.IntegerField()
    not_counted = serializers.ChoiceField(
        choices=[each.value for each in LeftOut], source="left_out", allow_null=True
    )


class ExcludedSerializer(serializers.Serializer[table.Excluded]):
    """Projects that are listed and not counted, for one reason."""

    not_counted = serializers.ChoiceField(
        choices=[each.value for each in LeftOut], source="reason"
    )
    words = serializers.CharField()
    projects = serializers.SerializerMethodField()

    def get_projects(self, excluded: table.Excluded) -> list[str]:
        """Return their slugs."""
        return [each.project.slug for each in excluded.rows]


class SumSerializer(serializers.Serializer[table.Portfolio]):
    """What the counted projects of the filter bring together, as independent ones."""

    currency = serializers.CharField()
    counted = serializers.IntegerField(source="total.counted")
    gain_mean = serializers.FloatField(source="total.gain.mean")
    gain_p5 = serializers.FloatField(source="total.gain.p5")
    gain_p95 = serializers.FloatField(source="total.gain.p95")
    cost = serializers.FloatField(source="total.cost")
    people = serializers.FloatField(source="total.people")
    left_out = ExcludedSerializer(many=True, source="excluded")


class RulesSerializer(serializers.Serializer[Any]):
    """What a choice must keep: projects by slug, platforms as `platform:‹id›`.

    Null sets no limit. `exclusive` are groups of which at most one is done;
    `requires` are pairs: the first only with the second. `shrink` counts each gain
    at what past projects realised of theirs.
    """

    budget = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=1e15
    )
    people = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=1e6
    )
    mandatory = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=MOST_KEYS,
    )
    excluded = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=MOST_KEYS,
    )
    exclusive = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=80), min_length=2, max_length=50
        ),
        required=False,
        max_length=MOST_KEYS,
    )
    requires = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=80), min_length=2, max_length=2
        ),
        required=False,
        max_length=MOST_KEYS,
    )
    shrink = serializers.BooleanField(required=False, default=False)


def _solved(actor: Actor, content: dict[str, Any]) -> tuple[Problem, Choice]:
    """Return what is chosen under rules that may name only what is counted.

    Raises
    ------
    ValidationError
        If a rule names something else, or past optimism is not measured.
    Infeasible
        If the rules contradict each other; it names which.
    """
    given = dict(content)
    measured = measured_optimism(actor) if given.pop("shrink", False) else None
    if content.get("shrink") and measured is None:
        raise serializers.ValidationError(
            {"shrink": [_("No project has a realised value yet: leave it out.")]}
        )
    rules = Rules.from_json(given)
    problem = problem_of(actor, rules, today=timezone.localdate(), optimism=measured)
    if problem.dropped:
        known = {*problem.rows, *problem.platforms}
        raise serializers.ValidationError(_strangers(rules, known))
    return problem, choose(problem)


def _strangers(rules: Rules, known: set[str]) -> dict[str, list[str]]:
    """Return, by part, the keys that are no counted project or platform."""
    found: dict[str, list[str]] = {}
    for rule in rules.single():
        for key in rule.keys:
            if key not in known or (
                rule.kind in {"exclusive", "requires"} and ":" in key
            ):
                words = _("“%(key)s” is no counted project of yours.") % {"key": key}
                found.setdefault(rule.kind, []).append(words)
    return found


class PortfolioViewSet(PortalViewSet[Project]):
    """All projects the caller may see, with their figures; and the best choice."""

    queryset = Project.objects.all()
    serializer_class = PortfolioRowSerializer  # type: ignore[assignment]  # of a row with figures, not of the project alone
    filter_backends = ()  # type: ignore[assignment]  # the selector filters and sorts
    own_transaction = True  # choosing takes a second, and must not queue behind writers

    def _asked(self, request: Request) -> table.Portfolio:
        params = {name: str(value) for name, value in request.query_params.items()}
        asked = table.Asked.of(params)
        return table.portfolio(actor_of(request), asked, today=timezone.localdate())

    @extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="In name or problem."),
            OpenApiParameter(
                "stage", OpenApiTypes.STR, enum=[each.value for each in Stage]
            ),
            OpenApiParameter(
                "sort",
                OpenApiTypes.STR,
                enum=[f"{sign}{key}" for key in table.SORTS for sign in ("", "-")],
            ),
        ],
        responses=PortfolioRowSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """Return the projects with what they bring, take and risk."""
        page = self.paginate_queryset(list_of(self._asked(request)))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="In name or problem."),
            OpenApiParameter(
                "stage", OpenApiTypes.STR, enum=[each.value for each in Stage]
            ),
        ],
        responses=SumSerializer,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def sum(self, request: Request) -> Response:
        """Return what the counted projects bring together."""
        return Response(SumSerializer(self._asked(request)).data)

    @extend_schema(request=RulesSerializer, responses=CalculationSerializer)
    @action(detail=False, methods=["post"], pagination_class=None)
    def optimise(self, request: Request) -> Response:
        """Return the best choice under rules, with what would change it; it is kept.

        The same rules over the same figures give the same kept calculation.
        """
        actor = actor_of(request)
        self.require(allowed=actor.only_project_id is None)
        asked = RulesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        problem, choice = _solved(actor, dict(asked.validated_data))
        with transaction.atomic():
            row = services.keep_choice(problem, choice, actor=actor)
        return Response(CalculationSerializer(row).data)


def list_of(portfolio: table.Portfolio) -> Any:
    """Return the rows as the paginator takes them."""
    return list(portfolio.rows)


class ScenarioSerializer(serializers.ModelSerializer[Scenario]):
    """Rules under a name, and the calculation of what they came to when saved."""

    rules = RulesSerializer()
    calculation = serializers.PrimaryKeyRelatedField[Any](read_only=True)

    class Meta:
        model = Scenario
        fields = ("id", "name", "rules", "calculation", "created_at", "changed_at")


class ScenarioViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Scenario],
):
    """One's own saved rules."""

    queryset = Scenario.objects.order_by("id")
    serializer_class = ScenarioSerializer
    filterset_fields = ("name",)
    ordering_fields = ("name", "created_at", "changed_at")
    http_method_names = ("get", "post", "patch", "delete", "head", "options")
    own_transaction = True  # choosing takes a second, and must not queue behind writers
    solved: tuple[Problem, Choice]

    def prepare(self, request: Request) -> None:
        """Compute what the rules come to."""
        actor = actor_of(request)
        self.require(
            allowed=actor.limit >= Right.EDIT and actor.only_project_id is None
        )
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        self.solved = _solved(actor, dict(asked.validated_data["rules"]))

    def perform_create(self, serializer: Any) -> None:
        """Keep the rules with what they come to now."""
        self._save(serializer, Scenario())

    def perform_update(self, serializer: Any) -> None:
        """Change the name or the rules, and compute them again."""
        rules, is_shrunk = scenario_rules(serializer.instance)
        kept = {**rules.to_json(), "shrink": is_shrunk}
        content = serializer.validated_data.get("rules", kept)
        self.solved = _solved(actor_of(self.request), dict(content))
        self._save(serializer, serializer.instance)

    def _save(self, serializer: Any, row: Scenario) -> None:
        row.name = serializer.validated_data.get("name", row.name)
        problem, choice = self.solved
        serializer.instance = services.save_scenario(
            row, problem, choice, actor=actor_of(self.request)
        )

    def perform_destroy(self, instance: Scenario) -> None:
        """Put it in the trash for thirty days."""
        services.delete_scenario(instance, actor=actor_of(self.request))


class PlatformSerializer(CheckedModelSerializer[Platform]):
    """A shared platform and what it costs, in its own currency."""

    class Meta:
        model = Platform
        fields = (
            "id",
            "name",
            "purpose",
            "currency",
            "cost_once",
            "cost_yearly",
            "created_at",
        )


class PlatformPriceSerializer(serializers.Serializer[PlatformPage]):
    """What a platform is worth to the caller's portfolio, in the reporting currency.

    `worth` is the portfolio's gain a year with it less that without it, all else
    chosen anew. `fails` is how few of its projects must fail until it does not pay.
    """

    currency = serializers.CharField()
    cost_a_year = serializers.FloatField(source="priced.yearly", allow_null=True)
    gain_mean = serializers.FloatField(source="gain.mean", default=None)
    gain_p5 = serializers.FloatField(source="gain.p5", default=None)
    gain_p95 = serializers.FloatField(source="gain.p95", default=None)
    worth = serializers.FloatField(source="price.worth", default=None)
    pays = serializers.BooleanField()
    fails = serializers.IntegerField(source="unless", allow_null=True)
    words = serializers.CharField(source="answer")
    allocated = serializers.DictField(
        child=serializers.FloatField(),
        source="price.allocated",
        default=dict,
        help_text="Its cost a year over the projects that are done with it, by slug.",
    )


class PlatformViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Platform],
):
    """Platforms one made, and those of projects one sees; their makers change them."""

    queryset = Platform.objects.order_by("id")
    serializer_class = PlatformSerializer
    filterset_fields = ("name", "currency")
    ordering_fields = ("name", "created_at")
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_create(self, serializer: Any) -> None:
        """Name a platform and what it costs."""
        actor = actor_of(self.request)
        self.require(
            allowed=actor.limit >= Right.EDIT and actor.only_project_id is None
        )
        row = Platform(**serializer.validated_data)
        serializer.instance = services.save_platform(row, actor=actor)

    def perform_update(self, serializer: Any) -> None:
        """Change what it is for or what it costs."""
        row = serializer.instance
        for name, value in serializer.validated_data.items():
            setattr(row, name, value)
        services.save_platform(row, actor=actor_of(self.request))

    def perform_destroy(self, instance: Platform) -> None:
        """Put it in the trash for thirty days."""
        services.delete_platform(instance, actor=actor_of(self.request))

    @extend_schema(responses=PlatformPriceSerializer)
    @action(detail=True, methods=["get"])
    def price(self, request: Request, pk: str) -> Response:
        """Return what the platform is worth to the caller's portfolio."""
        row = self.get_object()
        problem = problem_of(actor_of(request), Rules(), today=timezone.localdate())
        page = next(
            each for each in platform_pages(problem) if each.priced.platform == row
        )
        return Response(PlatformPriceSerializer(page).data)


class PlatformUseSerializer(CheckedModelSerializer[PlatformUse]):
    """A project builds on a platform, with its part of the cost."""

    platform = ReachableField(queryset=Platform.objects.all(), right="editable_by")
    project = ProjectField(right="visible_to")

    class Meta:
        model = PlatformUse
        fields = ("id", "platform", "project", "weight", "is_needed", "cost_without")
        extra_kwargs = {"weight": {"min_value": 0, "max_value": 1e6}}
        # The constraint's own words are said by `full_clean`.
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep what it is of; a use of something else is another one."""
        if self.instance is not None:
            for name in ("platform", "project"):
                if attrs.get(name, getattr(self.instance, name)) != getattr(
                    self.instance, name
                ):
                    raise serializers.ValidationError(
                        {name: [_("This is fixed; make another use.")]}
                    )
        return super().validate(attrs)


class PlatformUseFilter(django_filters.FilterSet):
    """Uses by project and whether they can be done without."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = PlatformUse
        fields = ("platform", "project", "is_needed")


class PlatformUseViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[PlatformUse],
):
    """Which of the projects one sees build on which platform."""

    queryset = PlatformUse.objects.select_related("platform", "project").order_by("id")
    serializer_class = PlatformUseSerializer
    filterset_class = PlatformUseFilter
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def rows_for(self, right: str) -> QuerySet[PlatformUse]:
        """Return the uses by projects the caller sees, of platforms they may change."""
        actor = actor_of(self.request)
        platforms: Any = getattr(Platform.objects, right)(actor)
        return self.queryset.filter(
            platform__in=platforms, project__in=Project.objects.visible_to(actor)
        )

    def perform_create(self, serializer: Any) -> None:
        """Have the project build on the platform."""
        row = PlatformUse(**serializer.validated_data)
        serializer.instance = services.save_use(row, actor=actor_of(self.request))

    def perform_update(self, serializer: Any) -> None:
        """Change its part."""
        row = serializer.instance
        for name, value in serializer.validated_data.items():
            setattr(row, name, value)
        services.save_use(row, actor=actor_of(self.request))

    def perform_destroy(self, instance: PlatformUse) -> None:
        """Have the project build on it no longer."""
        services.remove_use(
            instance.platform, instance.project, actor=actor_of(self.request)
        )


class RateSerializer(CheckedModelSerializer[CurrencyRate]):
    """What one unit of a currency is worth in the reporting currency from a day on."""

    class Meta:
        model = CurrencyRate
        fields = ("id", "currency", "rate", "valid_from", "at")
        validators: list[Any] = []


class RateFilter(django_filters.FilterSet):
    """Rates by currency and day."""

    class Meta:
        model = CurrencyRate
        fields = ("currency", "valid_from")


class RateViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[CurrencyRate],
):
    """Rates between currencies: everybody reads them, portal admins type them."""

    queryset = CurrencyRate.objects.order_by("currency", "-valid_from", "id")
    serializer_class = RateSerializer
    filterset_class = RateFilter
    ordering_fields = ("currency", "valid_from")
    http_method_names = ("get", "post", "delete", "head", "options")

    def rows_for(self, right: str) -> QuerySet[CurrencyRate]:
        """Return all rates to who may read them; none to who may not change them."""
        actor = actor_of(self.request)
        may = right == "visible_to" or actor.is_portal_admin
        return self.queryset.all() if may else self.queryset.none()

    def perform_create(self, serializer: Any) -> None:
        """Type a rate."""
        actor = actor_of(self.request)
        self.require(allowed=actor.is_portal_admin)
        row = CurrencyRate(**serializer.validated_data)
        serializer.instance = services.save_rate(row, actor=actor)

    def perform_destroy(self, instance: CurrencyRate) -> None:
        """Take a rate away."""
        services.delete_rate(instance, actor=actor_of(self.request))
