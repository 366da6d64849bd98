"""How much of a text a sheet of paper holds.

A page can grow and paper cannot: there a long text ends in “…”, and the sheet says
where the rest stands.
"""

import unicodedata
from dataclasses import dataclass

JOINER = "\N{ZERO WIDTH JOINER}"
SKIN_TONES = range(0x1F3FB, 0x1F400)
# A cut goes back to the last space if that is no further away.
LOOK_BACK = 30


@dataclass(frozen=True)
class Printed:
    """A text as it was written, and what of it stands on paper."""

    whole: str
    short: str  # empty if the whole fits


def printed(text: str, *, lines: int, columns: int) -> Printed:
    """Return a text with the part of it that fits on so many lines."""
    end = _fits(text, lines=lines, columns=columns)
    if end == len(text):
        return Printed(whole=text, short="")
    start = max(0, end - LOOK_BACK)
    spaces = (at for at in range(start, end + 1) if text[at].isspace())
    cut = max(spaces, default=end)
    while cut and not _may_cut(text, cut):
        cut -= 1
    return Printed(whole=text, short=f"{text[:cut].rstrip()}…")


def _fits(text: str, *, lines: int, columns: int) -> int:
    """Return how many characters of a text fit."""
    line, column = 1, 0
    for at, char in enumerate(text):
        width = _columns(char)
        column += width
        if char == "\n" or column > columns:
            line, column = line + 1, 0 if char == "\n" else width
        if line > lines:
            return at
    return len(text)


def _columns(char: str) -> int:
    """Return how wide a character is: emoji and Chinese take two, accents none."""
    joins = char == JOINER or ord(char) in SKIN_TONES
    if joins or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _may_cut(text: str, at: int) -> bool:
    """Whether a cut before this character leaves no half of an emoji or a letter."""
    return _columns(text[at]) > 0 and text[at - 1] != JOINER
