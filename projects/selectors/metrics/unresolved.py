"""What people have not settled about the metrics, which keeps the design gate shut."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from projects.models import Project, Stakeholder
from projects.selectors.metrics.alignment import MetricRow, alignment


class Why(StrEnum):
    """What is not settled."""

    NOBODY = "nobody"  # no person has said anything of any metric
    NO_PRIMARY = "no_primary"  # nobody of a group names what they judge by
    DISSENT = "dissent"  # somebody disagrees with what others judge by
    OUTDATED = "outdated"  # somebody agreed to an earlier definition


@dataclass(frozen=True)
class Unresolved:
    """One thing that people have to settle before the design gate opens."""

    why: Why
    words: str  # a whole sentence
    url: str  # where it is settled
    metric: str = ""  # its key
    group: str = ""  # a Stakeholder.Group
    people: tuple[str, ...] = ()


def unresolved(project: Project) -> tuple[Unresolved, ...]:
    """Return what people have not settled about the metrics; empty if all is.

    Only metrics that somebody names primary decide: a word against a secondary one
    is shown in the matrix and shuts nothing. A group without people is not asked.
    """
    rows = alignment(project)
    if not any(row.is_used for row in rows):
        words = _("Nobody has said yet what success is.")
        return (Unresolved(Why.NOBODY, words, _page(project)),)
    deciding = [row for row in rows if row.decides]
    return (
        *_without_primary(project, rows),
        *(each for row in deciding for each in _dissent(row)),
        *(each for row in deciding for each in _outdated(row)),
    )


def _without_primary(project: Project, rows: list[MetricRow]) -> Iterator[Unresolved]:
    for number, group in enumerate(Stakeholder.Group):
        says = [each for row in rows for each in row.groups[number].people]
        if says and not any(each.names_it for each in says):
            people = tuple(dict.fromkeys(each.person.name for each in says))
            yield Unresolved(
                Why.NO_PRIMARY,
                _("No primary metric yet from: %(group)s (%(names)s).")
                % {"group": group.label, "names": ", ".join(people)},
                _page(project),
                group=group.value,
                people=people,
            )


def _dissent(row: MetricRow) -> Iterator[Unresolved]:
    names = tuple(name for group in row.groups for name in group.dissent)
    if names:
        yield Unresolved(
            Why.DISSENT,
            _("%(names)s: against “%(metric)s”, which others judge by.")
            % {"names": ", ".join(names), "metric": row.metric.title},
            row.metric.get_absolute_url(),
            metric=row.metric.key,
            people=names,
        )


def _outdated(row: MetricRow) -> Iterator[Unresolved]:
    says = [each for each in row.people if each.is_outdated]
    if says:
        names = tuple(each.person.name for each in says)
        yield Unresolved(
            Why.OUTDATED,
            _(
                "%(names)s agreed to version %(then)s of “%(metric)s”, now %(now)s: "
                "ask again."
            )
            % {
                "names": ", ".join(names),
                "then": min(each.agreed_version for each in says),
                "metric": row.metric.title,
                "now": row.metric.version,
            },
            row.metric.get_absolute_url(),
            metric=row.metric.key,
            people=names,
        )


def _page(project: Project) -> str:
    return project.url("projects:metrics")
