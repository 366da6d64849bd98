"""Pictures of one or several models: curves, confusion, profit, residuals."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go

from charts.experiments.parts import (
    GAIN,
    INK,
    LOSS,
    QUIET,
    SERIES,
    amount,
    dotted,
    drawn,
    plane,
    sentence,
    series_line,
    three_digits,
)
from charts.words import gettext as _
from engine.numbers import money, per_hundred, plain, two_digits
from engine.training.curves import (
    Calibration,
    LiftCurve,
    PrecisionRecallCurve,
    ProfitCurve,
    Residuals,
    RocCurve,
)


@dataclass(frozen=True)
class Outcome:
    """Counts of one cell of a confusion matrix, and what one such case is worth."""

    count: int
    worth: float  # money per case

    @property
    def total(self) -> float:
        """Money of all cases in the cell."""
        return self.count * self.worth


@dataclass(frozen=True)
class MoneyConfusion:
    """A binary confusion matrix in money."""

    tp: Outcome
    fn: Outcome
    fp: Outcome
    tn: Outcome
    currency: str  # ISO 4217

    @property
    def total(self) -> float:
        """Money of all four cells."""
        return self.tp.total + self.fn.total + self.fp.total + self.tn.total


def roc_overlay(curves: Mapping[str, RocCurve]) -> go.Figure:
    """Return one ROC line per run over the line of chance."""
    chance = dotted([0, 1], [0, 1], _("chance"))
    lines = [
        series_line(
            curve.fpr,
            curve.tpr,
            _("%(run)s (AUC %(value)s)")
            % {"run": name, "value": three_digits(curve.auc)},
            style,
        )
        for (name, curve), style in zip(curves.items(), cycle(SERIES), strict=False)
    ]
    return plane([chance, *lines], _("False positive rate"), _("Recall"), shares=True)


def describe_roc(curves: Mapping[str, RocCurve]) -> str:
    """Return each run's area in words."""
    parts = [
        _("%(run)s ranks a positive case above a negative one %(n)s times in 100")
        % {"run": name, "n": per_hundred(curve.auc)}
        for name, curve in curves.items()
    ]
    return "; ".join(parts) + "." if parts else _("No run to draw.")


def precision_recall_overlay(curves: Mapping[str, PrecisionRecallCurve]) -> go.Figure:
    """Return one precision-recall line per run over the base rate."""
    lines = [
        series_line(
            curve.recall,
            curve.precision,
            _("%(run)s (AP %(value)s)")
            % {"run": name, "value": three_digits(curve.average_precision)},
            style,
        )
        for (name, curve), style in zip(curves.items(), cycle(SERIES), strict=False)
    ]
    base = [
        dotted([0, 1], [curve.base_rate] * 2, _("base rate"))
        for curve in list(curves.values())[:1]
    ]
    return plane([*base, *lines], _("Recall"), _("Precision"), shares=True)


def describe_precision_recall(curves: Mapping[str, PrecisionRecallCurve]) -> str:
    """Return each run's average precision against the base rate."""
    if not curves:
        return _("No run to draw.")
    base = next(iter(curves.values())).base_rate
    parts = [
        _("%(run)s reaches average precision %(value)s")
        % {"run": name, "value": three_digits(c.average_precision)}
        for name, c in curves.items()
    ]
    guessing = _("Guessing would reach %(value)s.") % {"value": three_digits(base)}
    return f"{'; '.join(parts)}. {guessing}"


