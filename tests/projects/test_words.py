import pytest

from projects.models import Quantity
from projects.selectors.picture import verdict
from projects.selectors.words import Wording

SHARE = Quantity(suffix="%", scale=0.01, unit="share of leavers")
MONEY = Quantity(prefix="{currency}", suffix="per year", unit="money per year")
COUNT = Quantity(suffix="customers", unit="customers per year")


def test_a_share_is_said_of_a_hundred():
    words = Wording(SHARE, "EUR")
    assert words.said(0.1567) == "16 of 100"
    assert words.range_said(0.08, 0.24) == "8 to 24 of 100"


def test_money_is_said_in_two_digits_with_its_sign():
    assert Wording(MONEY, "EUR").said(-83_412) == "−€83k"
    assert Wording(MONEY, "CHF").prefix == "CHF\u202f"


def test_the_echo_names_unit_and_period():
    pattern = Wording(SHARE, "EUR").echo_pattern
    assert pattern == "Between {low} and {high} of 100 leavers, most likely {likely}."
    assert "€{low} and €{high} per year" in Wording(MONEY, "EUR").echo_pattern


def test_a_reader_of_commas_gets_commas():
    assert Wording(SHARE, "EUR", ",").typed(0.125) == "12,5"
    assert Wording(COUNT, "EUR", ",").typed(50_000.0) == "50\u202f000"


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.19, "not worth it"),
        (0.2, "too close to call"),
        (0.62, "too close to call"),
        (0.8, "too close to call"),
        (0.81, "worth it"),
    ],
)
def test_between_20_and_80_per_cent_it_is_too_close_to_call(chance, said):
    assert verdict(chance) == said
