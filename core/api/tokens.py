"""A person's own tokens, by token or by session."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions, mixins, serializers
from rest_framework.request import Request

from core import directory, services
from core.access import SCOPE_RIGHT, Actor, Right
from core.api.resources import IdempotentCreateMixin, PortalViewSet, actor_of
from core.models import ApiToken


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token. `key` is in the answer to a creation and nowhere else."""

    project = serializers.IntegerField(
        source="project_id",
        allow_null=True,
        default=None,
        help_text="Id of the one project it reaches; null reaches all of its owner's.",
    )
    days = serializers.IntegerField(
        min_value=1,
        max_value=365,
        default=ApiToken.LIFETIME.days,
        write_only=True,
        help_text="For how many days it works.",
    )
    key = serializers.SerializerMethodField()

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "name",
            "key_id",
            "key",
            "scope",
            "project",
            "days",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )
        read_only_fields = ("expires_at",)
        # Nobody gets a key without saying what it may do.
        extra_kwargs = {"scope": {"required": True}}

    def get_key(self, token: ApiToken) -> str | None:
        """Return the key in the one answer that may show it; null in all others."""
        return getattr(token, "key", None)

    def validate_project(self, project_id: int | None) -> int | None:
        """Take only a project the caller may see."""
        if project_id is None:
            return None
        if project_id not in directory.projects_of(actor_of(self.context["request"])):
            raise serializers.ValidationError(_("There is no such project."))
        return project_id

    def create(self, validated_data: dict[str, Any]) -> ApiToken:
        """Make the token, never a stronger one than the caller's."""
        days = validated_data.pop("days")
        try:
            token, key = services.issue_token(
                actor=actor_of(self.context["request"]),
                lifetime=timedelta(days=days),
                **validated_data,
            )
        except services.TooStrongError as error:
            raise exceptions.PermissionDenied(str(error)) from error
        token.key = key  # type: ignore[attr-defined]  # for this one answer only
        return token


class TokenFilter(django_filters.FilterSet):
    """Tokens by what they may do, and whether they still work."""

    revoked = django_filters.BooleanFilter(
        field_name="revoked_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = ApiToken
        fields = ("scope",)


class TokenViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[ApiToken],
):
    """One's own tokens. DELETE revokes one; its row stays."""

    queryset = ApiToken.objects.order_by("-created_at", "-id")
    serializer_class = TokenSerializer
    filterset_class = TokenFilter
    ordering_fields = ("name", "created_at", "expires_at", "last_used_at")
    never_kept = ("key",)

    def rows_for(self, right: str) -> QuerySet[ApiToken]:
        """Return the caller's own; a token of one project knows of that one's alone."""
        del right
        actor = actor_of(self.request)
        mine = ApiToken.objects.filter(user=actor.user).order_by("-created_at", "-id")
        if actor.only_project_id is not None:
            mine = mine.filter(project_id=actor.only_project_id)
        return mine

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Make a token, whose key is shown this once."""
        self.require(allowed=actor_of(request).limit >= Right.EDIT)
        return super().create(request, *args, **kwargs)

    def perform_destroy(self, instance: ApiToken) -> None:
        """Revoke a token, none that is stronger than the caller's."""
        actor = actor_of(self.request)
        self.require(
            allowed=actor.limit >= Right.EDIT and not _is_over(instance, actor)
        )
        services.revoke_token(instance, actor=actor)


def _is_over(token: ApiToken, actor: Actor) -> bool:
    return SCOPE_RIGHT[ApiToken.Scope(token.scope)] > actor.limit
