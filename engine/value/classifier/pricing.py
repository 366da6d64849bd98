"""What a run is worth per year, with its band."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.digests import digest
from engine.errors import EngineError
from engine.value.case import ValueCase
from engine.value.distributions import Beta, Distribution, Fixed, FloatArray
from engine.value.formula import Values
from engine.value.simulate import draw, summarise, uniforms, yearly_net
from engine.version import ENGINE_VERSION

MAX_HALF_WIDTH = 0.05
_ROUNDED = 0.01  # logged numbers are rounded


class NotPriced(EngineError):
    """A run that no price can be given; says what is missing."""


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
    """The yearly net of a run for the target population.

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
    check_priced(case)
    values = draw(case.measured, draws=draws, seed=seed)
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


def rates_of(measured: Mapping[str, float]) -> tuple[float, float] | None:
    """Return (recall, false alarm rate) as logged numbers tell them; None if not.

    From recall and fpr; else from recall, precision and the prevalence of the test
    set they were measured on, by which fpr = π·recall·(1 − precision) / ((1 − π)·
    precision).

    Raises
    ------
    NotPriced
        If the three cannot be of one test set.
    """
    recall = measured.get("recall")
    if recall is None:
        return None
    if (fpr := measured.get("fpr")) is not None:
        return recall, fpr
    precision, share = measured.get("precision"), measured.get("prevalence")
    if not precision or share is None or not 0 < share < 1:
        return None
    fpr = recall * share * (1 - precision) / ((1 - share) * precision)
    if not 0 <= fpr <= 1 + _ROUNDED:
        msg = (
            f"precision {precision:g} at recall {recall:g} and prevalence {share:g} "
            f"means a false alarm rate of {fpr:.2g}: log all three of one test set"
        )
        raise NotPriced(msg)
    return recall, min(fpr, 1.0)


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
    check_priced(case)
    return _price(
        case,
        draw(case.measured, draws=draws, seed=seed),
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
    return price_from(
        yearly_net(case, values, tpr, fpr),
        sampling=yearly_net(case, means, tpr, fpr),
        exact=float(yearly_net(case, means, rates[0].mean, rates[1].mean)),
        is_exact=case.measured.is_multilinear,
        observed=None if seen is None else float(yearly_net(case, means, *seen)),
        too_little_evidence=too_little_evidence,
        inputs=[case.to_json(), [rate.to_json() for rate in rates], seed, draws],
        draws=draws,
        seed=seed,
    )


def price_from(
    net: FloatArray,
    *,
    sampling: FloatArray,
    exact: float,
    is_exact: bool,
    observed: float | None,
    too_little_evidence: bool,
    inputs: Sequence[Any],
    draws: int,
    seed: int,
) -> Price:
    """Return the price that draws of the yearly net make.

    Parameters
    ----------
    net, sampling : ndarray that broadcasts to (draws,)
        With everything varying, and with nothing but what was measured.
    exact : float
        The net at the means of all factors; the mean if `is_exact`.
    inputs : sequence
        As JSON, what the digest is taken of, beside the engine's version.
    """
    total = summarise(np.broadcast_to(net, (draws,)), mean=exact if is_exact else None)
    band = summarise(np.broadcast_to(sampling, (draws,)))
    return Price(
        mean=total.mean,
        p5=total.p5,
        p50=total.p50,
        p95=total.p95,
        p_positive=total.p_positive,
        mean_is_exact=is_exact,
        sampling_p5=band.p5,
        sampling_p95=band.p95,
        observed=observed,
        too_little_evidence=too_little_evidence,
        draws=draws,
        seed=seed,
        engine_version=ENGINE_VERSION,
        digest=digest([*inputs, ENGINE_VERSION]),
    )


def check_priced(case: ValueCase) -> None:
    """Raise NotPriced if the case counts nothing per case, or CaseProblem."""
    if case.is_forecast:
        msg = (
            "this value case counts errors of forecasts: it prices regressions, and "
            "no classifier"
        )
        raise NotPriced(msg)
    if not case.is_per_case:
        msg = (
            "this value case counts nothing per case, so its runs are not priced: "
            "give it a volume, a prevalence and drivers per true or false positive, "
            "or name a metric in a formula"
        )
        raise NotPriced(msg)
    case.check()
