"""How long the analysis of a value case takes on one core, and what memory.

`python -m benchmarks.analysis` analyses ten quantities at 100,000 draws, with
Sobol' indices of first order and total and the worth of finding out each. Once as
they mostly are, once with pairs that move together and a formula that bends, so that
nothing is known in closed form. Bars: 1 s and 150 MB each.
"""

import os
import statistics
import sys
import tracemalloc
from dataclasses import replace

if hasattr(os, "sched_setaffinity"):
    # Before numpy counts the cores and starts a thread for each.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from benchmarks._figures import milliseconds, verdict
from engine.value.analysis import analyse
from engine.value.case import (
    Category,
    Correlation,
    Driver,
    Per,
    Quantity,
    ValueCase,
)
from engine.value.distributions import Mixture, belief

DRAWS = 100_000
TIMES = 7
BAR_SECONDS = 1.0
BAR_MB = 150.0

SHARES = {
    "leaving": (0.08, 0.12, 0.20),
    "kept": (0.05, 0.15, 0.30),
    "tpr": (0.5, 0.7, 0.85),
    "fpr": (0.05, 0.15, 0.3),
}
AMOUNTS = {
    "customers": ("pert", 40_000, 50_000, 60_000),
    "margin": ("lognormal", 150, 200, 260),
    "contact": ("triangular", 3, 5, 10),
    "upkeep": ("normal", 10_000, 20_000, 30_000),
    "running": ("pert", 25_000, 40_000, 70_000),
}


def ten_quantities() -> ValueCase:
    """Return the case of a model that keeps customers, its cost a pool of two people."""
    building = Mixture(
        (
            belief("pert", 40_000, 60_000, 120_000),
            belief("pert", 90_000, 150_000, 200_000),
        )
    )
    return ValueCase(
        quantities=(
            *(
                Quantity(name, belief("pert", *said), 0.0, 1.0)
                for name, said in SHARES.items()
            ),
            *(
                Quantity(name, belief(*said), lower=0.0)
                for name, said in AMOUNTS.items()
            ),
            Quantity("building", building, lower=0.0),
        ),
        drivers=(
            Driver("kept", "", Category.REVENUE, Per.TP, "kept * margin"),
            Driver("calls", "", Category.COST, Per.TP, "contact"),
            Driver("alarms", "", Category.COST, Per.FP, "contact"),
            Driver("running", "", Category.COST, Per.YEAR, "running + upkeep"),
            Driver("building", "", Category.COST, Per.ONCE, "building"),
        ),
        volume="customers",
        prevalence="leaving",
        horizon_years=3,
        discount_rate=0.08,
        ramp_up=(0.5,),
        success_probability=0.8,
    )


def entangled() -> ValueCase:
    """Return the same with pairs that move together and a cost that has a floor."""
    case = ten_quantities()
    floor = Driver(
        "running", "", Category.COST, Per.YEAR, "max(running, 50000) + upkeep"
    )
    return replace(
        case,
        drivers=tuple(
            floor if each.name == "running" else each for each in case.drivers
        ),
        correlations=(
            Correlation("kept", "margin", -0.4),
            Correlation("tpr", "fpr", 0.6),
        ),
    )


def measure(name: str, case: ValueCase) -> bool:
    """Print the seconds and the memory of one analysis; return whether both hold."""
    case.check()
    seeds = iter(range(TIMES + 2))

    def run() -> None:
        analyse(case, draws=DRAWS, seed=next(seeds))

    run()
    taken = statistics.median(milliseconds(run, TIMES)) / 1000
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    quick = verdict(f"analysis of ten {name}, median", taken, BAR_SECONDS, "s")
    return verdict(f"memory of ten {name}", peak, BAR_MB, "MB") and quick


def main() -> int:
    """Print the figures and return 1 if one of them is above its bar."""
    holds = [
        measure("independent quantities", ten_quantities()),
        measure("entangled quantities", entangled()),
    ]
    return int(not all(holds))


if __name__ == "__main__":
    sys.exit(main())