def calibration_plot(curves: Mapping[str, Calibration]) -> go.Figure:
    """Return seen against said per bin, with intervals, and the line of honesty."""
    traces: list[Any] = [dotted([0, 1], [0, 1], _("as said"))]
    styles = zip(curves.items(), cycle(SERIES), strict=False)
    for (name, curve), (color, dash) in styles:
        traces.append(
            go.Scatter(
                x=curve.predicted,
                y=curve.observed,
                mode="lines+markers",
                name=escape(name),
                line={"color": color, "dash": dash, "width": 1},
                marker={"color": color, "size": 7},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": curve.high - curve.observed,
                    "arrayminus": curve.observed - curve.low,
                    "thickness": 1,
                    "width": 0,
                },
                customdata=curve.counts,
                hovertemplate=_("said %{x:.2f}, seen %{y:.2f}, %{customdata} cases")
                + "<extra></extra>",
            )
        )
    return plane(traces, _("Probability the model said"), _("Share seen"), shares=True)


def describe_calibration(curves: Mapping[str, Calibration]) -> str:
    """Return how far each run's probabilities are off."""
    parts = []
    for name, curve in curves.items():
        inside = (curve.low <= curve.predicted) & (curve.predicted <= curve.high)
        parts.append(
            _(
                "%(run)s is off by %(points)s points of 100 on average; %(some)s of "
                "%(all)s bins agree with what was seen"
            )
            % {
                "run": name,
                "points": two_digits(100 * curve.expected_error),
                "some": int(inside.sum()),
                "all": len(inside),
            }
        )
    return ". ".join(parts) + "." if parts else _("No run to draw.")


def confusion_in_money(result: MoneyConfusion) -> go.Figure:
    """Return the four cells coloured by their money, diverging at 0."""
    cells = [[result.fn, result.tp], [result.tn, result.fp]]
    values = np.array([[cell.total for cell in row] for row in cells])
    reach = max(float(np.abs(values).max()), 1.0)
    heat = go.Heatmap(
        x=[_("left alone"), _("acted on")],
        y=[_("positive"), _("negative")],
        z=values,
        zmin=-reach,
        zmax=reach,
        colorscale=[[0, LOSS], [0.5, "var(--ground)"], [1, GAIN]],
        text=[[_product(cell, result.currency) for cell in row] for row in cells],
        texttemplate="%{text}",
        # The ends of the scale are too dark for ink, so the words stand on pale cells.
        opacity=0.45,
        textfont={"color": INK, "size": 13},
        hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
        showscale=False,
        xgap=3,
        ygap=3,
    )
    figure = drawn([heat], height=220)
    bare = {"type": "category", "showgrid": False, "ticks": ""}
    figure.update_xaxes(bare, side="top")
    figure.update_yaxes(bare, autorange="reversed")
    return figure


def describe_confusion(result: MoneyConfusion) -> str:
    """Return the sum and the two kinds of mistake."""
    return _(
        "In all %(money)s: %(found)s of %(positives)s positive cases were found, "
        "%(bothered)s of %(negatives)s negative ones bothered."
    ) % {
        "money": money(result.total, result.currency),
        "found": plain(result.tp.count),
        "positives": plain(result.tp.count + result.fn.count),
        "bothered": plain(result.fp.count),
        "negatives": plain(result.fp.count + result.tn.count),
    }


def profit_curve(
    curves: Mapping[str, ProfitCurve],
    *,
    currency: str,
    thresholds: Mapping[str, float] | None = None,
    capacity: float | None = None,
) -> go.Figure:
    """Return money per 1,000 cases against the share acted on.

    Parameters
    ----------
    thresholds
        The frozen threshold per run; a diamond marks where it lies.
    capacity
        The largest share that can be acted on; a vertical line marks it.
    """
    traces = []
    styles = zip(curves.items(), cycle(SERIES), strict=False)
    for (name, curve), style in styles:
        traces.append(series_line(curve.acted, curve.per_1000, name, style))
        traces[-1].update(
            customdata=curve.thresholds,
            hovertemplate=_("act on %{x:.0%}: %{y:,.0f} at threshold %{customdata:.3f}")
            + "<extra></extra>",
        )
        if thresholds and name in thresholds:
            at = _at_threshold(curve, thresholds[name])
            chosen = _("%(run)s: chosen threshold") % {"run": name}
            traces.append(_mark(curve, at, chosen, style[0]))
    per_1000 = _("%(currency)s per 1,000 cases") % {"currency": escape(currency)}
    figure = plane(traces, _("Share of cases acted on"), per_1000)
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.add_hline(y=0, line={"color": INK, "width": 1})
    if capacity is not None:
        figure.add_vline(
            x=capacity,
            line={"color": QUIET, "dash": "dot", "width": 1},
            annotation={"text": _("capacity"), "font": {"size": 12}},
        )
    return figure


