"""Pictures of one column in two tables, and the sentence that each one says."""

import itertools

import numpy as np
import plotly.graph_objects as go

from charts.theme import LIGHT, Palette, figure, labels
from charts.words import gettext as _
from engine.drift import ColumnDrift
from engine.profile import Histogram

SMALL = 240
BAR = 44  # pixels that the two bars of a class take, their gap included
FRAME = 72


def histograms_chart(
    before: Histogram,
    after: Histogram,
    names: tuple[str, str],
    palette: Palette = LIGHT,
    *,
    is_time: bool = False,
) -> go.Figure:
    """Return two histograms over each other: before as an area, after as a line.

    Their bins differ, so that heights are shares of the rows per width of a bin.
    """
    chart = figure(height=SMALL)
    for histogram, name, line, fill in (
        (before, names[0], palette.line, palette.line),
        (after, names[1], palette.ink, None),
    ):
        x, y, shares = _steps(histogram, unit=1000.0 if is_time else 1.0)
        chart.add_scatter(
            x=x,
            y=y,
            customdata=shares,
            name=labels([name])[0],
            mode="lines",
            line={"color": line, "width": 2, "shape": "hv"},
            fill="tozeroy" if fill else None,
            fillcolor=fill,
            hovertemplate=_("%{fullData.name}: %{customdata:.1%} of the rows")
            + "<extra></extra>",
        )
    chart.update_xaxes(type="date" if is_time else "linear", showgrid=False)
    chart.update_yaxes(
        title_text=_("share of rows"), rangemode="tozero", showticklabels=False
    )
    return _with_legend(chart)


def _steps(
    histogram: Histogram, *, unit: float
) -> tuple[list[float], list[float], list[float]]:
    """Return where steps begin, their heights and shares; the last one ends at zero."""
    edges = [edge * unit for edge in histogram.edges]
    total = sum(histogram.counts) or 1
    shares = [count / total for count in histogram.counts]
    widths = [(high - low) or 1.0 for low, high in itertools.pairwise(edges)]
    heights = [share / width for share, width in zip(shares, widths, strict=True)]
    # A step from zero on either side makes the outline whole.
    return [edges[0], *edges], [0.0, *heights, 0.0], [0.0, *shares, 0.0]


def shares_chart(
    drift: ColumnDrift, names: tuple[str, str], palette: Palette = LIGHT
) -> go.Figure:
    """Return the share of rows in each class or bin, before and after."""
    classes = _class_names(drift)
    kept = [i for i in range(len(classes)) if drift.before[i] or drift.after[i]]
    chart = figure(height=FRAME + BAR * len(kept))
    for counts, name, fill in (
        (drift.before, names[0], palette.line),
        (drift.after, names[1], palette.ink_2),
    ):
        total = sum(counts) or 1
        chart.add_bar(
            x=[counts[i] / total for i in kept],
            y=labels([classes[i] for i in kept]),
            orientation="h",
            name=labels([name])[0],
            marker={"color": fill, "line": {"color": palette.ink_2, "width": 1}},
            customdata=[counts[i] for i in kept],
            hovertemplate=_("%{fullData.name}, %{y}: %{x:.1%}, %{customdata:,} rows")
            + "<extra></extra>",
        )
    chart.update_layout(barmode="group", bargroupgap=0.05)
    chart.update_xaxes(tickformat=".0%", rangemode="tozero")
    chart.update_yaxes(type="category", autorange="reversed")
    return _with_legend(chart)


def _with_legend(chart: go.Figure) -> go.Figure:
    chart.update_layout(showlegend=True)
    return chart


def _class_names(drift: ColumnDrift) -> list[str]:
    """Return the names of the classes, or of the bins between the edges."""
    if drift.labels:
        return [*drift.labels, _("all others")]
    edges = [_edge(edge, drift.kind) for edge in drift.edges]
    between = [
        _("%(low)s to %(high)s") % {"low": low, "high": high}
        for low, high in itertools.pairwise(edges)
    ]
    below = _("below %(high)s") % {"high": edges[0]}
    return [below, *between, _("%(low)s and more") % {"low": edges[-1]}]


def _edge(edge: float, kind: str) -> str:
    if kind not in {"date", "datetime"}:
        return f"{edge:.4g}".replace("-", "−")
    # Any instant a table may hold: a clock's own functions end in the year 9999.
    return str(np.datetime64(round(edge), "us"))[:10]


def describe_drift(drift: ColumnDrift) -> str:
    """Return what the picture of a column shows: the class or bin that moved most."""
    before, after = sum(drift.before) or 1, sum(drift.after) or 1
    pairs = zip(drift.before, drift.after, strict=True)
    shares = [(old / before, new / after) for old, new in pairs]
    moved = max(range(len(shares)), key=lambda i: abs(shares[i][1] - shares[i][0]))
    old, new = shares[moved]
    if old == new:
        return _("%(column)s lies as it did.") % {"column": drift.name}
    return _(
        "%(column)s moved most at “%(what)s”: %(old)s of the rows, now %(new)s."
    ) % {
        "column": drift.name,
        "what": _class_names(drift)[moved],
        "old": f"{old:.1%}",
        "new": f"{new:.1%}",
    }
