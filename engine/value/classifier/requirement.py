"""The recall that the money asks for, at a stated confidence."""

from dataclasses import dataclass

import numpy as np

from engine.value.case import ValueCase
from engine.value.classifier.pricing import NotPriced, check_priced
from engine.value.distributions import FloatArray
from engine.value.simulate import draw, yearly_net


@dataclass(frozen=True)
class RequiredRecall:
    """The recall that breaks even, as sure as 50, 80, 90 % and `confidence`.

    None where no recall does, however good the model.
    """

    p50: float | None
    p80: float | None
    p90: float | None
    confidence: float
    recall: float | None  # at `confidence`
    fpr: float
    note: str  # "" or why there is no recall to ask for
    draws: int
    seed: int


def required_recall(
    case: ValueCase,
    *,
    fpr: float,
    confidence: float = 0.9,
    draws: int = 10_000,
    seed: int,
) -> RequiredRecall:
    """Return the recall with a `confidence` chance that the yearly net is not below 0.

    In each future the yearly net is linear in the recall, so R* is exact there; the
    answer is the quantile of R*, rounded up to a draw.

    Raises
    ------
    NotPriced
        If the case has no volume, or `fpr` or `confidence` is no share.
    """
    check_priced(case)
    for name, share in (("fpr", fpr), ("confidence", confidence)):
        if not 0 <= share <= 1:
            msg = f"{name} {share}: give a share from 0 to 1"
            raise NotPriced(msg)
    values = draw(case.measured, draws=draws, seed=seed)
    none = np.broadcast_to(yearly_net(case, values, 0.0, fpr), (draws,))
    every = np.broadcast_to(yearly_net(case, values, 1.0, fpr), (draws,))
    needed = _least_recall(none, every)
    p50, p80, p90, asked = (
        _attainable(needed, share) for share in (0.5, 0.8, 0.9, confidence)
    )
    return RequiredRecall(
        p50=p50,
        p80=p80,
        p90=p90,
        confidence=confidence,
        recall=asked,
        fpr=fpr,
        note="" if asked is not None else "no recall pays at this confidence",
        draws=draws,
        seed=seed,
    )


def _least_recall(none: FloatArray, every: FloatArray) -> FloatArray:
    """Return R* per future: 0 if it pays without, infinite if it never does."""
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = -none / (every - none)
    crossing = np.where(every > none, crossing, np.inf)
    return np.where(none >= 0, 0.0, crossing)


def _attainable(needed: FloatArray, share: float) -> float | None:
    # The higher neighbour: an average with infinity would say nothing.
    recall = float(np.quantile(needed, share, method="higher"))
    return recall if recall <= 1 else None
