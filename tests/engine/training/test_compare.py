import numpy as np
import pytest

from engine.errors import EngineError
from engine.training.compare import (
    Candidate,
    candidate,
    corrected_t,
    holm,
    paired_bootstrap,
    tie_groups,
)


def test_corrected_t_by_hand():
    # mean 0.02; squares of the deviations .0001 .0001 0 .0001 .0001 over 4: s² = .0001;
    # t = 0.02/√(0.0001·(1/5 + 1/4)) = 2.981424
    found = corrected_t(np.array([0.01, 0.01, 0.02, 0.03, 0.03]), test_share=0.25)
    assert found.df == 4
    assert found.t == pytest.approx(2.981424, rel=1e-6)
    # The t distribution with 4 degrees of freedom has a closed form.
    x = found.t / np.sqrt(4 + found.t**2)
    assert found.p == pytest.approx(1 - x * (1 + 2 / (4 + found.t**2)), rel=1e-9)
    # 2.776445 is the tabled 97.5 % point with 4 degrees of freedom.
    assert found.high - found.mean == pytest.approx(2.776445 * 0.0067082, rel=1e-4)


def test_equal_differences_claim_nothing():
    assert corrected_t(np.full(10, 0.01), test_share=1 / 9).p == 1.0


def test_one_fit_is_too_few():
    with pytest.raises(EngineError, match="at least 2 folds"):
        corrected_t(np.array([0.1]), test_share=0.25)


def test_holm_by_hand():
    # Sorted .01 .02 .03 .04 times 4 3 2 1 = .04 .06 .06 .04, made non-decreasing.
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.7, 0.9]) == [1.0, 1.0]


def test_bootstrap_p_counts_draws_on_the_wrong_side():
    first = np.full(999, 0.2)
    second = np.where(np.arange(999) < 24, 0.3, 0.1)
    found = paired_bootstrap(first, second, difference=0.1, direction="higher")
    # 24 of 999 draws are below zero: 2·(1+24)/1000
    assert found.p == pytest.approx(0.05)
    assert found.share_better == pytest.approx(975 / 999)


def run(key: str, folds: list[float], holdout: float):
    return Candidate(key, np.array(folds), holdout, np.full(1000, holdout))


def spread(base: float) -> list[float]:
    return [base + d for d in (0.0, 0.01, -0.01, 0.004, -0.004)]


def test_runs_are_tied_unless_both_tests_see_a_difference():
    wobbly = [0.7, 0.72, 0.68, 0.71, 0.69]
    clear = [0.5, 0.53, 0.47, 0.5, 0.5]
    found = tie_groups(
        [run("far", clear, 0.5), run("best", wobbly, 0.7), run("same", wobbly, 0.6)],
        task="binary",
        metric="roc_auc",
        test_share=0.25,
    )
    assert [(v.key, v.group, v.verdict) for v in found] == [
        ("best", 1, "best"),
        ("same", 1, "tie"),
        ("far", 2, "worse"),
    ]


def test_a_holdout_that_contradicts_the_folds_leaves_a_tie():
    found = tie_groups(
        [run("a", spread(0.8), 0.6), run("b", [0.5, 0.53, 0.47, 0.5, 0.5], 0.7)],
        task="binary",
        metric="roc_auc",
        test_share=0.25,
    )
    assert [v.group for v in found] == [1, 1]


def test_lower_is_better_for_an_error():
    found = tie_groups(
        [run("a", [5.0, 5.1, 4.9], 5.0), run("b", [4.0, 4.2, 3.9], 4.0)],
        task="regression",
        metric="mae",
        test_share=0.25,
    )
    assert found[0].key == "b"


def test_no_runs_no_groups():
    assert tie_groups([], task="binary", metric="roc_auc", test_share=0.25) == ()


def test_paired_draws_of_one_model_with_itself_differ_nowhere(ranked):
    labels, scores = ranked
    settings = {
        "task": "binary",
        "metric": "average_precision",
        "folds": [0.5, 0.6],
        "labels": labels,
        "seed": 3,
        "holdout": 0.5,
    }
    first = candidate("a", scores=scores, **settings)
    again = candidate("b", scores=scores.copy(), **settings)
    assert np.array_equal(first.drawn, again.drawn)
