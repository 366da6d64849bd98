"""What decides a value case, in depth: swings, variance, information, returns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from charts.value import Swing, VarianceShare, tornado, variance_bars
from engine.digests import digest
from engine.numbers import money, per_hundred, two_digits
from engine.value.analysis import Analysis, InputAnalysis, Measure, analyse
from engine.value.sobol import SobolIndex
from engine.version import ENGINE_VERSION
from projects.models import Calculation, Project, ValueCase
from projects.selectors.picture import WORTH_SAYING
from projects.selectors.value import case_result
from projects.selectors.words import Wording, wordings

DRAWS = 100_000


def kept_analysis(case: ValueCase) -> Calculation | None:
    """Return the kept analysis of a version by today's engine, if there is one."""
    # As the engine makes it: known before anything is computed.
    inputs = ["analysis", case.content, case.seed, DRAWS, ENGINE_VERSION]
    rows = Calculation.objects.filter(
        project=case.project_id,
        kind=Calculation.Kind.ANALYSIS,
        digest=digest(inputs),
    )
    return rows.select_related("by").first()


def analysis_of(case: ValueCase) -> Analysis:
    """Return the analysis of a version, computed now.

    Raises
    ------
    EngineError
        If the value case cannot be computed.
    """
    return analyse(case.to_engine(), draws=DRAWS, seed=case.seed)


@dataclass(frozen=True)
class Chart:
    """A figure with its title and what it shows in words."""

    figure: Any
    title: str
    text: str


@dataclass(frozen=True)
class InputRow:
    """One input in the table, in words."""

    label: str
    ends: str  # "5 to 30 of 100"
    gains: str  # "−€83k to €120k"
    break_even: str
    first_order: str
    total: str
    worth: str


@dataclass(frozen=True)
class ReturnRow:
    """One measure of what comes back."""

    label: str
    middle: str
    spread: str
    why_not: str


@dataclass(frozen=True)
class AnalysisPage:
    """The analysis as the page shows it."""

    case: ValueCase
    analysis: Analysis
    kept: Calculation | None
    worth: str  # of knowing everything
    tornado: Chart | None
    variance: Chart | None
    inputs: tuple[InputRow, ...]
    groups: tuple[tuple[str, str, str], ...]  # names, first order, total
    note: str  # why inputs have no indices of their own
    returns: tuple[ReturnRow, ...]


def analysis_page(project: Project, case: ValueCase) -> AnalysisPage:
    """Return the page's content, from the kept calculation where there is one.

    Raises
    ------
    EngineError
        If the value case cannot be computed.
    """
    kept = kept_analysis(case)
    found = Analysis.from_json(kept.result) if kept else analysis_of(case)
    said = _Said(
        project, found, wordings(list(project.quantities.all()), project.currency)
    )
    return AnalysisPage(
        case=case,
        analysis=found,
        kept=kept,
        worth="" if found.evpi is None else money(found.evpi, project.currency),
        tornado=said.tornado(),
        variance=said.variance(),
        inputs=tuple(said.rows()),
        groups=tuple(said.groups()),
        note=_(found.sobol_note) if found.sobol_note else "",
        returns=tuple(_returns(found, case)),
    )


