"""The look that every Plotly figure shares: the tokens of the style sheet."""

import html
from dataclasses import dataclass

import plotly.graph_objects as go

MAX_LABEL = 40


@dataclass(frozen=True)
class Palette:
    """The colours a figure may use; the names are those of tokens.css."""

    ground: str
    line: str
    ink: str
    ink_2: str
    ink_3: str
    gain: str
    loss: str
    loss_fill: str
    well: str


LIGHT = Palette(
    ground="#ffffff",
    line="#e2e5ea",
    ink="#14181f",
    ink_2="#454e5c",
    ink_3="#626c7b",
    gain="#0a7264",
    loss="#bb420a",
    loss_fill="#fdf1ea",
    well="#f5f6f8",
)
DARK = Palette(
    ground="#0f131a",
    line="#272e3a",
    ink="#eef1f5",
    ink_2="#b3bcca",
    ink_3="#929cad",
    gain="#36b8a1",
    loss="#ff9a63",
    loss_fill="#2b1c14",
    well="#171c25",
)

FONT = 'Inter, system-ui, -apple-system, "Segoe UI", sans-serif'


def template(palette: Palette = LIGHT) -> go.layout.Template:
    """Return the layout that all figures start from."""
    axis = {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zerolinecolor": palette.line,
        "tickfont": {"color": palette.ink_3, "size": 12},
        "title": {"font": {"color": palette.ink_3, "size": 12}},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": palette.ink_2},
            # The page's own ground shows through, in both themes.
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [palette.gain, palette.ink_3, palette.loss, palette.ink],
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "showlegend": False,
            "bargap": 0.12,
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": palette.ground,
                "bordercolor": palette.line,
                "font": {"color": palette.ink, "family": FONT, "size": 12},
            },
        }
    )


def figure(palette: Palette, *, height: int) -> go.Figure:
    """Return an empty figure in the portal's look; `height` in pixels."""
    return go.Figure(layout={"template": template(palette), "height": height})


def plain(text: str) -> str:
    """Return a label that Plotly shows as it is written, at most forty characters.

    Plotly renders some HTML in labels, and names in tables come from anywhere.
    """
    short = text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"
    return html.escape(short, quote=False)


def labels(names: tuple[str, ...] | list[str]) -> list[str]:
    """Return one label per name, different even where shortening made them equal."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        text = plain(name)
        seen[text] = seen.get(text, 0) + 1
        result.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return result
