"""Figures of a data set over its versions: small lines, one above the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from charts.theme import LIGHT, Palette, figure, plain
from charts.words import gettext as _
from charts.words import ngettext
from engine.numbers import NARROW_SPACE

PANEL = 84  # pixels a line takes, its name included
FRAME = 56
GAP = 0.34  # of a panel, between two
LEAST_SPAN = 0.05  # of the scale: what hardly moves is drawn nearly flat
EDGE = 0.004  # of the scale


@dataclass(frozen=True)
class Panel:
    """One figure over the versions; None where it is not known."""

    name: str
    values: tuple[float | None, ...]
    odd: tuple[int, ...]  # places of the versions that are out of step
    most: float | None = None  # the end of its scale; None: as far as it goes
    decimals: int = 1
    suffix: str = ""


def history_chart(
    numbers: Sequence[int], panels: Sequence[Panel], palette: Palette = LIGHT
) -> go.Figure:
    """Return a line per panel over the versions; an open diamond is out of step."""
    chart = figure(height=FRAME + PANEL * len(panels))
    names = [str(number) for number in numbers]
    each = 1 / len(panels)
    for i, panel in enumerate(panels):
        top = 1 - i * each
        axis = "" if i == 0 else str(i + 1)
        _add_line(chart, names, panel, palette, axis=f"y{axis}")
        chart.layout[f"yaxis{axis}"] = {
            "domain": [top - each * (1 - GAP), top - each * GAP * 0.55],
            "range": _range(panel),
            "nticks": 3,
            "ticksuffix": panel.suffix,
            "tickformat": ",~r" if panel.most is None else "",
        }
        chart.add_annotation(
            text=plain(panel.name),
            x=0,
            xref="paper",
            y=top,
            yref="paper",
            xanchor="left",
            yanchor="top",
            showarrow=False,
        )
    chart.update_xaxes(
        type="category",
        title_text=_("version"),
        showgrid=False,
        categoryorder="array",
        categoryarray=names,
        # Below the last of the panels, whichever they belong to.
        anchor="free",
        position=0,
    )
    chart.update_layout(
        showlegend=False, separators=f".{NARROW_SPACE}", margin={"t": 8, "b": 8}
    )
    return chart


def describe_history(numbers: Sequence[int], panels: Sequence[Panel]) -> str:
    """Return what the lines show: how many versions, and what is out of step."""
    said = ngettext(
        "%(n)s version, the oldest first.",
        "%(n)s versions, the oldest first.",
        len(numbers),
    ) % {"n": len(numbers)}
    odd = [
        _("%(name)s at version %(n)s") % {"name": panel.name, "n": numbers[i]}
        for panel in panels
        for i in panel.odd
    ]
    if not odd:
        return said
    told = _("Out of step, with an open diamond: %(odd)s.") % {"odd": ", ".join(odd)}
    return f"{said} {told}"


def _add_line(
    chart: go.Figure, names: list[str], panel: Panel, palette: Palette, *, axis: str
) -> None:
    hover = _("version %{x}: %{y}") + "<extra></extra>"
    hover = hover.replace("%{y}", f"%{{y:,.{panel.decimals}f}}{panel.suffix}")
    chart.add_scatter(
        x=names,
        y=list(panel.values),
        yaxis=axis,
        name=panel.name,
        mode="lines+markers",
        cliponaxis=False,
        line={"color": palette.ink_2, "width": 1.5},
        marker={"color": palette.ink_2, "size": 5},
        hovertemplate=hover,
    )
    if panel.odd:
        chart.add_scatter(
            x=[names[i] for i in panel.odd],
            y=[panel.values[i] for i in panel.odd],
            yaxis=axis,
            name=_("%(name)s, out of step") % {"name": panel.name},
            mode="markers",
            cliponaxis=False,
            marker={
                "symbol": "diamond-open",
                "size": 14,
                "color": palette.ink,
                "line": {"width": 2},
            },
            hoverinfo="skip",
        )


def _range(panel: Panel) -> list[float]:
    """Return the ends of a panel's scale, with room around what it shows."""
    known = [each for each in panel.values if each is not None] or [0.0]
    low, high = min(known), max(known)
    scale = panel.most or max(abs(low), abs(high)) or 1.0
    room = max(LEAST_SPAN * scale - (high - low), 0.0) / 2 + 0.15 * (high - low)
    # A scale that has ends shows nothing beyond them, only half a dot's room.
    most = panel.most * (1 + EDGE) if panel.most else high + room
    least = -EDGE * scale if panel.most else low - room
    return [max(low - room, least), min(high + room, most)]
