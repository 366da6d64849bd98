"""The structured fields of each kind, as the OpenAPI document shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.kinds import KINDS, Ask, Type, compliance


def schema_of_kind(kind: str) -> dict[str, Any]:
    """Return the JSON schema of one kind's details."""
    asks = KINDS[kind].asks
    properties = {each.key: _schema(each) for each in asks}
    if kind == "compliance":
        properties["answers"] = _answers()
    return {
        "type": "object",
        "title": kind,
        "description": f"Of kind {kind}. Empty: tested as the other fields say.",
        "properties": properties,
        "additionalProperties": False,
    }


def _schema(ask: Ask) -> dict[str, Any]:
    words = [str(ask.label), str(ask.help)]
    if ask.when is not None:
        words.append(f"Only with {ask.when.key}: {', '.join(ask.when.values)}.")
    if ask.is_required:
        words.append("Required.")
    found: dict[str, Any] = {"description": " ".join(filter(None, words))}
    keys = [key for key, _label in ask.choices]
    if ask.type is Type.CHOICE:
        return {**found, "type": "string", "enum": keys}
    if ask.type is Type.CHOICES:
        return {**found, "type": "array", "items": {"type": "string", "enum": keys}}
    if ask.type is Type.NAMES:
        return {**found, "type": "array", "items": {"type": "string"}}
    if ask.type is Type.TEXT:
        return {**found, "type": "string"}
    kind = "integer" if ask.type is Type.WHOLE else "number"
    return {**found, "type": kind, "minimum": ask.least, "maximum": ask.most}


def _answers() -> dict[str, Any]:
    questions = "; ".join(
        f"{each.key}: {', '.join(q.key for q in each.questions)}"
        for each in compliance.TEMPLATES.values()
    )
    return {
        "type": "object",
        "description": f"Answers by question. Questions by template: {questions}.",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "answer": {"type": "string", "enum": ["", *compliance.Said]},
                "note": {"type": "string", "maxLength": compliance.NOTE_CHARS},
                "document": {
                    "type": "object",
                    "description": "A document of this requirement, as /documents/ names it.",
                    "properties": {
                        "name": {"type": "string"},
                        "digest": {"type": "string"},
                    },
                    "required": ["name", "digest"],
                },
            },
            "additionalProperties": False,
        },
    }


@extend_schema_field(
    {
        "description": "The structured fields of its kind.",
        "anyOf": [schema_of_kind(kind) for kind in KINDS],
    }
)
class DetailsField(serializers.JSONField):
    """An object of structured fields; the model checks them by their kind."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the object; anything else is refused."""
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            raise serializers.ValidationError("Give an object of fields.")
        return value
