"""Personal data is seen by checksums, patterns and names, and never shown."""

import polars as pl
import pytest

from engine.profile.columns import prepare
from engine.profile.personal import (
    find_personal,
    has_email,
    is_card,
    is_iban,
    is_ip,
    is_world_phone,
    mask,
    tokens_of,
)

# The registry's own examples of IBANs, and card numbers that acquirers publish for tests.
IBANS = ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "NO9386011117947"]
CARDS = ["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"]


def look(**columns):
    """Return (kind, whether by values) of each column that looks personal."""
    prepared = [prepare(pl.Series(name, values)) for name, values in columns.items()]
    return {
        each.column: (each.kind, each.by_values) for each in find_personal(prepared)
    }


def changed(text):
    """Return a number with its last digit one higher: no checksum survives that."""
    return text[:-1] + str((int(text[-1]) + 1) % 10)


@pytest.mark.parametrize("number", IBANS)
def test_an_iban_keeps_its_checksum_of_97(number):
    assert is_iban(number)
    assert not is_iban(changed(number))


@pytest.mark.parametrize("number", CARDS)
def test_a_card_keeps_the_check_of_luhn(number):
    assert is_card(number)
    assert not is_card(changed(number))


@pytest.mark.parametrize("text", ["", "1234", "9111111111111111", "4111x11111111111"])
def test_other_numbers_are_no_cards(text):
    assert not is_card(text)


@pytest.mark.parametrize(
    ("holds", "texts", "others"),
    [
        (is_ip, ["192.168.0.1", "2001:db8::1"], ["1.2.3.256", "17", "12:30"]),
        (has_email, ["ask ann.lee+x@mail.example.org, please"], ["@home", "a@b"]),
    ],
)
def test_addresses_are_told_from_other_text(holds, texts, others):
    assert all(holds(each) for each in texts)
    assert not any(holds(each) for each in others)


def test_values_that_cannot_be_chance_need_no_telling_name():
    found = look(
        a=[f"p{n}@example.org" for n in range(20)],
        b=IBANS * 2,
        c=CARDS,
        d=[f"10.0.0.{n}" for n in range(9)],
        e=[f"+49 170 123450{n}" for n in range(9)],
        notes=[
            *[f"called back {n}" for n in range(50)],
            *[f"q{n}@x.de" for n in "abc"],
        ],
    )
    assert found == {
        "a": ("email", True),
        "b": ("iban", True),
        "c": ("card", True),
        "d": ("ip", True),
        "e": ("phone", True),
        "notes": ("email", True),
    }


def test_what_only_a_name_suggests_is_said_to_be_so():
    people = ["Ann Lee", "Björn Ek", "Chloë O'Neil"]
    found = look(
        customerID=["C1", "C2", "C3"],
        surname=people,
        mobile=["0170 1234567", "0170 1234568", "0170 1234569"],
        street_address=["1 High Street", "2 High Street", "3 Low Road"],
        date_of_birth=["1990-01-01", "1991-01-01", "1992-01-01"],
        Gender=["f", "m", "f"],
        age=[31, 44, 50],
    )
    assert found == {
        "customerID": ("person_id", False),
        "surname": ("name", False),
        "mobile": ("phone", False),
        "street_address": ("address", False),
        "date_of_birth": ("birth_date", False),
        "Gender": ("gender", False),
        "age": ("age", False),
    }


def test_a_name_in_another_script_says_nothing():
    assert look(العميل=["a", "b", "c"], 日本語=["2024-01-01"] * 3) == {}


def test_values_that_speak_against_a_name_win():
    assert (
        look(
            phone_service=[0, 1, 1],
            name=["A-17/b 2", "A-18/b 3", "A-19/b 4"],
            product_name=["Red Chair", "Blue Chair", "Green Chair"],
            contract_age=[1, 2, 3],
            email_opt_in=["yes", "no", "yes"],
            customer_id=["C1", "C1", "C1"],
            charge=[4111.11, 5.0, 6.0],
            version=["1.2", "1.3", "1.4"],
            order=[5, 6, 7],
            empty=[None, None, None],
        )
        == {}
    )


def test_many_values_are_sampled_evenly_and_examples_are_shapes():
    column = prepare(pl.Series("contact", [f"p{n}@example.org" for n in range(5000)]))
    (found,) = find_personal([column])
    assert (found.tested, found.exact, found.share) == (1000, False, 1.0)
    assert len(found.examples) == 3
    assert all(set(each) == set("•@.") for each in found.examples)
    assert mask("Ann Lee") == "••• •••"
    (few,) = find_personal([prepare(pl.Series("x", IBANS))])
    assert (few.tested, few.exact) == (3, True)


def test_a_name_is_read_in_its_words():
    assert tokens_of("customerID") == tokens_of("customer_id") == ["customer", "id"]
    assert tokens_of("Strasse Nr.") == ["strasse", "nr"]


def test_numbers_of_a_state_are_told_by_their_checksums_alone():
    """Made numbers: eight digits and the check digits that each country's rule asks."""
    from stdnum.es import dni
    from stdnum.nl import bsn

    eights = [f"{10_000_000 + 37 * n}" for n in range(40)]
    found = find_personal(
        [
            prepare(pl.Series("a", [e + dni.calc_check_digit(e) for e in eights])),
            prepare(pl.Series("b", [int(e + d) for e, d in _checked(bsn, eights)])),
            # Ten in a hundred keep a checksum by chance: no more than a number.
            prepare(pl.Series("c", [100_000_000 + 7 * n for n in range(200)])),
        ]
    )
    told = {each.column: (each.kind, each.scheme, each.by_values) for each in found}
    assert told == {"a": ("national_id", "ES", True), "b": ("national_id", "NL", True)}


def _checked(scheme, numbers):
    digits = [(n, d) for n in numbers for d in "0123456789"]
    return [(n, d) for n, d in digits if scheme.is_valid(n + d)]


def test_a_telephone_number_is_in_the_plan_of_its_country():
    assert is_world_phone("+49 170 1234500")
    assert not is_world_phone("+999 170 1234500")
    assert not is_world_phone("0170 1234500")
