import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from engine.errors import EngineError
from engine.training.metrics import (
    METRICS,
    bootstrap_weights,
    in_words,
    intervals,
    measure,
    resample,
    specs,
)


def test_binary_metrics_agree_with_scikit_learn_on_tied_scores(ranked):
    labels, scores = ranked
    flags = scores >= 0.5
    found = measure("binary", labels, scores, threshold=0.5)
    tn, fp, fn, tp = reference.confusion_matrix(labels, flags).ravel()
    expected = {
        "average_precision": reference.average_precision_score(labels, scores),
        "roc_auc": reference.roc_auc_score(labels, scores),
        "log_loss": reference.log_loss(labels, scores),
        "brier": reference.brier_score_loss(labels, scores),
        "precision": reference.precision_score(labels, flags),
        "recall": reference.recall_score(labels, flags),
        "f1": reference.f1_score(labels, flags),
        "fpr": fp / (fp + tn),
        "mcc": reference.matthews_corrcoef(labels, flags),
        "accuracy": reference.accuracy_score(labels, flags),
    } | {"tp": tp, "fn": fn, "fp": fp, "tn": tn}
    assert found == pytest.approx(expected, rel=1e-12)


def test_multiclass_metrics_agree_with_scikit_learn():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 4, 300)
    scores = rng.dirichlet(np.ones(4), 300)
    answers = scores.argmax(axis=1)
    expected = {
        "macro_f1": reference.f1_score(labels, answers, average="macro"),
        "log_loss": reference.log_loss(labels, scores),
        "balanced_accuracy": reference.balanced_accuracy_score(labels, answers),
        "accuracy": reference.accuracy_score(labels, answers),
    }
    assert measure("multiclass", labels, scores) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("rows", [200, 201])
def test_regression_metrics_agree_with_scikit_learn(rows):
    rng = np.random.default_rng(4)
    truth = rng.normal(10, 3, rows)
    predicted = truth + rng.normal(0.5, 1, rows)
    expected = {
        "rmse": reference.root_mean_squared_error(truth, predicted),
        "mae": reference.mean_absolute_error(truth, predicted),
        "r2": reference.r2_score(truth, predicted),
        "medae": reference.median_absolute_error(truth, predicted),
        "bias": np.mean(predicted - truth),
    }
    assert measure("regression", truth, predicted) == pytest.approx(expected, rel=1e-9)


def test_four_cases_by_hand():
    labels, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    found = measure("binary", labels, scores, threshold=0.75)
    # Ranked 1 0 1 0: precision 1 at the first find, 2/3 at the second.
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["roc_auc"] == pytest.approx(3 / 4)
    assert [found[k] for k in ("tp", "fn", "fp", "tn")] == [1, 1, 1, 1]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_resample_equals_measuring_the_drawn_rows(task, ranked):
    labels, scores = ranked
    if task == "multiclass":
        scores = np.column_stack([1 - scores, scores])
    drawn = resample(task, labels, scores, seed=5, draws=3, threshold=0.5)
    weights = np.concatenate(list(bootstrap_weights(len(labels), draws=3, seed=5)))
    for draw, counts in enumerate(weights.astype(int)):
        rows = np.repeat(np.arange(len(labels)), counts)
        again = measure(task, labels[rows], scores[rows], threshold=0.5)
        assert {k: v[draw] for k, v in drawn.items()} == pytest.approx(again, rel=1e-9)


def test_each_resample_draws_as_many_rows_as_there_are():
    blocks = list(bootstrap_weights(3_000, draws=700, seed=1))
    assert len(blocks) > 1
    assert np.all(np.concatenate(blocks).sum(axis=1) == 3_000)
    assert sum(len(block) for block in blocks) == 700


def test_interval_of_accuracy_matches_the_binomial_one():
    labels = np.ones(400, np.int64)
    labels[:100] = 0
    scores = np.where(np.arange(400) % 5 == 0, 1.0 - labels, labels).astype(float)
    values = measure("binary", labels, scores, threshold=0.5)
    drawn = resample("binary", labels, scores, seed=1, threshold=0.5)
    band = intervals(values, drawn)["accuracy"]
    # 0.8 ± 1.96·√(0.8·0.2/400) = 0.8 ± 0.0392
    assert band.value == pytest.approx(0.8)
    assert band.low == pytest.approx(0.7608, abs=0.008)
    assert band.high == pytest.approx(0.8392, abs=0.008)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=4, max_size=30))
def test_shares_never_leave_zero_to_one(cases):
    labels = np.array([0, 1, *(int(a) for a, _ in cases)])
    scores = np.array([0.5, 0.5, *(b for _, b in cases)])
    found = measure("binary", labels, scores, threshold=0.5)
    shares = [s.key for s in METRICS if s.task == "binary" and s.unit == "share"]
    assert all(-1e-12 <= found[key] <= 1 + 1e-12 for key in shares)
    assert -1 - 1e-12 <= found["mcc"] <= 1 + 1e-12


def test_scores_that_are_not_numbers_are_refused():
    with pytest.raises(EngineError, match="not a finite number"):
        measure("regression", np.array([1.0, 2.0]), np.array([1.0, np.nan]))


def test_recall_speaks_of_cases_found():
    assert in_words(specs("binary")["recall"], 0.62) == "finds 62 of 100 positive cases"
    assert in_words(specs("regression")["mae"], 3.14159) == "misses by 3.1 on average"
    assert in_words(specs("binary")["accuracy"], 1.0) == "is right in 100 of 100 cases"
