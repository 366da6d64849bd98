"""The figures of runs: results of the engine in, plotly figures and their text out.

Only scatter, bar and heatmap traces, which the small plotly bundle draws. Colours are
names of the page's tokens, which its script turns into the reader's theme. Names of runs
and features come from people, and plotly reads markup in them, so each is escaped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.numbers import MINUS, money, per_hundred, plain, two_digits
from engine.training.curves import (
    Calibration,
    LiftCurve,
    PrecisionRecallCurve,
    ProfitCurve,
    Residuals,
    RocCurve,
)
from engine.training.explain import Importance
from engine.training.metrics import Direction

INK, QUIET, LINE = "var(--ink)", "var(--ink-3)", "var(--line)"
GAIN, LOSS = "var(--gain)", "var(--loss)"
# Series differ by lightness and dash; green and orange are kept for money.
SERIES = ((INK, "solid"), (QUIET, "dash"), ("var(--field)", "dot"), (INK, "dashdot"))
ROW_HEIGHT = 30  # pixels of one line of a list of dots or bars


@dataclass(frozen=True)
class BoardRow:
    """One run on the leaderboard."""

    name: str
    value: float
    low: float
    high: float
    group: int = 1  # tie group, 1 is the best


@dataclass(frozen=True)
class Reference:
    """A value every run is held against: a baseline, a requirement, today's rule."""

    name: str
    value: float


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


@dataclass(frozen=True)
class PricedRun:
    """One run by a metric and by money."""

    name: str
    metric: float
    money: float


def leaderboard(
    rows: Sequence[BoardRow], *, metric: str, references: Sequence[Reference] = ()
) -> go.Figure:
    """Return a dot with its interval per run, best on top, and a line per reference."""
    shown = list(reversed(rows))
    names = [escape(row.name) for row in shown]
    dots = go.Scatter(
        x=[row.value for row in shown],
        y=names,
        mode="markers",
        name="run",
        showlegend=False,
        marker={"size": 9, "color": [INK if r.group == 1 else QUIET for r in shown]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [row.high - row.value for row in shown],
            "arrayminus": [row.value - row.low for row in shown],
            # Said, because it would be taken from the dots, whose colour is a list.
            "color": INK,
            "thickness": 1.5,
            "width": 0,
        },
        customdata=[[row.low, row.high, row.group] for row in shown],
        hovertemplate="%{x:.3g} (%{customdata[0]:.3g} to %{customdata[1]:.3g})"
        "<br>tie group %{customdata[2]}<extra></extra>",
    )
    figure = _listed([dots], x=metric, rows=len(shown))
    for item in references:
        figure.add_vline(
            x=item.value,
            line={"color": QUIET, "dash": "dot", "width": 1},
            annotation={"text": escape(item.name), "font": {"size": 12}},
        )
    return figure


def describe_leaderboard(rows: Sequence[BoardRow], *, metric: str) -> str:
    """Return the board in a sentence: who leads, by what, and who is tied."""
    if not rows:
        return "No run has been measured yet."
    best = rows[0]
    text = (
        f"{best.name} leads with {metric} {_three(best.value)} "
        f"({_three(best.low)} to {_three(best.high)})"
    )
    tied = [row.name for row in rows[1:] if row.group == best.group]
    behind = len(rows) - 1 - len(tied)
    if tied:
        text += f", tied with {_some(tied)}"
    if behind:
        text += f"; {behind} {'run is' if behind == 1 else 'runs are'} behind"
    return text + "."


def roc_overlay(curves: Mapping[str, RocCurve]) -> go.Figure:
    """Return one ROC line per run over the line of chance."""
    chance = _dotted([0, 1], [0, 1], "chance")
    lines = [
        _line(curve.fpr, curve.tpr, f"{name} (AUC {_three(curve.auc)})", style)
        for (name, curve), style in zip(curves.items(), cycle(SERIES), strict=False)
    ]
    return _plane([chance, *lines], "False positive rate", "Recall", shares=True)


def describe_roc(curves: Mapping[str, RocCurve]) -> str:
    """Return each run's area in words."""
    parts = [
        f"{name} ranks a positive case above a negative one "
        f"{per_hundred(curve.auc)} times in 100"
        for name, curve in curves.items()
    ]
    return "; ".join(parts) + "." if parts else "No run to draw."


