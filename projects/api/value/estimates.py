"""What people say, round by round, and the ranges a project goes on with."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from projects import services
from projects.api.fields import ProjectField, ReachableField
from projects.models import (
    Estimate,
    EstimateRound,
    Project,
    Quantity,
    Reconciliation,
    Stakeholder,
)
from projects.models.value import Source, check_range
from projects.selectors.value import may_own, revealed_round
from projects.services import RangeGiven

RANGE = ("low", "likely", "high")


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
    """Estimates by project, quantity, person and round."""

    project = django_filters.CharFilter(field_name="quantity__project__slug")

    class Meta:
        model = Estimate
        fields = ("project", "quantity", "stakeholder", "round", "is_unknown")


class EstimateViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[Estimate],
):
    """One's own ranges; others' with `?project=`, once they may be shown.

    Sending a range again replaces the one before, of the round that is open;
    those of earlier rounds stay.
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
        if project:
            may_see |= Q(
                quantity__project=project,
                submitted_at__isnull=False,
                round__lte=revealed_round(project),
            )
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
        serializer.instance = Estimate.objects.get(
            quantity=quantity,
            stakeholder=me,
            round=quantity.project.estimate_round,
        )


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


class EstimateRoundSerializer(serializers.ModelSerializer[EstimateRound]):
    """A further round of estimates: why people are asked again, and since when."""

    project = ProjectField()
    is_revealed = serializers.SerializerMethodField()

    class Meta:
        model = EstimateRound
        fields = ("id", "project", "number", "reason", "opened_at", "is_revealed")
        read_only_fields = ("number", "opened_at")
        validators: list[Any] = []

    def get_is_revealed(self, row: EstimateRound) -> bool:
        """Whether the answers of this round may be read and are counted."""
        return row.number <= revealed_round(row.project)


class EstimateRoundFilter(django_filters.FilterSet):
    """Rounds by project and number."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = EstimateRound
        fields = ("project", "number")


class RevealSerializer(serializers.Serializer[Any]):
    """The project whose answers are to be shown."""

    project = ProjectField(right="visible_to")


class EstimateRoundViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[EstimateRound],
):
    """Further rounds; the first needs no reason and has no row.

    POST opens the next one: people answer again, blind, once the round before is
    revealed. Invitations made from then on ask for the new round.
    """

    queryset = EstimateRound.objects.select_related("project").order_by("id")
    serializer_class = EstimateRoundSerializer
    filterset_class = EstimateRoundFilter
    ordering_fields = ("number", "opened_at")

    def perform_create(self, serializer: Any) -> None:
        """Open the next round."""
        data = serializer.validated_data
        try:
            serializer.instance = services.open_round(
                data["project"], actor=actor_of(self.request), reason=data["reason"]
            )
        except ModelValidationError as error:
            raise serializers.ValidationError(error.messages) from error

    @extend_schema(request=RevealSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def reveal(self, request: Request) -> Response:
        """Show the answers of the round that is open, though not all have answered."""
        asked = RevealSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        project = asked.validated_data["project"]
        self.require(allowed=may_own(project, actor_of(request)))
        services.reveal_estimates(project, actor=actor_of(request))
        return Response(status=204)
