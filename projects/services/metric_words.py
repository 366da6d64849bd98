"""All that one person says of the metrics, in one go."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from core.access import Actor
from projects.models import Invitation, Metric, MetricAlignment, Stakeholder
from projects.services.metrics import say_of_metric, take_word_back
from projects.services.people import answer_invitation

Agreed, Weight = MetricAlignment.Agreed, MetricAlignment.Weight


@dataclass(frozen=True)
class Word:
    """What somebody says of one metric as it is defined now."""

    metric: Metric
    weight: MetricAlignment.Weight
    agreed: MetricAlignment.Agreed
    comment: str = ""

    def is_said_by(self, row: MetricAlignment) -> bool:
        """Whether the person said exactly this, themselves, of this version."""
        return row.noted_by_id is None and (
            (row.weight, row.agreed, row.comment, row.version)
            == (self.weight, self.agreed, self.comment, self.metric.version)
        )


@transaction.atomic
def answer_about_metrics(invitation: Invitation, words: Sequence[Word]) -> None:
    """Keep what a person without an account says; the same again changes nothing."""
    actor = Actor(invitation_id=invitation.pk)
    is_new = say_of_metrics(invitation.stakeholder, words, actor=actor)
    if is_new or invitation.answered_at is None or invitation.declined_at:
        answer_invitation(invitation)


@transaction.atomic
def say_of_metrics(
    stakeholder: Stakeholder, words: Sequence[Word], *, actor: Actor
) -> bool:
    """Let these words be all that a person says of metrics in use; return if any is new.

    What they said before and no longer say is taken back.
    """
    # Sent twice at once, the second waits and finds that it says nothing new.
    Stakeholder.objects.select_for_update().get(pk=stakeholder.pk)
    MetricAlignment.objects.step_down_from_retired(stakeholder)
    rows = stakeholder.alignments.select_related("metric", "stakeholder")
    kept = {row.metric_id: row for row in rows.filter(metric__retired_at=None)}
    meant = {word.metric.pk for word in words}
    gone = [row for row in kept.values() if row.metric_id not in meant]
    for row in gone:
        take_word_back(row, actor=actor)
    # A person has one primary metric: the one before steps down first.
    new = [
        word
        for word in sorted(words, key=lambda word: word.weight == Weight.PRIMARY)
        if word.metric.pk not in kept or not word.is_said_by(kept[word.metric.pk])
    ]
    for word in new:
        row = kept.get(word.metric.pk) or MetricAlignment(
            stakeholder=stakeholder, metric=word.metric
        )
        row.metric, row.weight = word.metric, word.weight
        row.agreed, row.comment = word.agreed, word.comment
        row.full_clean()
        say_of_metric(row, actor=actor)
    return bool(gone or new)
