"""What a sheet of paper holds of a text."""

import pytest

from projects.selectors.paper import printed

FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


def test_what_fits_is_left_whole():
    assert printed("pays", lines=1, columns=4).short == ""
    assert printed("one\ntwo", lines=2, columns=4).short == ""


def test_what_does_not_fit_ends_at_a_word():
    assert printed("it pays well", lines=1, columns=10).short == "it pays…"
    assert printed("one\ntwo\nthree", lines=2, columns=9).short == "one\ntwo…"


def test_a_word_without_an_end_is_cut():
    assert printed("a" * 10_000, lines=2, columns=5).short == f"{'a' * 10}…"


def test_wide_letters_take_two_columns_and_accents_none():
    assert printed("因為值得", lines=1, columns=7).short == "因為值…"
    assert printed("e\N{COMBINING ACUTE ACCENT}" * 5, lines=1, columns=5).short == ""


@pytest.mark.parametrize("columns", range(1, 12))
def test_no_emoji_is_cut_in_two(columns):
    short = printed(FAMILY * 4, lines=1, columns=columns).short
    assert short in {f"{FAMILY * n}…" for n in range(4)}


def test_ten_thousand_letters_from_right_to_left_are_shortened():
    text = "כי זה משתלם " * 1000
    found = printed(text, lines=5, columns=92)
    assert found.whole == text
    assert text.startswith(found.short.removesuffix("…"))
    assert 300 < len(found.short) <= 5 * 92 + 1
