"""What waits for a person, their projects, and what runs now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.marks import Axis, axis_for
from core.access import Actor, Right
from core.models import Job
from dataquality.selectors import have_data
from dataquality.selectors.mitigations import collections_of
from engine.value.simulate import ValueEstimate
from experiments.selectors import best_runs, statuses_by
from mlops_portal.selectors.news import News, news
from mlops_portal.selectors.next_step import NextStep, next_step
from projects.models import (
    Decision,
    Estimate,
    Invitation,
    MetricAlignment,
    Project,
    Stakeholder,
)
from projects.models.access import project_ids_allowing
from projects.selectors.gates import gates_by, gates_of
from projects.selectors.requirements import State, standings, standings_by
from projects.selectors.stations import musts_of
from projects.selectors.value import (
    answers,
    case_result,
    current_case,
    current_cases,
    said_so_far,
)

SHOWN = 8


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the reader, with one verb."""

    what: str
    where: str
    detail: str
    verb: str
    url: str
    since: datetime


@dataclass(frozen=True)
class ProjectRow:
    """One project on the scale it shares with the others."""

    project: Project
    result: ValueEstimate | None  # None until somebody has answered
    met: int
    musts: int
    step: NextStep | None


@dataclass(frozen=True)
class Home:
    """The first page of a person."""

    waiting: tuple[Waiting, ...]
    rows: tuple[ProjectRow, ...]
    all_projects: int
    axis: Axis | None
    running: tuple[Job, ...]
    news: News
    example: Project | None

    @property
    def several(self) -> bool:
        """Whether there is more than one project, so that each must be named."""
        return self.all_projects > 1

    @property
    def is_first_visit(self) -> bool:
        """Whether there is nothing yet but the worked example."""
        return self.all_projects == int(self.example is not None)


def home(actor: Actor, *, now: datetime) -> Home:
    """Return the reader's first page."""
    projects = Project.objects.visible_to(actor).filter(archived_at=None)
    ids = list(projects.values_list("pk", flat=True))
    shown = list(projects[:SHOWN])
    _read_together(shown)
    rows = tuple(_row(each) for each in shown)
    priced = [row for row in rows if row.result]
    ends = [end for row in priced if row.result for end in _ends(row.result)]
    return Home(
        waiting=tuple(sorted(waiting_for(actor), key=lambda each: each.since)),
        rows=rows,
        all_projects=len(ids),
        axis=axis_for(ends, currency=_common_currency(priced)) if ends else None,
        running=tuple(
            Job.objects.for_projects(ids).unfinished().order_by("created_at")[:5]
        ),
        news=news(actor, ids, now=now, known=shown),
        # Beyond the rows shown nothing asks for it: then it is no first visit.
        example=next((each for each in shown if each.is_example), None),
    )


def _read_together(projects: list[Project]) -> None:
    """Read for all rows at once what each of them would ask for by itself."""
    for read in (
        current_cases,
        said_so_far,
        standings_by,
        have_data,
        statuses_by,
        best_runs,
        gates_by,
    ):
        read(projects)


def _ends(result: ValueEstimate) -> tuple[float, float]:
    return result.annual.p5, result.annual.p95


def _common_currency(rows: list[ProjectRow]) -> str:
    return rows[0].project.currency


def _row(project: Project) -> ProjectRow:
    has_answer = any(each.state == "sent" for each in answers(project))
    musts = musts_of(standings(project))
    return ProjectRow(
        project=project,
        result=case_result(current_case(project)) if has_answer else None,
        met=sum(each.state is State.MET for each in musts),
        musts=len(musts),
        step=next_step(project),
    )


def waiting_for(actor: Actor) -> Iterator[Waiting]:
    """Yield what waits for the reader: estimates, metrics, tasks, signatures, musts."""
    yield from _estimates(actor)
    yield from _metrics(actor)
    yield from _collections(actor)
    yield from _signatures(actor)
    yield from _musts(actor)