def describe_profit(curves: Mapping[str, ProfitCurve], *, currency: str) -> str:
    """Return where each run earns most, and what acting on everybody would earn."""
    parts = []
    for name, curve in curves.items():
        best = int(np.argmax(curve.per_1000))
        parts.append(
            _(
                "%(run)s earns most, %(most)s per 1,000 cases, when %(n)s of 100 are "
                "acted on; acting on everybody earns %(all)s"
            )
            % {
                "run": name,
                "most": money(curve.per_1000[best], currency),
                "n": per_hundred(curve.acted[best]),
                "all": money(curve.per_1000[-1], currency),
            }
        )
    return ". ".join(parts) + "." if parts else _("No run to draw.")


def lift_plot(curves: Mapping[str, LiftCurve]) -> go.Figure:
    """Return the share of positives found against the share of cases looked at."""
    lines = [
        series_line(curve.acted, curve.found, name, style)
        for (name, curve), style in zip(curves.items(), cycle(SERIES), strict=False)
    ]
    chance = dotted([0, 1], [0, 1], _("at random"))
    return plane(
        [chance, *lines],
        _("Share of cases looked at"),
        _("Share of positives"),
        shares=True,
    )


def describe_lift(curves: Mapping[str, LiftCurve]) -> str:
    """Return how many positives the first tenth holds."""
    parts = [
        _("the first tenth by %(run)s holds %(n)s of 100 positives")
        % {
            "run": name,
            "n": per_hundred(float(np.interp(0.1, curve.acted, curve.found))),
        }
        for name, curve in curves.items()
    ]
    return sentence("; ".join(parts)) if parts else _("No run to draw.")


def predicted_against_true(result: Residuals) -> go.Figure:
    """Return predicted against true values over the line on which they are equal."""
    values = np.concatenate([result.truth, result.predicted])
    ends = [float(values.min()), float(values.max())]
    dots = go.Scatter(
        x=result.truth,
        y=result.predicted,
        mode="markers",
        name=_("cases"),
        marker={"color": INK, "size": 5, "opacity": 0.4},
        hovertemplate=_("true %{x:.4g}, predicted %{y:.4g}") + "<extra></extra>",
    )
    return plane([dotted(ends, ends, _("equal")), dots], _("True"), _("Predicted"))


def describe_predicted(result: Residuals) -> str:
    """Return the middle and the worst miss."""
    misses = np.abs(result.predicted - result.truth)
    return _(
        "Half of the predictions miss by less than %(half)s, the worst by %(worst)s."
    ) % {
        "half": two_digits(float(np.median(misses))),
        "worst": two_digits(float(misses.max())),
    }


def _mark(curve: ProfitCurve, at: int, name: str, color: str) -> go.Scatter:
    return go.Scatter(
        x=[curve.acted[at]],
        y=[curve.per_1000[at]],
        mode="markers",
        name=escape(name),
        marker={"symbol": "diamond", "size": 11, "color": color},
    )


def _at_threshold(curve: ProfitCurve, threshold: float) -> int:
    """Return the last point whose threshold is not below the given one."""
    return max(int(np.count_nonzero(curve.thresholds >= threshold)) - 1, 0)


def _product(cell: Outcome, currency: str) -> str:
    """Return "361 × €160 = €57 760"."""
    return (
        f"{plain(cell.count)} × {amount(cell.worth, currency)} = "
        f"{amount(round(cell.total, 2), currency)}"
    )
