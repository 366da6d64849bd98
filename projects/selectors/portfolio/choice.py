"""Which projects to do: the best choice under rules, from the portfolio's figures."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from core.access import Actor
from engine.digests import digest
from engine.value.calibration import BiasRatio
from engine.value.futures import futures_of
from engine.value.portfolio import (
    Candidate,
    Change,
    FrontierPoint,
    Platform,
    Rules,
    Selection,
    SelectionFrequency,
    WhatIf,
    forced_changes,
    frontier,
    optimise,
    rule_changes,
    selection_frequency,
    shrink,
    what_if,
)
from engine.version import ENGINE_VERSION
from projects.selectors.portfolio.platforms import PricedPlatform, priced_platforms
from projects.selectors.portfolio.rates import Rates, rates_on
from projects.selectors.portfolio.rows import PortfolioRow, rows_of, seen_projects

SEED = 20260101
DRAWS = 100  # futures that are solved again: a share of them is known to 5 points
RANGE_DRAWS = 4_000
BUDGET_STEPS = (-0.1, 0.1, 0.2)  # of the budget
PEOPLE_STEPS = (-1.0, 1.0)
MOST_FORCED = 120  # projects that are forced the other way, those that gain most first


@dataclass(frozen=True)
class Problem:
    """What is chosen from, and under which rules."""

    rows: Mapping[str, PortfolioRow]  # the counted projects by short name
    platforms: Mapping[str, PricedPlatform]  # those with a price, by key
    unpriced: tuple[PricedPlatform, ...]  # those in a currency without a rate
    rules: Rules
    dropped: int  # rules about what is not counted, or not seen
    shrink: float | None  # the ratio that gains are multiplied by
    rates: Rates

    def candidates(self, *, draws: int = RANGE_DRAWS) -> tuple[Candidate, ...]:
        """Return the projects as the engine chooses among them."""
        found = tuple(
            _candidate(key, row, draws=draws) for key, row in self.rows.items()
        )
        return shrink(found, self.shrink) if self.shrink else found

    def built(self) -> tuple[Platform, ...]:
        """Return the platforms that any of the projects builds on, or a rule names."""
        keys = set(self.rows)
        named = {*self.rules.mandatory, *self.rules.excluded}
        found = (each.to_engine(keys) for each in self.platforms.values())
        return tuple(each for each in found if each.uses or each.key in named)

    def name_of(self, key: str) -> str:
        """Return what people call a project or a platform."""
        if key in self.rows:
            return self.rows[key].project.name
        return self.platforms[key].platform.name

    def inputs(self) -> dict[str, Any]:
        """Return all that the result depends on, as JSON."""
        currencies = {each.project.currency for each in self.rows.values()}
        currencies |= {each.platform.currency for each in self.platforms.values()}
        return {
            "currency": self.rates.reporting,
            "rates": [
                {
                    "currency": each.currency,
                    "rate": str(each.rate),
                    "valid_from": each.valid_from.isoformat(),
                }
                for each in self.rates.used_for(currencies)
            ],
            "projects": [_stored(key, row) for key, row in sorted(self.rows.items())],
            "platforms": [asdict(each) for each in self.built()],
            "rules": self.rules.to_json(),
            "shrink": self.shrink,
            "draws": DRAWS,
        }

    @property
    def digest(self) -> str:
        """What identifies inputs, seed and engine version together."""
        return digest(
            {"inputs": self.inputs(), "seed": SEED, "engine_version": ENGINE_VERSION}
        )


def _candidate(key: str, row: PortfolioRow, *, draws: int) -> Candidate:
    figures = row.figures
    if figures is None or row.p_pays_back is None:
        msg = f"{key!r} has no figures"
        raise ValueError(msg)
    return Candidate(
        key=key,
        cost=max(figures.cost, 0.0),
        people=row.people or 0.0,
        value=figures.mean,
        value_draws=futures_of(
            figures.quantiles,
            mean=figures.mean,
            key=str(row.project.pk),
            draws=draws,
            seed=SEED,
        ),
        risk=1 - row.p_pays_back,
    )


def _stored(key: str, row: PortfolioRow) -> dict[str, Any]:
    figures = row.figures
    return {
        "project": key,
        "gain": figures.mean if figures else None,
        "quantiles": list(figures.quantiles) if figures else [],
        "cost": figures.cost if figures else None,
        "people": row.people,
    }


def problem_of(
    actor: Actor,
    rules: Rules,
    *,
    today: date,
    optimism: BiasRatio | None = None,
) -> Problem:
    """Return what somebody chooses from; rules about other things are left out."""
    rates = rates_on(today)
    rows = rows_of(seen_projects(actor).order_by("name", "pk"), rates)
    counted = {each.project.slug: each for each in rows if each.is_counted}
    every = priced_platforms(actor, rates)
    platforms = {each.key: each for each in every if each.yearly is not None}
    # As stored: 20 and 20.0 are one limit and must have one digest.
    rules = Rules.from_json(rules.to_json())
    kept = _known(rules, set(counted), {*counted, *platforms})
    return Problem(
        rows=counted,
        platforms=platforms,
        unpriced=tuple(each for each in every if each.yearly is None),
        rules=kept,
        dropped=len(list(rules.single())) - len(list(kept.single())),
        shrink=optimism.ratio if optimism else None,
        rates=rates,
    )


def _known(rules: Rules, projects: set[str], every: set[str]) -> Rules:
    """Return the rules about these things alone: others do not exist here."""
    return replace(
        rules,
        mandatory=tuple(each for each in rules.mandatory if each in every),
        excluded=tuple(each for each in rules.excluded if each in every),
        exclusive=tuple(each for each in rules.exclusive if set(each) <= projects),
        requires=tuple(each for each in rules.requires if set(each) <= projects),
    )


@dataclass(frozen=True)
class Choice:
    """The best choice, what would change it, and how sure it is."""

    selection: Selection
    limits: tuple[WhatIf, ...]  # budget and people a step less and more
    rules: tuple[WhatIf, ...]  # each other rule dropped
    forced: Mapping[str, WhatIf]  # each project forced the other way, by key
    frequency: SelectionFrequency

    def to_json(self) -> dict[str, Any]:
        """Return the choice as JSON."""
        return {
            "selection": self.selection.to_json(),
            "limits": [_brief(each) for each in self.limits],
            "rules": [_brief(each) for each in self.rules],
            "forced": [_brief(each) for each in self.forced.values()],
            "frequency": self.frequency.to_json(),
        }


# Where there is nothing to choose from.
NOTHING = Choice(
    selection=Selection((), (), value=0.0, cost=0.0, people=0.0, is_proven=True),
    limits=(),
    rules=(),
    forced={},
    frequency=SelectionFrequency(shares={}, draws=0, choices=0, regret=0.0),
)


def _brief(answer: WhatIf) -> dict[str, Any]:
    """Return a what-if as JSON, without the whole choice it leads to."""
    found = answer.to_json()
    found.pop("selection")
    return found


def choose(problem: Problem) -> Choice:
    """Return the best choice with what would change it.

    Raises
    ------
    Infeasible
        If the rules contradict each other; it names which.
    """
    if not problem.rows:
        return NOTHING
    candidates, platforms = problem.candidates(), problem.built()
    rules = problem.rules
    selection = optimise(candidates, rules, platforms=platforms)

    def solved(changes: Iterable[Change]) -> tuple[WhatIf, ...]:
        return what_if(candidates, rules, tuple(changes), platforms=platforms)

    forced = solved(forced_changes(selection, _to_force(problem, selection)))
    return Choice(
        selection=selection,
        limits=solved(_limit_changes(rules)),
        rules=solved(rule_changes(rules)),
        forced={each.change.key: each for each in forced},
        frequency=selection_frequency(
            candidates, rules, platforms=platforms, draws=DRAWS
        ),
    )


def _limit_changes(rules: Rules) -> list[Change]:
    found: list[Change] = []
    if rules.budget:
        found += [Change("budget", step * rules.budget) for step in BUDGET_STEPS]
    if rules.people is not None:
        found += [Change("people", step) for step in PEOPLE_STEPS]
    return found


def _to_force(problem: Problem, selection: Selection) -> list[str]:
    """Return what is worth forcing: what is in, and what is out though it gains."""
    inside = {*selection.chosen, *selection.platforms}
    ruled = {*problem.rules.mandatory, *problem.rules.excluded}
    gain = {key: row.figures.mean for key, row in problem.rows.items() if row.figures}
    wanted = [key for key in gain if key in inside or gain[key] > 0 or key in ruled]
    return sorted(wanted, key=lambda key: -gain[key])[:MOST_FORCED]


def frontier_of(problem: Problem) -> tuple[FrontierPoint, ...]:
    """Return what each budget can bring, from nothing to all that is worth doing."""
    if not problem.rows:
        return ()
    return frontier(problem.candidates(), problem.rules, platforms=problem.built())
