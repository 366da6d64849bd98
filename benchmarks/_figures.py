"""How figures are taken and said: the value, its bound, a tick or a cross."""

import statistics
import sys
import time
from collections.abc import Callable, Sequence


def milliseconds(call: Callable[[], object], times: int) -> list[float]:
    """Return how long each of `times` calls took."""
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - before))
    return taken


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[18]


def verdict(name: str, value: float, bound: float, unit: str) -> bool:
    """Print a figure beside its bound with a tick or a cross; return whether it holds."""
    holds = value <= bound
    sign = "✓" if holds else "✗"
    sys.stdout.write(f"{sign} {name}: {value:.4g} {unit}, at most {bound:g} {unit}\n")
    sys.stdout.flush()
    return holds
