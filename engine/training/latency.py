"""How long one answer takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

WARM_UP = 5
CALLS = 200  # a 99th percentile needs a hundred


@dataclass(frozen=True)
class Latency:
    """Times of single-row predictions, in milliseconds."""

    p50_ms: float
    p99_ms: float
    calls: int


def single_row_latency(
    predict: Callable[[pd.DataFrame], Any],
    frame: pd.DataFrame,
    *,
    calls: int,
    budget_seconds: float = 2.0,
) -> Latency:
    """Return the median and the 99th percentile over `calls` rows taken in turn.

    Slow models are stopped after the budget; `calls` of the result says how many
    calls it rests on.
    """
    rows = [frame.iloc[[index % len(frame)]] for index in range(calls + WARM_UP)]
    for row in rows[:WARM_UP]:
        predict(row)
    times: list[float] = []
    began = time.perf_counter()
    for row in rows[WARM_UP:]:
        start = time.perf_counter()
        predict(row)
        times.append(time.perf_counter() - start)
        if time.perf_counter() - began > budget_seconds:
            break
    p50, p99 = np.quantile(np.array(times) * 1000, [0.5, 0.99])
    return Latency(float(p50), float(p99), len(times))
