"""Metrics agree with money as VALUE's vector 14 says."""

import math

import numpy as np
import pytest

from engine.value.agreement import (
    BadComparison,
    agreement_with_money,
    conflicts,
    tau_interval,
)

COUNTS = np.array(
    [
        (120, 80, 110, 3690),
        (150, 50, 330, 3470),
        (170, 30, 620, 3180),
        (95, 105, 40, 3760),
        (160, 40, 380, 3420),
    ],
    dtype=float,
)
MONEY = [370e3, 420e3, 310e3, 215e3, 460e3]


def test_metrics_choose_the_worst_run_as_in_vector_14():
    tp, fn, fp, tn = COUNTS.T
    metrics = {
        "accuracy": (tp + tn) / 4000,
        "precision": tp / (tp + fp),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "recall": tp / (tp + fn),
    }
    found = {a.metric: a for a in agreement_with_money(metrics, MONEY)}
    taus = {name: a.tau for name, a in found.items()}
    expected = {"accuracy": -0.4, "precision": -0.4, "f1": -0.4, "recall": 0.4}
    assert taus == pytest.approx(expected)
    assert [found[name].chosen for name in metrics] == [3, 3, 3, 2]
    assert found["f1"].forgone == pytest.approx(245e3)


def test_metric_where_lower_is_better_is_turned():
    (loss,) = agreement_with_money({"loss": [3, 2, 1]}, [1, 2, 3])
    assert loss.tau == pytest.approx(-1)
    (turned,) = agreement_with_money(
        {"loss": [3, 2, 1]}, [1, 2, 3], lower_is_better={"loss"}
    )
    assert turned.tau == pytest.approx(1)
    assert turned.forgone == 0


def test_runs_without_metric_or_price_are_left_out():
    nan = float("nan")
    (found,) = agreement_with_money({"m": [1, nan, 2, 3]}, [9, 8, nan, 10])
    assert (found.runs, found.chosen) == (2, 3)
    assert found.tau == pytest.approx(1)


@pytest.mark.parametrize("values", [[1, 1, 1], [1, float("nan"), float("nan")]])
def test_metric_that_ranks_nothing_has_no_tau(values):
    (found,) = agreement_with_money({"m": values}, [1, 2, 3])
    assert found.tau is None


def test_no_run_gives_no_choice():
    (found,) = agreement_with_money({"m": []}, [])
    assert (found.runs, found.chosen, found.forgone) == (0, None, None)


def test_values_of_other_runs_are_refused():
    with pytest.raises(BadComparison, match=r"'m' has shape .* one value per run"):
        agreement_with_money({"m": [1, 2]}, [1, 2, 3])


def test_interval_is_bonett_and_wrights():
    # atanh(.5) = .549306; 1.644854·√(.437/36) = .181224.
    low, high = tau_interval(0.5, runs=40)
    assert (low, high) == pytest.approx(
        (math.tanh(0.368082), math.tanh(0.730530)), abs=1e-6
    )
    # Wider when surer, narrower with more runs, and turned with its sign.
    assert tau_interval(0.5, runs=40, confidence=0.99)[0] < low
    assert tau_interval(0.5, runs=400)[0] > low
    assert tau_interval(-0.5, runs=40) == pytest.approx((-high, -low))


def test_perfect_ranking_of_few_runs_keeps_its_doubt():
    low, high = tau_interval(1.0, runs=5)
    assert high == 1
    assert 0 < low < 0.95
    assert tau_interval(-1.0, runs=5) == pytest.approx((-1, -low))


def test_interval_holds_what_it_says():
    # Binormal pairs of correlation .6 have τ = 2/π·asin(.6) = .40967.
    rng = np.random.default_rng(7)
    truth, held, times = 2 / np.pi * np.arcsin(0.6), 0, 400
    for _ in range(times):
        x = rng.normal(size=30)
        y = 0.6 * x + 0.8 * rng.normal(size=30)
        (found,) = agreement_with_money({"m": x}, y)
        held += found.tau_low <= truth <= found.tau_high
    assert held / times == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / times))


def test_too_few_runs_have_a_tau_without_an_interval():
    (found,) = agreement_with_money({"m": [1, 2, 3, 4]}, [1, 2, 3, 4])
    assert (found.tau, found.tau_low, found.tau_high) == (pytest.approx(1), None, None)
    assert not found.is_clear
    with pytest.raises(BadComparison, match="at least 5"):
        tau_interval(0.1, runs=4)
    with pytest.raises(BadComparison, match="confidence 90"):
        tau_interval(0.1, runs=9, confidence=90)


def test_runs_that_tie_for_the_first_place_are_all_named():
    (found,) = agreement_with_money({"m": [2, 2, 1]}, [100, 300, 50])
    assert (found.chosen, found.tied) == (0, (0, 1))
    # Either may be picked: on average 100 is lost.
    assert found.forgone == pytest.approx(100)


def test_recall_conflicts_with_precision_in_vector_14():
    tp, fn, fp, _ = COUNTS.T
    found = conflicts({"precision": tp / (tp + fp), "recall": tp / (tp + fn)})
    (pair,) = found
    # Precision orders D A B E C, recall the other way round: all ten pairs.
    assert pair.tau == pytest.approx(-1)
    assert pair.disagreed == 1
    assert (pair.first_by_one, pair.first_by_other) == (3, 2)
    assert pair.is_clear


def test_metrics_that_agree_do_not_conflict():
    assert conflicts({"a": [1, 2, 3], "b": [1, 3, 2]}) == ()
    assert (
        conflicts({"a": [1, 2, 3], "loss": [3, 2, 1]}, lower_is_better={"loss"}) == ()
    )
    assert conflicts({}) == ()


def test_most_opposed_pair_comes_first_and_gaps_are_left_out():
    nan = float("nan")
    metrics = {
        "a": [1, 2, 3, 4, 5],
        "b": [3, 4, 1, 2, nan],
        "c": [5, 4, 3, 2, 1],
    }
    found = conflicts(metrics)
    assert [(pair.one, pair.other) for pair in found] == [("a", "c"), ("a", "b")]
    assert [pair.runs for pair in found] == [5, 4]
    assert found[1].tau_low is None
