"""Numbers are read as people type them and shown with two digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numbers import (
    NumberProblem,
    money,
    parse_number,
    per_hundred,
    plain,
    two_digits,
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0", 0.0),
        ("42", 42.0),
        ("1.2k", 1200.0),
        ("1,2k", 1200.0),
        ("1.2 K", 1200.0),
        ("3M", 3e6),
        ("3 mio", 3e6),
        ("2bn", 2e9),
        ("12 %", 12.0),
        ("12%", 12.0),
        ("1 200", 1200.0),
        ("1\u00a0200", 1200.0),
        ("1\u202f200\u202f000", 1_200_000.0),
        ("1\u2009200", 1200.0),
        ("1'200", 1200.0),
        ("-5", -5.0),
        ("\u22125", -5.0),
        ("− 5", -5.0),
        ("0,234", 0.234),
        ("0.234", 0.234),
        ("1234.567", 1234.567),
        ("1,23", 1.23),
        ("1,2345", 1.2345),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("€ 200", 200.0),
        ("−€83k", -83000.0),
        ("200 €", 200.0),
        ("1e5", 100_000.0),
        ("  7  ", 7.0),
    ],
)
def test_number_is_read_as_typed(typed, number):
    assert parse_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "decimal", "number"),
    [
        ("1,234", ".", 1234.0),
        ("1,234", ",", 1.234),
        ("1.234", ".", 1.234),
        ("1.234", ",", 1234.0),
        ("1,2", ".", 1.2),
        ("1.2", ",", 1.2),
        ("1,234k", ",", 1234.0),
    ],
)
def test_readers_decimal_sign_settles_what_is_ambiguous(typed, decimal, number):
    assert parse_number(typed, decimal=decimal) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "twelve",
        "1.2.3",
        "1,2,3",
        "1 2",
        "12 34",
        "1,23,456.7,8",
        "1.2kk",
        "--5",
        "1-2",
        ".",
        ",",
        "%",
        "k",
        "0x10",
        "١٢",
        "1;2",
        "12 %%",
        "9" * 401,
    ],
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(NumberProblem):
        parse_number(typed)


@pytest.mark.parametrize("typed", ["1,234", "1.234", "12,345k", "-999.000"])
def test_ambiguous_number_is_refused_with_both_readings(typed):
    with pytest.raises(NumberProblem, match="may mean") as problem:
        parse_number(typed)
    assert repr(typed) in str(problem.value)


def test_refusal_names_the_value_and_the_remedy():
    with pytest.raises(NumberProblem, match=r"'twelve' is not a number: write it as"):
        parse_number("twelve")


def test_remedies_of_an_ambiguous_number_are_accepted():
    assert parse_number("1234") == 1234
    assert parse_number("1,2340") == 1.234


@given(st.floats(min_value=-1e15, max_value=1e15, allow_nan=False))
def test_plain_number_is_read_back(x):
    assert parse_number(plain(x), decimal=".") == x
    assert parse_number(plain(x, decimal=","), decimal=",") == x


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (32_226.85, "EUR", "€32k"),
        (-82_810, "EUR", "−€83k"),
        (1_234_567, "EUR", "€1.2M"),
        (330.4, "EUR", "€330"),
        (0, "EUR", "€0"),
        (-0.0, "EUR", "€0"),
        (4.56, "EUR", "€4.6"),
        (999_600, "EUR", "€1M"),
        (995, "EUR", "€1k"),
        (994, "EUR", "€990"),
        (1_000, "EUR", "€1k"),
        (2.5e9, "EUR", "€2.5bn"),
        (7.25e12, "EUR", "€7\u202f200bn"),
        (1_500, "USD", "$1.5k"),
        (1_500, "GBP", "£1.5k"),
        (1_500, "CHF", "CHF\u202f1.5k"),
        (-1_500, "SEK", "−SEK\u202f1.5k"),
    ],
)
def test_money_has_two_digits(amount, currency, shown):
    assert money(amount, currency) == shown


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        (32_226, "32\u202f000"),
        (0.1234, "0.12"),
        (9.96, "10"),
        (-83.2, "−83"),
        (5.0, "5"),
        (0.00051, "0.00051"),
    ],
)
def test_two_digits_are_significant(x, shown):
    assert two_digits(x) == shown


def test_plain_number_is_grouped():
    assert plain(50_000) == "50\u202f000"
    assert plain(-1234.5) == "−1\u202f234.5"
    assert plain(1234.5, decimal=",") == "1\u202f234,5"


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.123, "12"), (0.004, "0.4"), (0.996, "99"), (1.0, "100"), (0.0, "0")],
)
def test_share_is_said_per_hundred(share, shown):
    assert per_hundred(share) == shown


@pytest.mark.parametrize("show", [two_digits, plain, per_hundred])
def test_nothing_infinite_is_shown(show):
    for x in (float("nan"), float("inf")):
        with pytest.raises(NumberProblem):
            show(x)
