"""Everything that can be asked of a value case at once, kept as one result."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.digests import digest
from engine.numbers import per_hundred
from engine.value import information, money
from engine.value.case import ValueCase
from engine.value.distributions import FloatArray
from engine.value.simulate import (
    Futures,
    Span,
    Undefined,
    check_divisors,
    draw,
    expected_gains,
    paybacks,
    quantiles,
    sways,
)
from engine.value.sobol import SobolIndex, sobol_indices
from engine.value.tornado import gain_at_likely, tornado
from engine.version import ENGINE_VERSION
from engine.words import gettext_noop as _

CORRELATED = _(
    "Some inputs move together, so the variance cannot be split between them: "
    "the indices are those of the independent groups."
)
CERTAIN = _("Nothing is uncertain, so there is no variance to explain.")
_ENDS = (0.05, 0.5, 0.95)

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Measure:
    """P5, P50 and P95 of a measure, over the futures in which it exists."""

    p5: float | None
    p50: float | None
    p95: float | None
    share: float  # of all futures
    why_not: str = ""  # why it does not exist in the others


@dataclass(frozen=True)
class InputAnalysis:
    """How much one input decides; gains are per year."""

    name: str
    first_order: float | None  # None: see the note, and the groups
    total: float | None
    evppi: float  # the worth of finding it out exactly
    tornado_low: float  # its P5, within its bounds
    tornado_high: float  # its P95
    gain_at_p5: float  # the others at likely
    gain_at_p95: float
    break_even: float | None  # the others at their mean
    direction: Literal["above", "below"]  # the side of the break-even that pays
    likely: float
    mean: float


@dataclass(frozen=True)
class Analysis:
    """Sensitivity, worth of information and returns of a value case.

    Where a formula divides by what may be 0, `undefined` says so, there are no
    inputs, and every figure is None.
    """

    inputs: tuple[InputAnalysis, ...]  # the greatest EVPPI first
    groups: tuple[SobolIndex, ...]  # only if some inputs move together
    sobol_note: str  # "" or why inputs have no indices of their own
    gain_at_likely: float | None  # where the bars of the tornado meet
    evpi: float | None
    irr: Measure
    payback: Measure  # in years
    payback_discounted: Measure
    roi: Measure
    undefined: str
    draws: int
    seed: int
    engine_version: str
    digest: str  # of case, seed, draws and engine version

    def to_json(self) -> dict[str, Any]:
        """Return the analysis as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Analysis":
        """Return the analysis that `to_json` wrote."""
        measures = ("irr", "payback", "payback_discounted", "roi")
        return cls(
            **content
            | {name: Measure(**content[name]) for name in measures}
            | {
                "inputs": tuple(InputAnalysis(**each) for each in content["inputs"]),
                "groups": tuple(
                    SobolIndex(**each | {"names": tuple(each["names"])})
                    for each in content["groups"]
                ),
            }
        )


def analyse(case: ValueCase, *, draws: int = 100_000, seed: int) -> Analysis:
    """Return how much each input decides, and what the case returns.

    Raises
    ------
    CaseProblem
        If the case has problems; all of them are listed. Undefined quantiles are
        no problem but a result that says why.
    """
    case.check()
    blank = _undefined(case, "", draws=draws, seed=seed)
    values = draw(case, draws=draws, seed=seed)
    try:
        check_divisors(case, values)
        return _analysis(case, values, blank)
    except Undefined as reason:
        return _undefined(case, str(reason), draws=draws, seed=seed)


def analysis_digest(case: ValueCase, *, draws: int, seed: int) -> str:
    """Return what identifies an analysis's inputs, known before it is computed."""
    return digest(["analysis", case.to_json(), seed, draws, ENGINE_VERSION])


def _undefined(case: ValueCase, reason: str, *, draws: int, seed: int) -> Analysis:
    nothing = Measure(None, None, None, 0.0, reason)
    return Analysis(
        inputs=(),
        groups=(),
        sobol_note=reason,
        gain_at_likely=None,
        evpi=None,
        irr=nothing,
        payback=nothing,
        payback_discounted=nothing,
        roi=nothing,
        undefined=reason,
        draws=draws,
        seed=seed,
        engine_version=ENGINE_VERSION,
        digest=analysis_digest(case, draws=draws, seed=seed),
    )


