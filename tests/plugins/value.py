"""Value cases that many tests start from are simulated once."""

from typing import Any

import pytest

from engine.value import simulate

known: dict[str, simulate.ValueEstimate] = {}


@pytest.fixture(autouse=True)
def estimates_once(monkeypatch) -> None:
    """Keep the estimate of a case, which is the same for the same case and seed."""

    def estimate(case: Any, *, draws: int, seed: int) -> simulate.ValueEstimate:
        key = simulate.case_digest(case, draws=draws, seed=seed)
        if key not in known:
            known[key] = simulate.estimate(case, draws=draws, seed=seed)
        return known[key]

    monkeypatch.setattr("projects.services.value.estimate", estimate)
