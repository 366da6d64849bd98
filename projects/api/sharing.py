"""Links that show one page without an account, in the API."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    IdempotentCreateMixin,
    IdFilter,
    PortalViewSet,
    actor_of,
)
from projects import services
from projects.api.fields import ProjectField
from projects.models import SharedLink
from projects.services.sharing import address_of


class SharedLinkSerializer(serializers.ModelSerializer[SharedLink]):
    """A report (`subject` is the experiment's id) or a decision, shown by link.

    `link` is in the answer to a creation and nowhere else. Without `expires_at` it
    works for 30 days.
    """

    project = ProjectField()
    state = serializers.ChoiceField(choices=SharedLink.State.choices, read_only=True)
    created_by = serializers.StringRelatedField[Any](read_only=True)
    expires_at = serializers.DateTimeField(required=False)
    link = serializers.SerializerMethodField()

    class Meta:
        model = SharedLink
        fields = (
            "id",
            "project",
            "kind",
            "subject",
            "label",
            "note",
            "state",
            "link",
            "created_by",
            "created_at",
            "expires_at",
            "revoked_at",
            "opened_at",
            "openings",
        )

    def get_link(self, row: SharedLink) -> str | None:
        """Return the link right after it was made; only its hash is kept."""
        link: str | None = getattr(row, "link", None)
        return link

    def create(self, validated_data: dict[str, Any]) -> SharedLink:
        """Show the page as it stands now."""
        said = dict(validated_data)
        try:
            row, secret = services.share(
                said.pop("project"),
                SharedLink.Kind(said.pop("kind")),
                said.pop("subject"),
                actor=actor_of(self.context["request"]),
                **said,
            )
        except services.NothingToShare as nothing:
            raise serializers.ValidationError({"subject": [str(nothing)]}) from nothing
        except ValidationError as problem:
            raise serializers.ValidationError(problem.message_dict) from problem
        row.link = address_of(secret)  # type: ignore[attr-defined]  # for this answer only
        return row


class SharedLinkFilter(django_filters.FilterSet):
    """Links by project, and by what they show."""

    project = django_filters.CharFilter(field_name="project__slug")
    subject = IdFilter()

    class Meta:
        model = SharedLink
        fields = ("project", "kind", "subject")


class SharedLinkViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    PortalViewSet[SharedLink],
):
    """Who may read a report or a decision without an account, and until when."""

    queryset = SharedLink.objects.select_related("project", "created_by").defer(
        "content"
    )
    serializer_class = SharedLinkSerializer
    filterset_class = SharedLinkFilter
    ordering_fields = ("created_at", "expires_at", "opened_at")
    # A link is a key: it is not kept with the answer to an Idempotency-Key.
    never_kept = ("link",)

    @extend_schema(request=None, responses=SharedLinkSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Close the link for good."""
        row = self.get_object()
        services.stop_sharing(row, actor=actor_of(request))
        return Response(self.get_serializer(row).data)
