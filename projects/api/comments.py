"""Comments on anything of a project, in the API."""

from typing import Any

import django_filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    IdempotentCreateMixin,
    IdFilter,
    actor_of,
)
from projects import services
from projects.api.fields import ProjectField, ReachableField
from projects.api.restoring import RestoreMixin
from projects.models import Comment
from projects.models.comments import MOST_CHARACTERS
from projects.selectors.comments import find_subject, subject_of


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """One comment; `subject_kind` and `subject_id` name what it is about."""

    project = ProjectField(right="contributable_by")
    text = serializers.CharField(max_length=MOST_CHARACTERS)
    answers = ReachableField(
        queryset=Comment.objects.all(),
        right="contributable_by",
        required=False,
        allow_null=True,
    )
    author = serializers.CharField(source="author_name", read_only=True)
    mentions = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = (
            "id",
            "project",
            "subject_kind",
            "subject_id",
            "answers",
            "text",
            "author",
            "mentions",
            "url",
            "created_at",
            "edited_at",
            "resolved_at",
        )
        read_only_fields = ("created_at", "edited_at", "resolved_at")

    def get_mentions(self, row: Comment) -> list[str]:
        """Return the names of whom it mentions."""
        return [each.display_name for each in row.mentions.all()]

    def get_url(self, row: Comment) -> str:
        """Return the path where it stands."""
        return f"{subject_of(row).url}#comment-{row.pk}"

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is about nothing of the project; a comment never moves."""
        if self.instance is not None:
            self._refuse_moves(attrs)
            return attrs
        subject = find_subject(
            attrs["project"], attrs["subject_kind"], attrs["subject_id"]
        )
        if subject is None:
            raise serializers.ValidationError(
                {"subject_id": _("The project has no such thing.")}
            )
        answers = attrs.get("answers")
        place = (attrs["project"], subject.kind, subject.id)
        if answers and place != (
            answers.project,
            answers.subject_kind,
            answers.subject_id,
        ):
            raise serializers.ValidationError(
                {"answers": _("That comment is about something else.")}
            )
        return {**attrs, "subject": subject}

    def _refuse_moves(self, attrs: dict[str, Any]) -> None:
        for name in ("project", "subject_kind", "subject_id", "answers"):
            if name in attrs and attrs[name] != getattr(self.instance, name):
                raise serializers.ValidationError(
                    {name: _("A comment stays where it was made.")}
                )

    def create(self, validated_data: dict[str, Any]) -> Comment:
        """Say something."""
        return services.post_comment(
            validated_data["project"],
            validated_data["subject"],
            actor=actor_of(self.context["request"]),
            text=validated_data["text"],
            answers=validated_data.get("answers"),
        )

    def update(self, instance: Comment, validated_data: dict[str, Any]) -> Comment:
        """Change what was said."""
        if "text" in validated_data:
            services.edit_comment(
                instance,
                actor=actor_of(self.context["request"]),
                text=validated_data["text"],
            )
        return instance


class CommentFilter(django_filters.FilterSet):
    """Comments by project, subject and whether they are resolved."""

    project = django_filters.CharFilter(field_name="project__slug")
    answers = IdFilter()
    resolved = django_filters.BooleanFilter(
        field_name="resolved_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Comment
        fields = ("project", "subject_kind", "subject_id", "answers")


class CommentViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    RestoreMixin[Comment],
):
    """What people say about anything of a project; one changes only one's own."""

    queryset = Comment.objects.select_related("project", "author").prefetch_related(
        "mentions"
    )
    serializer_class = CommentSerializer
    filterset_class = CommentFilter
    ordering_fields = ("created_at", "id")
    write_right = "contributable_by"
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def get_queryset(self) -> Any:
        """Return what may be read; what one may change is one's own."""
        rows = super().get_queryset()
        if self.action in {"partial_update", "destroy", "restore"}:
            return rows.filter(author=actor_of(self.request).user)
        return rows

    def perform_destroy(self, instance: Comment) -> None:
        """Put it in the trash for thirty days."""
        services.delete_comment(instance, actor=actor_of(self.request))

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Put the thread behind everybody."""
        return self._resolved(resolved=True)

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take the thread up again."""
        return self._resolved(resolved=False)

    def _resolved(self, *, resolved: bool) -> Response:
        row = self.get_object()
        row = row.answers or row
        services.resolve_comment(row, actor=actor_of(self.request), resolved=resolved)
        return Response(self.get_serializer(row).data)

    def perform_restore(self, instance: Comment) -> None:
        """Take one's own comment out of the trash."""
        services.restore_comment(instance, actor=actor_of(self.request))
