"""Where a project's requirements contradict each other, or what was measured."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from projects.kinds import conflicts as rules_of_conflict
from projects.kinds.catalogue import INTERPRETABILITY
from projects.kinds.conflicts import SIZE, Conflict, Measured, Rule, Side, family_of
from projects.models import Evidence, Project
from projects.selectors.requirements import versions_in_force
from projects.selectors.shown import shown

HOUR = 60.0  # minutes


@dataclass(frozen=True)
class SideShown:
    """One side with its address; "" where there is none."""

    label: str
    url: str
    requirement: int | None


@dataclass(frozen=True)
class ConflictShown:
    """A conflict as a page shows it."""

    kind: str
    sentence: str
    sides: tuple[SideShown, ...]
    remedy: str


def conflicts_of(project: Project) -> list[ConflictShown]:
    """Return the conflicts among the requirements in force, and with every run."""
    versions = versions_in_force(project)
    if not versions:
        return []
    names = dict(project.metrics.values_list("key", "title"))
    rules = [
        Rule(
            version.requirement_id,
            version.title,
            version.kind,
            version.bounds,
            version.details,
            names,
        )
        for version in versions
    ]
    metrics = {bound.metric_key for rule in rules for bound in rule.bounds}
    runs = measured_runs(project, metrics | {INTERPRETABILITY, SIZE[0]})

    def say(value: float, unit: str) -> str:
        return words_of(value, unit, project.currency)

    found = rules_of_conflict.conflicts(rules, runs, say=say)
    return [_shown(project, each) for each in found]


def words_of(value: float, unit: str, currency: str) -> str:
    """Return a bound in words; minutes as hours once they are many."""
    if unit == "min" and value >= 2 * HOUR:
        return _("%(n)s hours") % {"n": shown(value / HOUR, "", currency)}
    if unit == "min":
        return _("%(n)s minutes") % {"n": shown(value, "", currency)}
    if unit == "":
        return f"{value:,g}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return shown(value, unit, currency)


def measured_runs(project: Project, metrics: set[str]) -> list[Measured]:
    """Return what was measured of each run, in one query."""
    rows = Evidence.objects.filter(
        project=project,
        subject_kind="run",
        requirement_version=None,
        superseded_by=None,
        metric_key__in=metrics,
        value__isnull=False,
    ).order_by("pk")
    found: dict[str, Measured] = {}
    values: dict[str, dict[tuple[str, str], float]] = {}
    for run, label, url, metric, slice_name, value, note in rows.values_list(
        "subject_id",
        "subject_label",
        "subject_url",
        "metric_key",
        "slice",
        "value",
        "note",
    ):
        mine = values.setdefault(run, {})
        mine[metric, slice_name] = float(value or 0.0)
        family = family_of(note) if metric == INTERPRETABILITY else ""
        if run not in found or family:
            found[run] = Measured(run, label, url, family, mine)
    return list(found.values())


def _shown(project: Project, conflict: Conflict) -> ConflictShown:
    # Both sides may be the same requirement: then it is named once.
    sides = dict.fromkeys(_side(project, each) for each in conflict.sides)
    return ConflictShown(
        conflict.kind, conflict.sentence, tuple(sides), conflict.remedy
    )


def _side(project: Project, side: Side) -> SideShown:
    url = side.url
    if side.requirement is not None:
        url = reverse("projects:requirement", args=[project.slug, side.requirement])
    return SideShown(side.label, url, side.requirement)
