"""What a classifier is worth: per case, per year, and at which threshold.

References
----------
Elkan, *The Foundations of Cost-Sensitive Learning* (2001); Provost & Fawcett,
*Data Science for Business* (2013), ch. 7.
"""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr

from engine.digests import digest
from engine.errors import EngineError
from engine.value.case import CELLS, CaseProblem, ValueCase
from engine.value.distributions import Beta, Distribution, Fixed, FloatArray
from engine.value.formula import Values
from engine.value.simulate import (
    Summary,
    cell_shares,
    draw,
    summarise,
    uniforms,
    yearly_net,
)
from engine.version import ENGINE_VERSION

MAX_HALF_WIDTH = 0.05
_LEAST_D, _GREATEST_D = 1e-3, 15.0


class NotPriced(EngineError):
    """A run that no price can be given; says what is missing."""


class BadScores(EngineError):
    """Scores and labels that no threshold can be chosen from."""


@dataclass(frozen=True)
class Cells:
    """The benefit matrix: money per case, costs negative, against doing nothing."""

    tp: float
    fn: float
    fp: float
    tn: float

    @classmethod
    def of(cls, case: ValueCase) -> "Cells":
        """Return the cells of a case at the means of its quantities."""
        means = case.means()
        sums = dict.fromkeys(CELLS, 0.0)
        for driver in case.counted(*CELLS):
            sums[driver.per] += driver.sign * float(driver.formula.evaluate(means))
        return cls(*(sums[cell] for cell in CELLS))

    @property
    def gain_of_catching(self) -> float:
        """What acting on a positive case gains over not acting on it."""
        return self.tp - self.fn

    @property
    def cost_of_alarm(self) -> float:
        """What acting on a negative case costs over not acting on it."""
        return self.tn - self.fp


def ev_per_case(
    cells: Cells, *, prevalence: float, tpr: npt.ArrayLike, fpr: npt.ArrayLike
) -> FloatArray:
    """Return the expected money per case at the given rates."""
    shares = cell_shares(prevalence, tpr, fpr)
    amounts = dict(zip(CELLS, (cells.tp, cells.fn, cells.fp, cells.tn), strict=True))
    total = sum((shares[cell] * amounts[cell] for cell in CELLS), np.asarray(0.0))
    return np.asarray(total, dtype=np.float64)


def break_even_precision(cells: Cells) -> float:
    """Return the share of positives among those acted on at which acting pays.

    Also Elkan's threshold: act on a case whose *calibrated* probability is at
    least this.

    Raises
    ------
    CaseProblem
        If a caught positive gains nothing, so that acting never pays.
    """
    _check_gain(cells)
    return cells.cost_of_alarm / (cells.cost_of_alarm + cells.gain_of_catching)


# The two questions have one answer; each is asked by its own name.
elkan_threshold = break_even_precision


def break_even_recall(
    cells: Cells, *, prevalence: float, volume: float, fixed_cost: float, fpr: float
) -> float:
    """Return the recall at which the yearly net is 0; above 1 none suffices."""
    _check_gain(cells)
    nothing = ev_per_case(cells, prevalence=prevalence, tpr=0.0, fpr=fpr)
    missing = fixed_cost / volume - float(nothing)
    return missing / (prevalence * cells.gain_of_catching)


def largest_fpr(
    cells: Cells, *, prevalence: float, volume: float, fixed_cost: float, tpr: float
) -> float:
    """Return the false alarm rate at which the yearly net is 0; below 0 none is."""
    if cells.cost_of_alarm <= 0:
        msg = f"a false alarm costs {cells.cost_of_alarm:g}: no rate is too large"
        raise CaseProblem(msg)
    quiet = ev_per_case(cells, prevalence=prevalence, tpr=tpr, fpr=0.0)
    spare = float(quiet) - fixed_cost / volume
    return spare / ((1 - prevalence) * cells.cost_of_alarm)


def iso_profit_slope(cells: Cells, *, prevalence: float) -> float:
    """Return the slope of equal profit in ROC space (TPR over FPR)."""
    _check_gain(cells)
    odds = (1 - prevalence) / prevalence
    return odds * cells.cost_of_alarm / cells.gain_of_catching


def _check_gain(cells: Cells) -> None:
    if cells.gain_of_catching <= 0:
        msg = (
            f"catching a positive case gains {cells.gain_of_catching:g}: "
            "give true positives a value above that of missed ones"
        )
        raise CaseProblem(msg)


