"""Who calls success what, and where they differ."""

from dataclasses import dataclass

from projects.models import Metric, MetricAlignment, Project, Stakeholder
from projects.selectors.value import said_so_far

Agreed = MetricAlignment.Agreed


@dataclass(frozen=True)
class GroupSays:
    """What one group says of one metric: the roll-up of its people."""

    group: Stakeholder.Group
    primary: int
    secondary: int
    agree: int
    dissent: tuple[str, ...]  # names of those who disagree
    silent: tuple[str, ...]  # names of those who have not said yet

    @property
    def state(self) -> str:
        """One word for the group."""
        if self.dissent:
            return "dissent"
        if self.silent:
            return "waiting"
        return "agreed" if self.agree else "none"


@dataclass(frozen=True)
class MetricRow:
    """One metric, and what each group and person says of it."""

    metric: Metric
    groups: tuple[GroupSays, ...]
    by_person: dict[int, MetricAlignment]  # by stakeholder id

    @property
    def is_used(self) -> bool:
        """Whether anybody named it."""
        return bool(self.by_person)


def alignment(project: Project) -> list[MetricRow]:
    """Return each metric with the roll-up of each group."""
    people = list(project.stakeholders.all())
    metrics = list(project.metrics.prefetch_related("alignments"))
    return [_row(metric, people) for metric in metrics]


def _row(metric: Metric, people: list[Stakeholder]) -> MetricRow:
    said = {each.stakeholder_id: each for each in metric.alignments.all()}
    return MetricRow(
        metric=metric,
        groups=tuple(
            _group(group, [p for p in people if p.group == group], said)
            for group in Stakeholder.Group
        ),
        by_person=said,
    )


def _group(
    group: Stakeholder.Group,
    people: list[Stakeholder],
    said: dict[int, MetricAlignment],
) -> GroupSays:
    pairs = [(person, said[person.pk]) for person in people if person.pk in said]
    weights = [row.weight for _person, row in pairs]
    return GroupSays(
        group=group,
        primary=weights.count(MetricAlignment.Weight.PRIMARY),
        secondary=weights.count(MetricAlignment.Weight.SECONDARY),
        agree=sum(row.agreed == Agreed.YES for _person, row in pairs),
        dissent=tuple(p.name for p, row in pairs if row.agreed == Agreed.NO),
        silent=tuple(p.name for p, row in pairs if row.agreed == Agreed.OPEN),
    )


def waiting_for(project: Project) -> list[Stakeholder]:
    """Return the stakeholders who have not said what their primary metric is."""
    said = said_so_far([project])[project.pk]
    return [each.person for each in said if not each.has_primary]


@dataclass(frozen=True)
class MetricsBoard:
    """The page of metrics: those somebody named, and the rest of the catalogue."""

    used: tuple[MetricRow, ...]
    unused: tuple[Metric, ...]
    people: int
    silent: tuple[str, ...]
    dissent: tuple[str, ...]
    groups: tuple[Stakeholder.Group, ...]


def board(project: Project) -> MetricsBoard:
    """Return what everybody says of every metric."""
    rows = alignment(project)
    dissent = {name for row in rows for group in row.groups for name in group.dissent}
    return MetricsBoard(
        used=tuple(row for row in rows if row.is_used),
        unused=tuple(row.metric for row in rows if not row.is_used),
        people=len(said_so_far([project])[project.pk]),
        silent=tuple(each.name for each in waiting_for(project)),
        dissent=tuple(sorted(dissent)),
        groups=tuple(Stakeholder.Group),
    )
