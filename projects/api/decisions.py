"""Decisions and signatures, in the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django_filters
from django.http import FileResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import (
    CheckedModelSerializer,
    Conflict,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from core.downloads import attachment
from projects import services, tasks
from projects.api.fields import ProjectField, ReachableField
from projects.api.gates import ChangedSinceSerializer
from projects.api.people import not_over
from projects.models import Decision, Signature, Stakeholder
from projects.selectors.gates import changes_since
from projects.services.decision import ChangedError, FrozenError
from projects.services.one_pager import kept_pdf
from projects.services.signing import ask_for_signature, letter_to_sign


class SignatureSerializer(serializers.ModelSerializer[Signature]):
    """One person's word on a decision."""

    class Meta:
        model = Signature
        fields = ("id", "name", "capacity", "word", "comment", "method", "digest", "at")
        read_only_fields = ("name", "method", "digest", "at")


class SignSerializer(serializers.Serializer[Any]):
    """A word; `digest` is of what was read, and refuses one that has changed since."""

    capacity = serializers.ChoiceField(
        choices=Stakeholder.Capacity.choices, required=False, default=""
    )
    word = serializers.ChoiceField(choices=Signature.Word.choices)
    comment = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default=""
    )
    digest = serializers.CharField(max_length=64, required=False, default="")


class AskSerializer(serializers.Serializer[Any]):
    """Whom to ask for a signature by link, and until when."""

    stakeholder = ReachableField(
        queryset=Stakeholder.objects.all(), right="editable_by"
    )
    deadline = serializers.DateTimeField()
    message = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default=""
    )


class AskedSerializer(serializers.Serializer[Any]):
    """The link, said once: only its hash is kept."""

    invitation = serializers.IntegerField()
    link = serializers.CharField()


class DecisionSerializer(CheckedModelSerializer[Decision]):
    """A decision with the evidence it stands on."""

    project = ProjectField()
    signatures = SignatureSerializer(many=True, read_only=True)
    content = serializers.JSONField(read_only=True)
    changes = serializers.SerializerMethodField()

    class Meta:
        model = Decision
        fields = (
            "id",
            "project",
            "gate",
            "question",
            "verdict",
            "rationale",
            "content",
            "digest",
            "created_at",
            "frozen_at",
            "withdrawn_at",
            "superseded_by",
            "changes",
            "signatures",
        )
        read_only_fields = (
            "digest",
            "created_at",
            "frozen_at",
            "withdrawn_at",
            "superseded_by",
        )

    @extend_schema_field(ChangedSinceSerializer(many=True))
    def get_changes(self, row: Decision) -> Any:
        """Return what matters and has changed since; nothing if it no longer counts."""
        found = changes_since(row) if row.is_live else ()
        return ChangedSinceSerializer(found, many=True).data

    def save(self, **kwargs: Any) -> Decision:
        """Propose it with the evidence of now."""
        row = self.instance or Decision()
        for name, value in self.validated_data.items():
            setattr(row, name, value)
        with _gone_as_conflict():
            self.instance = services.propose_decision(
                row, actor=actor_of(self.context["request"])
            )
        return self.instance


@contextmanager
def _gone_as_conflict() -> Iterator[None]:
    """Answer what no longer fits with 409, and what has changed."""
    try:
        yield
    except ChangedError as changed:
        raise Conflict(" ".join(changed.messages)) from changed
    except FrozenError as frozen:
        raise Conflict(
            _("It is signed, withdrawn or superseded; propose a new decision.")
        ) from frozen


class PrintingSerializer(serializers.Serializer[Any]):
    """The job that prints a page."""

    job = serializers.UUIDField()


class DecisionFilter(django_filters.FilterSet):
    """Decisions by project, gate and proposal."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Decision
        fields = ("project", "gate", "verdict")


class DecisionViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    PortalViewSet[Decision],
):
    """Go or no-go, frozen with its evidence by the first signature."""

    queryset = Decision.objects.select_related("project").prefetch_related("signatures")
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilter
    http_method_names = ("get", "post", "patch", "head", "options")

    @extend_schema(request=SignSerializer, responses={201: SignatureSerializer})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """Sign it with the caller's name, in the capacity the project gives them."""
        row = self.get_object()
        said = SignSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        read = said.validated_data.pop("digest")
        with _gone_as_conflict():
            signature = services.sign_decision(
                row,
                actor=actor_of(request),
                read_digest=read,
                **said.validated_data,
            )
        return Response(SignatureSerializer(signature).data, status=201)

    @extend_schema(request=None, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take back a proposal that nobody has signed."""
        row = self.get_object()
        with _gone_as_conflict():
            services.withdraw_decision(row, actor=actor_of(request))
        return Response(self.get_serializer(row).data)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def pdf(self, request: Request, pk: str) -> FileResponse:
        """Send the page as it was printed last; 404 until somebody had it printed."""
        row = self.get_object()
        name = slugify(row.question)[:60] or row.pk
        return attachment(kept_pdf(row), f"{name}.pdf")

    @extend_schema(request=None, responses={202: PrintingSerializer})
    @pdf.mapping.post
    def print_pdf(self, request: Request, pk: str) -> Response:
        """Have the page printed as it is now, by a job."""
        row = self.get_object()
        if not tasks.chromium():
            raise Conflict(_("There is no Chromium here to print with."))
        job = tasks.start_printing(row, actor=actor_of(request))
        return Response(PrintingSerializer({"job": job.pk}).data, status=202)

    @extend_schema(request=AskSerializer, responses={201: AskedSerializer})
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, pk: str) -> Response:
        """Ask a stakeholder to sign by link, without an account."""
        row = self.get_object()
        said = AskSerializer(data=request.data, context=self.get_serializer_context())
        said.is_valid(raise_exception=True)
        person = said.validated_data["stakeholder"]
        if person.project_id != row.project_id:
            raise serializers.ValidationError(
                {"stakeholder": [_("This person has no say in this project.")]}
            )
        with _gone_as_conflict():
            invitation, secret = ask_for_signature(
                row,
                person,
                actor=actor_of(request),
                deadline=not_over(said.validated_data["deadline"]),
                message=said.validated_data["message"],
            )
        link = letter_to_sign(invitation, secret).link
        answer = {"invitation": invitation.pk, "link": link}
        return Response(AskedSerializer(answer).data, status=201)

    def get_queryset(self) -> Any:
        """Contributors sign and print; editors propose."""
        contributes = self.action in {"sign", "print_pdf"}
        self.write_right = (  # type: ignore[misc]  # per request, not per class
            "contributable_by" if contributes else "editable_by"
        )
        return super().get_queryset()
