"""What changes the best choice, how sure it is, and what platforms are worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from engine.value.portfolio.problem import (
    BadPortfolio,
    Candidate,
    Infeasible,
    Platform,
    Rule,
    Rules,
    Selection,
    check,
)
from engine.value.portfolio.solver import Problem, choose, optimise, solve

ChangeKind = Literal["budget", "people", "with", "without", "drop"]


@dataclass(frozen=True)
class Change:
    """One change of the rules: a limit moved, a project forced, a rule dropped."""

    kind: ChangeKind
    amount: float = 0.0  # added to the budget or the people
    key: str = ""  # the project or platform forced in ("with") or out ("without")
    rule: Rule | None = None  # the one dropped

    def of(self, rules: Rules) -> Rules:
        """Return the rules with this change."""
        match self.kind:
            case "budget":
                return replace(rules, budget=_moved(rules.budget, self.amount))
            case "people":
                return replace(rules, people=_moved(rules.people, self.amount))
            case "with":
                fewer = rules.without(Rule("excluded", (self.key,)))
                return replace(fewer, mandatory=_added(fewer.mandatory, self.key))
            case "without":
                fewer = rules.without(Rule("mandatory", (self.key,)))
                return replace(fewer, excluded=_added(fewer.excluded, self.key))
            case "drop":
                return rules.without(self.rule) if self.rule else rules


def _moved(limit: float | None, amount: float) -> float | None:
    return None if limit is None else max(limit + amount, 0.0)


def _added(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return keys if key in keys else (*keys, key)


@dataclass(frozen=True)
class WhatIf:
    """The best choice after a change, re-solved, beside the one before."""

    change: Change
    selection: Selection | None  # None if the change contradicts the rules
    gain: float | None  # its value less that of the choice before
    entered: tuple[str, ...]  # projects and platforms in it that were out before
    left: tuple[str, ...]
    contradiction: tuple[Rule, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON."""
        return asdict(self)


def limit_changes(
    rules: Rules, *, budget_step: float | None = None, people_step: float = 1.0
) -> tuple[Change, ...]:
    """Return the limits a step less and a step more; a tenth of the budget if unsaid."""
    found: list[Change] = []
    if rules.budget is not None:
        step = rules.budget / 10 if budget_step is None else budget_step
        found += [Change("budget", -step), Change("budget", step)]
    if rules.people is not None:
        found += [Change("people", -people_step), Change("people", people_step)]
    return tuple(found)


def forced_changes(selection: Selection, keys: Iterable[str]) -> tuple[Change, ...]:
    """Return each project forced the other way: in if it is out, out if it is in."""
    inside = {*selection.chosen, *selection.platforms}
    return tuple(
        Change("without" if key in inside else "with", key=key) for key in keys
    )


def rule_changes(rules: Rules) -> tuple[Change, ...]:
    """Return each rule dropped but the limits: what it costs to keep it."""
    return tuple(
        Change("drop", rule=rule)
        for rule in rules.single()
        if rule.kind not in {"budget", "people"}
    )


def what_if(
    candidates: Sequence[Candidate],
    rules: Rules,
    changes: Iterable[Change],
    *,
    platforms: Sequence[Platform] = (),
) -> tuple[WhatIf, ...]:
    """Return the best choice after each change, solved again.

    Not the duals of the relaxation: another person may be worth nothing where the
    dual is 20, as people come whole (VALUE, vector 8).

    Raises
    ------
    BadPortfolio, Infeasible
        As `optimise` for the rules as they are; a change that contradicts them is
        an answer.
    """
    before = optimise(candidates, rules, platforms=platforms)
    return tuple(
        _answer(candidates, rules, platforms, change, before) for change in changes
    )


def _answer(
    candidates: Sequence[Candidate],
    rules: Rules,
    platforms: Sequence[Platform],
    change: Change,
    before: Selection,
) -> WhatIf:
    try:
        after = choose(candidates, change.of(rules), platforms)
    except Infeasible as conflict:
        return WhatIf(change, None, None, (), (), conflict.rules)
    was = {*before.chosen, *before.platforms}
    now = {*after.chosen, *after.platforms}
    return WhatIf(
        change=change,
        selection=after,
        gain=after.value - before.value,
        entered=tuple(sorted(now - was)),
        left=tuple(sorted(was - now)),
    )


@dataclass(frozen=True)
class SelectionFrequency:
    """How often each candidate is in the best choice of a possible future."""

    shares: dict[str, float]  # by key
    draws: int
    choices: int  # different best choices among the draws
    regret: float  # what knowing the future would add to the choice, on average

    def standard_error(self, key: str) -> float:
        """Return the Monte-Carlo error of a share."""
        share = self.shares[key]
        return float(np.sqrt(share * (1 - share) / self.draws))

    def to_json(self) -> dict[str, Any]:
        """Return the frequencies as JSON."""
        return asdict(self)


