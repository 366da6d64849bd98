"""One metric: who agreed to which version of it, and what it said before."""

from dataclasses import dataclass
from typing import Any

from projects.models import Metric, MetricLink, MetricVersion
from projects.selectors.metrics.alignment import PersonSays, row_of
from projects.selectors.metrics.links import LinkLine, link_lines


@dataclass(frozen=True)
class Earlier:
    """What a metric meant once, and what of it is different now."""

    row: MetricVersion
    differences: tuple[tuple[str, str], ...]  # name of the field, what it said


@dataclass(frozen=True)
class MetricCard:
    """All that is known of one metric."""

    said: tuple[PersonSays, ...]  # those who said something
    unsaid: tuple[str, ...]  # names of the others
    earlier: tuple[Earlier, ...]  # newest first
    links: tuple[LinkLine, ...]  # what leads to it, then what it leads to


def metric_card(metric: Metric) -> MetricCard:
    """Return what a metric's page shows."""
    people = row_of(metric, metric.project.stakeholders.all()).people
    lines = link_lines(metric.project)
    return MetricCard(
        said=tuple(each for each in people if each.said),
        unsaid=tuple(each.person.name for each in people if not each.said),
        earlier=tuple(_earlier(metric)),
        links=tuple(
            line
            for end in ("effect", "cause")
            for line in lines
            if getattr(line.link, end) == metric
        ),
    )


def _earlier(metric: Metric) -> list[Earlier]:
    """Return each version before this one, against the one that followed it."""
    after = definition_of(metric)
    found = []
    for row in metric.earlier.select_related("changed_by"):
        found.append(Earlier(row, tuple(_differences(row.said, after))))
        after = row.said
    return found


def definition_of(metric: Metric) -> dict[str, Any]:
    """Return what a metric means: its words, and the formulas that lead to it."""
    formulas = {
        link.cause.key: link.formula
        for link in metric.moved_by.select_related("cause")
        if link.relation == MetricLink.Relation.FORMULA
    }
    return {name: getattr(metric, name) for name in Metric.DEFINING} | {
        "formulas": formulas
    }


def _differences(said: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    found = [
        (str(_label(name)), _shown(name, said[name]))
        for name in Metric.DEFINING
        if said[name] != after[name]
    ]
    for key in sorted({*said["formulas"], *after["formulas"]}):
        if said["formulas"].get(key) != after["formulas"].get(key):
            found.append((f"{key} →", said["formulas"].get(key) or "–"))
    return found


def _label(name: str) -> str:
    field: Any = Metric._meta.get_field(name)
    return str(field.verbose_name)


def _shown(name: str, value: str) -> str:
    choices = {"kind": Metric.Kind, "direction": Metric.Direction}
    if name in choices:
        return str(choices[name](value).label)
    return value or "–"