def precision_recall_overlay(curves: Mapping[str, PrecisionRecallCurve]) -> go.Figure:
    """Return one precision-recall line per run over the base rate."""
    lines = [
        _line(
            curve.recall,
            curve.precision,
            f"{name} (AP {_three(curve.average_precision)})",
            style,
        )
        for (name, curve), style in zip(curves.items(), cycle(SERIES), strict=False)
    ]
    base = [
        _dotted([0, 1], [curve.base_rate] * 2, "base rate")
        for curve in list(curves.values())[:1]
    ]
    return _plane([*base, *lines], "Recall", "Precision", shares=True)


def describe_precision_recall(curves: Mapping[str, PrecisionRecallCurve]) -> str:
    """Return each run's average precision against the base rate."""
    if not curves:
        return "No run to draw."
    base = next(iter(curves.values())).base_rate
    parts = [
        f"{name} reaches average precision {_three(c.average_precision)}"
        for name, c in curves.items()
    ]
    return "; ".join(parts) + f". Guessing would reach {_three(base)}."


def calibration_plot(curves: Mapping[str, Calibration]) -> go.Figure:
    """Return seen against said per bin, with intervals, and the line of honesty."""
    traces: list[Any] = [_dotted([0, 1], [0, 1], "as said")]
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
                hovertemplate="said %{x:.2f}, seen %{y:.2f}, %{customdata} cases"
                "<extra></extra>",
            )
        )
    return _plane(traces, "Probability the model said", "Share seen", shares=True)


def describe_calibration(curves: Mapping[str, Calibration]) -> str:
    """Return how far each run's probabilities are off."""
    parts = []
    for name, curve in curves.items():
        inside = (curve.low <= curve.predicted) & (curve.predicted <= curve.high)
        parts.append(
            f"{name} is off by {two_digits(100 * curve.expected_error)} points of 100 "
            f"on average; {int(inside.sum())} of {len(inside)} bins agree with what was "
            "seen"
        )
    return ". ".join(parts) + "." if parts else "No run to draw."