def _analysis(
    case: ValueCase, values: Mapping[str, FloatArray], blank: Analysis
) -> Analysis:
    given = {"draws": blank.draws, "seed": blank.seed}
    futures = Futures.of(case, values, **given)
    evpi = information.evpi(futures.npv / Span.of(case).annuity)
    indices = sobol_indices(case, **given)
    inputs = _inputs(case, values, indices)
    note = CORRELATED if case.linked else ""
    return replace(
        blank,
        inputs=inputs,
        groups=indices if case.linked else (),
        sobol_note=note if indices else CERTAIN,
        gain_at_likely=gain_at_likely(case),
        # Of the draws it may fall below a part of it that is known exactly.
        evpi=max([evpi, *(each.evppi for each in inputs)]),
        irr=_irr(case, futures),
        payback=_payback(case, futures, rate=0.0),
        payback_discounted=_payback(case, futures, rate=case.discount_rate),
        roi=_roi(futures),
    )


def _inputs(
    case: ValueCase,
    values: Mapping[str, FloatArray],
    indices: tuple[SobolIndex, ...],
) -> tuple[InputAnalysis, ...]:
    alone = {each.names[0]: each for each in indices if len(each.names) == 1}
    swings = {swing.name: swing for swing in tornado(case)}
    found = []
    for sway in sways(case, values, expected_gains(case, values)):
        index, swing = alone.get(sway.name), swings[sway.name]
        found.append(
            InputAnalysis(
                name=sway.name,
                first_order=index.first_order if index else None,
                total=index.total if index else None,
                evppi=sway.evppi,
                tornado_low=swing.low,
                tornado_high=swing.high,
                gain_at_p5=swing.gain_at_low,
                gain_at_p95=swing.gain_at_high,
                break_even=sway.break_even,
                direction=sway.direction,
                likely=sway.likely,
                mean=sway.mean,
            )
        )
    return tuple(found)


def _measure(found: FloatArray, *, of: int, why_not: str) -> Measure:
    """Return the measure of the futures in which it was found, of so many."""
    if not len(found):
        return Measure(None, None, None, 0.0, why_not)
    p5, p50, p95 = quantiles(np.sort(found), _ENDS).tolist()
    share = len(found) / of
    return Measure(p5, p50, p95, share, why_not if share < 1 else "")


def _irr(case: ValueCase, futures: Futures) -> Measure:
    """Return the rates of the futures that spend first and earn later.

    A rate falls as more years' nets are spent first, so its quantiles are the rates
    of the quantiles of that.
    """
    spends, earns = futures.once < 0, futures.yearly > 0
    both = spends & earns
    years_spent = -futures.once[both] / futures.yearly[both]
    spent = _measure(years_spent, of=len(both), why_not=_no_rate(spends, earns))
    high, middle, low = (
        None if years is None else _rate(case, years)
        for years in (spent.p5, spent.p50, spent.p95)
    )
    return replace(spent, p5=low, p50=middle, p95=high)


def _rate(case: ValueCase, years_spent: float) -> float | None:
    flow = money.cash_flow(
        -years_spent, 1.0, years=case.horizon_years, ramp_up=case.ramp_up
    )
    return money.irr(flow)


def _no_rate(spends: BoolArray, earns: BoolArray) -> str:
    reasons = (
        (~spends, "nothing is spent first"),
        (spends & ~earns, "nothing comes back of what is spent first"),
    )
    return ", ".join(
        _in_futures(float(which.mean()), why) for which, why in reasons if which.any()
    )


def _payback(case: ValueCase, futures: Futures, *, rate: float) -> Measure:
    years = paybacks(futures, case, rate=rate)
    draws = len(futures.npv)
    why_not = _in_futures(
        1 - len(years) / draws, "the money is not back within the horizon"
    )
    return _measure(years, of=draws, why_not=why_not)


def _roi(futures: Futures) -> Measure:
    spent = futures.costs > 0
    roi = futures.npv[spent] / futures.costs[spent]
    why_not = _in_futures(float((~spent).mean()), "nothing is spent")
    return _measure(roi, of=len(spent), why_not=why_not)


def _in_futures(share: float, what: str) -> str:
    if share == 1:
        return f"in every future {what}"
    return f"in {per_hundred(share)} of 100 futures {what}"
