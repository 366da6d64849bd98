"""How the metrics of a project hang together, from the model to the money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.reading import read_together
from engine.numbers import two_digits
from engine.value.case import ValueCase
from engine.value.formula import FormulaError
from engine.value.links import Link
from projects.models import Metric, MetricLink, Project
from projects.selectors.shown import shown
from projects.selectors.value import current_case


@dataclass(frozen=True)
class LinkLine:
    """One link, in words."""

    link: MetricLink
    relation: str
    problem: str  # why it carries nothing, or ""


@read_together
def links_by(projects: Sequence[Project]) -> dict[int, list[MetricLink]]:
    """Return each project's links between metrics in use, in one query."""
    rows = MetricLink.objects.filter(
        project__in=projects, cause__retired_at=None, effect__retired_at=None
    ).select_related("cause", "effect")
    found: dict[int, list[MetricLink]] = {each.pk: [] for each in projects}
    by_id = {each.pk: each for each in projects}
    for row in rows:
        row.project = row.cause.project = row.effect.project = by_id[row.project_id]
        found[row.project_id].append(row)
    return found


def links_of(project: Project) -> list[MetricLink]:
    """Return the project's links between metrics in use."""
    return links_by([project])[project.pk]


def engine_links(links: Iterable[MetricLink]) -> list[Link]:
    """Return links as the engine follows them."""
    return [
        Link(
            cause=each.cause.key,
            effect=each.effect.key,
            formula=each.formula,
            elasticity=each.elasticity,
            at_cause=each.at_cause,
            at_effect=each.at_effect,
        )
        for each in links
    ]


def assumed(case: ValueCase) -> dict[str, str]:
    """Return which quantities a case assumes until a run measures these metrics."""
    return {case.tpr: "recall", case.fpr: "fpr"}


def link_lines(project: Project) -> list[LinkLine]:
    """Return the project's links in words, with what keeps one from working."""
    case = current_case(project).to_engine()
    rows = links_of(project)
    return [
        LinkLine(row, relation_in_words(row), _problem(link, case))
        for row, link in zip(rows, engine_links(rows), strict=True)
    ]


def _problem(link: Link, case: ValueCase) -> str:
    try:
        missing = link.missing(case.by_name)
    except FormulaError as problem:
        return str(problem)
    if not missing:
        return ""
    return _("%(names)s: no quantity of the value case is called so any more.") % {
        "names": ", ".join(missing)
    }


def relation_in_words(link: MetricLink) -> str:
    """Return a link's relation as a reader without mathematics can check it."""
    if link.relation == MetricLink.Relation.FORMULA:
        return f"{link.effect.key} = {link.formula}"
    currency = link.project.currency
    return _(
        "1 %% more of it is %(percent)s %% of the other; %(cause)s goes with %(effect)s"
    ) % {
        "percent": two_digits(link.elasticity or 0.0),
        "cause": value_of(link.cause, link.at_cause or 0.0, currency),
        "effect": value_of(link.effect, link.at_effect or 0.0, currency),
    }


WITHOUT_UNIT = {"", "nats", "squared share", "coefficient", "target"}


def value_of(metric: Metric, value: float, currency: str) -> str:
    """Return a value of a metric with its unit: 79 %, €32k, 410 customers."""
    text = shown(value, metric.unit, currency)
    spoken = text != two_digits(value) or metric.unit in WITHOUT_UNIT
    return text if spoken else f"{text}\N{NO-BREAK SPACE}{metric.unit}"
