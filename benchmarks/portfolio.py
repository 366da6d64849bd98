"""How long a choice among 200 projects takes, with what would change it.

`python -m benchmarks.portfolio` draws two hundred projects, a third of which can be
paid for, and asks for the best choice with the limits moved either way and with each
project forced the other way (bar: 2 s), then how often each is chosen over 200 futures
(bar: 2 s); the frontier and the prices of three platforms are printed beside.
"""

import sys
from collections.abc import Callable

import numpy as np

from benchmarks._figures import milliseconds, verdict
from engine.value.portfolio import (
    Candidate,
    Platform,
    Rules,
    Use,
    forced_changes,
    frontier,
    limit_changes,
    optimise,
    price_platforms,
    selection_frequency,
    what_if,
)

BAR_S = 2.0
PROJECTS = 200
TIMES = 5

Ask = Callable[[list[Candidate], Rules], object]


def projects(seed: int) -> tuple[list[Candidate], Rules]:
    """Return two hundred projects and limits that pay for a third of them."""
    rng = np.random.default_rng(seed)
    value = rng.lognormal(11, 1, PROJECTS) - 20_000
    cost = rng.lognormal(11, 0.6, PROJECTS)
    people = rng.integers(1, 10, PROJECTS) / 2
    found = [
        Candidate(
            f"project-{at:03}",
            cost=float(cost[at]),
            people=float(people[at]),
            value_draws=rng.normal(value[at], 40_000, 1_000),
        )
        for at in range(PROJECTS)
    ]
    rules = Rules(
        budget=float(cost.sum()) / 3,
        people=float(people.sum()) / 3,
        mandatory=("project-007", "project-011"),
        exclusive=(("project-001", "project-002"), ("project-030", "project-031")),
        requires=(("project-050", "project-051"),),
    )
    return found, rules


def platforms() -> list[Platform]:
    """Return three platforms, each for twelve of the projects."""
    return [
        Platform(
            f"platform-{at}",
            value=-150_000.0,
            cost=80_000.0,
            uses=tuple(Use(f"project-{at * 20 + each:03}") for each in range(12)),
        )
        for at in range(3)
    ]


def main() -> int:
    """Print the figures; fail when the first misses its bar."""
    cases = [projects(seed) for seed in range(TIMES)]

    def seconds(ask: Ask) -> float:
        waiting = iter(cases)
        return max(milliseconds(lambda: ask(*next(waiting)), TIMES)) / 1_000

    def every(candidates: list[Candidate], rules: Rules) -> None:
        best = optimise(candidates, rules)
        forced = forced_changes(best, [each.key for each in candidates])
        what_if(candidates, rules, [*limit_changes(rules), *forced])

    holds = [
        verdict("best of 200 projects, 204 what-ifs", seconds(every), BAR_S, "s"),
        verdict("200 futures", seconds(selection_frequency), BAR_S, "s"),
    ]
    beside: dict[str, Ask] = {
        "frontier of 12 budgets": lambda each, rules: frontier(each, rules),
        "prices of 3 platforms": lambda c, r: price_platforms(c, r, platforms()),
    }
    for name, ask in beside.items():
        sys.stdout.write(f"  {name}: {seconds(ask):.3g} s\n")
    return int(not all(holds))


if __name__ == "__main__":
    sys.exit(main())
