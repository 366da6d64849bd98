"""Metrics, what people say of them, and how they hang together."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from core.models import User
from core.notices import notify
from projects.models import (
    NET_VALUE,
    Calculation,
    Metric,
    MetricAlignment,
    MetricLink,
    MetricVersion,
    Project,
)
from projects.selectors.metrics import definition_of, money_agreement
from projects.services.calculations import keep_calculation


@transaction.atomic
def save_metric(metric: Metric, *, actor: Actor) -> Metric:
    """Save a metric; another meaning is its next version and asks who spoke of it.

    Unchanged words make no version. The row is checked already.
    """
    before = Metric.objects.filter(pk=metric.pk).first() if metric.pk else None
    if before is None:
        metric.save()
        _note(actor, "add metric", metric)
    elif any(getattr(before, n) != getattr(metric, n) for n in Metric.DEFINING):
        _change(metric, said=definition_of(before), actor=actor)
    return metric


def _change(metric: Metric, *, said: dict[str, Any], actor: Actor) -> None:
    """Save another meaning of a metric: its next version, once people spoke of it.

    Until then nobody has to be asked again, and it is still the same version.
    """
    if _spoken_of(metric).exists():
        MetricVersion.objects.create(
            metric=metric, version=metric.version, said=said, changed_by=actor.user
        )
        metric.version += 1
        _ask_again(metric, by=actor.user)
    metric.save()
    _note(actor, "change metric", metric, version=metric.version, before=said)


def _spoken_of(metric: Metric) -> QuerySet[MetricAlignment]:
    return metric.alignments.exclude(agreed=MetricAlignment.Agreed.OPEN)


def _ask_again(metric: Metric, *, by: User | None) -> None:
    """Ask those who have spoken of an earlier version whether it still holds."""
    spoke = _spoken_of(metric).values("stakeholder__user")
    people = User.objects.filter(pk__in=spoke, is_active=True)
    notify(
        [each for each in people if each != by],
        kind="metric",
        group=f"metric:{metric.pk}",
        text=_("“%(metric)s” means something else now: do you still agree?")
        % {"metric": metric.title},
        url=metric.get_absolute_url(),
        project_id=metric.project_id,
    )


def retire_metric(metric: Metric, *, actor: Actor) -> None:
    """Put a metric aside: nobody is judged by it; what was said of it stays."""
    metric.retired_at = timezone.now()
    metric.save(update_fields=["retired_at"])
    _note(actor, "retire metric", metric)


def restore_metric(metric: Metric, *, actor: Actor) -> None:
    """Take a metric into use again, with all that was said of it."""
    metric.retired_at = None
    metric.save(update_fields=["retired_at"])
    _note(actor, "restore metric", metric)


def say_of_metric(said: MetricAlignment, *, actor: Actor) -> MetricAlignment:
    """Keep what somebody says of a metric as it is defined now.

    Written by somebody else than the person, it is marked as noted for them. The
    row is checked already.
    """
    said.version = said.metric.version
    # Who answers by link has no account, and speaks for nobody else.
    is_own = actor.user is None or said.stakeholder.user_id == actor.user.pk
    said.noted_by = None if is_own else actor.user
    said.save()
    audit.record(
        actor,
        "say of a metric",
        project_id=said.metric.project_id,
        subject=str(said),
        detail={"agreed": said.agreed, "version": said.version, "noted": not is_own},
    )
    return said


@transaction.atomic
def take_word_back(said: MetricAlignment, *, actor: Actor) -> None:
    """Delete what somebody said of a metric; the audit trail keeps that it was said."""
    audit.record(
        actor,
        "take a word back",
        project_id=said.metric.project_id,
        subject=str(said),
        detail={"agreed": said.agreed, "version": said.version},
    )
    said.delete()


@transaction.atomic
def save_link(link: MetricLink, *, actor: Actor) -> MetricLink:
    """Save a link that is checked already; a formula defines what it leads to."""
    before = MetricLink.objects.filter(pk=link.pk).first() if link.pk else None
    said = definition_of(link.effect)
    if link.relation == MetricLink.Relation.FORMULA:
        link.elasticity = link.at_cause = link.at_effect = None
    else:
        link.formula = ""
    link.save()
    _define(link.effect, said, actor=actor)
    if before is None or _relation(before) != _relation(link):
        _note_link(actor, "link metrics", link)
    return link


@transaction.atomic
def remove_link(link: MetricLink, *, actor: Actor) -> None:
    """Take a link away; what its formula defined means something else without it."""
    said = definition_of(link.effect)
    _note_link(actor, "unlink metrics", link)
    link.delete()
    _define(link.effect, said, actor=actor)


def _define(effect: Metric, said: dict[str, Any], *, actor: Actor) -> None:
    # What the value function prices is not defined by a link to it.
    if effect.key != NET_VALUE and said != definition_of(effect):
        _change(effect, said=said, actor=actor)


def _relation(link: MetricLink) -> dict[str, Any]:
    names = ("relation", "elasticity", "at_cause", "at_effect", "formula", "note")
    return {name: getattr(link, name) for name in names}


def _note_link(actor: Actor, action: str, link: MetricLink) -> None:
    audit.record(
        actor,
        action,
        project_id=link.project_id,
        subject=str(link),
        detail=_relation(link),
    )


def _note(actor: Actor, action: str, metric: Metric, **detail: Any) -> None:
    audit.record(
        actor,
        action,
        project_id=metric.project_id,
        subject=metric.title,
        detail={"key": metric.key, **detail},
    )


class NothingToCompare(ValueError):
    """No agreed metric ranks a priced run yet."""


@transaction.atomic
def keep_agreement(project: Project, *, actor: Actor) -> Calculation:
    """Keep how the agreed metrics rank the runs now; the same is kept once.

    Raises
    ------
    NothingToCompare
        If no run is priced, or none has an agreed metric.
    """
    found = money_agreement(project)
    if not found.rows or not found.runs:
        raise NothingToCompare(
            _("Nothing to keep: no agreed metric ranks a priced run yet.")
        )
    audit.record(
        actor,
        "compare metrics with money",
        project_id=project.pk,
        subject=project.name,
        detail={"digest": found.digest, "runs": len(found.runs)},
    )
    return keep_calculation(
        Calculation.Kind.AGREEMENT,
        project=project,
        inputs=found.inputs,
        seed=None,
        digest=found.digest,
        result=found.result(),
        actor=actor,
    )
