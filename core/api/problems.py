"""One shape of error in the API: RFC 9457 problem details."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, JsonResponse
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from engine.errors import EngineError


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem: what kind, what happened, and which fields are wrong."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    # The name is the standard's; nobody validates an answer with this serializer.
    errors = serializers.DictField(  # type: ignore[assignment]  # hides a property
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


MEDIA_TYPE = "application/problem+json"


def no_such_address() -> JsonResponse:
    """Return the problem of an address under which the API has nothing."""
    status = HTTPStatus.NOT_FOUND
    body = {"type": "about:blank", "title": status.phrase, "status": status}
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return `error` as problem details, or None for what is not the caller's fault."""
    error = _translated(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    set_rollback()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
    }
    if isinstance(error, exceptions.ValidationError):
        body |= {
            "title": "Some values cannot be used",
            "errors": _flat(error.detail),
        }
    elif isinstance(error, exceptions.APIException):
        body["detail"] = str(error.detail)
    response.data = body
    response.content_type = MEDIA_TYPE
    return response


def _translated(error: Exception) -> Exception:
    """Return the exception that Django REST framework knows how to answer."""
    if isinstance(error, ModelValidationError):
        return exceptions.ValidationError(serializers.as_serializer_error(error))
    if isinstance(error, EngineError):
        return exceptions.ValidationError({"non_field_errors": [str(error)]})
    if isinstance(error, Http404):
        return exceptions.NotFound()
    return error


def _flat(detail: Any, at: str = "") -> dict[str, list[str]]:
    """Return nested errors as one level: `quantities.0.low` → messages."""
    if isinstance(detail, dict):
        pairs = list(detail.items())
    elif isinstance(detail, list) and any(
        isinstance(each, dict | list) for each in detail
    ):
        pairs = list(enumerate(detail))
    else:
        messages = detail if isinstance(detail, list) else [detail]
        return {at or "non_field_errors": [str(each) for each in messages]}
    found: dict[str, list[str]] = {}
    for key, each in pairs:
        found |= _flat(each, f"{at}.{key}" if at else str(key)) if each else {}
    return found
