"""Whether one run is better than another, or the two are a tie."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from engine.errors import EngineError
from engine.training.metrics import FloatArray, Task, affordable_draws, resample, specs

ALPHA = 0.05
# A difference below this share of the better value is of no practical use.
NEGLIGIBLE_SHARE = 0.01


@dataclass(frozen=True)
class CorrectedTest:
    """A corrected resampled t-test of per-fit differences."""

    mean: float
    t: float
    df: int
    p: float
    low: float  # 95 % interval of the mean
    high: float


@dataclass(frozen=True)
class BootstrapTest:
    """A paired bootstrap of the difference on the holdout."""

    difference: float
    low: float
    high: float
    p: float
    share_better: float  # of the resamples in which the first run is better


def corrected_t(values: FloatArray, *, test_share: float) -> CorrectedTest:
    """Return whether per-fit differences average to something other than 0.

    Parameters
    ----------
    values : ndarray of shape (n_fits,)
        The differences of two runs, or one run's metric for an interval alone.
    test_share : float
        Test rows over training rows of one fit, e.g. 1/9 with ten folds; fits share
        training rows, so the plain variance would be too small.

    References
    ----------
    Nadeau & Bengio, *Inference for the Generalization Error* (2003).
    """
    fits = len(values)
    if fits < 2:
        raise EngineError(f"comparison: {fits} fit is too few; use at least 2 folds")
    mean = float(np.mean(values))
    error = float(np.sqrt(np.var(values, ddof=1) * (1 / fits + test_share)))
    df = fits - 1
    # Equal differences carry no measure of chance, so nothing is claimed; subtracting
    # equal numbers leaves rounding, which would make t enormous.
    if float(np.ptp(values)) <= 1e-12 * max(1.0, abs(mean)):
        return CorrectedTest(mean, 0.0, df, 1.0, mean, mean)
    t = mean / error
    half = float(stdtrit(df, 0.975)) * error
    p = float(2 * stdtr(df, -abs(t)))
    return CorrectedTest(mean, t, df, p, mean - half, mean + half)


def paired_bootstrap(
    first: FloatArray, second: FloatArray, *, difference: float, direction: str
) -> BootstrapTest:
    """Return how sure the holdout is that the first run differs from the second.

    Parameters
    ----------
    first, second : ndarray of shape (draws,)
        One metric on the same resamples, as `metrics.resample` gives them.
    difference : float
        First minus second on the holdout itself.
    """
    drawn = first - second
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    below = (1 + np.count_nonzero(drawn <= 0)) / (1 + len(drawn))
    above = (1 + np.count_nonzero(drawn >= 0)) / (1 + len(drawn))
    better = drawn > 0 if direction == "higher" else drawn < 0
    return BootstrapTest(
        difference,
        float(low),
        float(high),
        float(min(1.0, 2 * min(below, above))),
        float(np.mean(better)),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, in the given order.

    References
    ----------
    Holm, *A Simple Sequentially Rejective Multiple Test Procedure* (1979).
    """
    count = len(p_values)
    adjusted = [0.0] * count
    running = 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable")):
        running = max(running, (count - rank) * p_values[index])
        adjusted[int(index)] = min(1.0, running)
    return adjusted


@dataclass(frozen=True)
class Candidate:
    """A run as the comparison needs it."""

    key: str
    folds: FloatArray  # (n_fits,) the primary metric per fit
    holdout: float
    drawn: FloatArray  # (draws,) the primary metric on holdout resamples


@dataclass(frozen=True)
class Verdict:
    """How a run stands against the best run, and which runs it is tied with."""

    key: str
    against: str
    group: int  # from 1, the best
    verdict: Literal["best", "tie", "worse"]
    test: CorrectedTest | None
    bootstrap: BootstrapTest | None
    p_test: float  # after Holm
    p_bootstrap: float


def candidate(
    key: str,
    *,
    task: Task,
    metric: str,
    folds: Sequence[float],
    labels: NDArray[Any],
    scores: FloatArray,
    seed: int,
    holdout: float,
    threshold: float | None = None,
) -> Candidate:
    """Return a run ready to be compared; all runs need the same holdout and `seed`."""
    draws = affordable_draws(len(labels))
    drawn = resample(task, labels, scores, seed=seed, threshold=threshold, draws=draws)
    return Candidate(key, np.asarray(folds, np.float64), holdout, drawn[metric])


def tie_groups(
    candidates: Sequence[Candidate], *, task: Task, metric: str, test_share: float
) -> tuple[Verdict, ...]:
    """Return the runs in order of their cross-validated mean, tied ones together.

    Every run is tested against the best. The best remaining run heads a group; another
    run joins it unless the corrected test and the bootstrap both see a difference in
    the same direction, after Holm over the comparisons with that head, and it exceeds
    1 % of the head's mean.
    """
    if not candidates:
        return ()
    direction = specs(task)[metric].direction
    sign = -1 if direction == "higher" else 1
    order = sorted(candidates, key=lambda c: (sign * float(np.mean(c.folds)), c.key))
    best = Verdict(order[0].key, order[0].key, 1, "best", None, None, 1.0, 1.0)
    against_best = _compare(order[0], order[1:], direction, test_share)
    groups: dict[str, int] = {}
    left = list(order)
    while left:
        group = max(groups.values(), default=0) + 1
        compared = _compare(left[0], left[1:], direction, test_share)
        tied = {v.key for v in compared if v.verdict == "tie"} | {left[0].key}
        groups |= dict.fromkeys(tied, group)
        left = [c for c in left if c.key not in tied]
    verdicts = [best, *(replace(v, group=groups[v.key]) for v in against_best)]
    return tuple(sorted(verdicts, key=lambda v: v.group))


def _compare(
    head: Candidate,
    rest: Sequence[Candidate],
    direction: str,
    test_share: float,
) -> list[Verdict]:
    tests = [corrected_t(c.folds - head.folds, test_share=test_share) for c in rest]
    boots = [
        paired_bootstrap(
            c.drawn,
            head.drawn,
            difference=c.holdout - head.holdout,
            direction=direction,
        )
        for c in rest
    ]
    p_tests = holm([test.p for test in tests])
    p_boots = holm([boot.p for boot in boots])
    useful = NEGLIGIBLE_SHARE * abs(float(np.mean(head.folds)))
    result = []
    for c, test, boot, p_t, p_b in zip(
        rest, tests, boots, p_tests, p_boots, strict=True
    ):
        differs = (
            p_t < ALPHA
            and p_b < ALPHA
            and test.mean * boot.difference > 0
            and abs(test.mean) > useful
        )
        verdict: Literal["tie", "worse"] = "worse" if differs else "tie"
        result.append(Verdict(c.key, head.key, 1, verdict, test, boot, p_t, p_b))
    return result
