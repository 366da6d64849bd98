"""What is done with a project's requirements in the API: derive, compare, carry over."""

from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.resources import PortalViewSet, actor_of
from core.downloads import attachment
from core.objects import CutOffError, TooLargeError
from core.uploads import receive_field
from engine.errors import EngineError
from projects import services
from projects.api.fields import ProjectField
from projects.kinds import compliance
from projects.kinds.document import MAX_BYTES, DocumentProblems
from projects.models import Calculation, Project, Requirement
from projects.selectors.conflicts import conflicts_of
from projects.selectors.deriving import (
    CONFIDENCES,
    Derivation,
    held_by,
    title_of,
)
from projects.selectors.documents import document_named, document_ref, documents_of
from projects.selectors.value import current_case
from projects.services.requirement_document import Act, Plan

OF_PROJECT = OpenApiParameter("project", str, required=True)


class TooLarge(exceptions.APIException):
    """More bytes than may be stored here."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class SideSerializer(serializers.Serializer[Any]):
    """One side of a conflict: a requirement, or something with an address."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    url = serializers.CharField()
    requirement = serializers.IntegerField(allow_null=True)


class ConflictSerializer(serializers.Serializer[Any]):
    """Two sides that cannot both hold, with a remedy."""

    kind = serializers.CharField()
    sentence = serializers.CharField()
    sides = SideSerializer(many=True)
    remedy = serializers.CharField()


class DeriveSerializer(serializers.Serializer[Any]):
    """What to derive from the value case, and whether to require it."""

    project = ProjectField(help_text="A project you may edit.")
    metric = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=60,
        help_text="recall, precision, fpr or roc_auc where the case counts cases, mae "
        "where it counts errors of forecasts, else a metric its formulas name; by "
        "default the first of them.",
    )
    at = serializers.FloatField(
        allow_null=True,
        default=None,
        min_value=0,
        max_value=1,
        help_text="The rate held: the false alarm rate for recall, the recall for "
        "precision and fpr; not for others.",
    )
    confidence = serializers.FloatField(
        default=0.9, help_text="One of 0.5, 0.8 and 0.9."
    )
    requirement = serializers.IntegerField(
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**63 - 1,
        help_text="With keep: the requirement whose next version this becomes.",
    )
    keep = serializers.BooleanField(
        default=False, help_text="Make it a requirement, or the next version of one."
    )

    def validate_confidence(self, value: float) -> float:
        """Refuse what is none of the three."""
        if value not in CONFIDENCES:
            raise serializers.ValidationError("Give 0.5, 0.8 or 0.9.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for a metric the case has a threshold for, and the rate that is held."""
        metrics = held_by(current_case(attrs["project"]))
        attrs["metric"] = metric = attrs["metric"] or next(iter(metrics))
        if metric not in metrics:
            raise serializers.ValidationError(
                {"metric": [f"Choose one of {', '.join(metrics)}."]}
            )
        if not metrics[metric]:
            attrs["at"] = None
        elif attrs["at"] is None:
            raise serializers.ValidationError(
                {"at": [f"Give the {metrics[metric]} that is held, from 0 to 1."]}
            )
        return attrs


class CalculationPartSerializer(serializers.ModelSerializer[Calculation]):
    """All that is needed to compute it again."""

    class Meta:
        model = Calculation
        fields = ("id", "inputs", "seed", "engine_version", "digest", "result", "at")
        read_only_fields = fields


class DerivedSerializer(serializers.Serializer[Any]):
    """A threshold that breaks even as surely as asked, and how it came about."""

    metric = serializers.CharField()
    comparison = serializers.CharField()
    at = serializers.DictField(child=serializers.FloatField())
    confidence = serializers.FloatField()
    value = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    ladder = serializers.DictField(child=serializers.FloatField(allow_null=True))
    words = serializers.CharField()
    value_case = serializers.CharField()
    calculation = CalculationPartSerializer()
    requirement = serializers.IntegerField(allow_null=True)


class ImportSerializer(serializers.Serializer[Any]):
    """A YAML document, and the digest of the plan that is to be written."""

    project = ProjectField(help_text="A project you may edit.")
    document = serializers.CharField(max_length=MAX_BYTES, trim_whitespace=False)
    apply = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=64,
        help_text="The digest of the plan, as shown before; without it nothing is "
        "written.",
    )


