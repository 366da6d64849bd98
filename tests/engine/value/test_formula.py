"""Formulas are read safely, and errors say where and what to do."""

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.value.formula import (
    FormulaError,
    Name,
    Negative,
    Number,
    Operation,
    parse,
    written,
)

approx = pytest.approx


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 - 3 - 4", -5),
        ("24 / 4 / 2", 3),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("2 * -3", -6),
        ("--2", 2),
        ("-2 * 3 + 1", -5),
        ("min(3, 1, 2)", 1),
        ("max(3, 1 + 4)", 5),
        (".5 + 1.", 1.5),
        ("1.5e3", 1500),
    ],
)
def test_formula_follows_the_rules_of_arithmetic(text, value):
    assert parse(text).evaluate({}) == approx(value)


def test_names_take_numbers_and_arrays():
    formula = parse("save_rate * margin - cost")
    assert formula.names == {"save_rate", "margin", "cost"}
    values: dict[str, Any] = {
        "save_rate": np.array([0.1, 0.2]),
        "margin": 200.0,
        "cost": 5,
    }
    assert formula.evaluate(values) == approx([15, 35])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("1 +", "the end at position 4"),
        ("(1 + 2", "close the parenthesis"),
        ("1 2", "'2' at position 3"),
        ("a b", "'b' at position 3"),
        ("a ; b", "';' at position 3"),
        ("__import__(os)", "is no function; only min and max are"),
        ("a.b", "'.' at position 2"),
        ("a[0]", r"'\[' at position 2"),
        ("exp(1)", "exp is no function"),
        ("min", r"write min\(a, b\)"),
        ("min(1)", r"write min\(a, b\)"),
        ("min()", "put a number"),
        ("* 2", r"'\*' at position 1"),
        ("+ 2", r"'\+' at position 1"),
        ("1" * 501, "501 characters: shorten"),
        ("(" * 60 + "1" + ")" * 60, "nest no deeper"),
        ("-" * 300 + "1", "nest no deeper"),
        ("lambda: 1", "':' at position 7"),
    ],
)
def test_bad_formula_says_where_and_what_to_do(text, told):
    with pytest.raises(FormulaError, match=told):
        parse(text)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(FormulaError, match=r"at position 5 .* did you mean 'margin'"):
        parse("2 * magrin").evaluate({"margin": 1.0, "volume": 2.0})


def test_unknown_name_with_no_near_one_lists_what_is_known():
    with pytest.raises(FormulaError, match="known names: margin, volume"):
        parse("zzz").evaluate({"margin": 1.0, "volume": 2.0})


def test_huge_power_costs_nothing_and_is_infinite():
    assert parse("9 ** 9 ** 9 ** 9").evaluate({}) == np.inf


@pytest.mark.parametrize(
    ("text", "multilinear"),
    [
        ("a * b * c", True),
        ("a * (b + c) - 2 * a", True),
        ("a / 4", True),
        ("-a + 3 ** 2", True),
        ("min(1, 2) * a", True),
        ("a * a", False),
        ("a ** 2", False),
        ("2 ** a", False),
        ("1 / a", False),
        ("(a + b) * (a - b)", False),
        ("min(a, 1)", False),
        ("max(a, b)", False),
    ],
)
def test_multilinear_formulas_are_known(text, multilinear):
    assert parse(text).is_multilinear() is multilinear


@given(st.text(alphabet="ab12+-*/(), .minx", max_size=40))
def test_any_text_is_read_or_refused_but_never_breaks(text):
    with contextlib.suppress(FormulaError):
        formula = parse(text)
        value = formula.evaluate(dict.fromkeys(formula.names, 1.5))
        assert value.shape == ()


formulas = st.recursive(
    st.one_of(
        st.sampled_from("abc").map(Name),
        st.integers(0, 999).map(lambda whole: Number(float(whole))),
    ),
    lambda parts: st.one_of(
        parts.map(Negative),
        st.builds(
            Operation,
            st.sampled_from(["+", "-", "*", "/", "**", "min", "max"]),
            parts,
            parts,
        ),
    ),
    max_leaves=8,
)


@given(formulas)
def test_part_of_a_formula_is_written_as_it_is_read(node):
    assert parse(written(node)).root == node


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a-(b-c)", "a - (b - c)"),
        ("(a+b)+c", "a + b + c"),
        ("a/(b*c)", "a / (b * c)"),
        ("(2**a)**b", "(2 ** a) ** b"),
        ("-(a+b)*2", "-(a + b) * 2"),
        ("max(a, -(b), 0.5)", "max(max(a, -b), 0.5)"),
    ],
)
def test_part_of_a_formula_is_written_with_the_parentheses_it_needs(text, shown):
    assert written(parse(text).root) == shown
    assert parse(shown).root == parse(text).root


@pytest.mark.parametrize(
    ("text", "divisors"),
    [
        ("a / (b - c)", ["b - c"]),
        ("a / 2 / b + c * -(1 / max(a, 1))", ["b", "max(a, 1)"]),
        ("a * b ** -1", ["b"]),
        ("(a - b) ** -(c) / 2 ** -1", ["a - b"]),
        ("a ** 2", []),
    ],
)
def test_formula_knows_what_it_divides_by(text, divisors):
    assert [divisor.text for divisor in parse(text).divisors] == divisors
