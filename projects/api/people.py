"""Stakeholders and their invitations in the API."""

from datetime import datetime
from typing import Any

import django_filters
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
from projects import services
from projects.api.fields import ProjectField, ReachableField
from projects.models import Invitation, Stakeholder
from projects.services.letters import link_to


class StakeholderSerializer(CheckedModelSerializer[Stakeholder]):
    """Somebody with a say; `account` is the address they sign in with, if any."""

    project = ProjectField()
    account = serializers.SlugRelatedField(
        source="user",
        slug_field="email",
        queryset=User.objects.filter(is_active=True),
        required=False,
        allow_null=True,
    )

    class Meta:
        model = Stakeholder
        fields = (
            "id",
            "project",
            "name",
            "email",
            "title",
            "group",
            "capacity",
            "account",
            "created_at",
        )

    def validate_project(self, project: Any) -> Any:
        """Leave somebody in the project they belong to."""
        if self.instance is not None and self.instance.project != project:
            raise serializers.ValidationError(_("A stakeholder stays in one project."))
        return project


class StakeholderFilter(django_filters.FilterSet):
    """Stakeholders by project, group and capacity."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Stakeholder
        fields = ("project", "group", "capacity")


class StakeholderViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Stakeholder],
):
    """Who has a say in a project."""

    queryset = Stakeholder.objects.select_related("project", "user").order_by(
        "name", "id"
    )
    serializer_class = StakeholderSerializer
    filterset_class = StakeholderFilter
    ordering_fields = ("name", "group", "created_at")
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_destroy(self, instance: Stakeholder) -> None:
        """Take somebody off the list with their ranges; signatures stay."""
        services.remove_stakeholder(instance, actor=actor_of(self.request))


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """A question to one person: for numbers, or for the metrics that count for them.

    `link` is in the answer to a creation and nowhere else. A signature is asked for at
    the decision.
    """

    stakeholder = ReachableField(
        queryset=Stakeholder.objects.all(), right="editable_by"
    )
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    state = serializers.ChoiceField(choices=Invitation.State.choices, read_only=True)
    link = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = (
            "id",
            "project",
            "stakeholder",
            "asks",
            "message",
            "deadline",
            "state",
            "link",
            "created_at",
            "opened_at",
            "answered_at",
            "declined_at",
            "decline_reason",
            "revoked_at",
        )

    def get_link(self, row: Invitation) -> str | None:
        """Return the link right after it was made; only its hash is kept."""
        link: str | None = getattr(row, "link", None)
        return link

    def validate_asks(self, asks: str) -> str:
        """Leave signatures to the decision they are for."""
        if asks == Invitation.Asks.SIGNATURE:
            raise serializers.ValidationError(
                _("Ask for a signature at the decision: POST decisions/<id>/ask/.")
            )
        return asks

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a deadline that is over."""
        not_over(attrs["deadline"])
        return attrs


def not_over(deadline: datetime) -> datetime:
    """Return a deadline that lies ahead; refuse one that is over."""
    if deadline < timezone.now():
        raise serializers.ValidationError(
            {
                "deadline": [
                    _("%(deadline)s is over. Choose a later moment.")
                    % {"deadline": deadline.isoformat()}
                ]
            }
        )
    return deadline


class RenewSerializer(serializers.Serializer[Any]):
    """Until when the fresh link works; without it, as long as before."""

    deadline = serializers.DateTimeField(required=False)


class InvitationFilter(django_filters.FilterSet):
    """Invitations by project, person and question."""

    project = django_filters.CharFilter(field_name="stakeholder__project__slug")

    class Meta:
        model = Invitation
        fields = ("project", "stakeholder", "asks")


class InvitationViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[Invitation],
):
    """Who was asked what, and how far they are; never their numbers."""

    queryset = Invitation.objects.select_related(
        "stakeholder__project", "created_by"
    ).order_by("id")
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter
    ordering_fields = ("created_at", "deadline")
    # A link is a key: it is not kept with the answer to an Idempotency-Key.
    never_kept = ("link",)

    def perform_create(self, serializer: Any) -> None:
        """Ask the person; an older open link of theirs ends."""
        data = serializer.validated_data
        invitation, secret = services.invite(
            data["stakeholder"],
            actor=actor_of(self.request),
            asks=Invitation.Asks(data.get("asks", Invitation.Asks.ESTIMATE)),
            deadline=data["deadline"],
            message=data.get("message", ""),
        )
        serializer.instance = _with_link(invitation, secret)

    @extend_schema(request=RenewSerializer, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        """Give a fresh link, and a later deadline if one is given."""
        invitation = self.get_object()
        asked = RenewSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        deadline = asked.validated_data.get("deadline", invitation.deadline)
        not_over(deadline)
        secret = services.renew_invitation(
            invitation, actor=actor_of(request), deadline=deadline
        )
        return Response(self.get_serializer(_with_link(invitation, secret)).data)

    @extend_schema(request=None, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Close the link for good; an answer that was sent stays."""
        invitation = self.get_object()
        services.revoke_invitation(invitation, actor=actor_of(request))
        return Response(self.get_serializer(invitation).data)


def _with_link(invitation: Invitation, secret: str) -> Invitation:
    invitation.link = link_to(secret)  # type: ignore[attr-defined]  # for the serializer only
    return invitation
