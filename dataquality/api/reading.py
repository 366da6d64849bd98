"""How files are to be read, and what the reader says of them, in the API."""

import json
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.reading.dialect import QUOTES
from engine.reading.encoding import ENCODINGS
from engine.reading.kinds import KINDS


class QuestionSerializer(serializers.Serializer[Any]):
    """What the reader has to know before it goes on."""

    option = serializers.CharField(allow_blank=True)
    proposal = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()


class PreviewSerializer(serializers.Serializer[Any]):
    """How a file is read, or would be: its report, first rows, and what is in doubt."""

    options = serializers.DictField()
    doubts = QuestionSerializer(many=True)
    read = serializers.DictField(allow_null=True)
    sample = serializers.DictField(allow_null=True)


class OptionsSerializer(serializers.Serializer[Any]):
    """How a file is to be read, where the reader cannot know."""

    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False)
    delimiter = serializers.CharField(
        max_length=1, trim_whitespace=False, required=False
    )
    quote = serializers.ChoiceField(choices=QUOTES, required=False)
    header = serializers.BooleanField(required=False)
    skip_lines = serializers.IntegerField(
        min_value=0, max_value=100_000, required=False
    )
    decimal = serializers.ChoiceField(
        choices=[".", ","], required=False, allow_blank=True
    )
    sheet = serializers.CharField(max_length=255, required=False)
    records = serializers.CharField(max_length=255, required=False)
    kinds = serializers.DictField(
        child=serializers.ChoiceField(choices=KINDS), required=False
    )
    preview = serializers.BooleanField(
        required=False,
        help_text=(
            "True shows how the file would be read before it counts, false takes what "
            "the reader proposes; without it what is in doubt is shown."
        ),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what no database keeps."""
        if "\\u0000" in json.dumps(attrs):
            raise serializers.ValidationError(_("Names hold no NUL character."))
        return attrs


class LookSerializer(serializers.Serializer[Any]):
    """How a file is to be read for a look at it."""

    options = OptionsSerializer(default=dict)


class AnswerSerializer(serializers.Serializer[Any]):
    """Answers to what the reader asked, by option; none is a plain second try."""

    options = OptionsSerializer(default=dict)
    accept = serializers.BooleanField(
        default=False, help_text="Take everything else as it is proposed."
    )


@extend_schema_field(OpenApiTypes.STR)
class OptionsField(serializers.JSONField):
    """Options of the reader as JSON: beside a file there is no other place for them."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the options, each one known."""
        try:
            given = json.loads(data) if isinstance(data, str) else data
        except ValueError:
            self.fail("invalid")
        said = OptionsSerializer(data=given)
        said.is_valid(raise_exception=True)
        return dict(said.validated_data)
