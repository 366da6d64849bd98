"""Projects and their members in the API."""

import secrets
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from core import trash
from core.access import Right
from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from core.models import Team, User
from engine import similarity
from engine.value.templates import TEMPLATES
from projects import services
from projects.api.fields import ProjectField
from projects.models import Membership, Project, Role
from projects.selectors.portfolio import duplicates
from projects.services.project import LastOwnerError


class ProjectSerializer(CheckedModelSerializer[Project]):
    """A project: its problem, the decision it supports, its money."""

    is_archived = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = (
            "id",
            "slug",
            "name",
            "problem",
            "decision_supported",
            "task",
            "template",
            "currency",
            "horizon_years",
            "people_needed",
            "budget_needed",
            "is_example",
            "is_archived",
            "candidate_kind",
            "candidate_id",
            "created_at",
            "changed_at",
        )
        read_only_fields = ("id", "is_example", "candidate_kind", "candidate_id")
        extra_kwargs = {"slug": {"required": False}}

    def get_is_archived(self, row: Project) -> bool:
        """Return whether it was put aside."""
        return row.archived_at is not None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep what other rows were made of: the task, the template, the address.

        A new project without a task gets the one its template's runs are priced for.
        """
        if self.instance is None:
            template = attrs.get("template", Project.Template.CHURN)
            attrs.setdefault("task", TEMPLATES[template].tasks[0])
        else:
            for name in ("slug", "task", "template"):
                if attrs.get(name, getattr(self.instance, name)) != getattr(
                    self.instance, name
                ):
                    raise serializers.ValidationError(
                        {name: [_("This is fixed once the project is made.")]}
                    )
        return super().validate(attrs)


class LookalikeSerializer(serializers.Serializer[Any]):
    """A project that a use case looks like, and how much, from 0 to 1."""

    project = serializers.SlugField(source="project.slug")
    name = serializers.CharField(source="project.name")
    likeness = serializers.FloatField()


class ProjectFilter(django_filters.FilterSet):
    """Projects by name, task and whether they are put aside."""

    name = django_filters.CharFilter(lookup_expr="icontains")
    archived = django_filters.BooleanFilter(
        field_name="archived_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Project
        fields = ("name", "task", "template", "archived", "is_example")


class ProjectViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Project],
):
    """Projects the caller is a member of; owners change them."""

    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    filterset_class = ProjectFilter
    ordering_fields = ("name", "created_at", "changed_at")
    lookup_field = "slug"
    write_right = "owned_by"
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_create(self, serializer: Any) -> None:
        """Make the project with its owner, quantities, metrics and value case."""
        actor = actor_of(self.request)
        self.require(
            allowed=actor.limit >= Right.EDIT and actor.only_project_id is None
        )
        project = Project(**serializer.validated_data)
        serializer.instance = services.create_project(
            project, actor=actor, seed=secrets.randbits(31)
        )

    def perform_update(self, serializer: Any) -> None:
        """Keep the change; the horizon is part of what the value case computes."""
        project = serializer.save()
        services.follow_answers(project, actor=actor_of(self.request))

    def perform_destroy(self, instance: Project) -> None:
        """Put it in the trash for thirty days."""
        trash.move_to_trash(instance, actor_of(self.request), project_id=instance.pk)

    @extend_schema(
        parameters=[
            OpenApiParameter("name", str, required=True),
            OpenApiParameter("problem", str),
            OpenApiParameter("decision_supported", str),
        ],
        responses=LookalikeSerializer(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def alike(self, request: Request) -> Response:
        """Name the projects that a use case looks like, the most alike first."""
        said = request.query_params
        name, problem, decision = (
            said.get(field, "")[: similarity.MAX_CHARACTERS]
            for field in ("name", "problem", "decision_supported")
        )
        found = duplicates.lookalikes(
            actor_of(request), name=name, problem=problem, decision=decision
        )
        return Response(LookalikeSerializer(found, many=True).data)

    @extend_schema(request=None, responses=ProjectSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, slug: str) -> Response:
        """Put the project aside; nothing of it is lost."""
        project = self.get_object()
        services.archive_project(project, actor=actor_of(request))
        return Response(self.get_serializer(project).data)

    @extend_schema(request=None, responses=ProjectSerializer)
    @action(detail=True, methods=["post"])
    def unarchive(self, request: Request, slug: str) -> Response:
        """Take the project up again."""
        project = self.get_object()
        services.unarchive_project(project, actor=actor_of(request))
        return Response(self.get_serializer(project).data)


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """A person, by e-mail, or a team, by name, holds a role in a project."""

    project = ProjectField(right="owned_by")
    user = serializers.SlugRelatedField(
        slug_field="email",
        queryset=User.objects.filter(is_active=True),
        required=False,
        allow_null=True,
    )
    team = serializers.SlugRelatedField(
        slug_field="name",
        queryset=Team.objects.all(),
        required=False,
        allow_null=True,
    )

    class Meta:
        model = Membership
        fields = ("id", "project", "user", "team", "role", "since")
        # The constraints' own words are said by `full_clean` in the service.
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one of person and team; only the role changes later."""
        if self.instance is not None:
            return {"role": attrs.get("role", self.instance.role)}
        if bool(attrs.get("user")) == bool(attrs.get("team")):
            raise serializers.ValidationError(
                {"user": [_("Give a person or a team, one of the two.")]}
            )
        return attrs


class MembershipFilter(django_filters.FilterSet):
    """Members by project and role."""

    project = django_filters.CharFilter(field_name="project__slug")
    role = django_filters.ChoiceFilter(choices=Role.choices)

    class Meta:
        model = Membership
        fields = ("project", "role")


class MembershipViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Membership],
):
    """Who holds which role; owners give and take them."""

    queryset = Membership.objects.select_related("project", "user", "team").order_by(
        "id"
    )
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilter
    ordering_fields = ("since", "role")
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def rows_for(self, right: str) -> QuerySet[Membership]:
        """Return the memberships of projects the caller may see, or owns."""
        name = "visible_to" if right == "visible_to" else "owned_by"
        projects = getattr(Project.objects, name)(actor_of(self.request))
        return self.queryset.filter(project__in=projects)

    def perform_create(self, serializer: Any) -> None:
        """Give the role."""
        data = serializer.validated_data
        serializer.instance = self._set(
            data["project"], data["role"], data.get("user"), data.get("team")
        )

    def perform_update(self, serializer: Any) -> None:
        """Change the role."""
        row = serializer.instance
        role = serializer.validated_data["role"]
        serializer.instance = self._set(row.project, role, row.user, row.team)

    def perform_destroy(self, instance: Membership) -> None:
        """Take the role away."""
        self._set(instance.project, None, instance.user, instance.team)

    def _set(
        self, project: Project, role: str | None, user: User | None, team: Team | None
    ) -> Membership | None:
        try:
            return services.set_role(
                project, actor=actor_of(self.request), role=role, user=user, team=team
            )
        except LastOwnerError as error:
            raise PermissionDenied(
                _(
                    "A project needs an owner with an account. Make somebody else "
                    "owner first."
                )
            ) from error
