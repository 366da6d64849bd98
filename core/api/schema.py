"""How the OpenAPI document is drawn from the views."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from core.api.problems import MEDIA_TYPE, ProblemSerializer

PROBLEMS = {
    "400": "Some values cannot be used; `errors` names them.",
    "401": "No token, or one that is unknown, revoked or expired.",
    "403": "The token or the role does not allow this.",
    "404": "There is no such thing, or it is not yours to see.",
    "405": "The method is not allowed here.",
    "409": "It does not fit what is there now: a closed gate, what was signed or "
    "has changed, or an Idempotency-Key of another request.",
    "413": "More bytes than may be stored here.",
    "415": "The content type is not accepted here.",
    "429": "Too many requests; try again after the seconds in Retry-After.",
}


class PortalSchema(AutoSchema):
    """Documents the problem answers once, for every operation."""

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(*args, **kwargs)
        problem = self.resolve_serializer(ProblemSerializer, "response").ref
        for status, why in PROBLEMS.items():
            responses.setdefault(
                status,
                {
                    "description": why,
                    "content": {MEDIA_TYPE: {"schema": problem}},
                },
            )
        responses.setdefault(
            "414",
            {
                "description": "The address is longer than the server reads.",
                "content": {"text/html": {"schema": {"type": "string"}}},
            },
        )
        return responses