def selection_frequency(
    candidates: Sequence[Candidate],
    rules: Rules,
    *,
    platforms: Sequence[Platform] = (),
    draws: int = 200,
) -> SelectionFrequency:
    """Return the share of futures whose own best choice holds each candidate.

    The first `draws` of the candidates' draws, the k-th of each together; a
    candidate without draws keeps its value in all of them.

    Raises
    ------
    BadPortfolio
        If no candidate has draws.
    Infeasible
        If the rules contradict each other.
    """
    best = optimise(candidates, rules, platforms=platforms)
    problem = Problem.of(candidates, rules, platforms)
    drawn = [c.value_draws for c in problem.candidates if c.value_draws is not None]
    if not drawn:
        msg = "no candidate has draws: give value_draws of at least one"
        raise BadPortfolio(msg)
    used = min(draws, len(drawn[0]))
    values = np.array([_futures(each, used) for each in problem.candidates])
    count = len(problem.candidates)
    taken = np.zeros((used, count), dtype=bool)
    inside = np.array([each.key in best.chosen for each in problem.candidates])
    fixed = best.value - float(problem.value[:count][inside].sum())
    regret = 0.0
    for future in range(used):
        drawn_problem = problem.worth(values[:, future])
        found = solve(drawn_problem)
        if found is None:
            raise Infeasible(tuple(rules.single()))
        taken[future] = found.chosen[:count]
        reached = float(drawn_problem.value[found.chosen].sum())
        regret += reached - float(values[inside, future].sum()) - fixed
    return SelectionFrequency(
        shares={
            each.key: float(share)
            for each, share in zip(problem.candidates, taken.mean(axis=0), strict=True)
        },
        draws=used,
        choices=len(np.unique(taken, axis=0)),
        regret=regret / used,
    )


def _futures(candidate: Candidate, draws: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    if candidate.value_draws is None:
        return np.full(draws, candidate.worth)
    return candidate.value_draws[:draws]


@dataclass(frozen=True)
class FrontierPoint:
    """The most that a budget brings."""

    budget: float
    selection: Selection


def frontier(
    candidates: Sequence[Candidate],
    rules: Rules,
    *,
    platforms: Sequence[Platform] = (),
    budgets: Sequence[float] | None = None,
    points: int = 12,
) -> tuple[FrontierPoint, ...]:
    """Return the efficient frontier: the best choice for each budget, ascending.

    By default `points` budgets from 0 to the cost of everything; one that
    contradicts the rules is left out. Other rules stay.
    """
    if budgets is None:
        whole = sum(c.cost for c in candidates) + sum(p.cost for p in platforms)
        budgets = np.linspace(0, whole, points).tolist()
    found = []
    for budget in sorted(budgets):
        try:
            best = optimise(
                candidates, replace(rules, budget=budget), platforms=platforms
            )
        except Infeasible:
            continue
        found.append(FrontierPoint(budget, best))
    return tuple(found)


def shrink(candidates: Iterable[Candidate], ratio: float) -> tuple[Candidate, ...]:
    """Return the candidates with values shrunk by the measured bias ratio.

    The best of many estimates is the most flattered one (the optimizer's curse), so
    what past projects realised of their estimates (`calibration.bias_ratio`) is
    taken off before choosing: a gain is multiplied by it, a loss divided. Draws
    move with their mean and keep their spread.

    Raises
    ------
    BadPortfolio
        If the ratio is not above 0.

    References
    ----------
    Smith & Winkler, *The Optimizer's Curse* (2006).
    """
    if not 0 < ratio < np.inf:
        msg = f"bias ratio {ratio:g}: give realised over estimated, above 0"
        raise BadPortfolio(msg)
    found = []
    for each in candidates:
        worth = each.worth * ratio if each.worth > 0 else each.worth / ratio
        draws = each.value_draws
        if draws is not None:
            draws = draws + (worth - each.worth)
        found.append(replace(each, value=worth, value_draws=draws))
    return tuple(found)


@dataclass(frozen=True)
class PlatformPrice:
    """What a platform is worth to the portfolio, with all others free to choose."""

    key: str
    with_it: Selection | None  # None where the rules forbid it
    without_it: Selection | None  # None where the rules need it
    worth: float | None  # the difference, after the platform's own cost
    enabled: tuple[str, ...]  # its projects in the choice with it
    allocated: dict[str, float]  # its cost over those, by weight

    @property
    def pays(self) -> bool:
        """Whether the portfolio is worth more with it."""
        return self.worth is not None and self.worth > 0

    def to_json(self) -> dict[str, Any]:
        """Return the price as JSON."""
        return asdict(self)


def price_platforms(
    candidates: Sequence[Candidate], rules: Rules, platforms: Sequence[Platform]
) -> tuple[PlatformPrice, ...]:
    """Return for each platform the best portfolio with and without it.

    Projects and the other platforms are chosen anew on both sides.
    """
    check(candidates, rules, platforms)
    return tuple(_platform(candidates, rules, platforms, each) for each in platforms)


def _platform(
    candidates: Sequence[Candidate],
    rules: Rules,
    platforms: Sequence[Platform],
    platform: Platform,
) -> PlatformPrice:
    forced = (Change("with", key=platform.key), Change("without", key=platform.key))
    with_it, without_it = (
        _forced(candidates, rules, platforms, change) for change in forced
    )
    worth = None
    if with_it is not None and without_it is not None:
        worth = with_it.value - without_it.value
    chosen = with_it.chosen if with_it else ()
    allocated = allocate(platform, chosen)
    return PlatformPrice(
        key=platform.key,
        with_it=with_it,
        without_it=without_it,
        worth=worth,
        enabled=tuple(sorted(use.key for use in platform.uses if use.key in chosen)),
        allocated=dict(allocated),
    )


def _forced(
    candidates: Sequence[Candidate],
    rules: Rules,
    platforms: Sequence[Platform],
    change: Change,
) -> Selection | None:
    try:
        return choose(candidates, change.of(rules), platforms)
    except Infeasible:
        return None


def allocate(platform: Platform, chosen: Iterable[str]) -> Mapping[str, float]:
    """Return the platform's cost, as a positive amount, over the chosen by weight.

    Empty if none of them uses it; in equal parts if all weigh 0.
    """
    inside = set(chosen)
    uses = [use for use in platform.uses if use.key in inside]
    whole = sum(use.weight for use in uses)
    return {
        use.key: -platform.value * (use.weight / whole if whole else 1 / len(uses))
        for use in uses
    }
