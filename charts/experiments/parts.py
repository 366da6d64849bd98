"""What the figures of runs share: inks, planes, lines, words."""

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from charts.words import gettext as _
from engine.numbers import MINUS, money, plain

INK, QUIET, LINE = "var(--ink)", "var(--ink-3)", "var(--line)"
GAIN, LOSS = "var(--gain)", "var(--loss)"
# Series differ by lightness and dash; green and orange are kept for money.
SERIES = ((INK, "solid"), (QUIET, "dash"), ("var(--field)", "dot"), (INK, "dashdot"))
ROW_HEIGHT = 30  # pixels of one line of a list of dots or bars


def drawn(traces: Sequence[Any], *, height: int) -> go.Figure:
    """Return traces as a figure without a template."""
    # The page's script sets the template, in the reader's theme.
    return go.Figure(traces, {"template": "none", "height": height})


def plane(traces: Sequence[Any], x: str, y: str, *, shares: bool = False) -> go.Figure:
    """Return traces over two named axes."""
    figure = drawn(traces, height=360)
    figure.update_xaxes(title_text=x)
    figure.update_yaxes(title_text=y)
    if shares:
        figure.update_xaxes(range=[0, 1])
        figure.update_yaxes(range=[0, 1.01])
    return figure


def listed(traces: Sequence[Any], *, x: str, rows: int) -> go.Figure:
    """Return traces over rows, one line each."""
    figure = drawn(traces, height=90 + ROW_HEIGHT * rows)
    figure.update_xaxes(title_text=escape(x))
    # A name such as 2024-01-01 is a name, not a date.
    figure.update_yaxes(type="category")
    return figure


def series_line(x: Any, y: Any, name: str, style: tuple[str, str]) -> go.Scatter:
    """Return one line in its ink and dash."""
    color, dash = style
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=escape(name),
        line={"color": color, "dash": dash, "width": 2},
    )


def dotted(x: list[float], y: list[float], name: str) -> go.Scatter:
    """Return a thin line to compare with, such as chance."""
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=name,
        line={"color": QUIET, "dash": "dot", "width": 1},
        hoverinfo="skip",
    )


def some_names(names: Sequence[str]) -> str:
    """Return names as a phrase, the many as a number."""
    if len(names) == 1:
        return names[0]
    if len(names) > 4:
        return _("%(names)s and %(n)s more") % {
            "names": ", ".join(names[:3]),
            "n": len(names) - 3,
        }
    return _("%(names)s and %(last)s") % {
        "names": ", ".join(names[:-1]),
        "last": names[-1],
    }


def sentence(text: str) -> str:
    """Return the text with a capital and a full stop."""
    return text[:1].upper() + text[1:] + "."


def three_digits(value: float) -> str:
    """Return a number in three significant digits."""
    return f"{value:.3g}".replace("-", MINUS)


def amount(value: float, currency: str) -> str:
    """Return money with all its digits."""
    sign = money(1, currency).removesuffix("1")
    return f"{MINUS if value < 0 else ''}{escape(sign)}{plain(abs(value))}"
