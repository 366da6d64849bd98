"""How alike texts are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.similarity import cosines


def test_equal_texts_score_one_and_strangers_zero():
    found = cosines(["customers leave", "customers leave", "xyzzy plugh"])
    assert found[0, 1] == pytest.approx(1)
    assert found[0, 2] == 0


def test_case_does_not_count_and_endings_are_forgiven():
    same, similar = cosines(
        ["Forecast demand"], ["FORECAST DEMAND", "Forecasts demanded"]
    )[0]
    assert same == pytest.approx(1)
    assert 0.25 < similar < 1


@pytest.mark.parametrize("texts", [[""], ["", ""], ["!", "?"], ["a", "b"]])
def test_texts_without_words_are_alike_in_nothing_or_all(texts):
    found = cosines(texts)
    assert found.shape == (len(texts), len(texts))
    assert np.isfinite(found).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_likeness_lies_between_zero_and_one_and_is_mutual(texts):
    found = cosines(texts)
    assert (found >= -1e-9).all()
    assert (found <= 1 + 1e-9).all()
    assert np.allclose(found, found.T)
