"""Figures speak through whatever translator they were lent."""

import ast
from pathlib import Path

import pytest

import charts
import engine
from charts import words
from charts.experiments import describe_leaderboard, roc_overlay
from charts.portfolio import Bubble, bubble_chart, bubble_text
from charts.words import speak

BUBBLES = [Bubble("Keep customers", effort=100.0, gain=50.0, at_risk=0.0)]


@pytest.fixture
def alone(monkeypatch):
    """Nobody has lent a translator; afterwards whoever did has his place again."""
    monkeypatch.setattr(words, "_speaker", words._Speaker())


@pytest.fixture
def pseudo(alone):
    """A translator that marks what passes it."""
    speak(lambda text: f"¿{text}?", lambda one, many, n: f"¿{one if n == 1 else many}?")


def test_titles_hovers_and_sentences_pass_the_translator(pseudo):
    chart = bubble_chart(BUBBLES, currency="EUR")
    assert chart.layout.xaxis.title.text == "¿cost?"
    assert chart.data[0].name == "¿gains?"
    assert chart.data[0].hovertemplate.startswith("¿%{customdata[0]}<br>")
    assert bubble_text(BUBBLES, currency="EUR").startswith("¿Gain a year over cost")
    assert (
        describe_leaderboard([], metric="recall") == "¿No run has been measured yet.?"
    )
    assert roc_overlay({}).layout.yaxis.title.text == "¿Recall?"


def test_alone_they_speak_english(alone):
    assert bubble_text([], currency="EUR") == (
        "No project has both a gain and a cost yet."
    )


def marked(call):
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return name in {"_", "gettext", "ngettext", "gettext_noop"}


@pytest.mark.parametrize("package", [charts, engine], ids=lambda each: each.__name__)
def test_every_marked_message_can_be_collected(package):
    """makemessages reads the source: only a literal is found."""
    calls = [
        (path.name, call)
        for path in Path(package.__file__).parent.rglob("*.py")
        if path.name != "words.py"
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and marked(call)
    ]
    assert len(calls) > 50
    for where, call in calls:
        assert isinstance(call.args[0], ast.Constant), (where, call.lineno)
