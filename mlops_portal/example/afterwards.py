"""What goes on around the loop of the worked example: talk, a platform, what came true.

Each step happens once, so that a load that broke off goes on.
"""

from datetime import date

from django.db import transaction

from core.access import NOBODY, Actor
from mlops_portal.example import story
from projects import services
from projects.models import (
    Comment,
    Invitation,
    PlatformUse,
    Project,
    RealisedValue,
    Stakeholder,
)
from projects.models.realised import quarter_from
from projects.selectors.comments import Subject, find_subject
from projects.services import portfolio


@transaction.atomic
def talk(project: Project, actor: Actor) -> None:
    """Have the invented people say something, and mention who loads the example."""
    if Comment.objects.filter(project=project).exists():
        return
    for remark in story.REMARKS:
        subject = _subject(project, remark)
        text = remark.text.format(owner=actor.name)
        first = _say(project, subject, remark.name, text)
        for name, answer in remark.answers:
            _say(project, subject, name, answer, answers=first)


def _subject(project: Project, remark: story.Remark) -> Subject:
    subject = find_subject(project, remark.kind, str(_about(project, remark)))
    if subject is None:
        raise RuntimeError(f"the example has no {remark.kind} {remark.about}")
    return subject


def _about(project: Project, remark: story.Remark) -> int:
    if remark.kind == "quantity":
        return project.quantities.get(name=remark.about).pk
    if remark.kind == "requirement":
        return project.requirements.filter(versions__metric_key=remark.about)[0].pk
    return project.pk


def _say(
    project: Project,
    subject: Subject,
    name: str,
    text: str,
    answers: Comment | None = None,
) -> Comment:
    person = Stakeholder.objects.get(project=project, name=name)
    asked = Invitation.objects.filter(stakeholder=person).latest("pk")
    return services.post_comment(
        project,
        subject,
        actor=Actor(invitation_id=asked.pk),
        stakeholder=person,
        text=text,
        answers=answers,
    )


@transaction.atomic
def build_on_a_platform(project: Project, actor: Actor) -> None:
    """Have the example use a platform; it is nobody's, and seen through the example."""
    if project.platform_uses.exists():
        return
    platform = portfolio.save_platform(story.platform(), actor=NOBODY)
    use = PlatformUse(
        platform=platform,
        project=project,
        is_needed=False,
        cost_without=story.WITHOUT_PLATFORM,
    )
    portfolio.save_use(use, actor=actor)


@transaction.atomic
def come_true(project: Project, actor: Actor, *, today: date) -> None:
    """Enter what two quarters brought, and what was measured of the quantities."""
    if project.realised_values.exists():
        return
    for each in story.CAME_TRUE:
        starts_on = quarter_before(today, each.quarters_ago)
        row = RealisedValue(
            project=project,
            quantity=project.quantities.get(name=each.quantity)
            if each.quantity
            else None,
            starts_on=starts_on,
            ends_on=quarter_from(starts_on),
            value=each.value,
            low=each.low,
            high=each.high,
            method=each.method,
            note=each.note,
        )
        services.enter_realised(row, actor=actor)


def quarter_before(today: date, ago: int) -> date:
    """Return the first day of a quarter that is over: 1 for the last one."""
    quarters = 4 * today.year + (today.month - 1) // 3 - ago
    return date(quarters // 4, quarters % 4 * 3 + 1, 1)
