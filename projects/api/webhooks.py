"""Addresses that are told what happens, in the API; for a project's owners."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import services as core_services
from core import topics
from core.api.resources import IdempotentCreateMixin, PortalViewSet, actor_of
from core.models import Webhook, WebhookDelivery
from core.outgoing import tell_webhook
from projects.api.fields import ProjectField
from projects.models import Project


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """An address; `secret` is in the answer to its creation and nowhere else."""

    project = ProjectField(right="owned_by", write_only=True)
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=40,
        help_text="Topics it listens to; empty: all.",
    )
    secret = serializers.SerializerMethodField()

    class Meta:
        model = Webhook
        fields = (
            "id",
            "project",
            "url",
            "kinds",
            "is_on",
            "failures",
            "created_at",
            "secret",
        )
        read_only_fields = ("failures", "created_at")

    def get_secret(self, row: Webhook) -> str | None:
        """Return the secret once, to who made it."""
        return getattr(row, "shown_secret", None)

    def validate_kinds(self, kinds: list[str]) -> list[str]:
        """Refuse topics that do not exist."""
        known = {each.key for each in topics.topics()}
        if unknown := sorted(set(kinds) - known):
            raise serializers.ValidationError(
                _("No topic is called %(name)s; there are %(known)s.")
                % {"name": unknown[0], "known": ", ".join(sorted(known))}
            )
        return kinds

    def create(self, validated_data: dict[str, Any]) -> Webhook:
        """Tell another address."""
        row, secret = core_services.add_webhook(
            validated_data["project"].pk,
            actor=actor_of(self.context["request"]),
            url=validated_data["url"],
            kinds=validated_data.get("kinds", []),
        )
        row.shown_secret = secret  # type: ignore[attr-defined]  # for this answer only
        return row

    def update(self, instance: Webhook, validated_data: dict[str, Any]) -> Webhook:
        """Change what an address is told, or whether it is."""
        for name in ("url", "kinds", "is_on"):
            if name in validated_data:
                setattr(instance, name, validated_data[name])
        core_services.change_webhook(instance, actor=actor_of(self.context["request"]))
        return instance


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """One event on its way, and how that went."""

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "event_id",
            "kind",
            "body",
            "created_at",
            "tries",
            "next_try_at",
            "status",
            "problem",
            "delivered_at",
        )
        read_only_fields = fields


class WebhookFilter(django_filters.FilterSet):
    """Addresses by project."""

    project = django_filters.CharFilter(method="of_project")

    class Meta:
        model = Webhook
        fields = ("project",)

    def of_project(self, rows: Any, name: str, slug: str) -> Any:
        """Return the addresses of one project."""
        return rows.filter(
            project_id__in=Project.objects.filter(slug=slug).values("pk")
        )


class WebhookViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Webhook],
):
    """Which other systems are told what happens in a project."""

    queryset = Webhook.objects.order_by("id")
    serializer_class = WebhookSerializer
    filterset_class = WebhookFilter
    never_kept = ("secret",)
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def rows_for(self, right: str) -> Any:
        """Return the addresses of projects the caller owns, whatever is asked."""
        owned = Project.objects.owned_by(actor_of(self.request))
        return Webhook.objects.filter(project_id__in=owned.values("pk")).order_by("id")

    def perform_destroy(self, instance: Webhook) -> None:
        """Tell an address nothing more."""
        core_services.remove_webhook(instance, actor=actor_of(self.request))

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, pk: str) -> Response:
        """Send a test."""
        row = self.get_object()
        actor = actor_of(request)
        delivery = core_services.ping(row, actor=actor)
        tell_webhook.start(
            actor=None,  # else each test would tell that a job was started
            project_id=row.project_id,
            title=str(_("Webhook")),
            webhook_id=row.pk,
        )
        return Response(DeliverySerializer(delivery).data, status=202)

    @extend_schema(responses=DeliverySerializer(many=True), filters=False)
    @action(detail=True)
    def deliveries(self, request: Request, pk: str) -> Response:
        """Return what it was told, the newest first."""
        sent: Any = self.get_object().deliveries.all()
        rows = self.paginate_queryset(sent)
        return self.get_paginated_response(DeliverySerializer(rows, many=True).data)
