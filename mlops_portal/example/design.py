"""The design phase of the worked example: people, value, requirements, metrics."""

from datetime import datetime, timedelta

from django.utils import timezone

from core.access import Actor
from mlops_portal.example import story
from projects import services
from projects.models import (
    NET_VALUE,
    Estimate,
    EstimateRound,
    Invitation,
    Metric,
    MetricAlignment,
    MetricLink,
    Project,
    Requirement,
    Stakeholder,
)
from projects.services import RangeGiven


def begin(actor: Actor) -> Project:
    """Return the example's project with everything that needs no job."""
    project = services.create_project(story.project(), actor=actor, seed=story.SEED)
    _count(project, actor)
    for person in story.PEOPLE:
        _add(project, person)
    _estimate(project, actor)
    name, settled, reason = story.SETTLED
    services.settle_range(
        project.quantities.get(name=name), settled, actor=actor, reason=reason
    )
    project.refresh_from_db()
    _derive(project, actor)
    for wish in story.WISHES:
        _require(project, wish, actor)
    return project


def _count(project: Project, actor: Actor) -> None:
    """Add what the experts count, with the links from the model to the money."""
    for each in story.COUNTED:
        metric = Metric(
            project=project,
            key=each.key,
            title=each.title,
            kind=Metric.Kind.DOMAIN,
            direction=each.direction,
            unit=each.unit,
            words=each.words,
            position=project.metrics.count(),
        )
        services.save_metric(metric, actor=actor)
    links = [(each.cause, each.key, each.formula, each.note) for each in story.COUNTED]
    links += [(key, NET_VALUE, text, why) for key, text, why in story.TO_MONEY]
    for cause, effect, formula, note in links:
        link = MetricLink(
            project=project,
            cause=project.metrics.get(key=cause),
            effect=project.metrics.get(key=effect),
            relation=MetricLink.Relation.FORMULA,
            formula=formula,
            note=note,
        )
        link.full_clean()
        services.save_link(link, actor=actor)


def _add(project: Project, person: story.Person) -> None:
    row = Stakeholder.objects.create(
        project=project,
        name=person.name,
        title=person.title,
        group=person.group,
        capacity=person.capacity or "",
    )
    for key, weight in (
        (person.primary, MetricAlignment.Weight.PRIMARY),
        *((each, MetricAlignment.Weight.SECONDARY) for each in person.secondary),
        *((each, MetricAlignment.Weight.SECONDARY) for each in person.disagrees),
    ):
        no = key in person.disagrees
        metric = project.metrics.get(key=key)
        MetricAlignment.objects.create(
            stakeholder=row,
            metric=metric,
            version=metric.version,
            weight=weight,
            agreed=MetricAlignment.Agreed.NO if no else MetricAlignment.Agreed.YES,
        )


def _estimate(project: Project, actor: Actor) -> None:
    """Have people say what they think, and once more when a pilot is known."""
    asked = [each for each in story.PEOPLE if each.ranges]
    for person in asked:
        _answer(project, person, person.ranges, actor)
    _date_back(project, days=9)
    opened = services.open_round(project, actor=actor, reason=story.ASKED_AGAIN)
    EstimateRound.objects.filter(pk=opened.pk).update(opened_at=_before(days=6))
    for person in asked:
        _answer(project, person, {**person.ranges, **person.again}, actor)
    _date_back(project, days=2)


def _answer(
    project: Project, person: story.Person, ranges: story.Ranges, actor: Actor
) -> None:
    row = Stakeholder.objects.get(project=project, name=person.name)
    deadline = timezone.now() + Invitation.LIFETIME
    invitation, _secret = services.invite(row, actor=actor, deadline=deadline)
    given = {
        name: RangeGiven(low=low, likely=likely, high=high, source=source)
        for name, (low, likely, high, source) in ranges.items()
    }
    guest = Actor(invitation_id=invitation.pk)
    services.save_estimates(project, row, given, actor=guest, submit=True)
    services.answer_invitation(invitation)


def _date_back(project: Project, *, days: int) -> None:
    """Have this round's answers sent on a day before, as people would have."""
    rows = Estimate.objects.filter(
        stakeholder__project=project, round=project.estimate_round
    )
    rows.update(submitted_at=_before(days=days))


def _before(*, days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def _derive(project: Project, actor: Actor) -> None:
    """Require the recall that breaks even in nine of ten futures."""
    derived = services.derive(project, metric="recall", at=story.BEARABLE_FPR)
    if derived.threshold is None:
        raise RuntimeError("the example's value case has no recall that pays")
    services.require_derived(derived, project=project, actor=actor)


def _require(project: Project, wish: story.Wish, actor: Actor) -> None:
    position = project.requirements.count()
    row = Requirement(
        project=project, kind=wish.kind, priority=wish.priority, position=position
    )
    version = services.save_requirement(
        row,
        actor=actor,
        said={
            "title": wish.title,
            "test": wish.test,
            "metric_key": wish.metric_key,
            "comparison": wish.comparison,
            "threshold": wish.threshold,
            "unit": wish.unit,
            "source": wish.source,
            "details": wish.details,
        },
    )
    if version.needs_attestation:
        services.attest(
            row,
            actor=actor,
            holds=True,
            note="For the example: the columns were read, and the model explains itself.",
        )
