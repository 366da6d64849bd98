"""What the API answers of a project's metrics as a whole."""

from typing import Any

from rest_framework import serializers

from engine.version import ENGINE_VERSION
from projects.models import Stakeholder
from projects.selectors.metrics import (
    GroupSentence,
    MetricRow,
    MoneyAgreement,
    RankedMetric,
    Translation,
    Why,
)

GROUPS = Stakeholder.Group.choices


class PersonSaysSerializer(serializers.Serializer[Any]):
    """What one person says of one metric."""

    stakeholder = serializers.IntegerField()
    name = serializers.CharField()
    says = serializers.ChoiceField(
        choices=["none", "open", "agreed", "outdated", "dissent"]
    )
    is_primary = serializers.BooleanField()
    version = serializers.IntegerField(allow_null=True)
    said_at = serializers.DateTimeField(allow_null=True)


class GroupSaysSerializer(serializers.Serializer[Any]):
    """The roll-up of one group, its people by name."""

    group = serializers.ChoiceField(choices=GROUPS)
    stands = serializers.ChoiceField(
        choices=["none", "waiting", "agreed", "outdated", "dissent"]
    )
    primary = serializers.IntegerField()
    secondary = serializers.IntegerField()
    agree = serializers.IntegerField()
    dissent = serializers.ListField(child=serializers.CharField())
    people = PersonSaysSerializer(many=True)


class RollUpSerializer(serializers.Serializer[Any]):
    """One metric in use, and what each group says of it."""

    metric = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()
    groups = GroupSaysSerializer(many=True)


def roll_up(row: MetricRow) -> dict[str, Any]:
    """Return one metric's roll-up as plain values."""
    return {
        "metric": row.metric.pk,
        "key": row.metric.key,
        "title": row.metric.title,
        "version": row.metric.version,
        "groups": [
            {
                "group": group.group.value,
                "stands": group.state,
                "primary": group.primary,
                "secondary": group.secondary,
                "agree": group.agree,
                "dissent": group.dissent,
                "people": [
                    {
                        "stakeholder": each.person.pk,
                        "name": each.person.name,
                        "says": each.state,
                        "is_primary": each.is_primary,
                        "version": each.said.version if each.said else None,
                        "said_at": each.at,
                    }
                    for each in group.people
                ],
            }
            for group in row.groups
        ],
    }


class UnresolvedSerializer(serializers.Serializer[Any]):
    """One thing that people have to settle before the design gate opens."""

    why = serializers.ChoiceField(choices=[each.value for each in Why])
    words = serializers.CharField()
    url = serializers.CharField()
    metric = serializers.CharField(allow_blank=True)
    group = serializers.CharField(allow_blank=True)
    people = serializers.ListField(child=serializers.CharField())


class SentenceSerializer(serializers.Serializer[Any]):
    """One sentence for one group."""

    group = serializers.ChoiceField(choices=GROUPS)
    metric = serializers.CharField(allow_null=True)
    words = serializers.CharField()


class ReadingSerializer(serializers.Serializer[Any]):
    """The value of one metric, measured or carried there by links."""

    metric = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    path = serializers.ListField(child=serializers.CharField())


class TranslationSerializer(serializers.Serializer[Any]):
    """What one run means to each group, and the values it was said with."""

    subject = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    sentences = SentenceSerializer(many=True)
    readings = ReadingSerializer(many=True)


def sentence(said: GroupSentence) -> dict[str, Any]:
    """Return one group's sentence as plain values."""
    return {
        "group": said.group.value,
        "metric": said.metric.key if said.metric else None,
        "words": said.words,
    }


def translation(found: Translation) -> dict[str, Any]:
    """Return a translation as plain values."""
    return {
        "subject": found.label,
        "url": found.url,
        "sentences": [sentence(each) for each in found.sentences],
        "readings": [
            {
                "metric": key,
                "value": said.reading.value,
                "low": said.reading.low,
                "high": said.reading.high,
                "path": said.reading.path,
            }
            for key, said in found.said.items()
        ],
    }


class RankedSerializer(serializers.Serializer[Any]):
    """How one agreed metric ranks the runs, against money."""

    metric = serializers.CharField()
    is_carried = serializers.BooleanField()
    runs = serializers.IntegerField()
    tau = serializers.FloatField(allow_null=True)
    tau_low = serializers.FloatField(allow_null=True)
    tau_high = serializers.FloatField(allow_null=True)
    chosen = serializers.CharField(allow_null=True)
    tied = serializers.IntegerField()
    forgone = serializers.FloatField(allow_null=True)


class OpposedSerializer(serializers.Serializer[Any]):
    """Two agreed metrics that rank the runs against each other."""

    one = serializers.CharField()
    other = serializers.CharField()
    tau = serializers.FloatField()
    tau_low = serializers.FloatField(allow_null=True)
    tau_high = serializers.FloatField(allow_null=True)
    runs = serializers.IntegerField()
    disagreed = serializers.FloatField()


class MoneyAgreementSerializer(serializers.Serializer[Any]):
    """How the agreed metrics rank the priced runs, with all it was computed from."""

    runs = serializers.IntegerField()
    left_out = serializers.IntegerField()
    is_enough = serializers.BooleanField()
    metrics = RankedSerializer(many=True)
    conflicts = OpposedSerializer(many=True)
    sentences = SentenceSerializer(many=True)
    inputs = serializers.JSONField()
    engine_version = serializers.CharField()
    digest = serializers.CharField()


def money_agreement(found: MoneyAgreement) -> dict[str, Any]:
    """Return the comparison with money as plain values."""
    return {
        "runs": len(found.runs),
        "left_out": found.left_out,
        "is_enough": found.is_enough,
        "metrics": [_ranked(row) for row in found.rows],
        "conflicts": [
            {
                "one": each.one.key,
                "other": each.other.key,
                "tau": each.found.tau,
                "tau_low": each.found.tau_low,
                "tau_high": each.found.tau_high,
                "runs": each.found.runs,
                "disagreed": each.found.disagreed,
            }
            for each in found.opposed
        ],
        "sentences": [sentence(each) for each in found.sentences],
        "inputs": found.inputs,
        "engine_version": ENGINE_VERSION,
        "digest": found.digest,
    }


def _ranked(row: RankedMetric) -> dict[str, Any]:
    found = row.found
    return {
        "metric": row.metric.key,
        "is_carried": row.is_carried,
        "runs": found.runs,
        "tau": found.tau,
        "tau_low": found.tau_low,
        "tau_high": found.tau_high,
        "chosen": row.chosen.id if row.chosen else None,
        "tied": row.tied,
        "forgone": found.forgone,
    }
