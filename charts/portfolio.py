"""Pictures of a portfolio, and the sentence that each one says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from charts.theme import figure, plain
from charts.words import gettext as _
from engine.numbers import money

LARGEST, SMALLEST = 40.0, 7.0  # diameters of bubbles, in pixels
TALL = 480
LABELLED = 3  # more names would cover each other
APART = 0.08  # of the height, from one name to the next


@dataclass(frozen=True)
class Bubble:
    """One project: what it takes, what it brings, what may be lost."""

    name: str
    effort: float  # money
    gain: float  # money a year, on average
    at_risk: float  # money a year, on average; never below 0


def bubble_chart(bubbles: Sequence[Bubble], *, currency: str) -> go.Figure:
    """Return gain over effort, the area of a circle what is at risk.

    Projects that gain are solid, those that lose on average are hollow.
    """
    chart = figure(height=TALL)
    most = max((each.at_risk for each in bubbles), default=0.0)
    most_effort = max((each.effort for each in bubbles), default=0.0)
    named = _named(bubbles)
    for title, ink, fill, some in (
        (_("gains"), "var(--gain)", "var(--gain)", [b for b in bubbles if b.gain >= 0]),
        (
            _("loses"),
            "var(--loss)",
            "var(--loss-fill)",
            [b for b in bubbles if b.gain < 0],
        ),
    ):
        # The small ones are drawn last, or a large one would hide them.
        some = sorted(some, key=lambda each: -each.at_risk)
        chart.add_scatter(
            x=[each.effort for each in some],
            y=[each.gain for each in some],
            name=title,
            mode="markers+text",
            text=[plain(each.name) if id(each) in named else "" for each in some],
            textposition=[
                # A name on the side of the middle is not cut.
                "middle left" if each.effort > most_effort / 2 else "middle right"
                for each in some
            ],
            textfont={"size": 11, "color": "var(--ink-2)"},
            cliponaxis=False,
            marker={
                "size": [diameter(each.at_risk, most=most) for each in some],
                "color": fill,
                "opacity": 0.75,
                "line": {"color": ink, "width": 1.5},
            },
            customdata=[
                (
                    plain(each.name),
                    money(each.gain, currency),
                    money(each.effort, currency),
                    money(each.at_risk, currency),
                )
                for each in some
            ],
            hovertemplate=_(
                "%{customdata[0]}<br>%{customdata[1]} a year for %{customdata[2]}, "
                "%{customdata[3]} a year at risk"
            )
            + "<extra></extra>",
        )
    prefix = money(0, currency).removesuffix("0")
    chart.update_layout(showlegend=False, hovermode="closest")
    chart.update_xaxes(
        title_text=_("cost"), rangemode="tozero", tickprefix=prefix, tickformat="~s"
    )
    chart.update_yaxes(title_text=_("gain a year"), tickprefix=prefix, tickformat="~s")
    return chart


def _named(bubbles: Sequence[Bubble]) -> set[int]:
    """Return the ids of the loudest bubbles whose names do not lie on each other."""
    chosen: list[Bubble] = []
    span = max((abs(each.gain) for each in bubbles), default=0.0)
    for each in sorted(bubbles, key=lambda one: -abs(one.gain)):
        if all(abs(each.gain - other.gain) > APART * span for other in chosen):
            chosen.append(each)
        if len(chosen) == LABELLED:
            break
    return {id(each) for each in chosen}


def diameter(at_risk: float, *, most: float) -> float:
    """Return a bubble's diameter in pixels: its area grows as what is at risk."""
    share = at_risk / most if most > 0 else 0.0
    return max(SMALLEST, LARGEST * math.sqrt(share))


def bubble_text(bubbles: Sequence[Bubble], *, currency: str) -> str:
    """Return what the bubbles show, in words."""
    if not bubbles:
        return _("No project has both a gain and a cost yet.")
    best = max(bubbles, key=lambda each: each.gain)
    riskiest = max(bubbles, key=lambda each: each.at_risk)
    said = _(
        "Gain a year over cost; the larger the circle, the more its losing futures "
        "cost. %(name)s brings most, %(gain)s a year for %(cost)s."
    ) % {
        "name": plain(best.name),
        "gain": money(best.gain, currency),
        "cost": money(best.effort, currency),
    }
    if riskiest.at_risk <= 0:
        return f"{said} {_('No project has a losing future.')}"
    risk = _(
        "Most is at risk in %(name)s: %(money)s a year. Hollow circles lose on average."
    ) % {"name": plain(riskiest.name), "money": money(riskiest.at_risk, currency)}
    return f"{said} {risk}"


@dataclass(frozen=True)
class Step:
    """The best choice at one budget."""

    budget: float
    gain: float
    chosen: int


def frontier_chart(steps: Sequence[Step], *, currency: str) -> go.Figure:
    """Return the most that each budget can bring."""
    chart = figure(height=300)
    prefix = money(0, currency).removesuffix("0")
    chart.add_scatter(
        x=[each.budget for each in steps],
        y=[each.gain for each in steps],
        mode="lines+markers",
        line={"color": "var(--gain)", "shape": "hv"},
        marker={"color": "var(--gain)", "size": 7},
        customdata=[
            (money(each.budget, currency), money(each.gain, currency), each.chosen)
            for each in steps
        ],
        hovertemplate=_(
            "%{customdata[0]}: %{customdata[1]} a year, projects: %{customdata[2]}"
        )
        + "<extra></extra>",
    )
    chart.update_layout(showlegend=False)
    chart.update_xaxes(
        title_text=_("budget"), rangemode="tozero", tickprefix=prefix, tickformat="~s"
    )
    chart.update_yaxes(
        title_text=_("gain a year"),
        rangemode="tozero",
        tickprefix=prefix,
        tickformat="~s",
    )
    return chart


def frontier_text(steps: Sequence[Step], *, currency: str) -> str:
    """Return what the frontier shows, in words."""
    last = steps[-1]
    enough = next(each for each in steps if each.gain >= 0.9 * last.gain)
    return _(
        "The most that each budget can bring. %(enough)s bring nine tenths of what "
        "%(most)s can."
    ) % {
        "enough": money(enough.budget, currency),
        "most": money(last.budget, currency),
    }
