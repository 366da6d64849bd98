"""Saved rules of one person, and what they came to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from core.access import Actor
from core.models.trash import TRASH_DAYS
from engine.value.calibration import BiasRatio
from engine.value.portfolio import Rules
from projects.models import Calculation, Project, Scenario
from projects.selectors.portfolio.asked_rules import query_of
from projects.selectors.portfolio.choice import problem_of


@dataclass(frozen=True)
class Kept:
    """What a scenario came to when it was saved."""

    chosen: tuple[str, ...]
    value: float
    low: float | None
    high: float | None
    cost: float
    people: float
    currency: str


@dataclass(frozen=True)
class ScenarioLine:
    """One saved scenario beside the others."""

    scenario: Scenario
    rules: Rules
    kept: Kept | None  # None if it holds what its maker may not see any more
    is_current: bool  # whether the same figures would come out today
    url: str


@dataclass(frozen=True)
class ScenarioRow:
    """One project over the scenarios: in which of them it is chosen."""

    name: str
    url: str
    inside: tuple[bool, ...]


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side."""

    lines: tuple[ScenarioLine, ...]
    rows: tuple[ScenarioRow, ...]  # projects that some choose and some do not
    currency: str  # of budgets


def scenario_rules(scenario: Scenario) -> tuple[Rules, bool]:
    """Return a scenario's rules, and whether gains are shrunk."""
    content = dict(scenario.rules)
    is_shrunk = bool(content.pop("shrink", False))
    return Rules.from_json(content), is_shrunk


def kept_inputs_seen(actor: Actor, calculations: Iterable[Calculation]) -> set[int]:
    """Return the ids of calculations over projects that somebody may still see."""
    named = {each.pk: _projects_of(each.inputs) for each in calculations}
    every = set().union(*named.values())
    seen = set(
        Project.objects.visible_to(actor)
        .filter(slug__in=every)
        .values_list("slug", flat=True)
    )
    return {pk for pk, slugs in named.items() if slugs <= seen}


def _projects_of(inputs: dict[str, Any]) -> set[str]:
    return {each["project"] for each in inputs.get("projects", [])}


def own_calculations(actor: Actor) -> QuerySet[Calculation]:
    """Return the choices somebody had computed, over projects they may still see."""
    if actor.user is None or actor.only_project_id:
        return Calculation.objects.none()
    own = Calculation.objects.filter(
        project=None, kind=Calculation.Kind.PORTFOLIO, by=actor.user
    )
    return own.filter(pk__in=kept_inputs_seen(actor, own.only("inputs")))


def deleted_scenarios(actor: Actor) -> QuerySet[Scenario]:
    """Return the scenarios somebody put in the trash and may take out again."""
    since = timezone.now() - TRASH_DAYS
    return Scenario.objects.filter(created_by=actor.user, deleted_at__gt=since)


def comparison(
    actor: Actor, *, today: date, optimism: BiasRatio | None = None
) -> Comparison:
    """Return somebody's scenarios with what each came to."""
    rows = list(Scenario.objects.visible_to(actor).select_related("calculation"))
    calculations = [each.calculation for each in rows if each.calculation]
    seen = kept_inputs_seen(actor, calculations)
    lines = []
    for each in rows:
        rules, is_shrunk = scenario_rules(each)
        calculation = each.calculation
        problem = problem_of(
            actor, rules, today=today, optimism=optimism if is_shrunk else None
        )
        lines.append(
            ScenarioLine(
                scenario=each,
                rules=rules,
                kept=_kept(calculation)
                if calculation and calculation.pk in seen
                else None,
                is_current=bool(calculation and calculation.digest == problem.digest),
                url=query_of(rules, is_shrunk=is_shrunk),
            )
        )
    return Comparison(
        tuple(lines), tuple(_rows(actor, lines)), settings.REPORTING_CURRENCY
    )


def _kept(calculation: Calculation) -> Kept:
    found = calculation.result["selection"]
    return Kept(
        chosen=tuple(found["chosen"]),
        value=found["value"],
        low=found["p5"],
        high=found["p95"],
        cost=found["cost"],
        people=found["people"],
        currency=calculation.inputs["currency"],
    )


def _rows(actor: Actor, lines: Sequence[ScenarioLine]) -> list[ScenarioRow]:
    known = [each.kept for each in lines if each.kept]
    if len(known) < 2:
        return []
    differing = {
        key
        for each in known
        for key in each.chosen
        if not all(key in other.chosen for other in known)
    }
    projects = Project.objects.visible_to(actor).filter(slug__in=differing)
    return [
        ScenarioRow(
            name=each.name,
            url=each.get_absolute_url(),
            inside=tuple(
                bool(line.kept and each.slug in line.kept.chosen) for line in lines
            ),
        )
        for each in projects.order_by("name")
    ]