def confusion_in_money(result: MoneyConfusion) -> go.Figure:
    """Return the four cells coloured by their money, diverging at 0."""
    cells = [[result.fn, result.tp], [result.tn, result.fp]]
    values = np.array([[cell.total for cell in row] for row in cells])
    reach = max(float(np.abs(values).max()), 1.0)
    heat = go.Heatmap(
        x=["left alone", "acted on"],
        y=["positive", "negative"],
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
    figure = _figure([heat], height=220)
    bare = {"type": "category", "showgrid": False, "ticks": ""}
    figure.update_xaxes(bare, side="top")
    figure.update_yaxes(bare, autorange="reversed")
    return figure


def describe_confusion(result: MoneyConfusion) -> str:
    """Return the sum and the two kinds of mistake."""
    return (
        f"In all {money(result.total, result.currency)}: "
        f"{plain(result.tp.count)} of {plain(result.tp.count + result.fn.count)} "
        f"positive cases were found, {plain(result.fp.count)} of "
        f"{plain(result.fp.count + result.tn.count)} negative ones bothered."
    )


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
        traces.append(_line(curve.acted, curve.per_1000, name, style))
        traces[-1].update(
            customdata=curve.thresholds,
            hovertemplate="act on %{x:.0%}: %{y:,.0f} at threshold %{customdata:.3f}"
            "<extra></extra>",
        )
        if thresholds and name in thresholds:
            at = _at_threshold(curve, thresholds[name])
            traces.append(_mark(curve, at, f"{name}: chosen threshold", style[0]))
    figure = _plane(
        traces, "Share of cases acted on", f"{escape(currency)} per 1,000 cases"
    )
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.add_hline(y=0, line={"color": INK, "width": 1})
    if capacity is not None:
        figure.add_vline(
            x=capacity,
            line={"color": QUIET, "dash": "dot", "width": 1},
            annotation={"text": "capacity", "font": {"size": 12}},
        )
    return figure


def describe_profit(curves: Mapping[str, ProfitCurve], *, currency: str) -> str:
    """Return where each run earns most, and what acting on everybody would earn."""
    parts = []
    for name, curve in curves.items():
        best = int(np.argmax(curve.per_1000))
        parts.append(
            f"{name} earns most, {money(curve.per_1000[best], currency)} per 1,000 "
            f"cases, when {per_hundred(curve.acted[best])} of 100 are acted on; "
            f"acting on everybody earns {money(curve.per_1000[-1], currency)}"
        )
    return ". ".join(parts) + "." if parts else "No run to draw."


def lift_plot(curves: Mapping[str, LiftCurve]) -> go.Figure:
    """Return the share of positives found against the share of cases looked at."""
    lines = [
        _line(curve.acted, curve.found, name, style)
        for (name, curve), style in zip(curves.items(), cycle(SERIES), strict=False)
    ]
    chance = _dotted([0, 1], [0, 1], "at random")
    return _plane(
        [chance, *lines], "Share of cases looked at", "Share of positives", shares=True
    )


def describe_lift(curves: Mapping[str, LiftCurve]) -> str:
    """Return how many positives the first tenth holds."""
    parts = [
        f"the first tenth by {name} holds "
        f"{per_hundred(float(np.interp(0.1, curve.acted, curve.found)))} of 100 positives"
        for name, curve in curves.items()
    ]
    return _sentence("; ".join(parts)) if parts else "No run to draw."


def metric_per_fold(runs: Mapping[str, Sequence[float]], *, metric: str) -> go.Figure:
    """Return a strip of dots per run, one per fit, with a bar at their mean."""
    traces = []
    for name, values in reversed(list(runs.items())):
        label = escape(name)
        traces.append(
            go.Scatter(
                x=list(values),
                y=[label] * len(values),
                mode="markers",
                name=label,
                showlegend=False,
                marker={"color": QUIET, "size": 8, "opacity": 0.7},
                customdata=list(range(1, len(values) + 1)),
                hovertemplate="fit %{customdata}: %{x:.4g}<extra></extra>",
            )
        )
        traces.append(
            go.Scatter(
                x=[float(np.mean(values))],
                y=[label],
                mode="markers",
                name=f"mean of {label}",
                showlegend=False,
                marker={
                    "symbol": "line-ns",
                    "size": 20,
                    "color": INK,
                    "line": {"width": 2, "color": INK},
                },
                hovertemplate="mean %{x:.4g}<extra></extra>",
            )
        )
    return _listed(traces, x=metric, rows=len(runs))


def describe_folds(runs: Mapping[str, Sequence[float]], *, metric: str) -> str:
    """Return each run's mean and range over its fits."""
    parts = [
        f"{name}: {metric} {_three(float(np.mean(values)))} on average over "
        f"{len(values)} fits, from {_three(min(values))} to {_three(max(values))}"
        for name, values in runs.items()
    ]
    return ". ".join(parts) + "." if parts else "No run to draw."


def importance_bars(items: Sequence[Importance], *, metric: str) -> go.Figure:
    """Return how much of the metric is lost without each feature, ± 2 sd."""
    shown = list(reversed(items))
    bars = go.Bar(
        x=[item.mean for item in shown],
        y=[escape(item.feature) for item in shown],
        orientation="h",
        name="loss without the feature",
        marker={"color": QUIET},
        error_x={
            "type": "data",
            "array": [2 * item.sd for item in shown],
            "color": INK,
            "thickness": 1.5,
            "width": 0,
        },
        hovertemplate="%{x:.3g}<extra></extra>",
    )
    return _listed([bars], x=f"{metric} lost without it", rows=len(shown))


def describe_importance(items: Sequence[Importance], *, metric: str) -> str:
    """Return the features the model leans on most."""
    helping = [item for item in items if item.mean > 2 * item.sd]
    if not helping:
        return "No single feature clearly carries the model."
    parts = [f"{item.feature} ({_three(item.mean)})" for item in helping[:3]]
    return f"Most {metric} is lost without {_some(parts)}."


def metric_history(
    runs: Mapping[str, tuple[Sequence[int], Sequence[float]]], *, metric: str
) -> go.Figure:
    """Return one line per run of (steps, values)."""
    lines = [
        _line(steps, values, name, style)
        for (name, (steps, values)), style in zip(
            runs.items(), cycle(SERIES), strict=False
        )
    ]
    return _plane(lines, "Step", escape(metric))


def describe_history(
    runs: Mapping[str, tuple[Sequence[int], Sequence[float]]], *, metric: str
) -> str:
    """Return where each run's metric began and ended."""
    parts = [
        f"{metric} of {name} goes from {_three(values[0])} at step {steps[0]} to "
        f"{_three(values[-1])} at step {steps[-1]}"
        for name, (steps, values) in runs.items()
        if len(values)
    ]
    return _sentence("; ".join(parts)) if parts else "Nothing has been logged yet."


def money_against_metric(
    runs: Sequence[PricedRun], *, metric: str, currency: str
) -> go.Figure:
    """Return one named dot per run, its metric across and its money up."""
    dots = go.Scatter(
        x=[run.metric for run in runs],
        y=[run.money for run in runs],
        mode="markers+text" if len(runs) <= 12 else "markers",
        name="runs",
        showlegend=False,
        text=[escape(run.name) for run in runs],
        textposition="top center",
        marker={"size": 9, "color": [GAIN if r.money >= 0 else LOSS for r in runs]},
        hovertemplate="%{text}<br>%{x:.3g}, %{y:,.0f}<extra></extra>",
    )
    return _plane([dots], escape(metric), f"{escape(currency)} per year")


def describe_money_against_metric(
    runs: Sequence[PricedRun],
    *,
    metric: str,
    currency: str,
    direction: Direction = "higher",
) -> str:
    """Return whether the metric and the money choose the same run."""
    if not runs:
        return "No run has a price yet."
    sign = 1 if direction == "higher" else -1
    richest = max(runs, key=lambda run: run.money)
    best = max(runs, key=lambda run: sign * run.metric)
    if richest == best:
        return (
            f"The best run by {metric}, {best.name}, also earns most: "
            f"{money(best.money, currency)}."
        )
    return (
        f"{best.name} is best by {metric}, but {richest.name} earns most: "
        f"{money(richest.money, currency)} against {money(best.money, currency)}."
    )


def predicted_against_true(result: Residuals) -> go.Figure:
    """Return predicted against true values over the line on which they are equal."""
    values = np.concatenate([result.truth, result.predicted])
    ends = [float(values.min()), float(values.max())]
    dots = go.Scatter(
        x=result.truth,
        y=result.predicted,
        mode="markers",
        name="cases",
        marker={"color": INK, "size": 5, "opacity": 0.4},
        hovertemplate="true %{x:.4g}, predicted %{y:.4g}<extra></extra>",
    )
    return _plane([_dotted(ends, ends, "equal"), dots], "True", "Predicted")


def describe_predicted(result: Residuals) -> str:
    """Return the middle and the worst miss."""
    misses = np.abs(result.predicted - result.truth)
    return (
        f"Half of the predictions miss by less than {two_digits(float(np.median(misses)))}"
        f", the worst by {two_digits(float(misses.max()))}."
    )


def _figure(traces: Sequence[Any], *, height: int) -> go.Figure:
    # The page's script sets the template, in the reader's theme.
    return go.Figure(traces, {"template": "none", "height": height})


def _plane(traces: Sequence[Any], x: str, y: str, *, shares: bool = False) -> go.Figure:
    figure = _figure(traces, height=360)
    figure.update_xaxes(title_text=x)
    figure.update_yaxes(title_text=y)
    if shares:
        figure.update_xaxes(range=[0, 1])
        figure.update_yaxes(range=[0, 1.01])
    return figure


def _listed(traces: Sequence[Any], *, x: str, rows: int) -> go.Figure:
    figure = _figure(traces, height=90 + ROW_HEIGHT * rows)
    figure.update_xaxes(title_text=escape(x))
    # A name such as 2024-01-01 is a name, not a date.
    figure.update_yaxes(type="category")
    return figure


def _line(x: Any, y: Any, name: str, style: tuple[str, str]) -> go.Scatter:
    color, dash = style
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=escape(name),
        line={"color": color, "dash": dash, "width": 2},
    )


def _dotted(x: list[float], y: list[float], name: str) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=name,
        line={"color": QUIET, "dash": "dot", "width": 1},
        hoverinfo="skip",
    )


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
        f"{plain(cell.count)} × {_amount(cell.worth, currency)} = "
        f"{_amount(round(cell.total, 2), currency)}"
    )


def _amount(value: float, currency: str) -> str:
    sign = money(1, currency).removesuffix("1")
    return f"{MINUS if value < 0 else ''}{escape(sign)}{plain(abs(value))}"


def _three(value: float) -> str:
    return f"{value:.3g}".replace("-", MINUS)


def _some(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
