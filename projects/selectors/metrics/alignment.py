"""Who calls success what, and where they differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.reading import read_together
from projects.models import Metric, MetricAlignment, Project, Stakeholder
from projects.selectors.value import said_so_far

Agreed, Weight = MetricAlignment.Agreed, MetricAlignment.Weight


@dataclass(frozen=True)
class PersonSays:
    """What one person says of one metric, if anything."""

    person: Stakeholder
    metric: Metric
    said: MetricAlignment | None

    @property
    def is_primary(self) -> bool:
        """Whether the person is to be judged by it before all others."""
        return self.said is not None and self.said.weight == Weight.PRIMARY

    @property
    def is_outdated(self) -> bool:
        """Whether it was said of an earlier definition."""
        said = self.said
        return bool(
            said and said.agreed != Agreed.OPEN and said.version < self.metric.version
        )

    @property
    def state(self) -> str:
        """One word: none, open, agreed, outdated or dissent."""
        if self.said is None:
            return "none"
        if self.said.agreed == Agreed.OPEN:
            return "open"
        if self.is_outdated:
            return "outdated"
        return "dissent" if self.said.agreed == Agreed.NO else "agreed"

    @property
    def names_it(self) -> bool:
        """Whether the person names it primary and does not disagree with it."""
        return self.is_primary and self.state in {"agreed", "outdated"}

    @property
    def agreed_version(self) -> int:
        """The version it was said of; 0 without a word."""
        return self.said.version if self.said else 0

    @property
    def at(self) -> datetime | None:
        """When it was said."""
        return self.said.said_at if self.said else None


@dataclass(frozen=True)
class GroupSays:
    """What one group says of one metric: the roll-up of its people."""

    group: Stakeholder.Group
    people: tuple[PersonSays, ...]  # all of the group, whether they spoke or not

    def _names(self, state: str) -> tuple[str, ...]:
        return tuple(each.person.name for each in self.people if each.state == state)

    @property
    def agree(self) -> int:
        """How many agree to the metric as it is defined now."""
        return len(self._names("agreed"))

    @property
    def dissent(self) -> tuple[str, ...]:
        """The names of those who disagree."""
        return self._names("dissent")

    @property
    def silent(self) -> tuple[str, ...]:
        """The names of those who were to say something and have not."""
        return self._names("open")

    @property
    def outdated(self) -> tuple[str, ...]:
        """The names of those whose word is on an earlier version."""
        return self._names("outdated")

    @property
    def primary(self) -> int:
        """How many judge by it before all others."""
        return sum(each.is_primary for each in self.people)

    @property
    def secondary(self) -> int:
        """How many judge by it besides."""
        return sum(each.said is not None for each in self.people) - self.primary

    @property
    def state(self) -> str:
        """One word for the group, the loudest of its people's."""
        if self.dissent:
            return "dissent"
        if self.outdated:
            return "outdated"
        if self.silent:
            return "waiting"
        return "agreed" if self.agree else "none"


@dataclass(frozen=True)
class MetricRow:
    """One metric, and what each group and person says of it."""

    metric: Metric
    groups: tuple[GroupSays, ...]

    @property
    def people(self) -> tuple[PersonSays, ...]:
        """What each person says, by group and name."""
        return tuple(each for group in self.groups for each in group.people)

    @property
    def is_used(self) -> bool:
        """Whether anybody named it."""
        return any(each.said for each in self.people)

    @property
    def decides(self) -> bool:
        """Whether anybody judges by it before all others."""
        return any(each.is_primary and each.state != "dissent" for each in self.people)


@read_together
def alignments(projects: Sequence[Project]) -> dict[int, list[MetricRow]]:
    """Return each project's metrics, retired ones too, with the roll-up of each group."""
    said = said_so_far(projects)
    people = {each.pk: [by.person for by in said[each.pk]] for each in projects}
    rows: dict[int, list[MetricRow]] = {each.pk: [] for each in projects}
    by_id = {each.pk: each for each in projects}
    metrics = Metric.objects.filter(project__in=projects)
    for metric in metrics.prefetch_related("alignments__noted_by"):
        metric.project = by_id[metric.project_id]
        rows[metric.project_id].append(row_of(metric, people[metric.project_id]))
    return rows


def alignment(project: Project) -> list[MetricRow]:
    """Return each metric in use with the roll-up of each group."""
    rows = alignments([project])[project.pk]
    return [row for row in rows if not row.metric.is_retired]


def row_of(metric: Metric, people: Iterable[Stakeholder]) -> MetricRow:
    """Return what these people say of one metric."""
    said = {each.stakeholder_id: each for each in metric.alignments.all()}
    says = [PersonSays(each, metric, said.get(each.pk)) for each in people]
    return MetricRow(
        metric=metric,
        groups=tuple(
            GroupSays(group, tuple(each for each in says if each.person.group == group))
            for group in Stakeholder.Group
        ),
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
    retired: tuple[Metric, ...]
    silent: tuple[str, ...]
    dissent: tuple[str, ...]
    outdated: tuple[str, ...]

    @property
    def groups(self) -> tuple[Stakeholder.Group, ...]:
        """The columns of the roll-up."""
        return tuple(Stakeholder.Group)

    @property
    def by_group(self) -> tuple[GroupSays, ...]:
        """The people by group, as the head of the matrix; groups without any left out."""
        groups = self.used[0].groups if self.used else ()
        return tuple(each for each in groups if each.people)


def board(project: Project) -> MetricsBoard:
    """Return what everybody says of every metric."""
    rows = alignment(project)
    used = [row for row in rows if row.is_used]
    return MetricsBoard(
        used=tuple(used),
        unused=tuple(row.metric for row in rows if not row.is_used),
        retired=tuple(
            row.metric
            for row in alignments([project])[project.pk]
            if row.metric.is_retired
        ),
        silent=tuple(each.name for each in waiting_for(project)),
        dissent=_names(used, "dissent"),
        outdated=_names(used, "outdated"),
    )


def _names(rows: Iterable[MetricRow], state: str) -> tuple[str, ...]:
    names = {
        each.person.name for row in rows for each in row.people if each.state == state
    }
    return tuple(sorted(names))