@dataclass(frozen=True)
class _Said:
    """An analysis in the words of its quantities."""

    project: Project
    analysis: Analysis
    words: dict[str, Wording]

    @property
    def known(self) -> list[tuple[InputAnalysis, Wording]]:
        """The inputs that are still asked, the most worth knowing first."""
        return [
            (each, self.words[each.name])
            for each in self.analysis.inputs
            if each.name in self.words
        ]

    def money(self, amount: float) -> str:
        return money(amount, self.project.currency)

    def tornado(self) -> Chart | None:
        swings = [
            Swing(
                words.label,
                words.said(each.tornado_low),
                words.said(each.tornado_high),
                each.gain_at_p5,
                each.gain_at_p95,
            )
            for each, words in self.known
        ]
        at_likely = self.analysis.gain_at_likely
        if not swings or at_likely is None:
            return None
        widest = max(swings, key=lambda swing: swing.width)
        text = _(
            "“%(what)s” swings the gain most: from %(from)s at %(low)s to %(to)s at "
            "%(high)s a year. All bars begin at %(likely)s, the gain with every number "
            "at its likely value."
        ) % {
            "what": widest.label,
            "from": self.money(widest.gain_at_low),
            "low": widest.low,
            "to": self.money(widest.gain_at_high),
            "high": widest.high,
            "likely": self.money(at_likely),
        }
        figure = tornado(
            swings,
            at_likely=at_likely,
            currency=self.project.currency,
            ends=(_("at its low end"), _("at its high end")),
        )
        return Chart(figure, _("If one number turns out low or high"), text)

    def variance(self) -> Chart | None:
        shares = [
            VarianceShare(words.label, each.first_order, each.total)
            for each, words in self.known
            if each.first_order is not None and each.total is not None
        ]
        shares += [
            VarianceShare(self._names(group), group.first_order, group.total)
            for group in self.analysis.groups
            if len(group.names) > 1
        ]
        if not shares:
            return None
        first = max(shares, key=lambda share: share.total)
        text = _(
            "%(share)s of 100 parts of the uncertainty come from “%(what)s” by itself "
            "and %(total)s with what it is combined with."
        ) % {
            "share": per_hundred(max(first.first_order, 0.0)),
            "what": first.label,
            "total": per_hundred(max(first.total, 0.0)),
        }
        figure = variance_bars(
            shares, names=(_("by itself (first order)"), _("with others (total)"))
        )
        return Chart(figure, _("Where the uncertainty comes from"), text)

    def rows(self) -> Iterable[InputRow]:
        swings = [abs(e.gain_at_p95 - e.gain_at_p5) for e, _words in self.known]
        least = WORTH_SAYING * max(swings, default=0.0)
        for each, words in self.known:
            yield InputRow(
                label=words.label,
                ends=words.range_said(each.tornado_low, each.tornado_high),
                gains=_("%(low)s to %(high)s")
                % {
                    "low": self.money(each.gain_at_p5),
                    "high": self.money(each.gain_at_p95),
                },
                break_even=_break_even(each, words),
                first_order=_share(each.first_order),
                total=_share(each.total),
                worth=self.money(each.evppi) if each.evppi > least else "–",
            )

    def groups(self) -> Iterable[tuple[str, str, str]]:
        """Return what moves together, with the indices of the whole group."""
        for group in self.analysis.groups:
            if len(group.names) > 1:
                yield (
                    self._names(group),
                    _share(group.first_order),
                    _share(group.total),
                )

    def _names(self, group: SobolIndex) -> str:
        known = (self.words[n].label if n in self.words else n for n in group.names)
        return ", ".join(known)


def _share(share: float | None) -> str:
    if share is None:
        return "–"
    return f"{two_digits(100 * max(share, 0.0))}\N{NO-BREAK SPACE}%"


def _break_even(each: InputAnalysis, words: Wording) -> str:
    if each.break_even is None:
        return "–"
    pattern = (
        _("above %(value)s") if each.direction == "above" else _("below %(value)s")
    )
    return pattern % {"value": words.said(each.break_even)}


def _returns(found: Analysis, case: ValueCase) -> Iterable[ReturnRow]:
    mean = case_result(case).roi_mean
    roi = _return(_("Return on what it costs"), found.roi, _share_signed)
    if mean is not None and roi.middle != "–":
        said = _("%(mean)s on average; %(spread)s")
        spread = said % {"mean": _share_signed(mean), "spread": roi.spread}
        roi = ReturnRow(roi.label, roi.middle, spread, roi.why_not)
    yield roi
    yield _return(_("Internal rate of return"), found.irr, _share_signed)
    yield _return(_("Payback"), found.payback, _years)
    yield _return(
        _("Payback, later money discounted"), found.payback_discounted, _years
    )


def _return(label: str, measure: Measure, said: Any) -> ReturnRow:
    if measure.p50 is None:
        return ReturnRow(label, "–", "", measure.why_not)
    ends = [said(end) for end in (measure.p5, measure.p95) if end is not None]
    spread = (
        _("%(low)s to %(high)s") % {"low": ends[0], "high": ends[-1]} if ends else ""
    )
    return ReturnRow(label, said(measure.p50), spread, measure.why_not)


def _share_signed(share: float) -> str:
    return f"{two_digits(100 * share)}\N{NO-BREAK SPACE}%"


def _years(years: float) -> str:
    return _("%(n)s years") % {"n": two_digits(years)}
