"""Metrics agree with money as VALUE's vector 14 says."""

import numpy as np
import pytest

from engine.value.agreement import BadComparison, agreement_with_money

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
