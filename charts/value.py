"""Pictures of what decides a value case: tornado, and shares of the variance."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from charts.experiments.parts import INK, QUIET, amount, drawn
from charts.theme import labels

ROW_HEIGHT = 34  # pixels of one line of bars


@dataclass(frozen=True)
class Swing:
    """What the gain becomes at the two ends of one input, the others as likely."""

    label: str
    low: str  # the ends in words
    high: str
    gain_at_low: float
    gain_at_high: float

    @property
    def width(self) -> float:
        """How far the gain swings."""
        return abs(self.gain_at_high - self.gain_at_low)


def tornado(
    swings: Sequence[Swing], *, at_likely: float, currency: str, ends: tuple[str, str]
) -> go.Figure:
    """Return the inputs' swings around the gain at likely, the widest on top.

    `ends` names the two ends in the reader's language.
    """
    shown = sorted(swings, key=lambda swing: swing.width)
    names = labels([swing.label for swing in shown])
    sides = (
        (ends[0], QUIET, [(s.low, s.gain_at_low) for s in shown]),
        (ends[1], INK, [(s.high, s.gain_at_high) for s in shown]),
    )
    bars = [
        go.Bar(
            y=names,
            x=[gain - at_likely for _end, gain in side],
            base=at_likely,
            orientation="h",
            name=escape(name),
            marker={"color": ink, "line": {"width": 0}},
            hovertext=[
                f"{escape(end)}: {amount(gain, currency)}" for end, gain in side
            ],
            hoverinfo="text",
        )
        for name, ink, side in sides
    ]
    figure = drawn(bars, height=110 + ROW_HEIGHT * len(shown))
    figure.update_layout(barmode="overlay", bargap=0.45)
    figure.update_yaxes(type="category")
    figure.update_xaxes(
        rangemode="tozero",
        zeroline=True,
        tickprefix=_sign(currency),
        tickformat="~s",
    )
    figure.add_vline(x=at_likely, line={"color": QUIET, "dash": "dot", "width": 1})
    return figure


@dataclass(frozen=True)
class VarianceShare:
    """What share of the variance an input makes, alone and with others."""

    label: str
    first_order: float
    total: float


def variance_bars(
    shares: Sequence[VarianceShare], *, names: tuple[str, str]
) -> go.Figure:
    """Return first-order and total Sobol indices per input, the greatest on top."""
    shown = sorted(shares, key=lambda share: share.total)
    rows = labels([share.label for share in shown])
    bars = [
        go.Bar(
            y=rows,
            x=values,
            orientation="h",
            name=escape(name),
            marker={"color": ink},
            hovertemplate="%{y}: %{x:.0%}<extra></extra>",
        )
        for name, ink, values in (
            (names[1], QUIET, [share.total for share in shown]),
            (names[0], INK, [share.first_order for share in shown]),
        )
    ]
    figure = drawn(bars, height=110 + ROW_HEIGHT * len(shown))
    figure.update_layout(barmode="group", bargap=0.4, legend={"traceorder": "reversed"})
    figure.update_yaxes(type="category")
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    return figure


def _sign(currency: str) -> str:
    return amount(1, currency).removesuffix("1")