@dataclass(frozen=True)
class BinormalPoint:
    """The best cut of a model whose scores are N(0,1) and N(d′,1)."""

    cut: float
    tpr: float
    fpr: float
    auc: float


def best_binormal_cut(d_prime: float, *, slope: float) -> BinormalPoint:
    """Return the point at which the binormal ROC curve has the given slope."""
    cut = math.log(slope) / d_prime + d_prime / 2
    return BinormalPoint(
        cut=cut,
        tpr=float(ndtr(d_prime - cut)),
        fpr=float(ndtr(-cut)),
        auc=float(ndtr(d_prime / math.sqrt(2))),
    )


def least_auc(
    cells: Cells, *, prevalence: float, volume: float, fixed_cost: float
) -> float | None:
    """Return the least AUC that pays at its best cut, if scores are binormal.

    0.5 if no model is needed, None if not even a perfect one pays.

    Raises
    ------
    CaseProblem
        If a false alarm costs nothing or a caught positive gains nothing: then
        one side is always right and no model is needed to choose.
    """
    slope = iso_profit_slope(cells, prevalence=prevalence)
    if slope <= 0:
        msg = f"a false alarm costs {cells.cost_of_alarm:g}: act on every case"
        raise CaseProblem(msg)

    def net(d_prime: float) -> float:
        best = best_binormal_cut(d_prime, slope=slope)
        per_case = ev_per_case(cells, prevalence=prevalence, tpr=best.tpr, fpr=best.fpr)
        return volume * float(per_case) - fixed_cost

    if net(_LEAST_D) >= 0:
        return 0.5
    if net(_GREATEST_D) < 0:
        return None
    root = float(brentq(net, _LEAST_D, _GREATEST_D, xtol=1e-12))
    return best_binormal_cut(root, slope=slope).auc


@dataclass(frozen=True)
class Counts:
    """How many test cases fell in each cell."""

    tp: int
    fn: int
    fp: int
    tn: int

    def __post_init__(self) -> None:
        for name, count in asdict(self).items():
            if count < 0:
                msg = f"{name} is {count}: a count is 0 or more"
                raise NotPriced(msg)

    @property
    def tpr(self) -> float | None:
        """The recall seen; None without positive cases."""
        positives = self.tp + self.fn
        return self.tp / positives if positives else None

    @property
    def fpr(self) -> float | None:
        """The false alarm rate seen; None without negative cases."""
        negatives = self.fp + self.tn
        return self.fp / negatives if negatives else None

    @property
    def tpr_belief(self) -> Beta:
        """Jeffreys' posterior of the recall."""
        return Beta(self.tp + 0.5, self.fn + 0.5)

    @property
    def fpr_belief(self) -> Beta:
        """Jeffreys' posterior of the false alarm rate."""
        return Beta(self.fp + 0.5, self.tn + 0.5)

    @property
    def too_little_evidence(self) -> bool:
        """Whether the 90 % band of recall or false alarm rate passes ±5 points.

        With a recall of 0.8 it takes 174 positive cases to stay within.
        """
        beliefs = (self.tpr_belief, self.fpr_belief)
        return any(_half_width(belief) > MAX_HALF_WIDTH for belief in beliefs)


def _half_width(belief: Beta) -> float:
    p5, p95 = belief.ppf([0.05, 0.95]).tolist()
    return float(p95 - p5) / 2


