"""A catalogue changes what figures and the engine say, on pages and there alone."""

import struct

import pytest
from django.utils import translation

from charts.portfolio import bubble_text
from core.words import in_words
from engine.value.formula import FormulaError, parse

MESSAGES = {
    "": "Content-Type: text/plain; charset=UTF-8\n",
    "No project has both a gain and a cost yet.": "Noch kein Projekt.",
    "the formula is empty: name at least one quantity or number": "die Formel ist leer",
}


def compiled(messages):
    """Return a catalogue as GNU gettext stores it: tables of lengths and places."""
    pairs = sorted((a.encode(), b.encode()) for a, b in messages.items())
    at = 28 + 16 * len(pairs)
    tables, texts = [], b""
    for side in (0, 1):
        for pair in pairs:
            tables += [len(pair[side]), at + len(texts)]
            texts += pair[side] + b"\0"
    head = (0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return struct.pack(f"<{7 + len(tables)}I", *head, *tables) + texts


@pytest.fixture
def german(settings, tmp_path):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(compiled(MESSAGES))
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("de"):
        yield


def test_a_catalogue_changes_the_sentence_of_a_figure_and_of_an_engine_error(german):
    assert bubble_text([], currency="EUR") == "Noch kein Projekt."
    with pytest.raises(FormulaError) as found:
        parse(" ")
    assert in_words(found.value) == "die Formel ist leer"
    assert str(found.value).startswith("the formula is empty")
    with translation.override("en"):
        assert bubble_text([], currency="EUR").startswith("No project")
