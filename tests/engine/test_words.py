"""A sentence is its text, and can be said again in another language."""

import contextlib
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numbers import NumberProblem, parse_number
from engine.value.formula import FormulaError, parse
from engine.words import again, gettext_noop, joined, kept, said

GERMAN = {
    "%(name)r at position %(at)d of %(text)r is not known: %(remedy)s": (
        "%(name)r an Stelle %(at)d von %(text)r ist unbekannt: %(remedy)s"
    ),
    "did you mean %(name)r?": "meinten Sie %(name)r?",
}


def german(text):
    return GERMAN.get(text, text)


def problem_of(text, *names):
    with pytest.raises(FormulaError) as found:
        parse(text).check_names(names)
    return found.value


def test_an_error_is_english_text_and_is_said_in_another_language_with_its_remedy():
    problem = problem_of("2 * chrun", "churn")
    english = "'chrun' at position 5 of '2 * chrun' is not known: did you mean 'churn'?"
    assert str(problem) == english
    assert said(problem, german) == (
        "'chrun' an Stelle 5 von '2 * chrun' ist unbekannt: meinten Sie 'churn'?"
    )


def test_it_survives_the_way_out_of_a_child():
    problem = pickle.loads(pickle.dumps(problem_of("2 * chrun", "churn")))  # noqa: S301
    assert "meinten Sie" in said(problem, german)


def test_several_are_said_one_by_one():
    both = joined("; ", [problem_of("chrun", "churn").args[0], "as it was written"])
    assert said(both, german).endswith("meinten Sie 'churn'?; as it was written")


def test_what_remembers_nothing_is_said_as_it_is():
    assert said(ValueError("cost"), str.upper) == "cost"
    assert said("cost", str.upper) == "cost"
    assert said(gettext_noop("cost"), str.upper) == "COST"
    assert said(gettext_noop(""), lambda _text: "the catalogue's header") == ""


@given(st.text(max_size=12))
def test_what_was_typed_is_never_taken_for_a_template(text):
    with contextlib.suppress(ValueError):
        float(parse_number(text))
        return
    with pytest.raises(NumberProblem) as found:
        parse_number(text)
    assert said(found.value, lambda template: template) == str(found.value)


def test_what_is_kept_as_json_is_said_again_and_only_as_it_was_said():
    remedy = gettext_noop("did you mean %(name)r?") % {"name": "churn"}
    found = gettext_noop(
        "%(name)r at position %(at)d of %(text)r is not known: %(remedy)s"
    )
    words = {"name": "chrun", "at": 5, "text": "2 * chrun", "remedy": remedy}
    stored = json.loads(json.dumps(kept({"why": [found % words], "n": 3})))
    told = again(stored)
    assert (told["n"], told["why"][0]) == (3, found % words)
    assert said(told["why"][0], german).startswith("'chrun' an Stelle 5")
    assert said(told["why"][0], german).endswith("meinten Sie 'churn'?")
    for values in ({}, {**stored["why"][0]["values"], "at": 6}, {"name": {"x": "%"}}):
        forged = {**stored["why"][0], "values": values}
        assert said(again(forged), german) == str(found % words)
