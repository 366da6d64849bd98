"""Pictures of many runs: leaderboard, folds, importances, histories, money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import cycle

import numpy as np
import plotly.graph_objects as go

from charts.experiments.parts import (
    GAIN,
    INK,
    LOSS,
    QUIET,
    SERIES,
    listed,
    plane,
    sentence,
    series_line,
    some_names,
    three_digits,
)
from charts.words import gettext as _
from charts.words import ngettext
from engine.numbers import money
from engine.training.explain import Importance
from engine.training.metrics import Direction


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
        name=_("run"),
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
        hovertemplate=_(
            "%{x:.3g} (%{customdata[0]:.3g} to %{customdata[1]:.3g})"
            "<br>tie group %{customdata[2]}"
        )
        + "<extra></extra>",
    )
    figure = listed([dots], x=metric, rows=len(shown))
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
        return _("No run has been measured yet.")
    best = rows[0]
    text = _("%(run)s leads with %(metric)s %(value)s (%(low)s to %(high)s)") % {
        "run": best.name,
        "metric": metric,
        "value": three_digits(best.value),
        "low": three_digits(best.low),
        "high": three_digits(best.high),
    }
    tied = [row.name for row in rows[1:] if row.group == best.group]
    behind = len(rows) - 1 - len(tied)
    if tied:
        text += _(", tied with %(names)s") % {"names": some_names(tied)}
    if behind:
        text += ngettext("; %(n)s run is behind", "; %(n)s runs are behind", behind) % {
            "n": behind
        }
    return text + "."


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
                hovertemplate=_("fit %{customdata}: %{x:.4g}") + "<extra></extra>",
            )
        )
        traces.append(
            go.Scatter(
                x=[float(np.mean(values))],
                y=[label],
                mode="markers",
                name=_("mean of %(run)s") % {"run": label},
                showlegend=False,
                marker={
                    "symbol": "line-ns",
                    "size": 20,
                    "color": INK,
                    "line": {"width": 2, "color": INK},
                },
                hovertemplate=_("mean %{x:.4g}") + "<extra></extra>",
            )
        )
    return listed(traces, x=metric, rows=len(runs))


def describe_folds(runs: Mapping[str, Sequence[float]], *, metric: str) -> str:
    """Return each run's mean and range over its fits."""
    parts = [
        _(
            "%(run)s: %(metric)s %(mean)s on average over %(n)s fits, from %(low)s to "
            "%(high)s"
        )
        % {
            "run": name,
            "metric": metric,
            "mean": three_digits(float(np.mean(values))),
            "n": len(values),
            "low": three_digits(min(values)),
            "high": three_digits(max(values)),
        }
        for name, values in runs.items()
    ]
    return ". ".join(parts) + "." if parts else _("No run to draw.")


def importance_bars(items: Sequence[Importance], *, metric: str) -> go.Figure:
    """Return how much of the metric is lost without each feature, ± 2 sd."""
    shown = list(reversed(items))
    bars = go.Bar(
        x=[item.mean for item in shown],
        y=[escape(item.feature) for item in shown],
        orientation="h",
        name=_("loss without the feature"),
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
    return listed(
        [bars], x=_("%(metric)s lost without it") % {"metric": metric}, rows=len(shown)
    )


def describe_importance(items: Sequence[Importance], *, metric: str) -> str:
    """Return the features the model leans on most."""
    helping = [item for item in items if item.mean > 2 * item.sd]
    if not helping:
        return _("No single feature clearly carries the model.")
    parts = [f"{item.feature} ({three_digits(item.mean)})" for item in helping[:3]]
    return _("Most %(metric)s is lost without %(features)s.") % {
        "metric": metric,
        "features": some_names(parts),
    }


def metric_history(
    runs: Mapping[str, tuple[Sequence[int], Sequence[float]]], *, metric: str
) -> go.Figure:
    """Return one line per run of (steps, values)."""
    lines = [
        series_line(steps, values, name, style)
        for (name, (steps, values)), style in zip(
            runs.items(), cycle(SERIES), strict=False
        )
    ]
    return plane(lines, _("Step"), escape(metric))


def describe_history(
    runs: Mapping[str, tuple[Sequence[int], Sequence[float]]], *, metric: str
) -> str:
    """Return where each run's metric began and ended."""
    parts = [
        _(
            "%(metric)s of %(run)s goes from %(from)s at step %(first)s to %(to)s at "
            "step %(last)s"
        )
        % {
            "metric": metric,
            "run": name,
            "from": three_digits(values[0]),
            "first": steps[0],
            "to": three_digits(values[-1]),
            "last": steps[-1],
        }
        for name, (steps, values) in runs.items()
        if len(values)
    ]
    return sentence("; ".join(parts)) if parts else _("Nothing has been logged yet.")


def money_against_metric(
    runs: Sequence[PricedRun], *, metric: str, currency: str
) -> go.Figure:
    """Return one named dot per run, its metric across and its money up."""
    dots = go.Scatter(
        x=[run.metric for run in runs],
        y=[run.money for run in runs],
        mode="markers+text" if len(runs) <= 12 else "markers",
        name=_("runs"),
        showlegend=False,
        text=[escape(run.name) for run in runs],
        textposition="top center",
        marker={"size": 9, "color": [GAIN if r.money >= 0 else LOSS for r in runs]},
        hovertemplate="%{text}<br>%{x:.3g}, %{y:,.0f}<extra></extra>",
    )
    per_year = _("%(currency)s per year") % {"currency": escape(currency)}
    return plane([dots], escape(metric), per_year)


def describe_money_against_metric(
    runs: Sequence[PricedRun],
    *,
    metric: str,
    currency: str,
    direction: Direction = "higher",
) -> str:
    """Return whether the metric and the money choose the same run."""
    if not runs:
        return _("No run has a price yet.")
    sign = 1 if direction == "higher" else -1
    richest = max(runs, key=lambda run: run.money)
    best = max(runs, key=lambda run: sign * run.metric)
    if richest == best:
        return _("The best run by %(metric)s, %(run)s, also earns most: %(money)s.") % {
            "metric": metric,
            "run": best.name,
            "money": money(best.money, currency),
        }
    return _(
        "%(run)s is best by %(metric)s, but %(other)s earns most: %(most)s against "
        "%(money)s."
    ) % {
        "run": best.name,
        "metric": metric,
        "other": richest.name,
        "most": money(richest.money, currency),
        "money": money(best.money, currency),
    }
