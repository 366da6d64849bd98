"""The best choice, exactly: enumeration near the bound, else branch and cut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from engine.value.distributions import FloatArray
from engine.value.portfolio.problem import (
    BadPortfolio,
    Candidate,
    Infeasible,
    Platform,
    Rule,
    Rules,
    Selection,
    check,
    check_rules,
)

_INFEASIBLE = 2
_MAX_NODES = 5_000  # a count, not a time: the same on a slow machine
_MAX_CELLS = 3_000_000  # of the enumeration's largest array
_MAX_DEEPENINGS = 24
_TOLERANCE = 1e-9
# What breaks ties, beside a greatest value of 1,000.
_BY_COST, _BY_PEOPLE, _BY_KEY = 1e-6, 1e-7, 1e-8

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Problem:
    """max value·x over binary x with rows·x ≤ limits, low ≤ x ≤ high.

    The variables are the candidates by key, the platforms by key, then one for each
    use of a platform that a candidate can do without: 1 if it does without.
    """

    candidates: tuple[Candidate, ...]
    platforms: tuple[Platform, ...]
    value: FloatArray  # (variables,)
    cost: FloatArray
    people: FloatArray
    rows: FloatArray  # (limits, variables)
    limits: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(
        cls,
        candidates: Sequence[Candidate],
        rules: Rules,
        platforms: Sequence[Platform],
    ) -> Self:
        """Return the problem in numbers, whatever order the candidates are in."""
        ordered = tuple(sorted(candidates, key=lambda each: each.key))
        built = tuple(sorted(platforms, key=lambda each: each.key))
        layout = _Layout.of(ordered, built)
        rows, limits = layout.rules(rules)
        return cls(
            candidates=ordered,
            platforms=built,
            value=layout.value,
            cost=layout.cost,
            people=layout.people,
            rows=rows,
            limits=limits,
            low=layout.named(rules.mandatory),
            high=1 - layout.named(rules.excluded),
        )

    def worth(self, values: FloatArray) -> Self:
        """Return the problem with other values of its candidates, in its order."""
        value = self.value.copy()
        value[: len(values)] = values
        return replace(self, value=value)

    def ranked(self) -> FloatArray:
        """Return the values scaled, with what breaks ties taken off."""
        scale = float(np.abs(self.value).max(initial=0.0)) or 1.0
        ties = _BY_COST * _scaled(self.cost) + _BY_PEOPLE * _scaled(self.people)
        ties += _BY_KEY * np.arange(len(self.value)) / len(self.value)
        return np.asarray(1_000 * self.value / scale - ties, dtype=np.float64)


def _scaled(amounts: FloatArray) -> FloatArray:
    return amounts / (float(amounts.max(initial=0.0)) or 1.0)


@dataclass(frozen=True)
class _Layout:
    """Where each candidate, platform and use stands among the variables."""

    place: dict[str, int]
    uses: tuple[tuple[int, int, int | None], ...]  # candidate, platform, without it
    value: FloatArray
    cost: FloatArray
    people: FloatArray

    @classmethod
    def of(
        cls, candidates: Sequence[Candidate], platforms: Sequence[Platform]
    ) -> "_Layout":
        both: tuple[Candidate | Platform, ...] = (*candidates, *platforms)
        place = {each.key: at for at, each in enumerate(both)}
        uses: list[tuple[int, int, int | None]] = []
        extra: list[float] = []
        for platform in platforms:
            for use in platform.uses:
                without = None if use.is_needed else len(place) + len(extra)
                uses.append((place[use.key], place[platform.key], without))
                extra += [] if use.is_needed else [use.cost_without]
        own = [each.worth for each in candidates] + [each.value for each in platforms]
        return cls(
            place=place,
            uses=tuple(uses),
            value=np.array([*own, *(-cost for cost in extra)]),
            cost=np.array([*(each.cost for each in both), *extra]),
            people=np.array([*(each.people for each in both), *(0.0 for _ in extra)]),
        )

    def named(self, keys: Sequence[str]) -> FloatArray:
        """Return 1 where a key stands."""
        found = np.zeros(len(self.value))
        found[[self.place[key] for key in keys]] = 1
        return found

    def rules(self, rules: Rules) -> tuple[FloatArray, FloatArray]:
        """Return rows and limits: resources first, scaled by their largest amount."""
        rows: list[FloatArray] = []
        limits: list[float] = []
        for amounts, limit in ((self.cost, rules.budget), (self.people, rules.people)):
            if limit is not None:
                largest = float(amounts.max(initial=0.0)) or 1.0
                rows.append(amounts / largest)
                limits.append(limit / largest)
        for keys in rules.exclusive:
            rows.append(self.named(tuple(set(keys))))
            limits.append(1.0)
        for key, needed in rules.requires:
            rows.append(self.named([key]) - self.named([needed]))
            limits.append(0.0)
        for row in self._uses():
            rows.append(row)
            limits.append(0.0)
        return np.reshape(rows, (-1, len(self.value))), np.array(limits)

    def _uses(self) -> list[FloatArray]:
        # A candidate is done on its platform, or on its own where that is possible.
        rows = []
        for candidate, platform, without in self.uses:
            row = np.zeros(len(self.value))
            row[candidate], row[platform] = 1, -1
            if without is not None:
                row[without] = -1
            rows.append(row)
        return rows


def optimise(
    candidates: Sequence[Candidate],
    rules: Rules,
    *,
    platforms: Sequence[Platform] = (),
) -> Selection:
    """Return the choice of candidates and platforms that is worth the most.

    Exact: max Σ value·x under Σ cost·x ≤ budget, Σ people·x ≤ people and the other
    rules. A candidate worth nothing is left out unless a rule asks for it.

    Raises
    ------
    BadPortfolio
        If a key, an amount or a rule cannot be used.
    Infeasible
        If the rules contradict each other; names a smallest set that does.
    """
    check(candidates, rules, platforms)
    return choose(candidates, rules, platforms)


def choose(
    candidates: Sequence[Candidate], rules: Rules, platforms: Sequence[Platform]
) -> Selection:
    """Return what `optimise` does, of candidates that were checked already."""
    check_rules(candidates, rules, platforms)
    problem = Problem.of(candidates, rules, platforms)
    found = solve(problem)
    if found is None:
        raise Infeasible(contradiction(candidates, rules, platforms))
    return selection(problem, found)


@dataclass(frozen=True)
class Found:
    """Which variables are 1, and whether nothing better exists."""

    chosen: BoolArray  # (variables,)
    is_proven: bool


def solve(problem: Problem) -> Found | None:
    """Return the best choice; None if none keeps the limits."""
    if (problem.low > problem.high).any():
        return None
    free = problem.low < problem.high
    chosen = problem.low > 0
    limits = problem.limits - problem.rows[:, chosen].sum(axis=1)
    value, rows = problem.ranked()[free], problem.rows[:, free]
    if len(limits) == 0:
        chosen[free] = value > 0
        return Found(chosen, is_proven=True)
    found = _solve_free(value, rows, limits)
    if found is None:
        return None
    chosen[free] = found.chosen
    return replace(found, chosen=chosen)


def _solve_free(
    value: FloatArray, rows: FloatArray, limits: FloatArray
) -> Found | None:
    if not len(value):
        is_kept = bool((limits >= -_TOLERANCE).all())
        return Found(np.zeros(0, bool), is_proven=True) if is_kept else None
    relaxed = linprog(-value, A_ub=rows, b_ub=limits, bounds=(0, 1), method="highs")
    if relaxed.status == _INFEASIBLE:
        return None
    duals = np.maximum(-np.asarray(relaxed.ineqlin.marginals), 0)
    found = _enumerated(value, rows, limits, duals)
    if found is None:
        return _cut(value, rows, limits)
    return Found(found, is_proven=True)


def _enumerated(
    value: FloatArray, rows: FloatArray, limits: FloatArray, duals: FloatArray
) -> BoolArray | None:
    """Return the best choice, or None if too many lie near the bound.

    With the duals λ of the relaxation every choice x is worth
    L − Σ|dᵢ|·[xᵢ differs from dᵢ > 0] − λ·(slack), with d = value − λ·rows and
    L = λ·limits + Σ max(dᵢ, 0). So all choices whose flips cost at most `gap` hold
    every choice worth at least L − gap: the best of them is the best of all once it
    is worth that much. The gap is widened until it is.
    """
    reduced = value - duals @ rows
    price = np.abs(reduced)
    bound = float(duals @ limits + np.maximum(reduced, 0).sum())
    start = reduced > 0
    gap = float(np.sort(price)[min(10, len(price) - 1)]) or 1e-6
    for _ in range(_MAX_DEEPENINGS):
        states = _States.within(gap, start, price, value, rows)
        if states is None:
            return None
        best = states.best(limits)
        if best is not None and bound - states.value[best] <= gap:
            return states.choice(best, start)
        if gap > price.sum():
            return None
        gap *= 1.4
    return None


@dataclass(frozen=True)
class _States:
    """Choices that differ from a first one, each from its parent in one variable."""

    value: FloatArray  # (states,)
    used: FloatArray  # (states, limits)
    parent: npt.NDArray[np.int64]
    flipped: npt.NDArray[np.int64]

    @classmethod
    def within(
        cls,
        gap: float,
        start: BoolArray,
        price: FloatArray,
        value: FloatArray,
        rows: FloatArray,
    ) -> "_States | None":
        """Return every choice whose flips cost at most `gap`; None if too many."""
        order = np.argsort(-price, kind="stable")
        order = order[price[order] <= gap]
        sign = np.where(start, -1.0, 1.0)
        found = cls(
            value=np.array([value[start].sum()]),
            used=rows[:, start].sum(axis=1)[None],
            parent=np.array([-1]),
            flipped=np.array([-1]),
        )
        spent = np.zeros(1)
        for one in order.tolist():
            parents = np.flatnonzero(spent <= gap - price[one])
            if (len(spent) + len(parents)) * (len(rows) + 1) > _MAX_CELLS:
                return None
            spent = np.concatenate([spent, spent[parents] + price[one]])
            found = found._with(parents, one, sign[one] * value, sign[one] * rows)
        return found

    def _with(
        self,
        parents: npt.NDArray[np.int64],
        one: int,
        value: FloatArray,
        rows: FloatArray,
    ) -> "_States":
        return _States(
            value=np.concatenate([self.value, self.value[parents] + value[one]]),
            used=np.concatenate([self.used, self.used[parents] + rows[:, one]]),
            parent=np.concatenate([self.parent, parents]),
            flipped=np.concatenate([self.flipped, np.full(len(parents), one)]),
        )

    def best(self, limits: FloatArray) -> int | None:
        """Return the state worth the most that keeps the limits."""
        room = limits + _TOLERANCE * np.maximum(np.abs(limits), 1)
        kept = np.flatnonzero((self.used <= room).all(axis=1))
        return int(kept[np.argmax(self.value[kept])]) if len(kept) else None

    def choice(self, state: int, start: BoolArray) -> BoolArray:
        """Return which variables are 1 in a state."""
        chosen = start.copy()
        while self.parent[state] >= 0:
            chosen[self.flipped[state]] ^= True
            state = int(self.parent[state])
        return chosen


def _cut(value: FloatArray, rows: FloatArray, limits: FloatArray) -> Found | None:
    found = milp(
        -value,
        integrality=np.ones(len(value)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, -np.inf, limits),
        options={"mip_rel_gap": 1e-9, "node_limit": _MAX_NODES},
    )
    if found.status == _INFEASIBLE:
        return None
    if found.x is None:
        msg = "the search found no choice: use fewer rules"
        raise BadPortfolio(msg)
    return Found(found.x > 0.5, is_proven=found.status == 0)


def selection(problem: Problem, found: Found) -> Selection:
    """Return what a choice is worth, with its band where there are draws."""
    count, chosen = len(problem.candidates), found.chosen
    keys = [c.key for c in problem.candidates] + [p.key for p in problem.platforms]
    taken = [keys[at] for at in np.flatnonzero(chosen[: len(keys)])]
    bought = set(keys[count:])
    return Selection(
        chosen=tuple(key for key in taken if key not in bought),
        platforms=tuple(key for key in taken if key in bought),
        value=float(problem.value[chosen].sum()),
        cost=float(problem.cost[chosen].sum()),
        people=float(problem.people[chosen].sum()),
        is_proven=found.is_proven,
        **_band(problem, chosen),
    )


def _band(problem: Problem, chosen: BoolArray) -> dict[str, float]:
    count = len(problem.candidates)
    picked = [problem.candidates[at] for at in np.flatnonzero(chosen[:count])]
    draws = [each.value_draws for each in picked if each.value_draws is not None]
    if not draws or len(draws) < len(picked):
        return {}
    # A stated value may differ from the mean of the draws: the band moves with it.
    total = np.sum(draws, axis=0)
    total = total + float(problem.value[chosen].sum()) - total.mean()
    p5, p95 = np.quantile(total, (0.05, 0.95)).tolist()
    return {"p5": p5, "p95": p95, "p_positive": float((total > 0).mean())}


def contradiction(
    candidates: Sequence[Candidate], rules: Rules, platforms: Sequence[Platform]
) -> tuple[Rule, ...]:
    """Return a smallest set of the rules that contradict each other.

    Rules are dropped one at a time; one without which the rest still contradict
    each other stays dropped. A platform's being needed is dropped like a rule.
    """
    needed: list[Rule] = []
    left = list(platforms)
    for at, platform in enumerate(left):
        for use in [each for each in platform.uses if each.is_needed]:
            trial = [*left]
            trial[at] = _loosened(left[at], use.key)
            if _contradict(candidates, rules, trial):
                left = trial
            else:
                needed.append(Rule("platform", (use.key, platform.key)))
    kept: list[Rule] = []
    for rule in rules.single():
        fewer = rules.without(rule)
        if _contradict(candidates, fewer, left):
            rules = fewer
        else:
            kept.append(rule)
    return (*kept, *needed)


def _loosened(platform: Platform, key: str) -> Platform:
    uses = tuple(each for each in platform.uses if each.key != key)
    return replace(platform, uses=uses)


def _contradict(
    candidates: Sequence[Candidate], rules: Rules, platforms: Sequence[Platform]
) -> bool:
    problem = Problem.of(candidates, rules, platforms)
    # Any choice will do, so the cheapest for the search: all worth nothing.
    return solve(replace(problem, value=np.zeros(len(problem.value)))) is None