@dataclass(frozen=True)
class Price:
    """The yearly net of a classifier for the target population.

    `mean` is exact (the value function at the means of its factors) if
    `mean_is_exact`, else the mean of the draws. The sampling band holds every
    quantity at its mean and lets only the measured rates vary.
    """

    mean: float
    p5: float
    p50: float
    p95: float
    p_positive: float
    mean_is_exact: bool
    sampling_p5: float
    sampling_p95: float
    observed: float | None  # at the raw rates, without Jeffreys' half counts
    too_little_evidence: bool  # the test set is too small, or its size unknown
    draws: int
    seed: int
    engine_version: str
    digest: str  # of case, rates or counts, seed, draws and engine version

    def to_json(self) -> dict[str, Any]:
        """Return the price as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Policies:
    """What two rules are worth that need no model."""

    nobody: Price  # act on no case
    everybody: Price  # act on every case


def price(case: ValueCase, counts: Counts, *, draws: int = 10_000, seed: int) -> Price:
    """Return what a run with these test counts is worth per year.

    Prevalence and volume are the case's, those of the target population, never
    the test set's. Rates are drawn from Jeffreys' posteriors; runs priced with one
    seed share their random numbers, so their differences are sharper than their
    bands.

    Raises
    ------
    NotPriced
        If the case has no volume, so that single cases have no price.
    """
    (found,) = price_all(case, [counts], draws=draws, seed=seed)
    return found


def price_all(
    case: ValueCase, runs: Iterable[Counts], *, draws: int = 10_000, seed: int
) -> tuple[Price, ...]:
    """Return the price of each run, as `price` does, drawing the case only once."""
    _check_priced(case)
    values = draw(case, draws=draws, seed=seed)
    return tuple(
        _price_of_counts(case, counts, values, draws=draws, seed=seed)
        for counts in runs
    )


def price_at_rates(
    case: ValueCase, *, tpr: float, fpr: float, draws: int = 10_000, seed: int
) -> Price:
    """Return the price of a run of which only the rates are known.

    Its band holds the uncertainty of the business alone; as its sampling error is
    unknown, it always counts as too little evidence.
    """
    return _price_of_rates(
        case, (tpr, fpr), too_little_evidence=True, draws=draws, seed=seed
    )


def policies(case: ValueCase, *, draws: int = 10_000, seed: int) -> Policies:
    """Return what acting on nobody and on everybody is worth per year."""
    nobody, everybody = (
        _price_of_rates(
            case, (rate, rate), too_little_evidence=False, draws=draws, seed=seed
        )
        for rate in (0.0, 1.0)
    )
    return Policies(nobody=nobody, everybody=everybody)


def _price_of_counts(
    case: ValueCase, counts: Counts, values: Values, *, draws: int, seed: int
) -> Price:
    tpr, fpr = counts.tpr, counts.fpr
    return _price(
        case,
        values,
        rates=(counts.tpr_belief, counts.fpr_belief),
        seen=None if tpr is None or fpr is None else (tpr, fpr),
        too_little_evidence=counts.too_little_evidence,
        draws=draws,
        seed=seed,
    )


def _price_of_rates(
    case: ValueCase,
    seen: tuple[float, float],
    *,
    too_little_evidence: bool,
    draws: int,
    seed: int,
) -> Price:
    for rate in seen:
        if not 0 <= rate <= 1:
            msg = f"rate {rate}: give a share from 0 to 1"
            raise NotPriced(msg)
    _check_priced(case)
    return _price(
        case,
        draw(case, draws=draws, seed=seed),
        rates=(Fixed(seen[0]), Fixed(seen[1])),
        seen=seen,
        too_little_evidence=too_little_evidence,
        draws=draws,
        seed=seed,
    )


def _price(
    case: ValueCase,
    values: Values,
    *,
    rates: tuple[Distribution, Distribution],
    seen: tuple[float, float] | None,
    too_little_evidence: bool,
    draws: int,
    seed: int,
) -> Price:
    names = (case.tpr, case.fpr)
    # The names' own random numbers: all runs share them, and the case's draws too.
    tpr, fpr = (
        rate.table()(uniforms(name, draws=draws, seed=seed))
        for rate, name in zip(rates, names, strict=True)
    )
    means = case.means()
    net = yearly_net(case, values, tpr, fpr)
    exact = float(yearly_net(case, means, rates[0].mean, rates[1].mean))
    total = summarise(
        np.broadcast_to(net, (draws,)), mean=exact if case.is_multilinear else None
    )
    sampling = _sampling(case, means, tpr, fpr)
    inputs = [case.to_json(), [rate.to_json() for rate in rates], seed, draws]
    return Price(
        mean=total.mean,
        p5=total.p5,
        p50=total.p50,
        p95=total.p95,
        p_positive=total.p_positive,
        mean_is_exact=case.is_multilinear,
        sampling_p5=sampling.p5,
        sampling_p95=sampling.p95,
        observed=None if seen is None else float(yearly_net(case, means, *seen)),
        too_little_evidence=too_little_evidence,
        draws=draws,
        seed=seed,
        engine_version=ENGINE_VERSION,
        digest=digest([*inputs, ENGINE_VERSION]),
    )


def _sampling(
    case: ValueCase, means: dict[str, float], tpr: FloatArray, fpr: FloatArray
) -> Summary:
    net = yearly_net(case, means, tpr, fpr)
    return summarise(np.broadcast_to(net, tpr.shape))


def _check_priced(case: ValueCase) -> None:
    if not case.is_per_case:
        msg = (
            "this value case counts nothing per case, so its runs are not priced: "
            "give it a volume, a prevalence and drivers per true or false positive"
        )
        raise NotPriced(msg)
    case.check()


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
    _check_priced(case)
    for name, share in (("fpr", fpr), ("confidence", confidence)):
        if not 0 <= share <= 1:
            msg = f"{name} {share}: give a share from 0 to 1"
            raise NotPriced(msg)
    values = draw(case, draws=draws, seed=seed)
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


@dataclass(frozen=True)
class ProfitCurve:
    """Money per case of the target population, by threshold.

    All arrays have shape (distinct scores + 1,); the first point acts on nobody.
    """

    thresholds: FloatArray  # descending; act on a score of at least this
    acted_on: FloatArray  # share of the target population
    tpr: FloatArray
    fpr: FloatArray
    per_case: FloatArray

    @property
    def best(self) -> int:
        """The index of the most money; of equal ones, the one that acts least."""
        return int(np.argmax(self.per_case))


def profit_curve(
    scores: npt.ArrayLike,
    labels: npt.ArrayLike,
    cells: Cells | ValueCase,
    prevalence: float | None = None,
) -> ProfitCurve:
    """Return the money per case at every threshold, equal scores kept together.

    Parameters
    ----------
    scores, labels : array_like of shape (n,)
        A higher score means positive; labels are 0 or 1.
    cells : Cells or ValueCase
        A case is taken at the means of its quantities.
    prevalence : float, optional
        The positive share of the target population, which reweights the classes;
        by default that of the case.

    Raises
    ------
    BadScores
        If lengths differ, a score is not finite, a label is not 0 or 1, one class
        is missing or no prevalence is known.
    """
    score, positive = _checked(scores, labels)
    matrix, share = _matrix(cells, prevalence)
    order = np.argsort(-score, kind="stable")
    score, positive = score[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    caught = np.cumsum(positive)[last]
    alarms = (last + 1) - caught
    tpr = np.append(0.0, caught / positive.sum())
    fpr = np.append(0.0, alarms / (len(positive) - positive.sum()))
    return ProfitCurve(
        thresholds=np.append(np.nextafter(score[0], np.inf), score[last]),
        acted_on=share * tpr + (1 - share) * fpr,
        tpr=tpr,
        fpr=fpr,
        per_case=ev_per_case(matrix, prevalence=share, tpr=tpr, fpr=fpr),
    )


def threshold_by_money(
    scores: npt.ArrayLike,
    labels: npt.ArrayLike,
    cells: Cells | ValueCase,
    prevalence: float | None = None,
) -> float:
    """Return the score from which on acting brings the most money.

    Arguments and errors are those of `profit_curve`. Just above the greatest score
    if acting on nobody is best. Choose it on other data than those that price the
    run: the best of many thresholds looks better than it is.
    """
    curve = profit_curve(scores, labels, cells, prevalence)
    return float(curve.thresholds[curve.best])


def _checked(
    scores: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    score = np.asarray(scores, dtype=np.float64)
    label = np.asarray(labels, dtype=np.float64)
    if score.ndim != 1 or score.shape != label.shape:
        msg = f"scores {score.shape} and labels {label.shape}: give one label a score"
        raise BadScores(msg)
    if not np.isfinite(score).all():
        count = np.count_nonzero(~np.isfinite(score))
        msg = f"{count} of {len(score)} scores are not finite: leave those cases out"
        raise BadScores(msg)
    if not np.isin(label, (0, 1)).all():
        msg = "a label is neither 0 nor 1: code the positive class as 1"
        raise BadScores(msg)
    positives = int(label.sum())
    if positives in (0, len(label)):
        msg = f"{positives} of {len(label)} labels are positive: both must occur"
        raise BadScores(msg)
    return score, label.astype(np.int64)


def _matrix(cells: Cells | ValueCase, prevalence: float | None) -> tuple[Cells, float]:
    if isinstance(cells, ValueCase):
        _check_priced(cells)
        if prevalence is None:
            prevalence = float(cells.prevalence_formula.evaluate(cells.means()))
        cells = Cells.of(cells)
    if prevalence is None or not 0 <= prevalence <= 1:
        msg = f"prevalence {prevalence}: give the target population's positive share"
        raise BadScores(msg)
    return cells, prevalence
