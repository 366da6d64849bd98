"""The colours and labels that Plotly figures share: the tokens of the style sheet."""

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


def figure(*, height: int) -> go.Figure:
    """Return an empty figure; `height` in pixels."""
    # The page's script sets fonts, grounds and axes, in the reader's theme.
    return go.Figure(layout={"template": "none", "height": height})


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
