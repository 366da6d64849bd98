"""What a model must reach so that the money comes back, at a stated confidence."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr

from engine.digests import digest
from engine.value.case import Per, ValueCase
from engine.value.classifier.pricing import NotPriced, check_priced
from engine.value.distributions import FloatArray
from engine.value.simulate import cell_shares, draw, yearly_net
from engine.version import ENGINE_VERSION

Asked = Literal["recall", "precision", "fpr", "auc"]
ASKED: tuple[Asked, ...] = ("recall", "precision", "fpr", "auc")

_LEAST_D, _GREATEST_D = 1e-6, 15.0
_HALVINGS = 50


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


@dataclass(frozen=True)
class Required:
    """The threshold of a metric that breaks even, as sure as 50, 80, 90 % and more.

    `threshold` is the one at `confidence`; a model that keeps it has at least that
    chance not to lose money. None where no value of the metric does.
    """

    metric: str
    comparison: Literal["at_least", "at_most"]
    at: float | None  # the rate held: FPR for recall, recall for precision and FPR
    p50: float | None
    p80: float | None
    p90: float | None
    confidence: float
    threshold: float | None
    note: str  # "" or why there is nothing to ask for
    draws: int
    seed: int
    engine_version: str
    digest: str  # of case, question, draws, seed and engine version

    def to_json(self) -> dict[str, Any]:
        """Return the requirement as JSON."""
        return asdict(self)


def required(
    case: ValueCase,
    *,
    metric: Asked,
    at: float | None = None,
    confidence: float = 0.9,
    draws: int = 10_000,
    seed: int,
) -> Required:
    """Return the threshold with a `confidence` chance that the net is not below 0.

    The threshold is found in each future, where the yearly net is linear in both
    rates, and the quantile of it is taken, rounded to the safe side by a draw.

    Parameters
    ----------
    metric : {"recall", "precision", "fpr", "auc"}
        Least recall at a false alarm rate; least precision at a recall, in the
        target population and not in a resampled test set; largest false alarm rate
        at a recall; least AUC at the best cut, if scores are binormal.
    at : float, optional
        The rate held; needed but for "auc".

    Raises
    ------
    NotPriced
        If the case counts no single cases, or a share is none.
    """
    check_priced(case)
    _check_question(metric, at, confidence)
    values = draw(case, draws=draws, seed=seed)
    futures = _Futures.of(case, values, draws=draws)
    needed = _NEEDED[metric](futures, 0.0 if at is None else at)
    return from_futures(
        case,
        needed,
        metric=metric,
        at=at,
        at_most=metric == "fpr",
        greatest=1.0,
        confidence=confidence,
        seed=seed,
    )


def from_futures(
    case: ValueCase,
    needed: FloatArray,
    *,
    metric: str,
    at: float | None,
    at_most: bool,
    greatest: float,
    confidence: float,
    seed: int,
) -> Required:
    """Return the requirement, given the threshold of each future, shape (draws,).

    An infinite threshold cannot be kept: +∞ for "at least", −∞ for "at most".
    """
    p50, p80, p90, asked = (
        _attainable(needed, share, at_most=at_most, greatest=greatest)
        for share in (0.5, 0.8, 0.9, confidence)
    )
    question = [case.to_json(), metric, at, confidence, len(needed), seed]
    return Required(
        metric=metric,
        comparison="at_most" if at_most else "at_least",
        at=at,
        p50=p50,
        p80=p80,
        p90=p90,
        confidence=confidence,
        threshold=asked,
        note="" if asked is not None else f"no {metric} pays at this confidence",
        draws=len(needed),
        seed=seed,
        engine_version=ENGINE_VERSION,
        digest=digest([*question, ENGINE_VERSION]),
    )


def required_recall(
    case: ValueCase,
    *,
    fpr: float,
    confidence: float = 0.9,
    draws: int = 10_000,
    seed: int,
) -> RequiredRecall:
    """Return the recall with a `confidence` chance that the yearly net is not below 0.

    What `required` says of recall.

    Raises
    ------
    NotPriced
        If the case has no volume, or `fpr` or `confidence` is no share.
    """
    check_priced(case)
    _check_shares(fpr=fpr, confidence=confidence)
    found = required(
        case, metric="recall", at=fpr, confidence=confidence, draws=draws, seed=seed
    )
    return RequiredRecall(
        p50=found.p50,
        p80=found.p80,
        p90=found.p90,
        confidence=confidence,
        recall=found.threshold,
        fpr=fpr,
        note=found.note,
        draws=draws,
        seed=seed,
    )


def _check_question(metric: str, at: float | None, confidence: float) -> None:
    if metric not in ASKED:
        msg = f"metric {metric!r}: choose one of {', '.join(ASKED)}"
        raise NotPriced(msg)
    if metric != "auc" and at is None:
        held = "false alarm rate" if metric == "recall" else "recall"
        msg = f"{metric} depends on the {held}: give it as `at`"
        raise NotPriced(msg)
    _check_shares(confidence=confidence)
    if at is not None:
        _check_shares(at=at)


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            msg = f"{name} {share}: give a share from 0 to 1"
            raise NotPriced(msg)


@dataclass(frozen=True)
class _Futures:
    """The yearly net of each future: nothing + caught·TPR + alarmed·FPR."""

    nothing: FloatArray  # (draws,)
    caught: FloatArray
    alarmed: FloatArray
    prevalence: FloatArray

    @classmethod
    def of(
        cls, case: ValueCase, values: dict[str, FloatArray], *, draws: int
    ) -> "_Futures":
        nothing, every, alarms = (
            np.broadcast_to(yearly_net(case, values, tpr, fpr), (draws,))
            for tpr, fpr in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
        )
        prevalence = case.prevalence_formula.evaluate(values)
        return cls(
            nothing=nothing,
            caught=every - nothing,
            alarmed=alarms - nothing,
            prevalence=np.broadcast_to(prevalence, (draws,)),
        )


def _least_recall(futures: _Futures, fpr: float) -> FloatArray:
    """Return R* per future: 0 if it pays without, infinite if it never does."""
    none = futures.nothing + futures.alarmed * fpr
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = -none / futures.caught
    crossing = np.where(futures.caught > 0, crossing, np.inf)
    return np.where(none >= 0, 0.0, crossing)


def _largest_fpr(futures: _Futures, tpr: float) -> FloatArray:
    """Return FPR* per future: at most 1, −infinite if even no alarm is too dear."""
    quiet = futures.nothing + futures.caught * tpr
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = np.minimum(-quiet / futures.alarmed, 1.0)
    crossing = np.where(futures.alarmed < 0, crossing, 1.0)
    # Where an alarm gains, more of them may be what makes it pay.
    pays = (quiet >= 0) | (quiet + np.maximum(futures.alarmed, 0) >= 0)
    return np.where(pays, crossing, -np.inf)


def _least_precision(futures: _Futures, tpr: float) -> FloatArray:
    """Return the precision at FPR*: 0 if any will do, infinite if none does."""
    fpr = _largest_fpr(futures, tpr)
    shares = cell_shares(futures.prevalence, tpr, np.maximum(fpr, 0.0))
    hits, alarms = (shares[cell] for cell in (Per.TP, Per.FP))
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = hits / (hits + alarms)
    precision = np.where(fpr >= 1, 0.0, precision)
    # Nobody is acted on: every precision keeps the money.
    precision = np.where(hits + alarms > 0, precision, 0.0)
    return np.where(np.isneginf(fpr), np.inf, precision)


def _least_auc(futures: _Futures, _: float) -> FloatArray:
    """Return the AUC whose best cut breaks even: 0.5 if no model is needed."""
    everybody = futures.nothing + futures.caught + futures.alarmed
    free = np.maximum(futures.nothing, everybody) >= 0
    # Where one side is always right no model adds anything to choosing it.
    chooses = (futures.caught > 0) & (futures.alarmed < 0)
    pays = chooses & (futures.nothing + futures.caught >= 0)
    d_prime = np.full(len(free), np.inf)
    asks = pays & ~free
    if asks.any():
        d_prime[asks] = _least_d_prime(
            futures.nothing[asks], futures.caught[asks], futures.alarmed[asks]
        )
    d_prime = np.where(free, 0.0, d_prime)
    return np.where(np.isfinite(d_prime), ndtr(d_prime / np.sqrt(2)), np.inf)


def _least_d_prime(
    nothing: FloatArray, caught: FloatArray, alarmed: FloatArray
) -> FloatArray:
    # The best cut's money only rises with d′, so halving finds the crossing.
    log_slope = np.log(-alarmed / caught)
    low = np.full(len(nothing), _LEAST_D)
    high = np.full(len(nothing), _GREATEST_D)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        cut = log_slope / middle + middle / 2
        net = nothing + caught * ndtr(middle - cut) + alarmed * ndtr(-cut)
        low, high = np.where(net < 0, middle, low), np.where(net < 0, high, middle)
    return high


_NEEDED: dict[str, Callable[[_Futures, float], FloatArray]] = {
    "recall": _least_recall,
    "precision": _least_precision,
    "fpr": _largest_fpr,
    "auc": _least_auc,
}


def _attainable(
    needed: FloatArray, share: float, *, at_most: bool, greatest: float
) -> float | None:
    # The neighbour on the safe side: an average with infinity would say nothing.
    if at_most:
        found = float(np.quantile(needed, 1 - share, method="lower"))
        return found if found >= 0 else None
    found = float(np.quantile(needed, share, method="higher"))
    return found if found <= greatest else None