class StepChangeSerializer(serializers.Serializer[Any]):
    """One field that would read differently."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    before = serializers.CharField()
    after = serializers.CharField()


class StepSerializer(serializers.Serializer[Any]):
    """One requirement of the document, and what becomes of it."""

    act = serializers.ChoiceField(choices=[each.value for each in Act])
    title = serializers.CharField(source="version.title")
    requirement = serializers.IntegerField(source="requirement.pk", allow_null=True)
    changes = StepChangeSerializer(many=True)


class PlanSerializer(serializers.Serializer[Any]):
    """What a document would do, or has done."""

    digest = serializers.CharField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    kept = serializers.IntegerField()
    untouched = serializers.IntegerField()
    steps = StepSerializer(many=True)
    is_applied = serializers.BooleanField()


class DocumentSerializer(serializers.Serializer[Any]):
    """A document that a requirement holds."""

    name = serializers.CharField(read_only=True)
    digest = serializers.CharField(read_only=True)


class DocumentUploadSerializer(serializers.Serializer[Any]):
    """The file of a document."""

    file = serializers.FileField(max_length=255)


class LawQuestionSerializer(serializers.Serializer[Any]):
    """One question of a template that the answers so far make necessary."""

    key = serializers.CharField()
    words = serializers.CharField()
    passage = serializers.CharField()
    is_fact = serializers.BooleanField()
    answer = serializers.CharField()


class RequirementActs(PortalViewSet[Requirement]):
    """Acts on all requirements of a project, and the documents of one."""

    def _project(self, request: Request) -> Project:
        """Return the project that the query names, if the caller may see it."""
        rows = Project.objects.visible_to(actor_of(request))
        found = rows.filter(slug=request.query_params.get("project", "")).first()
        if found is None:
            raise Http404
        return found

    @extend_schema(
        parameters=[OF_PROJECT],
        responses=ConflictSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def conflicts(self, request: Request) -> Response:
        """Return what contradicts what, and what was measured."""
        rows = conflicts_of(self._project(request))
        return Response(ConflictSerializer(rows, many=True).data)

    @extend_schema(
        parameters=[OF_PROJECT],
        responses={(200, "application/yaml"): OpenApiTypes.STR},
        filters=False,
    )
    @action(detail=False, pagination_class=None, url_path="export")
    def export_document(self, request: Request) -> HttpResponse:
        """Return the requirements in force as YAML."""
        text = services.export_document(self._project(request))
        return HttpResponse(text, content_type="application/yaml")

    @extend_schema(request=ImportSerializer, responses=PlanSerializer)
    @action(detail=False, methods=["post"], url_path="import")
    def import_document(self, request: Request) -> Response:
        """Say what a document would add and change; with `apply`, write it."""
        said = ImportSerializer(data=request.data, context={"request": request})
        said.is_valid(raise_exception=True)
        project, text = said.validated_data["project"], said.validated_data["document"]
        try:
            plan = services.plan_document(project, text)
        except DocumentProblems as error:
            lines = [str(each) for each in error.problems]
            raise serializers.ValidationError({"document": lines}) from error
        is_applied = said.validated_data["apply"] == plan.digest
        if said.validated_data["apply"] and not is_applied:
            raise serializers.ValidationError(
                {"apply": ["The document would do something else now. Look again."]}
            )
        if is_applied:
            _apply(request, project, plan)
        plan_shown = {
            **{name: getattr(plan, name) for name in PLAN},
            "is_applied": is_applied,
        }
        return Response(PlanSerializer(plan_shown).data)

    @extend_schema(request=DeriveSerializer, responses=DerivedSerializer)
    @action(detail=False, methods=["post"])
    def derive(self, request: Request) -> Response:
        """Derive a threshold from the value case; with `keep`, require it."""
        said = DeriveSerializer(data=request.data, context={"request": request})
        said.is_valid(raise_exception=True)
        asked = said.validated_data
        project, actor = asked["project"], actor_of(request)
        row = self._requirement(project, asked["requirement"])
        try:
            derived = services.derive(
                project,
                metric=asked["metric"],
                at=asked["at"],
                confidence=asked["confidence"],
            )
        except EngineError as error:
            raise serializers.ValidationError({"project": [str(error)]}) from error
        if asked["keep"] and derived.threshold is None:
            raise serializers.ValidationError(
                {"confidence": ["Nothing breaks even as surely as that."]}
            )
        kept = services.keep_derivation(derived, project=project, actor=actor)
        if asked["keep"]:
            version = services.require_derived(
                derived, project=project, actor=actor, requirement=row
            )
            row = version.requirement
        answer = _derived(derived, project, kept, row)
        return Response(DerivedSerializer(answer).data)

    def _requirement(self, project: Project, pk: int | None) -> Requirement | None:
        if pk is None:
            return None
        row = project.requirements.filter(
            pk=pk, deleted_at=None, kind=Requirement.Kind.ACCURACY
        ).first()
        if row is None:
            raise serializers.ValidationError(
                {"requirement": ["The project requires no accuracy of this id."]}
            )
        return row

    @extend_schema(responses=LawQuestionSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def questions(self, request: Request, pk: str) -> Response:
        """Return the questions of its template that the answers make necessary."""
        version = self.get_object().current
        details = version.details if version else {}
        said = compliance.said_in(details)
        rows = [
            {
                "key": each.key,
                "words": str(each.words),
                "passage": each.passage,
                "is_fact": each.is_fact,
                "answer": said.get(each.key, ""),
            }
            for each in compliance.asked(details)
        ]
        return Response(LawQuestionSerializer(rows, many=True).data)

    @extend_schema(responses=DocumentSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def documents(self, request: Request, pk: str) -> Response:
        """Return the documents it holds."""
        rows = [vars(each) for each in documents_of(self.get_object())]
        return Response(DocumentSerializer(rows, many=True).data)

    @extend_schema(
        request={"multipart/form-data": DocumentUploadSerializer},
        responses={201: DocumentSerializer},
    )
    @documents.mapping.post
    def document_add(self, request: Request, pk: str) -> Response:
        """Keep a document, to stand behind an answer or an attestation."""
        row = self.get_object()
        said = DocumentUploadSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        file = said.validated_data["file"]
        try:
            incoming = receive_field(request._request, file)
            with transaction.atomic():
                document = services.keep_document(row, incoming, name=file.name)
        except TooLargeError as error:
            raise TooLarge(str(error)) from error
        except CutOffError as error:
            raise serializers.ValidationError({"file": [str(error)]}) from error
        return Response(DocumentSerializer(vars(document)).data, status=201)

    @extend_schema(
        parameters=[OpenApiParameter("digest", str, required=True)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def document(self, request: Request, pk: str) -> HttpResponseBase:
        """Send one document."""
        row = self.get_object()
        digest = request.query_params.get("digest", "")
        found = document_named(row, digest) if "\0" not in digest else None
        if found is None:
            raise Http404
        return attachment(document_ref(row, digest), found.name)

    def get_parsers(self) -> list[Any]:
        """Take a form where a file is sent, JSON everywhere else."""
        parsers: list[Any] = [JSONParser()]
        if getattr(self, "action_map", {}).get("post") == "document_add":
            parsers.append(MultiPartParser())
        return parsers


PLAN = ("digest", "added", "changed", "kept", "untouched", "steps")


def _apply(request: Request, project: Project, plan: Plan) -> None:
    try:
        services.apply_document(project, plan, actor=actor_of(request))
    except ModelValidationError as error:
        raise serializers.ValidationError({"document": error.messages}) from error


def _derived(
    derived: Derivation,
    project: Project,
    kept: Calculation,
    row: Requirement | None,
) -> dict[str, Any]:
    return {
        "metric": derived.metric,
        "comparison": derived.comparison,
        "at": dict(derived.at),
        "confidence": derived.confidence,
        "value": derived.value,
        "threshold": derived.threshold,
        "ladder": {f"{each:g}": value for each, value in derived.ladder.items()},
        "words": "" if derived.threshold is None else title_of(derived, project),
        "value_case": derived.value_case,
        "calculation": kept,
        "requirement": row.pk if row else None,
    }
