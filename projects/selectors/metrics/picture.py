"""What the picture of linked metrics shows."""

from dataclasses import dataclass

from charts.links import Line, Node, link_map
from projects.models import Metric, Project
from projects.selectors.metrics.links import LinkLine, link_lines, value_of
from projects.selectors.metrics.translation import Translation


@dataclass(frozen=True)
class Shown:
    """One metric of the picture, with the candidate's value where there is one."""

    metric: Metric
    value: str


@dataclass(frozen=True)
class LinksPicture:
    """The linked metrics in three columns, the lines, and each link in words."""

    height: int
    columns: tuple[tuple[str, tuple[Shown, ...]], ...]  # heading, metrics
    lines: tuple[Line, ...]
    links: tuple[LinkLine, ...]


def links_picture(project: Project, candidate: Translation | None) -> LinksPicture:
    """Return the project's links as a picture and as lines of text."""
    rows = link_lines(project)
    metrics = {
        metric.key: metric
        for row in rows
        for metric in (row.link.cause, row.link.effect)
    }
    inside = sorted(metrics.values(), key=lambda each: (each.position, each.pk))
    drawn = link_map(
        [Node(each.key, each.level) for each in inside],
        [(row.link.cause.key, row.link.effect.key) for row in rows],
    )
    said = candidate.said if candidate else {}
    return LinksPicture(
        height=drawn.height,
        columns=tuple(
            (
                str(kind.label),
                tuple(
                    Shown(
                        metrics[key],
                        value_of(
                            metrics[key], said[key].reading.value, project.currency
                        )
                        if key in said
                        else "",
                    )
                    for key in keys
                ),
            )
            for kind, keys in zip(Metric.KINDS_IN_ORDER, drawn.columns, strict=True)
        ),
        lines=drawn.lines,
        links=tuple(rows),
    )