def _estimates(actor: Actor) -> Iterator[Waiting]:
    mine = Stakeholder.objects.contributable_by(actor).filter(user=actor.user)
    sent = Estimate.objects.filter(
        stakeholder=OuterRef("stakeholder"), submitted_at__isnull=False
    )
    of_first_page = Q(stakeholder__project__quantities__is_refinement=False)
    asked: QuerySet[Any] = (
        Invitation.objects.filter(
            ~Exists(sent),
            stakeholder__in=mine,
            answered_at=None,
            declined_at=None,
            revoked_at=None,
        )
        .annotate(
            numbers=Count("stakeholder__project__quantities", filter=of_first_page)
        )
        .select_related("stakeholder__project")
    )
    for each in asked:
        if not each.is_open:
            continue
        count = each.numbers
        yield Waiting(
            what=ngettext("Estimate %(n)s number", "Estimate %(n)s numbers", count)
            % {"n": count},
            where=each.project.name,
            detail=_("about %(n)s minutes") % {"n": count + 1},
            verb=_("Estimate"),
            url=each.project.url("projects:estimate"),
            since=each.created_at,
        )


def _metrics(actor: Actor) -> Iterator[Waiting]:
    """Yield the metrics the reader was asked about, or that mean something else now."""
    mine: QuerySet[Any] = (
        MetricAlignment.objects.contributable_by(actor)
        .filter(
            stakeholder__user=actor.user,
            metric__retired_at=None,
            metric__project__archived_at=None,
        )
        .filter(
            Q(agreed=MetricAlignment.Agreed.OPEN) | Q(version__lt=F("metric__version"))
        )
        .annotate(changed_at=Max("metric__earlier__changed_at"))
        .select_related("metric__project")
    )
    for each in mine:
        yield Waiting(
            what=_("Say what you think of “%(metric)s”") % {"metric": each.metric},
            where=each.metric.project.name,
            detail=_("it means something else than what you agreed to")
            if each.is_outdated
            else _("you were named, and have not said yet"),
            verb=_("Say it"),
            url=f"{each.metric.get_absolute_url()}#say",
            since=each.changed_at or each.said_at,
        )


def _collections(actor: Actor) -> Iterator[Waiting]:
    """Yield the columns whose missing values the reader is to collect."""
    for each in collections_of(actor):
        day = date_format(each.due_on, "j M Y") if each.due_on else ""
        until = _("overdue since %(day)s") if each.is_overdue else _("until %(day)s")
        yield Waiting(
            what=_("Collect the missing values of %(column)s")
            % {"column": each.column[:80]},
            where=each.data_set.project.name,
            detail=f"{each.data_set.name}, {until % {'day': day}}",
            verb=_("Look"),
            url=each.get_absolute_url(),
            since=each.created_at,
        )


def _signatures(actor: Actor) -> Iterator[Waiting]:
    mine = Stakeholder.objects.contributable_by(actor).filter(user=actor.user)
    held = mine.exclude(capacity="").select_related("project")
    projects = [each.project for each in held if each.project.archived_at is None]
    gates_by(projects)
    for project in projects:
        for gate in gates_of(project).values():
            row = gate.proposal or gate.decision
            if gate.is_on and row and _may_sign(row, actor, is_stale=gate.is_stale):
                yield Waiting(
                    what=_("Sign the %(gate)s") % {"gate": gate.name},
                    where=project.name,
                    detail=row.question,
                    verb=_("Sign"),
                    url=row.get_absolute_url(),
                    since=row.created_at,
                )


def _may_sign(row: Decision, actor: Actor, *, is_stale: bool) -> bool:
    """Whether the reader's word is asked: not said yet, and not past asking."""
    if row.is_signed and is_stale:
        return False
    said = {each.user_id for each in row.signatures.all()}
    return actor.user is not None and actor.user.pk not in said


def _musts(actor: Actor) -> Iterator[Waiting]:
    ids = project_ids_allowing(actor, Right.EDIT)
    mine = Project.objects.filter(pk__in=ids, archived_at=None, deleted_at=None)
    by_project = standings_by(list(mine))
    for project in mine:
        for each in musts_of(by_project[project.pk]):
            if each.state is State.STALE and each.evidence:
                yield Waiting(
                    what=_("A must went stale"),
                    where=project.name,
                    detail=each.version.title,
                    verb=_("Look"),
                    url=each.requirement.get_absolute_url(),
                    since=each.evidence.at,
                )
